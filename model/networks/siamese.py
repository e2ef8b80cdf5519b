"""Two towers with shared weights and the frozen comparator. After training the tower alone is the scorer."""

import keras

from genloss.model.networks.layers import Comparator, PickVersions


def build_siamese(tower: keras.Model, k: float) -> keras.Model:
    """Builds the network of the blog post: from two pictures to the probability that the left one is worse.

    Args:
        tower: from tower.build_tower; both sides share it.
        k: weight of the frozen comparator [+k, -k].
    """
    sides = []
    for side in ("left", "right"):
        blocks = keras.Input((None, 8, 8), dtype="uint8", name=f"{side}_blocks")
        presence = keras.Input((None,), dtype="float32", name=f"{side}_presence")
        metadata = keras.Input((tower.inputs[2].shape[1],), dtype="float32", name=f"{side}_metadata")
        sides.append([blocks, presence, metadata])
    left, right = (tower(inputs) for inputs in sides)
    worse = Comparator(k, name="comparator")(left, right)
    return keras.Model([*sides[0], *sides[1]], worse, name="siamese")


def build_chain_siamese(tower: keras.Model, k: float) -> keras.Model:
    """Builds the network for whole chains: the tower sees every version once, and an index forms the pairs.

    It gives the gradients of build_siamese on all pairs of the batch, for a fraction of the work (after RankIQA, Liu et al.,
    ICCV 2017).

    Inputs: those of the tower for V versions, then "left" and "right", (P,) int32. Output: (P, 1).
    """
    inputs = [keras.Input(one.shape[1:], dtype=one.dtype, name=one.name) for one in tower.inputs]
    left = keras.Input((), dtype="int32", name="left")
    right = keras.Input((), dtype="int32", name="right")
    scores = tower(inputs)
    pick = PickVersions(name="pick")
    worse = Comparator(k, name="comparator")(pick(scores, left), pick(scores, right))
    return keras.Model([*inputs, left, right], worse, name="chain_siamese")


def cut_tower(siamese: keras.Model) -> keras.Model:
    """Returns the tower inside a siamese network; it shares the weights."""
    return siamese.get_layer("tower")
