"""The tower: from the blocks, presence and metadata of one picture to its generation loss."""

import keras
from keras import layers

from genloss.model.errors import TrainingError
from genloss.model.networks.config import ACTIVATIONS, AGGREGATORS, NetworkConfig, convolved_side
from genloss.model.networks.layers import (
    BlockConvolutions,
    BlockDCT,
    MergeBranches,
    MetadataJitter,
    Standardise,
    WeightedSum,
)


def build_tower(config: NetworkConfig) -> keras.Model:
    """Builds the network for a single picture.

    Inputs: "blocks" (B, N, 8, 8) uint8 in increasing entropy; "presence" (B, N) float32, 1 for real
    blocks, which come first; "metadata" (B, M) float32, raw. Output: "generation_loss" (B, 1) in
    [0, 1], lower is closer to the original.

    Raises:
        TrainingError: the aggregator or activation is unknown, or the kernels are too large for a block.
    """
    if config.aggregator not in AGGREGATORS:
        raise TrainingError(f"aggregator {config.aggregator!r} is none of {', '.join(AGGREGATORS)}")
    if config.activation not in ACTIVATIONS:
        raise TrainingError(f"activation {config.activation!r} is none of {', '.join(ACTIVATIONS)}")
    if convolved_side(config.conv_kernels) < 1:
        raise TrainingError(f"convolutions of {config.conv_kernels} pixels leave nothing of a block of 8")
    activation = config.activation
    blocks = keras.Input((None, 8, 8), dtype="uint8", name="blocks")
    presence = keras.Input((None,), dtype="float32", name="presence")
    metadata = keras.Input((config.metadata_size,), dtype="float32", name="metadata")

    frequency = BlockDCT(name="dct")(blocks)
    for index, units in enumerate(config.dct_units):
        frequency = layers.Dense(units, activation=activation, name=f"dct_dense_{index}")(frequency)

    convolutions = BlockConvolutions(config.conv_filters, config.conv_units, config.conv_kernels, activation, name="pixels")
    pixels = convolutions(blocks)

    facts = Standardise(name="standardise")(metadata)
    facts = MetadataJitter(config.jitter, name="jitter")(facts)
    for index, units in enumerate(config.metadata_units):
        facts = layers.Dense(units, activation=activation, name=f"metadata_dense_{index}")(facts)
        facts = layers.Dropout(config.dropout, seed=index, name=f"metadata_dropout_{index}")(facts)

    beside = layers.Dense(config.metadata_per_block, activation=activation, name="metadata_per_block")(facts)
    merged = MergeBranches(config.embedding_units, activation, name="merge")(frequency, pixels, beside)
    if config.aggregator == "lstm":
        mask = keras.ops.greater(presence, 0.5)
        summary = layers.LSTM(config.aggregator_units, name="aggregator")(merged, mask=mask)
    else:
        summary = WeightedSum(config.aggregator_units, name="aggregator")(merged, presence)

    head = layers.Concatenate(name="summary")([summary, facts])
    head = layers.Dense(config.head_units, activation=activation, name="head")(head)
    head = layers.Dropout(config.dropout, seed=17, name="head_dropout")(head)
    loss = layers.Dense(1, activation="sigmoid", name="generation_loss")(head)
    return keras.Model([blocks, presence, metadata], loss, name="tower")
