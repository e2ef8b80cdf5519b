"""Keras layers of the tower. Preprocessing is part of the network, so that the saved network takes raw inputs."""

import keras
import numpy as np
from keras import ops

from genloss.model.measurements.dct import DCT_BASIS
from genloss.model.networks.config import convolved_side

PACKAGE = "genloss"
# Standardised measurements beyond this are outliers; clipping them keeps odd pictures scorable.
CLIP = 15.0


@keras.saving.register_keras_serializable(PACKAGE)
class BlockDCT(keras.layers.Layer):
    """Raw blocks to compressed DCT coefficients: sign(c) ln(1 + |c|).

    Input: (B, N, 8, 8) pixel values in [0, 255]. Output: (B, N, 64) float32, frequency (u, v) at 8u+v,
    orthonormal before compression. Frozen. Source: ITU-T T.81, A.3.3.
    """

    def call(self, blocks):  # type: ignore[no-untyped-def]
        centred = ops.cast(ops.reshape(blocks, (*ops.shape(blocks)[:2], 64)), "float32") - 128.0
        coefficients = ops.matmul(centred, ops.convert_to_tensor(DCT_BASIS))
        return ops.sign(coefficients) * ops.log1p(ops.abs(coefficients))

    def compute_output_shape(self, input_shape):  # type: ignore[no-untyped-def]
        return (*input_shape[:2], 64)


@keras.saving.register_keras_serializable(PACKAGE)
class BlockConvolutions(keras.layers.Layer):
    """The pixel branch: two convolutions inside each block, the second with a stride of two, then a dense layer.

    Input: (B, N, 8, 8) pixel values in [0, 255]. Output: (B, N, units) float32.
    Source: "Solving xkcd 1683", problem 6.
    """

    def __init__(  # type: ignore[no-untyped-def]
        self, filters: tuple[int, int], units: int, kernels: tuple[int, int] = (3, 3), activation: str = "relu", **arguments
    ):
        super().__init__(**arguments)
        self.filters = tuple(filters)
        self.units = units
        self.kernels = tuple(kernels)
        self.activation = activation
        self.first = keras.layers.Conv2D(filters[0], kernels[0], activation=activation, name="first")
        self.second = keras.layers.Conv2D(filters[1], kernels[1], strides=2, activation=activation, name="second")
        self.dense = keras.layers.Dense(units, activation=activation, name="dense")
        self.size = convolved_side(kernels) ** 2 * self.filters[1]

    def build(self, input_shape):  # type: ignore[no-untyped-def]
        self.first.build((None, 8, 8, 1))
        side = 9 - self.kernels[0]
        self.second.build((None, side, side, self.filters[0]))
        self.dense.build((None, self.size))

    def call(self, blocks):  # type: ignore[no-untyped-def]
        n_blocks = ops.shape(blocks)[1]
        pixels = ops.cast(ops.reshape(blocks, (-1, 8, 8, 1)), "float32") / 64.0 - 2.0
        maps = self.second(self.first(pixels))
        return ops.reshape(self.dense(ops.reshape(maps, (-1, self.size))), (-1, n_blocks, self.units))

    def compute_output_shape(self, input_shape):  # type: ignore[no-untyped-def]
        return (*input_shape[:2], self.units)

    def get_config(self):  # type: ignore[no-untyped-def]
        own = {"filters": self.filters, "units": self.units, "kernels": self.kernels, "activation": self.activation}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable(PACKAGE)
class MergeBranches(keras.layers.Layer):
    """Block embedding from both block branches and the metadata, which is the same for every block.

    Inputs: (B, N, F), (B, N, C), (B, D). Output: (B, N, units). Equal to a dense layer on the
    concatenation of all three, without repeating the metadata N times.
    """

    def __init__(self, units: int, activation: str = "relu", **arguments):  # type: ignore[no-untyped-def]
        super().__init__(**arguments)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.per_block = keras.layers.Dense(units, name="per_block")
        self.per_image = keras.layers.Dense(units, use_bias=False, name="per_image")

    def build(self, frequency_shape, pixels_shape=None, metadata_shape=None):  # type: ignore[no-untyped-def]
        self.per_block.build((*frequency_shape[:2], frequency_shape[2] + pixels_shape[2]))
        self.per_image.build(metadata_shape)

    def call(self, frequency, pixels, metadata):  # type: ignore[no-untyped-def]
        block = self.per_block(ops.concatenate([frequency, pixels], axis=-1))
        return self.activation(block + self.per_image(metadata)[:, None, :])

    def compute_output_shape(self, frequency_shape, pixels_shape=None, metadata_shape=None):  # type: ignore[no-untyped-def]
        return (*frequency_shape[:2], self.units)

    def get_config(self):  # type: ignore[no-untyped-def]
        return {**super().get_config(), "units": self.units, "activation": keras.activations.serialize(self.activation)}


