"""The pair judge: from the evidence of two versions of one picture to the log odds that the left one is worse.

Much of the evidence depends on the content of the picture. This part cancels only if both versions are compared. Scores come
from the tower, rankings from the judge.
"""

import keras
from keras import layers

from genloss.model.networks.config import JudgeConfig
from genloss.model.networks.layers import MetadataJitter, Standardise


def build_judge(config: JudgeConfig) -> keras.Model:
    """Builds the judge. It is antisymmetric by construction: swapping the sides changes only the sign.

    Inputs: "left" and "right" (P, E) float32, raw evidence. Output: "log_odds" (P, 1), above 0 if the left version is worse.
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
