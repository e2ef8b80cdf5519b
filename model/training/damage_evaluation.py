"""Accuracy of the memory on damage: by kind, and of its claims."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genloss.model.damage.damage_memory import DamageMemory
from genloss.model.damage.kinds import NONE, OF_CONTAINER
from genloss.model.training.damage_set import DamageSet


def measure_damage(memory: DamageMemory, data: DamageSet) -> dict[str, Any]:
    """Accuracy on a split; shares are in [0, 1].

    Returns:
        "n", "top_1", "top_3", "familiar" (share of familiar versions), and "kinds". For each kind: "n", "top_1", "top_3",
        "speaks" (number of claims that `genloss explain` would make) and "right" (share of right claims; None without
        claims).
    """
    odds = memory.odds(memory.layer.vectors(data.evidence))
    names = np.array(memory.keys.names)
    order = names[np.argsort(-odds, axis=1, kind="stable")]
    first, among = order[:, 0] == data.kinds, (order[:, :3] == data.kinds[:, None]).any(axis=1)
    claims = spoken(memory, data, odds)
    kinds: dict[str, Any] = {}
    for name in names.tolist():
        own, spoke = data.kinds == name, claims & (order[:, 0] == name)
        kinds[name] = {
            "n": int(own.sum()), "top_1": _share(first[own]), "top_3": _share(among[own]),
            "speaks": int(spoke.sum()), "right": _share(first[spoke]),
        }  # fmt: skip
    familiar = memory.layer.strength(data.evidence, memory.keys.keys) >= memory.calibration.familiar_from
    return {
        "n": len(first), "top_1": _share(first), "top_3": _share(among), "familiar": _share(familiar),
        "speaks": int(claims.sum()), "right": _share(first[claims]), "kinds": kinds,
    }  # fmt: skip


def spoken(memory: DamageMemory, data: DamageSet, odds: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Whether the memory would make a claim of each version, (N,). Claims that another reason would replace count too.

    Args:
        memory: the memory on damage.
        data: the versions.
        odds: (N, K), from `memory.odds`.
    """
    names = np.array(memory.keys.names)[odds.argmax(axis=1)]
    least = np.array([memory.calibration.speaks_from.get(name, np.inf) for name in names])
    own_save = np.array([OF_CONTAINER.get(name, "") for name in names]) == data.formats
    result: NDArray[np.bool_] = (odds.max(axis=1) >= least) & ~own_save & (names != NONE)
    return result


def _share(right: NDArray[np.bool_]) -> float | None:
    return float(right.mean()) if len(right) else None
