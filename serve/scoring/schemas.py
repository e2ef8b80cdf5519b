"""Answers of the service, with bounds and examples."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from genloss.model.explanations.reasons import Reason
from genloss.model.images.facts import Facts
from genloss.serve.http.uploads import MAX_VERSIONS

REASONS = "Also say what speaks for or against it; takes several times as long."
SURE = "Also say which versions may be discarded: those worse than the first at these odds."
ONE_PICTURE = "You know that all files show one picture: none are told apart, whatever they seem to show."

_FACTS: dict[str, Any] = {
    "image_format": "jpeg", "width_px": 640, "height_px": 480, "n_bytes": 81_200, "bits_per_pixel": 2.11,
    "jpeg_quality": 85, "standard_table": True, "sampling": "4:2:0", "progressive": False, "lossless": False, "n_frames": 1,
    "damaged": False, "damaged_from": None, "damaged_share": None, "bits_per_sample": 8, "transparent": False,
    "colour_space": "",
}  # fmt: skip
_CLAIMS = "JPEG 640x480, 81 kB, quality 85, 4:2:0"
_REASON: dict[str, Any] = {"code": "saved_as_jpeg", "text": "saved as JPEG of quality 85, 4:2:0", "against": True}
_TIMING: dict[str, Any] = {"scoring_seconds": 0.0143, "total_seconds": 0.0171}
_ANSWER: dict[str, Any] = {"model_version": "3f1c0a9be27d", "timing": _TIMING}
_SCORE: dict[str, Any] = {
    "generation_loss": 0.4128, "facts": _FACTS, "claims": _CLAIMS, "reasons": [_REASON], **_ANSWER,
}  # fmt: skip
_IDS: list[Any] = ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", f"{16:064x}"]


_DESCENT: dict[str, Any] = {
    "parent": 1, "probability": 0.9713, "direct": True, "changes": ["shrunk to 50 %", "saved as JPEG 75, 4:2:0"],
    "edited": False, "edits": [],
    "proof": {
        "rule": "quantised",
        "sentence": "saved as JPEG of quality 75: 99.7 % of 31,000 coefficients lie within half a step of it and fill the "
        "step evenly",
    },
    "placement": {"turn": 0, "scale_x": 0.5, "scale_y": 0.5, "shift_x_px": 0.0, "shift_y_px": 0.0},
}  # fmt: skip


def _place(place: int, filename: str, generation_loss: float, odds: float | None) -> dict[str, Any]:
    return {
        "picture": 1, "place": place, "index": 2 - place, "filename": filename, "generation_loss": generation_loss,
        "probability_closer_than_next": odds, "probability_worse_than_first": None if place == 1 else 0.987,
        "too_close_to_call": False, "same_as": None, "same": None, "differs": (), "rule": None,
        "may_be_discarded": None, "holds_more": None,
        "facts": _FACTS, "claims": _CLAIMS,
        "reasons": [_REASON], "descent": None if place == 1 else _DESCENT,
    }  # fmt: skip


_RANKING: dict[str, Any] = {
    "ranking": [_place(1, "from-camera.jpg", 0.2414, 0.987), _place(2, "reposted.jpg", 0.6404, None)], "n_pictures": 1,
    "failed": [], **_ANSWER,
}  # fmt: skip


class Timing(BaseModel):
    """Where the time went, in seconds."""

    scoring_seconds: float = Field(ge=0, description="Decoding, measuring and the network, summed over pictures.")
    total_seconds: float = Field(ge=0, description="From the parsed request to the answer, waiting included.")


class ScoreAnswer(BaseModel):
    """One picture's score."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SCORE]})

    generation_loss: float = Field(
        ge=0, le=1, description="Lower is closer to the original; comparable only between versions of the same picture."
    )
    facts: Facts = Field(description="What the file claims to be.")
    claims: str = Field(description="The facts in a few words.")
    reasons: tuple[Reason, ...] | None = Field(description="What speaks for or against it; null unless asked for.")
    model_version: str = Field(description="First twelve digits of the sha256 of the model's networks.")
    timing: Timing


