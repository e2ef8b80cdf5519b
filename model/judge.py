"""The pair judge: the evidence of two versions of one picture to the log odds that the left one is the worse.

What is left to tell apart is often content that differs from picture to picture; it cancels only when
both versions are seen. The single-image score stays the tower's; rankings ask the judge.
"""

from dataclasses import dataclass

import keras
from keras import layers

from model.layers import MetadataJitter, Standardise


@dataclass(frozen=True)
class JudgeConfig:
    """Shape of the judge.

    Attributes:
        facts_size: length of a version's metadata, the first part of its evidence.
        summary_size: length of the tower's summary of its blocks, the second part.
        embedding_units: width of each version's embedding, and of the contrast of both.
        hidden_units: widths of the layers over embeddings and contrast.
        dropout: share dropped before the hidden layers while training, in [0, 1).
        jitter: deviation of the noise on standardised facts while training.
        summary_jitter: the same for the summary. The tower knows its training pictures better than others;
            without this noise the judge would rely on what only holds for those.
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


def build_judge(config: JudgeConfig) -> keras.Model:
    """The judge's network, antisymmetric by construction: swapping the sides changes the sign and nothing else.

    Inputs: "left" and "right" (P, E) float32, raw evidence. Output: "log_odds" (P, 1), above 0 where the
    left version is judged the worse.
    """
    left = keras.Input((config.evidence_size,), name="left")
    right = keras.Input((config.evidence_size,), name="right")
    standardise = Standardise(name="standardise")
    jitter = MetadataJitter(config.jitter, seed=1, name="jitter")
    summary_jitter = MetadataJitter(config.summary_jitter, seed=2, name="summary_jitter")
    embed = layers.Dense(config.embedding_units, activation="relu", name="embed")
    contrast = layers.Dense(config.embedding_units, use_bias=False, name="contrast")
    hidden = [layers.Dense(units, activation="relu", name=f"hidden_{index}") for index, units in enumerate(config.hidden_units)]
    drops = [layers.Dropout(config.dropout, seed=index, name=f"drop_{index}") for index in range(len(hidden))]
    case = layers.Dense(1, use_bias=False, name="case")

    def case_against(one, other):  # type: ignore[no-untyped-def]
        seen = layers.Concatenate()([embed(one), embed(other), contrast(layers.Subtract()([one, other]))])
        for drop, layer in zip(drops, hidden, strict=True):
            seen = layer(drop(seen))
        return case(seen)

    def seen_through_noise(evidence):  # type: ignore[no-untyped-def]
        facts, summary = evidence[:, : config.facts_size], evidence[:, config.facts_size :]
        return layers.Concatenate()([jitter(facts), summary_jitter(summary)])

    one, other = (seen_through_noise(standardise(side)) for side in (left, right))
    log_odds = layers.Subtract(name="log_odds")([case_against(one, other), case_against(other, one)])
    return keras.Model([left, right], log_odds, name="judge")
