"""The memory on damage names the last edit of a picture, with probabilities, and says if the picture is unfamiliar."""

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
from genloss.model.json_text import parse_json
from genloss.model.memory.explicit_memory import Memory
from genloss.model.memory.keys import Vectors, cosines

LAYOUT = 1
COUNTED = ("palette",)  # kinds that show in the number of colours, as long as nothing is lost afterwards
# Reasons that rest on a measured trace; where one speaks, the memory does not say the same less surely.
SAID_BY = {"up": "enlarged", "palette": "few_colours", "launder": "earlier_jpeg"}
_STEPS = 127


@dataclass(frozen=True)
class DamageCalibration:
    """Turns similarities into probabilities and claims; fitted on the validation split.

    Attributes:
        temperature: probabilities are softmax(cosines / temperature).
        speaks_from: by kind, the least probability at which 90 % of the claims were right. A kind without such a value makes
            no claims.
        familiar_from: least strength of a familiar picture.
    """

    temperature: float
    speaks_from: Mapping[str, float]
    familiar_from: float


@dataclass(frozen=True)
class NearestTaught:
    """The nearest of the kinds that a user taught.

    Attributes:
        name: name of the kind.
        similarity: similarity with the key of the kind, in [-1, 1].
        known: whether the picture is nearer than nearly all of the bundle's pictures of other kinds.
        speaks: whether the picture is so near that nine of ten such claims are expected to be right.
    """

    name: str
    similarity: float
    known: bool
    speaks: bool


@dataclass(frozen=True)
class DamageAnswer:
    """The memory's answer for a picture.

    Attributes:
        kinds: every built-in kind with its probability, the likeliest first.
        familiar: False if the damage resembles no built-in kind.
        taught: the nearest taught kind; None if nothing was taught.
    """

    kinds: tuple[tuple[str, float], ...]
    familiar: bool
    taught: NearestTaught | None


class DamageMemory:
    """A bundle's memory on damage, with the kinds that a user taught it.

    Args:
        layer: fitted layer.
        keys: keys of the built-in kinds.
        calibration: fitted calibration.
        bank: (N, D) int8, scaled vectors of validation pictures of all kinds; taught kinds are compared with them.
        taught: taught kinds; None for none.

    Attributes:
        version: identifies the fitted part; a file of taught kinds belongs to one version.
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
        """First twelve digits of the sha256 of all fitted parts."""
        return hashlib.sha256(self.dumps()).hexdigest()[:12]

    def with_silent(self, names: Iterable[str]) -> "DamageMemory":
        """A memory that makes no claims of these kinds."""
        left = {name: least for name, least in self.calibration.speaks_from.items() if name not in set(names)}
        return DamageMemory(self.layer, self.keys, replace(self.calibration, speaks_from=left), self.bank, self.taught)

    def with_taught(self, taught: TaughtKinds) -> "DamageMemory":
        """A memory with these taught kinds in place of the present ones."""
        return DamageMemory(self.layer, self.keys, self.calibration, self.bank, taught)

    def teach(self, name: str, evidence: NDArray) -> "DamageMemory":
        """A memory with one more kind, learned from (S, E) evidence without training.

        Raises:
            NamesError: the name is empty, or a taught or built-in kind has it.
        """
        if not name.strip() or name in self.keys.names:
            raise NamesError(f"{name!r} is a kind already; choose another name" if name.strip() else "a kind needs a name")
        return self.with_taught(self.taught.learn(name, self.layer.vectors(evidence), self.bank))

    def odds(self, vectors: Vectors) -> NDArray[np.float64]:
        """Probabilities of the built-in kinds, (N, K) in the order of `keys.names`, for (N, D) vectors."""
        n = self.layer.n_pointing
        cosine = cosines(vectors[:, :n], self.keys.keys[:, :n]).astype(np.float64) / self.calibration.temperature
        shares = np.exp(cosine - cosine.max(axis=1, keepdims=True))
        found: NDArray[np.float64] = shares / shares.sum(axis=1, keepdims=True)
        return found

    def answer(self, evidence: NDArray) -> DamageAnswer:
        """The answer for one picture.

        Args:
            evidence: (E,), from the picture's Score.
        """
        rows = np.asarray(evidence)[None]
        vectors = self.layer.vectors(rows)
        reach = float(self.layer.strength(rows, self.keys.keys)[0])
        return DamageAnswer(self._kinds(vectors), reach >= self.calibration.familiar_from, self._nearest_taught(vectors))

    def claim(
        self, evidence: NDArray, image_format: str, said: tuple[Reason, ...] = (), is_exact: bool = False
    ) -> Reason | None:
        """A claim that is sure enough for every user; mostly None.

        Args:
            evidence: (E,), from the picture's Score.
            image_format: format of the file; a claim never repeats what the format says.
            said: reasons that were given already; a claim never repeats them.
            is_exact: whether the file stores its pixels without loss. Then its colours were counted, and nothing is claimed
                of a palette.
        """
        vectors = self.layer.vectors(np.asarray(evidence)[None])
        taught = self._nearest_taught(vectors)
        if taught is not None and taught.speaks:
            likeness = f"taught; similarity {taught.similarity:.2f}"
            return Reason("taught_damage", f'its traces resemble those taught as "{taught.name}" ({likeness})', True)
        kind, odds = self._kinds(vectors)[0]
        repeated = OF_CONTAINER.get(kind) == image_format or SAID_BY.get(kind) in {reason.code for reason in said}
        repeated = repeated or (is_exact and kind in COUNTED)
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
        """All fitted parts as an .npz file, without taught kinds."""
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
        """Reads what `dumps` wrote.

        Args:
            data: content of the file.
            name: name of the file for errors.

        Raises:
            BundleError: the file is damaged or has another layout.
        """
        arrays = unpack_arrays(data, name)
        try:
            document: dict[str, Any] = parse_json(arrays["document"].tobytes())
            if document["layout"] != LAYOUT:
                raise BundleError(f"{name} has layout {document['layout']}; this genloss reads {LAYOUT}")
            layer = DamageLayer(
                arrays["mean"], arrays["deviation"], arrays["weights"], arrays["scales"], int(document["n_pointing"])
            )
            calibration = DamageCalibration(**document["calibration"])
            return cls(layer, Memory.from_json(document["keys"]), calibration, arrays["bank"])
        except (KeyError, TypeError, ValueError, NamesError) as error:
            raise BundleError(f"{name} is damaged: {type(error).__name__}: {error}") from error


def to_bank(vectors: Vectors) -> NDArray[np.int8]:
    """Rounds (N, D) vectors to int8, each scaled by its largest absolute value; cosines hardly change."""
    return np.rint(vectors / np.abs(vectors).max(axis=1, keepdims=True) * _STEPS).astype(np.int8)
