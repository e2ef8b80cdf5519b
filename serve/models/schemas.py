"""Answers about models: the list of models, the serving model, and results of the self-test."""

from typing import Any

from pydantic import BaseModel, Field


class TrainedModel(BaseModel):
    """A model that can serve."""

    id: str = Field(examples=["0123456789ab"], description="The model_version that its scores carry.")
    serving: bool
    job: str | None = Field(description="The job that trained it; null for the model the service was started with.")
    corpus: str | None
    evaluation: dict[str, Any] | None


class Models(BaseModel):
    """All models, and which one served before the current one."""

    serving: str
    previous: str | None = Field(description="Activate it to roll back.")
    models: list[TrainedModel]


class GoldenImage(BaseModel):
    """What the self-test saw on one pair of golden images."""

    name: str = Field(examples=["cat"])
    original: float = Field(description="Generation loss of the original.")
    damaged: float = Field(description="Generation loss of the damaged version.")
    ranked_rightly: bool = Field(description="Whether the original comes first when both are ranked.")


class Activation(BaseModel):
    """What was activated."""

    serving: str
    previous: str | None
    failed: list[str] = Field(
        description="Golden images whose original is not ranked first; only a forced activation has any.", examples=[[]]
    )
    self_test: list[GoldenImage]
