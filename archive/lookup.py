"""Finds the pictures that may be related to a given picture, without pairing all the others."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genloss.archive.candidates import pair_hashes
from genloss.archive.local_words import LocalWords
from genloss.archive.look import Look
from genloss.archive.word_check import may_agree
from genloss.archive.word_pairs import LEAST_WORDS, pair_words
from genloss.archive.word_tables import bits_compared


def candidates_of(look: Look, others: Sequence[Look]) -> list[int]:
    """Positions in `others` of pictures that may be related to the given picture, ascending.

    Args:
        look: of the given picture.
        others: looks to search.
    """
    if not look.is_comparable:
        return []
    able = [position for position, other in enumerate(others) if other.is_comparable]
    by_hash = pair_hashes([look.hashes, *(others[position].hashes for position in able)], 1)
    found = {able[second - 1] for _, second in by_hash.tolist()}
    bits = bits_compared(0)  # as in a small collection, because few pictures share words with the given picture
    own = _keys(look.words, False, bits)
    sharing = [position for position in able if _n_shared(own, others[position].words, bits) >= LEAST_WORDS]
    together = [look, *(others[position] for position in sharing)]
    aspects = [one.width_px / one.height_px for one in together]
    by_words = pair_words([one.words for one in together], aspects)
    for _, second in (pair for pair in by_words.tolist() if pair[0] == 0):
        if may_agree(look.words, together[second].words, (aspects[0], aspects[second])):
            found.add(sharing[second - 1])
    return sorted(found)


def _keys(words: LocalWords, mirrored: bool, bits: int) -> NDArray[np.uint64]:
    """(K * N_TABLES,) words, each with the number of its table in the upper 32 bits."""
    keys = (words.keys[int(mirrored)] & np.uint32((1 << bits) - 1)).astype(np.uint64)
    return np.asarray((keys | (np.arange(keys.shape[1], dtype=np.uint64) << np.uint64(32))).ravel())


def _n_shared(own: NDArray[np.uint64], words: LocalWords, bits: int) -> int:
    """Number of words of another picture that are among `own`: the larger of the counts upright and mirrored."""
    return max(int(np.isin(_keys(words, mirrored, bits), own).sum()) for mirrored in (False, True))