class VersionAnswer(ScoreAnswer):
    """One picture's score, and the name under which it is kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": _IDS[0], **_SCORE}]})

    id: str = Field(description="For POST /v1/rankings; the same for the same bytes and model.")


class RankingRequest(BaseModel):
    """Which kept versions to rank."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"versions": _IDS, "sure": 0.9}]})

    versions: list[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]] = Field(
        min_length=1, max_length=MAX_VERSIONS, description="Identifiers from POST /v1/versions; the same one may come twice."
    )
    sure: float | None = Field(None, ge=0.5, le=1, description=SURE)
    one_picture: bool = Field(False, description=ONE_PICTURE)


class ProofOfDescent(BaseModel):
    """What proves that a version was made from another one."""

    rule: str = Field(description="Short name of the rule that holds.", examples=["quantised", "resampled", "cut out"])
    sentence: str = Field(description="What was found, with its numbers.")


class PlacementOfParent(BaseModel):
    """Where the parent's pixels lie in the version: x' = scale_x * x + shift_x_px of the turned parent, and so for y."""

    turn: int = Field(ge=0, le=7, description="Quarter turns counter-clockwise; from 4 on after mirroring left to right.")
    scale_x: float = Field(gt=0, description="Pixels of the version for each pixel of the turned parent.")
    scale_y: float = Field(gt=0)
    shift_x_px: float = Field(description="Where the turned parent's left edge lies, in pixels of the version.")
    shift_y_px: float


class DescentOfPicture(BaseModel):
    """Which version it was made from, and how."""

    parent: int = Field(ge=0, description="`index` of the version it was made from.")
    probability: float = Field(ge=0, le=1, description="Odds that it was made from this one directly.")
    direct: bool = Field(description="False where a version that is not among the files probably lies in between.")
    proof: ProofOfDescent | None = Field(description="Null where it is likely, not proved.")
    changes: tuple[str, ...] = Field(description="What was done, in words: geometry, then edits, then how it was saved.")
    edited: bool = Field(description="Whether tone, saturation, sharpness or lettering were changed.")
    edits: tuple[str, ...] = Field(description="Those of `changes` that make it look different on purpose.")
    placement: PlacementOfParent


class RankedPicture(BaseModel):
    """One place of a ranking."""

    picture: int = Field(ge=1, description="Which picture it shows; places and odds count within one picture.")
    place: int = Field(ge=1, description="1 is closest to the original; versions with equal pixels share a place.")
    index: int = Field(ge=0, description="Position among the uploaded files, from 0.")
    filename: str = Field(description="As the client named it; empty in POST /v1/rankings.")
    generation_loss: float = Field(ge=0, le=1)
    probability_closer_than_next: float | None = Field(
        ge=0, le=1, description="Odds that it is closer to the original than the next place; null for the last."
    )
    probability_worse_than_first: float | None = Field(
        ge=0, le=1, description="Odds that it is farther from the original than the first place; null there."
    )
    too_close_to_call: bool = Field(description="Whether the odds against the next place are below 60 %.")
    same_as: int | None = Field(description="`index` of an earlier version with equal pixels.")
    same: Literal["file", "pixels"] | None = Field(description="What is equal: the whole file, or its pixels only.")
    differs: tuple[str, ...] = Field(description="How it differs from `same_as` in spite of equal pixels, in words.")
    rule: str | None = Field(
        description="What its file shows that puts it behind the first place whatever the odds would be, such as damage."
    )
    may_be_discarded: bool | None = Field(
        description="Whether the picture loses nothing without it at the odds of `sure`; null without `sure`."
    )
    holds_more: str | None = Field(
        description="What it holds that the first place lacks, such as more of the picture; then it is never to be discarded."
    )
    facts: Facts
    claims: str = Field(description="The facts in a few words.")
    reasons: tuple[Reason, ...] | None = Field(description="What speaks for or against it; null where not asked for.")
    descent: DescentOfPicture | None = Field(
        description="Which version it was made from; null for the first place, for copies, and where nothing was found."
    )


class FailedPicture(BaseModel):
    """An uploaded file that could not be scored."""

    index: int = Field(ge=0, description="Position among the uploaded files, from 0.")
    filename: str
    code: str = Field(description="One of the codes of docs/using/errors.md.", examples=["unsupported_format"])
    detail: str


class RankAnswer(BaseModel):
    """Versions of one picture in order."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RANKING]})

    ranking: list[RankedPicture] = Field(description="Closest to the original first.")
    n_pictures: int = Field(description="Different pictures among the files; nothing is ranked across them.")
    failed: list[FailedPicture] = Field(description="Files left out of the ranking, in upload order.")
    model_version: str
    timing: Timing
