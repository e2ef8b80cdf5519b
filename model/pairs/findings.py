"""Results of comparing two versions, small enough to be sent between processes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from threading import Lock

from genloss.model.pairs.comparison import Comparison, measure
from genloss.model.pairs.grounds import on_one_ground
from genloss.model.pairs.laying import Sides
from genloss.model.pairs.lossless_proof import hold_the_same
from genloss.model.pairs.overwritten_proof import count_overwritten
from genloss.model.pairs.pages import compare_pages
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.proofs import Proof, prove_either
from genloss.model.pairs.registration import register
from genloss.model.pairs.same_picture import show_same_picture
from genloss.model.pairs.spots import Spot
from genloss.model.pairs.two_frames import register_in_frames

KEPT_BYTES = 400 << 20  # planes of versions that wait for their next comparison


@dataclass(frozen=True)
class Finding:
    """Result for two versions that were registered.

    Attributes:
        comparison: the measurements.
        made: the proof that the second was made from the first, None without one.
        made_backwards: the proof that the first was made from the second.
        equal: whether both hold the same coefficients, turned: neither is closer to the original.
        times_worse: of two pages, how many times worse their strokes agree in the worst place than elsewhere; else 1.
    """

    comparison: Comparison
    made: Proof | None
    made_backwards: Proof | None
    equal: bool = False
    times_worse: float = 1.0

    @property
    def swapped(self) -> "Finding":
        """The same of the second version and the first."""
        return Finding(self.comparison.swapped, self.made_backwards, self.made, self.equal, self.times_worse)


@dataclass(frozen=True)
class Apart:
    """Two files that do not show the same picture: nothing is ranked across them.

    Attributes:
        pages: whether they are pages of one layout with other numbers or words. Then no third file that is like both brings
            them into one ranking.
    """

    pages: bool = False

    @property
    def swapped(self) -> "Apart":
        """The same of the second file and the first."""
        return self


# None: the two could not be registered, or the comparison failed.
Found = Finding | Apart | None
# Lays pairs of versions, given by their positions, on each other.
ComparePairs = Callable[[Sequence[tuple[int, int]]], Iterable[Found]]


def find(first: VersionPlanes, second: VersionPlanes) -> Found:
    """Registers two versions, measures both directions and looks for proofs.

    A transparent version is laid over white, or over the ground that the other one has.
    """
    first, second = on_one_ground(first, second)
    registration = register(first, second)
    make_sides = cache(lambda: (Sides(first), Sides(second)))
    same = show_same_picture(first, second, registration, make_sides) or bool(count_overwritten(first, second))
    if registration is None or not same:
        # What is around the picture differs in both, so neither was made from the other, and nothing of them is measured.
        framed = register_in_frames(*make_sides())
        if framed is not None:
            return Finding(Comparison(framed, None, None), None, None)
        return None if same else Apart()
    pages = compare_pages(first, second, registration)
    if pages.spot is Spot.BOTH and not count_overwritten(first, second):
        return Apart(pages=True)
    comparison = measure(first, second, registration)
    if hold_the_same(first, second, registration.placement):
        return Finding(comparison, None, None, equal=True)
    return Finding(comparison, *prove_either(first, second, comparison), times_worse=pages.times_worse)


class KeptPlanes:
    """A cache of planes, least recently used out first; safe to share between threads.

    Args:
        most_bytes: of all planes together. Two are always kept, because a comparison needs both.
    """

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Hashable, VersionPlanes] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, read: Callable[[], VersionPlanes]) -> VersionPlanes:
        """The planes of this key; read if they are not in the cache.

        Raises:
            ImageError: they cannot be read.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            planes = self._kept[key] = read()
            while len(self._kept) > 2 and sum(kept.n_bytes_kept for kept in self._kept.values()) > self._most_bytes:
                self._kept.popitem(last=False)
            return planes

    def clear(self) -> None:
        """Forgets all of them."""
        with self._lock:
            self._kept.clear()


class PlanesInMemory:
    """Compares versions in this process, with a cache of KEPT_BYTES.

    Args:
        read: gives the planes of the version at a position.
        n_threads: comparisons at a time.
    """

    def __init__(self, read: Callable[[int], VersionPlanes], n_threads: int = 1) -> None:
        self._read = read
        self._n_threads = n_threads
        self._kept = KeptPlanes()

    def __call__(self, pairs: Sequence[tuple[int, int]]) -> Iterable[Found]:
        """Findings in the order of the pairs; pairs that share versions should be neighbours."""
        if self._n_threads == 1 or len(pairs) < 2:
            return [self._find(pair) for pair in pairs]
        with ThreadPoolExecutor(self._n_threads) as pool:
            return list(pool.map(self._find, pairs))

    def _find(self, pair: tuple[int, int]) -> Found:
        return find(*(self._planes(position) for position in pair))

    def _planes(self, position: int) -> VersionPlanes:
        return self._kept.get(position, partial(self._read, position))
