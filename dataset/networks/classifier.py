"""A small convolutional network that maps a picture to a vector near the key of the picture's class.

The paper has a dense layer of 259 million weights, which a mean over all places replaces here. The network therefore
trains on a few hundred pictures, and the weights give the attention to each place.

Source: "Effects of Compression on Visual Representations Learned from Medical Images", table I.
"""

from typing import TypeAlias

import keras
import numpy as np
from numpy.typing import NDArray

from genloss.dataset.networks.config import ClassifierConfig
from genloss.model.errors import DatasetError
from genloss.model.memory.keys import to_unit

Network: TypeAlias = keras.Model
FIRST_MAP, LAST_MAP, MEANS, OUTPUT = "first_block", "last_map", "means", "hypervector"
_LEAST_MAP_PX = 8
_STEM_FROM_PX = 64  # the first convolution has stride 2 for larger pictures


def build_classifier(config: ClassifierConfig) -> Network:
    """Builds the network: (B, S, S, 3) pixel values in [0, 255] -> (B, D), without a final activation."""
    inputs = keras.Input((config.side_px, config.side_px, 3), name="pictures")
    maps = keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="scale")(inputs)
    side = config.side_px
    last = len(config.filters) - 1
    for number, filters in enumerate(config.filters):
        stride = 2 if number == 0 and side > _STEM_FROM_PX else 1
        maps = keras.layers.Conv2D(filters, 3, stride, "same", use_bias=False, name=f"convolution_{number}")(maps)
        maps = keras.layers.BatchNormalization(momentum=0.9, name=f"normalise_{number}")(maps)
        maps = keras.layers.Activation("relu", name=LAST_MAP if number == last else f"relu_{number}")(maps)
        side = -(-side // stride)
        if number < last and side // 2 >= _LEAST_MAP_PX:
            maps = keras.layers.MaxPooling2D(2, name=f"pool_{number}")(maps)
            side //= 2
        if number == 0:
            maps = keras.layers.Identity(name=FIRST_MAP)(maps)
    means = keras.layers.GlobalAveragePooling2D(name=MEANS)(maps)
    means = keras.layers.Dropout(config.dropout, seed=0, name="dropout")(means)
    return keras.Model(inputs, keras.layers.Dense(config.n_outputs, name=OUTPUT)(means), name="classifier")


def load_classifier(path: str) -> Network:
    """Loads a classifier saved by `genloss sweep` or `genloss palettes`.

    Raises:
        DatasetError: the file is missing, is not a Keras network, or holds another network.
    """
    try:
        network = keras.saving.load_model(path, compile=False)
        for name in (FIRST_MAP, LAST_MAP, MEANS, OUTPUT):
            network.get_layer(name)
    except Exception as error:  # Keras passes on any exception that a damaged file causes
        raise DatasetError(f"{path} is not a classifier of genloss sweep or genloss palettes ({error})") from error
    return network


def side_of(network: Network) -> int:
    """Side in pixels of a classifier's input pictures."""
    return int(network.input_shape[1])


def outputs_of(network: Network, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, D) outputs for (N, S, S, 3) pictures."""
    return predict(network, pictures)[0]


def tapped(network: Network, names: tuple[str, ...]) -> Network:
    """The network with the named layers as outputs. TensorFlow compiles it again, so call this once per network."""
    return keras.Model(network.inputs, [network.get_layer(name).output for name in names])


def predict(network: Network, pictures: NDArray[np.uint8], batch: int = 128) -> list[NDArray[np.float32]]:
    """All outputs of a network for (N, S, S, 3) pictures, N at least 1; each output has N rows."""
    batch = min(batch, len(pictures))
    found: list[list[NDArray[np.float32]]] = []
    for start in range(0, len(pictures), batch):
        start = min(start, len(pictures) - batch)  # the last batch is full, too: another size would compile again
        outputs = network.predict_on_batch(pictures[start : start + batch].astype(np.float32))
        done = sum(len(one[0]) for one in found)
        many = outputs if isinstance(outputs, list) else [outputs]
        found.append([np.asarray(one, np.float32)[done - start :] for one in many])
    return [np.concatenate(parts) for parts in zip(*found, strict=True)]


def class_weights(network: Network, keys: NDArray) -> NDArray[np.float32]:
    """(K, C) weights of the means of the C last maps in the similarity with each key.

    Args:
        network: from build_classifier.
        keys: (K, D) of the classes.
    """
    kernel = np.asarray(network.get_layer(OUTPUT).get_weights()[0], np.float32)
    return to_unit(keys) @ kernel.T
