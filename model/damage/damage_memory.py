"""The memory on damage: names what was last done to a picture, with odds, and says so where it has met nothing like it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genloss.model.damage.kinds import KINDS, NONE, OF_CONTAINER
from genloss.model.damage.layer import DamageLayer, pack_arrays, unpack_arrays
from genloss.model.damage.taught import TaughtKinds
from genloss.model.errors import BundleError, NamesError
from genloss.model.explanations.reasons import Reason
from genloss.model.memory.explicit_memory import Memory
from genloss.model.memory.keys import Vectors, cosines

LAYOUT = 1
# Reasons that rest on a measured trace; where one speaks, the memory does not say the same less surely.
SAID_BY = {"up": "enlarged", "palette": "few_colours", "launder": "earlier_jpeg"}
_STEPS = 127


@dataclass(frozen=True)
class DamageCalibration:
    """How likeness becomes odds and claims; fitted on the validation split.

    Attributes:
        temperature: odds are the softmax of the cosines over it.
        speaks_from: least odds of a kind at which at least 90 % of its claims were right; kinds that never are stay out.
        familiar_from: least strength of a picture whose damage is not called unfamiliar.
    """

    temperature: float
    speaks_from: Mapping[str, float]
    familiar_from: float


@dataclass(frozen=True)
class NearestTaught:
    """The nearest of the kinds that a user taught.

    Attributes:
        name: of the kind.
        similarity: with its key, in [-1, 1].
        known: whether that is nearer than nearly all of the pictures of other kinds that the bundle holds.
        speaks: whether it is so near that nine of ten such claims are expected to be right.
    """

    name: str
    similarity: float
    known: bool
    speaks: bool


@dataclass(frozen=True)
class DamageAnswer:
    """What the memory says of a picture.

    Attributes:
        kinds: every kind it is born with and its odds, the likeliest first.
        familiar: False where the damage resembles none of them.
        taught: None where nothing was taught.
    """

    kinds: tuple[tuple[str, float], ...]
    familiar: bool
    taught: NearestTaught | None


class DamageMemory:
    """A bundle's memory on damage, with what a user taught it.

    Args:
        layer, keys, calibration: as fitted; `keys` has the kinds it is born with.
        bank: (N, D) int8, vectors of validation pictures of all kinds to scale, which taught kinds are held against.
        taught: None for nothing.

    Attributes:
        version: of the fitted part; taught kinds belong to one version.
    """

    def __init__(
        self,
        layer: DamageLayer,
        keys: Memory,
        calibration: DamageCalibration,
        bank: NDArray[np.int8],
        taught: TaughtKinds | None = None,
    ) -> None:
        self.layer, self.keys, self.calibration, self.bank = layer, keys, calibration, bank
        self.taught = taught or TaughtKinds(Memory(layer.n_dimensions))

    @cached_property
    def version(self) -> str:
        """First twelve digits of the sha256 of everything fitted."""
        return hashlib.sha256(self.dumps()).hexdigest()[:12]

    def with_silent(self, names: Iterable[str]) -> "DamageMemory":
        """The same without claims of some kinds."""
        left = {name: least for name, least in self.calibration.speaks_from.items() if name not in set(names)}
        return DamageMemory(self.layer, self.keys, replace(self.calibration, speaks_from=left), self.bank, self.taught)

    def with_taught(self, taught: TaughtKinds) -> "DamageMemory":
        """The same with other taught kinds."""
        return DamageMemory(self.layer, self.keys, self.calibration, self.bank, taught)

    def teach(self, name: str, evidence: NDArray) -> "DamageMemory":
        """With a kind more, learned from (S, E) evidence without training.

        Raises:
            NamesError: the name is taken, by a taught kind or one it is born with, or is empty.
        """
        if not name.strip() or name in self.keys.names:
            raise NamesError(f"{name!r} is a kind already; choose another name" if name.strip() else "a kind needs a name")
        return self.with_taught(self.taught.learn(name, self.layer.vectors(evidence), self.bank))

    def odds(self, vectors: Vectors) -> NDArray[np.float64]:
        """(N, K) odds of the kinds it is born with, in the order of `keys.names`, of (N, D) vectors."""
        n = self.layer.n_pointing
        cosine = cosines(vectors[:, :n], self.keys.keys[:, :n]).astype(np.float64) / self.calibration.temperature
        shares = np.exp(cosine - cosine.max(axis=1, keepdims=True))
        found: NDArray[np.float64] = shares / shares.sum(axis=1, keepdims=True)
        return found

    def answer(self, evidence: NDArray) -> DamageAnswer:
        """What is said of one picture.

        Args:
            evidence: (E,), of its Score.
        """
        rows = np.asarray(evidence)[None]
        vectors = self.layer.vectors(rows)
        reach = float(self.layer.strength(rows, self.keys.keys)[0])
        return DamageAnswer(self._kinds(vectors), reach >= self.calibration.familiar_from, self._nearest_taught(vectors))

    def claim(self, evidence: NDArray, image_format: str, said: tuple[Reason, ...] = ()) -> Reason | None:
        """What is sure enough to be said to everybody; None mostly.

        Args:
            evidence: (E,), of its Score.
            image_format: of the file, which says itself how it was saved.
            said: other reasons, which are not repeated.
        """
        vectors = self.layer.vectors(np.asarray(evidence)[None])
        taught = self._nearest_taught(vectors)
        if taught is not None and taught.speaks:
            likeness = f"taught; similarity {taught.similarity:.2f}"
            return Reason("taught_damage", f'its traces resemble those taught as "{taught.name}" ({likeness})', True)
        kind, odds = self._kinds(vectors)[0]
        repeated = OF_CONTAINER.get(kind) == image_format or SAID_BY.get(kind) in {reason.code for reason in said}
        if kind == NONE or repeated or odds < self.calibration.speaks_from.get(kind, np.inf):
            return None
        return Reason("last_damage", f"its traces resemble those of pictures {KINDS[kind]} (odds {100 * odds:.0f} %)", True)

    def _kinds(self, vectors: Vectors) -> tuple[tuple[str, float], ...]:
        """Of one vector, (1, D): every kind it is born with and its odds, the likeliest first."""
        odds = self.odds(vectors)[0]
        return tuple((self.keys.names[place], float(odds[place])) for place in np.argsort(-odds, kind="stable"))

    def _nearest_taught(self, vectors: Vectors) -> NearestTaught | None:
        entries = self.taught.memory.entries
        if not entries:
            return None
        similarity = self.taught.memory.similarities(vectors)[0]
        margins = similarity - np.array([entry.threshold for entry in entries])
        nearest = int(np.argmax(margins))
        name = entries[nearest].name
        likeness = float(similarity[nearest])
        speaks = self.taught.is_sure(name) and likeness >= self.taught.sure_from.get(name, np.inf)
        return NearestTaught(name, likeness, bool(margins[nearest] >= 0), speaks)

    def dumps(self) -> bytes:
        """Everything fitted as an .npz file; not what was taught."""
        document = {"layout": LAYOUT, "calibration": asdict(self.calibration), "n_pointing": self.layer.n_pointing,
                    "keys": self.keys.to_json()}  # fmt: skip
        text = np.frombuffer(json.dumps(document, sort_keys=True).encode(), np.uint8)
        return pack_arrays(
            {
                "document": text, "mean": self.layer.mean, "deviation": self.layer.deviation, "weights": self.layer.weights,
                "scales": self.layer.scales, "bank": self.bank,
            }
        )  # fmt: skip

    @classmethod
    def loads(cls, data: bytes, name: object = "the memory on damage") -> "DamageMemory":
        """What `dumps` wrote.

        Args:
            data: of the file.
            name: what an error calls it.

        Raises:
            BundleError: it is damaged or of another layout.
        """
        arrays = unpack_arrays(data, name)
        try:
            document: dict[str, Any] = json.loads(arrays["document"].tobytes())
            if document["layout"] != LAYOUT:
                raise BundleError(f"{name} has layout {document['layout']}; this genloss reads {LAYOUT}")
            layer = DamageLayer(
                arrays["mean"], arrays["deviation"], arrays["weights"], arrays["scales"], int(document["n_pointing"])
            )
            calibration = DamageCalibration(**document["calibration"])
            return cls(layer, Memory.from_json(document["keys"]), calibration, arrays["bank"])
        except (KeyError, TypeError, ValueError, NamesError) as error:
            raise BundleError(f"{name} is damaged: {error!r}") from error


def to_bank(vectors: Vectors) -> NDArray[np.int8]:
    """(N, D) vectors rounded to 255 steps of their own largest number; cosines stay as they are, nearly."""
    return np.rint(vectors / np.abs(vectors).max(axis=1, keepdims=True) * _STEPS).astype(np.int8)
