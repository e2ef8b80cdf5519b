"""Every error as application/problem+json (RFC 9457), and the table of HTTP statuses by error code."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from genloss.model.errors import GenerationLossError

STATUSES = {
    "request_malformed": 400,
    "token_missing": 401,
    "token_wrong": 403,
    "training_off": 403,
    "job_unknown": 404,
    "model_unknown": 404,
    "not_found": 404,
    "version_unknown": 404,
    "method_not_allowed": 405,
    "body_timeout": 408,
    "header_timeout": 408,
    "job_not_cancelled": 409,
    "job_over": 409,
    "key_reused": 409,
    "self_test_failed": 409,
    "body_too_large": 413,
    "unsupported_format": 415,
    "decode_crashed": 422,
    "decode_timeout": 422,
    "file_empty": 422,
    "image_corrupt": 422,
    "image_too_large": 422,
    "image_too_small": 422,
    "image_truncated": 422,
    "metadata_too_large": 422,
    "originals_invalid": 422,
    "pairs_unknown": 422,
    "parent_unknown": 422,
    "request_invalid": 422,
    "too_complex": 422,
    "too_few_versions": 422,
    "overloaded": 429,
    "headers_too_large": 431,
    "bundle_invalid": 500,
    "internal_error": 500,
    "jobs_unavailable": 503,
    "not_ready": 503,
}
MEDIA_TYPE = "application/problem+json"
_CODE_OF_STATUS = {400: "request_malformed", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}

UNKNOWN = "an error inside the service; its log says more"

log = logging.getLogger("genloss.serve")


class RequestError(GenerationLossError):
    """A request that cannot be answered; raised by the service's own code.

    Args:
        code: a key of STATUSES.
        detail: what is wrong, in one sentence.
        more: further members of the problem document.
        headers: further headers of the answer.
    """

    def __init__(self, code: str, detail: str, more: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None):
        super().__init__(detail)
        self.code = code
        self.more = dict(more or {})
        self.headers = dict(headers or {})


def problem(code: str, detail: str, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A problem document: type, title, status, detail, and the stable code as an extension member."""
    status = STATUSES[code]
    return {
        "type": f"urn:genloss:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **(more or {}),
    }


def respond(
    code: str, detail: str, more: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The HTTP response for an error."""
    return JSONResponse(problem(code, detail, more), STATUSES[code], dict(headers or {}), MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Makes every error of the application a problem document."""
    app.add_exception_handler(GenerationLossError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unknown)


def describe(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an operation in the OpenAPI document."""
    by_status: dict[int | str, list[str]] = {}
    for code in codes:
        by_status.setdefault(STATUSES[code], []).append(code)
    return {status: _described(int(status), found) for status, found in sorted(by_status.items())}


def _described(status: int, codes: Sequence[str]) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"const": status},
            "detail": {"type": "string"},
            "code": {"enum": list(codes)},
        },
    }
    examples = {code: {"value": problem(code, "What is wrong, in one sentence.")} for code in codes}
    description = f"{HTTPStatus(status).phrase}: {', '.join(codes)}"
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}}}


async def _known(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GenerationLossError)
    if STATUSES.get(error.code, 500) >= 500 and not isinstance(error, RequestError):
        log.error("%s", error, exc_info=error)
        return respond(error.code if error.code in STATUSES else "internal_error", UNKNOWN)
    return respond(error.code, str(error), getattr(error, "more", None), getattr(error, "headers", None))


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [{"location": [str(part) for part in one["loc"]], "message": one["msg"]} for one in error.errors()]
    if [one["location"] for one in errors] == [["body"]] and "json" not in request.headers.get("content-type", "").lower():
        errors[0]["message"] = "must be JSON, with the header Content-Type: application/json"
    detail = "; ".join(f"{'.'.join(one['location'])}: {one['message']}" for one in errors)
    return respond("request_invalid", detail, {"errors": errors})


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = _CODE_OF_STATUS.get(error.status_code, "request_invalid" if error.status_code < 500 else "internal_error")
    detail = {
        "not_found": "there is nothing at this address",
        "method_not_allowed": f"{request.method} is not possible here",
    }.get(code, str(error.detail))
    headers = dict(error.headers or {})
    if code == "method_not_allowed":
        headers["Allow"] = _allowed_methods(request, headers.get("Allow", headers.get("allow", "")))
        headers.pop("allow", None)
    return respond(code, detail, headers=headers)


def _allowed_methods(request: Request, found: str) -> str:
    """All methods of a path; the router names those of the first route only."""
    methods = {method.strip() for method in found.split(",") if method.strip()}
    for template, operations in request.app.openapi()["paths"].items():
        if compile_path(template)[0].match(request.url.path):
            methods.update(method.upper() for method in operations)
    return ", ".join(sorted(methods))


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    return respond("internal_error", UNKNOWN)
