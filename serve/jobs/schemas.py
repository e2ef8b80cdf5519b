"""Requests and answers of training jobs, with bounds and examples."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from genloss.model.networks.config import NetworkConfig
from genloss.model.training.config import JudgeTraining, TrainingConfig

State = Literal["queued", "running", "cancelling", "cancelled", "failed", "finished"]
OVER = ("cancelled", "failed", "finished")
JOB_EXAMPLE = "5f0c8a3e-7d7b-4a53-9a0e-6c3f3f7d9f21"


class TrainingOptions(BaseModel):
    """How to train: the options of `genloss train`, chains to make from uploaded originals, and whether to search first."""

    model_config = ConfigDict(extra="forbid")

    epochs: int = Field(TrainingConfig.epochs, ge=1, le=1000, description="Passes over the training chains.")
    judge_epochs: int = Field(
        JudgeTraining.epochs, ge=1, le=1000, description="Passes over all training pairs for the pair judge."
    )
    versions_per_batch: int = Field(TrainingConfig.versions_per_batch, ge=6, le=4096, description="Versions per step.")
    blocks: int = Field(TrainingConfig.blocks_per_version, ge=1, le=512, description="Random blocks per version in a step.")
    learning_rate: float = Field(TrainingConfig.learning_rate, ge=1e-6, le=1.0, description="Peak learning rate.")
    seed: int = Field(TrainingConfig.seed, ge=0, le=2**31 - 1, description="Seed of weights, shuffling and jitter.")
    aggregator: Literal["lstm", "weighted_sum"] = NetworkConfig.aggregator  # type: ignore[assignment]
    dropout: float = Field(NetworkConfig.dropout, ge=0.0, le=0.9, description="Dropout in metadata branch and head.")
    jitter: float = Field(NetworkConfig.jitter, ge=0.0, le=2.0, description="Noise on standardised metadata.")
    corpus: str = Field(
        "not stated", max_length=500, pattern=r"^[^\x00-\x1f]*$", description="What the originals are; for the model card."
    )
    chains: int = Field(1000, ge=10, le=1_000_000, description="Chains to make from uploaded originals.")
    parent: str | None = Field(
        None, pattern="^[0-9a-f]{12}$", description="Model to train further, from GET /v1/models; its network counts."
    )
    search_trials: int = Field(
        0, ge=0, le=1000, description="Short trainings of other configurations first, the best of which is then trained."
    )
    search_minutes: float = Field(10.0, ge=0.02, le=1440.0, description="Time to train in each trial of a search.")
    search_fraction: float = Field(0.25, gt=0.0, le=1.0, description="Share of the training chains a search uses.")


class TrainingRequest(BaseModel):
    """Train on a pair set that lies on the server."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"pairs": "pairs", "training": {"epochs": 20}}]})

    pairs: str = Field(
        min_length=1, max_length=200, pattern=r"^[\w][\w.-]*(/[\w][\w.-]*)*$", description="Its name, from GET /v1/pair-sets."
    )
    training: TrainingOptions = Field(default_factory=lambda: TrainingOptions.model_validate({}))


class PairSets(BaseModel):
    """Pair sets that a job can be trained on."""

    pair_sets: list[str] = Field(examples=[["pairs"]])


class JobProgress(BaseModel):
    """The newest figures of a running job."""

    phase: str = Field(examples=["the tower"])
    step: int | None = Field(None, description="Within the phase.")
    steps: int | None = None
    epoch: int | None = Field(None, description="Finished epochs of the phase.")
    epochs: int | None = None
    loss: float | None = Field(None, description="Mean binary cross-entropy of the running epoch.")
    pair_accuracy: float | None = Field(None, description="Share of training pairs ordered rightly in the running epoch.")
    seconds_left: float | None = Field(None, description="Of the phase.")


class EpochMetrics(BaseModel):
    """What one epoch came to; a point of the learning curves."""

    phase: str
    epoch: int
    loss: float | None
    pair_accuracy: float | None
    validation_accuracy: float | None
    seconds: float | None


class Job(BaseModel):
    """A training job."""

    id: str = Field(examples=[JOB_EXAMPLE])
    state: State
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    pairs: str | None = Field(description="The pair set, or null where originals were uploaded.")
    n_originals: int | None = Field(description="Uploaded pictures.")
    training: TrainingOptions
    progress: JobProgress | None
    error: str | None = Field(description="Why it failed.")
    model: str | None = Field(description="Identifier of the finished model, to be activated at /v1/models.")


class JobDetails(Job):
    """A training job with its learning curves and the end of its log."""

    metrics: list[EpochMetrics]
    found: dict[str, Any] | None = Field(description="Best configuration of the search so far, if there is a search.")
    evaluation: dict[str, Any] | None = Field(description="Of the finished model, on sources held out from training.")
    log_tail: list[str]


class Jobs(BaseModel):
    """A page of jobs, the newest first."""

    jobs: list[Job]
