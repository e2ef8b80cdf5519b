"""From the bytes of a file to its generation loss. Every command, the service and the workers use this Scorer."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import ImageError
from genloss.model.images.decode import DecodedImage, decode
from genloss.model.images.facts import Facts, read_facts
from genloss.model.images.guard import MAX_PIXELS
from genloss.model.images.reading import read_file
from genloss.model.measurements.features import FeatureConfig, extract, stack
from genloss.model.scoring.bundle import BUNDLED, DAMAGE
from genloss.model.scoring.bundle_opening import BundleOpening, open_bundle

if TYPE_CHECKING:  # loaded when they are needed: a score alone needs none of them
    from genloss.model.damage.damage_memory import DamageMemory
    from genloss.model.explanations.reasons import Reason
    from genloss.model.images.fingerprint import Fingerprint

READ_AHEAD = 256  # files waiting or scored but not yet asked for; bounds memory however many files there are


@dataclass(frozen=True)
class Score:
    """The score of one file.

    Attributes:
        generation_loss: in [0, 1], lower is closer to the original; comparable only between versions
            of the same picture.
        facts: what the container states.
        reasons: traces that speak for or against the file; None if not asked for.
        evidence: (E,) float32, input of the pair judge: all measurements, and the network's summary of the blocks.
        fingerprint: digest of the pixels, and a thumbnail, by which a ranking recognises equal and different pictures;
            None if not asked for.
        file_sha256: digest of the file; None if not asked for.
    """

    generation_loss: float
    facts: Facts
    evidence: NDArray[np.float32] = field(repr=False, compare=False)
    reasons: "tuple[Reason, ...] | None" = None
    fingerprint: "Fingerprint | None" = field(default=None, repr=False, compare=False)
    file_sha256: str | None = field(default=None, repr=False, compare=False)


class Scorer:
    """Scores pictures with one bundle; threads may share it.

    Args:
        bundle: folder of a trained bundle; the one shipped with genloss by default.
        max_pixels: largest width times height to accept.
        taught: file of the kinds of damage that a user taught; only reasons use it.
        opening: that bundle, if a thread opens it already.

    Attributes:
        bundle: the bundle. Its tower is verified; the other parts are verified on first use.
        max_pixels: as given.

    Raises:
        BundleError: the bundle is missing, damaged or of another feature version.
        ValueError: `max_pixels` is not above 0.
    """

    def __init__(
        self,
        bundle: Path | str = BUNDLED,
        max_pixels: int = MAX_PIXELS,
        taught: Path | None = None,
        opening: BundleOpening | None = None,
    ) -> None:
        if not max_pixels > 0:  # NaN would accept any picture
            raise ValueError(f"max_pixels must be above 0, not {max_pixels}")
        self.bundle, self._session = open_bundle(Path(bundle)) if opening is None else opening.result()
        self.max_pixels = max_pixels
        self._config = FeatureConfig(self.bundle.n_blocks)
        self._taught = taught

    @cached_property
    def damage(self) -> "DamageMemory | None":
        """The memory on damage; None if the bundle has none.

        Raises:
            BundleError: the memory is damaged.
            NamesError: the file of taught kinds is damaged, or of another bundle.
        """
        if self.bundle.damage is None:
            return None
        from genloss.model.damage.damage_memory import DamageMemory
        from genloss.model.damage.taught import read_taught

        memory = DamageMemory.loads(self.bundle.damage, self.bundle.folder / DAMAGE)
        if self._taught is None:
            return memory
        return memory.with_taught(read_taught(self._taught, memory.version, memory.layer.n_dimensions))

    def score(
        self,
        data: bytes | bytearray | memoryview,
        with_reasons: bool = False,
        with_fingerprint: bool = False,
        with_digest: bool = False,
    ) -> Score:
        """Scores one file's bytes.

        Args:
            data: the whole file.
            with_reasons: also find reasons, which takes several times as long.
            with_fingerprint: also compute the fingerprint and the digest that a ranking needs, which takes half as long
                again.
            with_digest: also compute the sha256 of the file.

        Raises:
            ImageError: the bytes cannot be scored; its `code` says why.
            TypeError: `data` is not bytes, such as a path or a decoded picture, which has lost its traces.
        """
        if not isinstance(data, bytes):
            if not isinstance(data, bytearray | memoryview):
                raise TypeError(f"data must be the bytes of a whole file, not {type(data).__name__}")
            data = bytes(data)
        image = decode(data, self.max_pixels)
        batch = stack([extract(image, self._config)], self.bundle.n_blocks)
        inputs = {"blocks": batch.blocks, "presence": batch.presence, "metadata": batch.metadata}
        loss, summary = self._session.run(["generation_loss", "block_summary"], inputs)
        evidence = np.concatenate([batch.metadata[0], summary[0]])
        reasons = self._reasons(image, evidence) if with_reasons else None
        fingerprint = _fingerprint(data, image) if with_fingerprint else None
        digest = hashlib.sha256(data).hexdigest() if with_fingerprint or with_digest else None
        return Score(float(loss[0, 0]), read_facts(image), evidence, reasons, fingerprint, digest)

    def _reasons(self, image: DecodedImage, evidence: NDArray[np.float32]) -> "tuple[Reason, ...]":
        from genloss.model.explanations.reasons import find_reasons

        found = tuple(find_reasons(image))
        is_exact = bool(image.lossless)
        claim = None if self.damage is None else self.damage.claim(evidence, image.image_format, found, is_exact)
        return found if claim is None else (*found, claim)

    def score_file(self, path: Path | str, with_reasons: bool = False, with_fingerprint: bool = False) -> Score:
        """Reads and scores one file; the other arguments are those of `score`.

        Raises:
            ImageError: the file cannot be read or scored; the error's `code` says why.
        """
        return self.score(read_file(path), with_reasons, with_fingerprint)

    def score_files(self, paths: Iterable[Path], n_threads: int | None = None) -> Iterator[tuple[Path, Score | ImageError]]:
        """Scores many files in parallel. Results come in the order of `paths`; a file that fails gives its error."""
        from concurrent.futures import ThreadPoolExecutor  # one file needs neither

        from genloss.model.parallel import in_order

        with ThreadPoolExecutor(n_threads or os.cpu_count() or 1) as pool:
            for path, future in in_order(lambda path: pool.submit(self.score_file, path), paths, READ_AHEAD):
                try:
                    yield path, future.result()
                except ImageError as error:
                    yield path, error


def _fingerprint(data: bytes, image: DecodedImage) -> "Fingerprint":
    from genloss.model.images.fingerprint import take_fingerprint

    return take_fingerprint(data, image)