@keras.saving.register_keras_serializable(PACKAGE)
class Standardise(keras.layers.Layer):
    """Scales metadata to mean 0 and deviation 1, and clips it to [-15, 15]. Mean and deviation come from the data, untrained.

    Input and output: (B, M) float32.
    """

    def build(self, input_shape):  # type: ignore[no-untyped-def]
        size = input_shape[-1]
        self.mean = self.add_weight(name="mean", shape=(size,), initializer="zeros", trainable=False)
        self.scale = self.add_weight(name="scale", shape=(size,), initializer="ones", trainable=False)

    def adapt(self, metadata: np.ndarray) -> None:
        """Sets mean and scale from (V, M) metadata of the training split; constant columns become 0."""
        deviation = metadata.std(axis=0)
        self.mean.assign(metadata.mean(axis=0))
        self.scale.assign(np.where(deviation > 1e-4, 1.0 / np.maximum(deviation, 1e-4), 0.0))

    def call(self, metadata):  # type: ignore[no-untyped-def]
        return ops.clip((metadata - self.mean) * self.scale, -CLIP, CLIP)


@keras.saving.register_keras_serializable(PACKAGE)
class MetadataJitter(keras.layers.Layer):
    """Gaussian noise on standardised metadata in training, so that the network cannot memorise a picture by its numbers.

    Input and output: (B, M) float32. Source: "Solving xkcd 1683", problem 8.
    """

    def __init__(self, deviation: float, seed: int = 0, **arguments):  # type: ignore[no-untyped-def]
        super().__init__(**arguments)
        self.deviation = deviation
        self.seed = seed
        self.random = keras.random.SeedGenerator(seed)

    def call(self, metadata, training=False):  # type: ignore[no-untyped-def]
        if not training or self.deviation == 0.0:
            return metadata
        return metadata + keras.random.normal(ops.shape(metadata), stddev=self.deviation, seed=self.random)

    def get_config(self):  # type: ignore[no-untyped-def]
        return {**super().get_config(), "deviation": self.deviation, "seed": self.seed}


@keras.saving.register_keras_serializable(PACKAGE)
class WeightedSum(keras.layers.Layer):
    """The unordered aggregator: each block gives a value and a weight, and the picture gets the weighted mean.

    Inputs: embeddings (B, N, D), presence (B, N) of 0 and 1. Output: (B, units) float32.
    Source: "Solving xkcd 1683", problem 16.
    """

    def __init__(self, units: int, **arguments):  # type: ignore[no-untyped-def]
        super().__init__(**arguments)
        self.units = units
        self.value = keras.layers.Dense(units, activation="tanh", name="value")
        self.weight = keras.layers.Dense(1, name="weight")

    def build(self, embedding_shape, presence_shape=None):  # type: ignore[no-untyped-def]
        self.value.build(embedding_shape)
        self.weight.build(embedding_shape)

    def call(self, embedding, presence):  # type: ignore[no-untyped-def]
        logits = self.weight(embedding)[..., 0] + (presence - 1.0) * 1e9
        weight = ops.softmax(logits, axis=-1)
        return ops.sum(self.value(embedding) * weight[..., None], axis=1)

    def compute_output_shape(self, embedding_shape, presence_shape=None):  # type: ignore[no-untyped-def]
        return (embedding_shape[0], self.units)

    def get_config(self):  # type: ignore[no-untyped-def]
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable(PACKAGE)
class Comparator(keras.layers.Layer):
    """The frozen dense layer [+k, -k] with a sigmoid: the probability that the left picture is worse.

    Inputs: left and right generation loss, each (P, 1) in [0, 1]. Output: (P, 1) in [0, 1].
    Source: "Solving xkcd 1683", problems 18 and 19.
    """

    def __init__(self, k: float, **arguments):  # type: ignore[no-untyped-def]
        super().__init__(trainable=False, **arguments)
        self.k = k

    def build(self, left_shape, right_shape=None):  # type: ignore[no-untyped-def]
        kernel = keras.initializers.Constant([[self.k], [-self.k]])
        self.kernel = self.add_weight(name="kernel", shape=(2, 1), initializer=kernel, trainable=False)

    def call(self, left, right):  # type: ignore[no-untyped-def]
        return ops.sigmoid(ops.matmul(ops.concatenate([left, right], axis=-1), self.kernel))

    def compute_output_shape(self, left_shape, right_shape=None):  # type: ignore[no-untyped-def]
        return left_shape

    def get_config(self):  # type: ignore[no-untyped-def]
        return {**super().get_config(), "k": self.k}


@keras.saving.register_keras_serializable(PACKAGE)
class PickVersions(keras.layers.Layer):
    """Picks rows of a batch by index: scores (V, 1) and index (P,) give (P, 1)."""

    def call(self, scores, index):  # type: ignore[no-untyped-def]
        return ops.take(scores, ops.cast(index, "int32"), axis=0)

    def compute_output_shape(self, scores_shape, index_shape=None):  # type: ignore[no-untyped-def]
        return (index_shape[0], scores_shape[1])
