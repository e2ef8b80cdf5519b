"""Two weight-shared towers and the frozen comparator between them; cut the tower off to get the scorer."""

import keras

from genloss.model.networks.layers import Comparator, PickVersions


def build_siamese(tower: keras.Model, k: float) -> keras.Model:
    """The network of the blog post: left and right picture in, probability that left is the worse one out.

    Args:
        tower: from network.build_tower; both sides use this same tower.
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
    """The same network for whole chains: every version goes through the tower once, pairs meet by index.

    Gives the same gradients as build_siamese on all pairs of the batch for a fraction of the work
    (after RankIQA, Liu et al., ICCV 2017).

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
    """The single-image tower inside a siamese network, weights shared with it."""
    return siamese.get_layer("tower")
