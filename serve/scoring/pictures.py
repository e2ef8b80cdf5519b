"""Shared by all endpoints that take pictures: error codes, OpenAPI bodies, and calls of the model with metrics."""

from typing import Any

from fastapi import Request

from genloss.model.errors import ImageError
from genloss.model.scoring.workers import TimedScore
from genloss.serve.http.metrics import Metrics
from genloss.serve.http.uploads import MAX_VERSIONS
from genloss.serve.scoring.serving import ServingModel

IMAGE_CODES = (
    "file_empty", "unsupported_format", "image_truncated", "image_corrupt", "image_too_small", "image_too_large", "too_complex",
    "metadata_too_large", "decode_timeout", "decode_crashed",
)  # fmt: skip
REQUEST_CODES = (
    "request_malformed",
    "request_invalid",
    "token_missing",
    "token_wrong",
    "body_timeout",
    "body_too_large",
    "overloaded",
)


def _form(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    properties = {name: {**schema, "description": description}}
    return {"schema": {"type": "object", "required": [name], "properties": properties}}


_FILE = {"type": "string", "format": "binary"}
PICTURE_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": _form("file", _FILE, "JPEG, PNG, GIF, WebP, AVIF, BMP or TIFF"),
        "application/octet-stream": {"schema": _FILE},
        "image/*": {"schema": _FILE},
    },
}
VERSIONS_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": _form(
            "files", {"type": "array", "items": _FILE, "minItems": 2, "maxItems": MAX_VERSIONS}, "versions of one picture"
        )
    },
}


async def score_one(
    request: Request, model: ServingModel, data: bytes, reasons: bool, with_fingerprint: bool = False
) -> TimedScore:
    """Scores one file's bytes and updates the metrics.

    Raises:
        ImageError: the bytes cannot be scored.
    """
    metrics: Metrics = request.app.state.metrics
    try:
        scored = await model.score(data, reasons, with_fingerprint)
    except ImageError as error:
        metrics.decode_failures.labels(error.code).inc()
        raise
    metrics.model_seconds.labels(reasons).observe(scored.seconds)
    return scored


async def draw_one(request: Request, model: ServingModel, data: bytes, longest_side_px: int) -> bytes:
    """Draws one file's first frame as PNG and updates the metrics.

    Raises:
        ImageError: the bytes cannot be decoded.
    """
    metrics: Metrics = request.app.state.metrics
    try:
        return await model.preview(data, longest_side_px)
    except ImageError as error:
        metrics.decode_failures.labels(error.code).inc()
        raise
