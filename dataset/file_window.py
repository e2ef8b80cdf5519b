"""Reads parts of a file."""

import os

HEAD_BYTES = 4096
_MOST_BYTES = 64 << 20  # most bytes of one read; a header that asks for more is damaged


class FileWindow:
    """Reads pieces of an open file. The first HEAD_BYTES are read once, further pieces in blocks of at least that size.

    Args:
        descriptor: of a regular file.
        n_bytes: size of the file.

    Attributes:
        head: the first HEAD_BYTES; fewer if the file is shorter.
    """

    def __init__(self, descriptor: int, n_bytes: int) -> None:
        self.n_bytes = n_bytes
        self.head = os.pread(descriptor, HEAD_BYTES, 0)
        self._descriptor = descriptor
        self._block, self._block_at = self.head, 0

    def read(self, at: int, n_bytes: int) -> bytes:
        """Up to `n_bytes` bytes from offset `at`; fewer at the end of the file.

        Raises:
            OSError: the file cannot be read.
        """
        start = at - self._block_at
        if start >= 0 and start + n_bytes <= len(self._block):
            return self._block[start : start + n_bytes]
        n_bytes = min(n_bytes, _MOST_BYTES)
        self._block, self._block_at = os.pread(self._descriptor, max(n_bytes, HEAD_BYTES), max(0, at)), at
        return self._block[:n_bytes]

    def read_end(self, n_bytes: int) -> bytes:
        """The last `n_bytes` bytes of the file."""
        at = max(0, self.n_bytes - n_bytes)
        if self.n_bytes <= len(self.head):
            return self.head[at:]
        return os.pread(self._descriptor, self.n_bytes - at, at)

    def pieces(self, at: int) -> bytes:
        """All bytes from offset `at` to the end, at most 64 MiB."""
        return os.pread(self._descriptor, min(_MOST_BYTES, max(0, self.n_bytes - at)), at)

    def reaches_end(self, at: int) -> bool:
        """Whether `pieces` from offset `at` gives the whole rest. If not, a missing end means nothing."""
        return self.n_bytes - at <= _MOST_BYTES
