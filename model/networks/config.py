"""Shapes of the networks, without Keras. The search draws them, and bundles store them."""

from dataclasses import dataclass

AGGREGATORS = ("lstm", "weighted_sum")
# Each has an ONNX form in onnx_graphs.py.
ACTIVATIONS = ("relu", "elu", "silu", "gelu")


@dataclass(frozen=True)
class NetworkConfig:
    """Shape of the tower.

    Attributes:
        metadata_size: length of the metadata vector.
        dct_units: widths of the DCT branch's dense layers.
        conv_filters: filters of the two convolutions over a block's pixels.
        conv_kernels: sizes of the two kernels in pixels; the second convolution has a stride of two and must still fit.
        conv_units: output width of the convolution branch.
        metadata_units: widths of the metadata branch's dense layers.
        metadata_per_block: width of the metadata beside every block.
        embedding_units: width of a merged block embedding.
        aggregator: "lstm" (blocks in increasing entropy) or "weighted_sum" (unordered).
        aggregator_units: width of the picture's summary.
        head_units: width of the last hidden layer.
        activation: activation of every hidden layer outside the aggregator: "relu", "elu", "silu" or "gelu".
        dropout: dropout rate of metadata branch and head, in [0, 1).
        jitter: standard deviation of the noise on standardised metadata in training.
        comparator_k: weight of the frozen comparator.
    """

    metadata_size: int
    dct_units: tuple[int, ...] = (64, 64)
    conv_filters: tuple[int, int] = (16, 24)
    conv_kernels: tuple[int, int] = (3, 3)
    conv_units: int = 32
    metadata_units: tuple[int, ...] = (512, 192)
    metadata_per_block: int = 24
    embedding_units: int = 64
    aggregator: str = "lstm"
    aggregator_units: int = 64
    head_units: int = 96
    activation: str = "relu"
    dropout: float = 0.2
    jitter: float = 0.1
    comparator_k: float = 20.0


@dataclass(frozen=True)
class JudgeConfig:
    """Shape of the judge.

    Attributes:
        facts_size: length of a version's metadata, the first part of its evidence.
        summary_size: length of the tower's summary of its blocks, the second part.
        embedding_units: width of each version's embedding, and of the contrast of both.
        hidden_units: widths of the layers over embeddings and contrast.
        dropout: dropout rate before the hidden layers, in [0, 1).
        jitter: standard deviation of the noise on standardised facts in training.
        summary_jitter: likewise for the summary. The tower has overfitted its training pictures a little, and without this
            noise the judge would rely on that.
    """

    facts_size: int
    summary_size: int
    embedding_units: int = 256
    hidden_units: tuple[int, ...] = (256, 128)
    dropout: float = 0.3
    jitter: float = 0.05
    summary_jitter: float = 1.0

    @property
    def evidence_size(self) -> int:
        """Length of a version's evidence."""
        return self.facts_size + self.summary_size


def convolved_side(kernels: tuple[int, int]) -> int:
    """Side in pixels of a block of 8 after two convolutions, the second with a stride of two; 0 or less if nothing is left."""
    return (9 - kernels[0] - kernels[1]) // 2 + 1
