"""Settings of the service, from GENLOSS_* environment variables; the only reader of the environment."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from genloss.model.errors import GenerationLossError
from genloss.model.images.guard import MAX_PIXELS
from genloss.model.scoring.bundle import BUNDLED

MIB = 1024 * 1024
PREFIX = "GENLOSS_"
LEAST_TOKEN_CHARACTERS = 16


class SettingsError(GenerationLossError):
    """A GENLOSS_* variable or an option of `genloss serve` has a value that cannot be used."""

    code = "settings_invalid"


def _check_token(token: SecretStr) -> SecretStr:
    """Checks the length of a token, since pydantic's own message counts "items" instead of characters."""
    if len(token.get_secret_value()) < LEAST_TOKEN_CHARACTERS:
        raise PydanticCustomError(
            "token_too_short", "a token has {least} characters or more", {"least": LEAST_TOKEN_CHARACTERS}
        )
    return token


Token = Annotated[SecretStr, AfterValidator(_check_token)]


class Settings(BaseSettings):
    """Settings of an operator; the variable of a field is GENLOSS_ and the field's name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True, env_ignore_empty=True
    )

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    bundle: Path = Field(BUNDLED, description="Folder of the model to serve at start.")
    workers: int = Field(default_factory=lambda: _n_cores(), ge=1, le=256, description="Pictures scored side by side.")
    max_in_flight: int = Field(32, ge=1, le=10_000, description="Requests that are worked on or wait; more get 429.")
    max_body_bytes: int = Field(64 * MIB, ge=1024, description="Largest request body; more gets 413.")
    max_buffered_bytes: int = Field(256 * MIB, ge=1024, description="Bodies held in memory, all together; more gets 429.")
    max_pixels: int = Field(MAX_PIXELS, ge=64, description="Largest width times height of a picture.")
    scoring_seconds: float = Field(30.0, gt=0, le=3600, description="Longest time one picture may take.")
    header_seconds: float = Field(10.0, gt=0, le=3600, description="Longest time for the headers of a request to arrive.")
    body_seconds: float = Field(30.0, gt=0, le=3600, description="The same for its body, plus 1 s for every 64 KiB received.")
    stop_seconds: float = Field(60.0, gt=0, le=3600, description="Longest time to finish running requests when stopped.")
    comparing_seconds: float = Field(
        60.0, ge=0, le=3600, description="After which a ranking compares no further pairs; those left go by the judge alone."
    )
    kept_versions: int = Field(
        4096,
        ge=64,
        le=1_000_000,
        description="Versions of POST /v1/versions kept in memory, about 20 kB each besides the file.",
    )
    kept_bytes: int = Field(
        512 * MIB, ge=1024, description="Files of these versions kept in memory, all together; the newest always is."
    )
    kept_seconds: float = Field(
        1800.0, gt=0, le=604_800, description="After which a kept version that nobody used is forgotten, file and score."
    )
    scoring_token: Token | None = Field(None, description="Bearer token that scoring then requires.")
    training_token: Token | None = Field(
        None, description="Bearer token of training jobs and models; without one these are off."
    )
    jobs_folder: Path = Field(Path("data/jobs"), description="Folder for training jobs: originals, runs, finished models.")
    jobs_url: SecretStr | None = Field(
        None, description="Database of the queue, as postgresql://...; SQLite in the jobs folder by default."
    )
    jobs_worker: Literal["embedded", "separate"] = Field(
        "embedded", description="Whether the service starts a worker, or `genloss work` runs elsewhere on the same folder."
    )
    jobs_worker_name: str = Field(
        "worker", pattern=r"^[\w.-]{1,64}$", description="Of a worker; when restarted it goes on with the jobs of its name."
    )
    jobs_at_once: int = Field(1, ge=1, le=64, description="Trainings a worker runs side by side.")
    pairs_folder: Path = Field(Path("data"), description="Pair sets in this folder can be trained on, by their name.")
    max_originals_bytes: int = Field(4096 * MIB, ge=1024, description="Most bytes of originals a job may bring, unpacked.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe log lines to write.")


def read_settings(**given: Any) -> Settings:
    """Reads settings from the environment; `given` values override it unless they are None.

    Raises:
        SettingsError: one line that names every variable with a wrong value.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        names = {one["loc"][0]: one["msg"] for one in error.errors()}
        wrong = [f"{_shown(str(name), given.get(str(name)) is not None)}: {said}" for name, said in names.items()]
        raise SettingsError("; ".join(wrong)) from error


def _shown(name: str, is_option: bool) -> str:
    """A setting as somebody gave it: an option of `genloss serve`, or a variable."""
    return f"--{name}" if is_option else f"{PREFIX}{name.upper()}"


def _n_cores() -> int:
    """Number of cores this process may use; containers and taskset can limit it."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
