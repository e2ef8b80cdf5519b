"""The application of a review: the page, groups with their pictures, decisions, and the plan at the end."""

import re
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, ConfigDict

from genloss.archive.decisions import DecisionKind
from genloss.archive.report_drawing import PICTURES
from genloss.archive.report_groups import Descents, group_record
from genloss.archive.report_web import icon, page_of, script_of, style_of
from genloss.archive.review import Review, Standing
from genloss.model.errors import GenerationLossError
from genloss.model.printable import printable, storable
from genloss.serve.http.admission import Admission, Load
from genloss.serve.http.pages import HEADERS
from genloss.serve.review.guard import Guard
from genloss.serve.review.pictures import GroupPictures
from genloss.serve.settings import Settings

_PICTURE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}-(small|large|[0-9a-f]{16})\.webp")

# Without the environment, which is that of the service. The page sends decisions of a hundred bytes.
LIMITS = Settings.model_construct(max_body_bytes=4096, body_seconds=10.0)

Finish = Callable[[], dict[str, Any]]


class DecisionRequest(BaseModel):
    """A decision about one member of a group."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    group: int
    place: int
    kind: DecisionKind


class Endpoints:
    """Endpoints of the page; only the thread of the event loop uses the catalog.

    Args:
        review: the review of a plan.
        pictures: draws the pictures of the plan's groups.
        descents: known descents between contents.
        finish: writes the plan; returns its path and the next command to type.
    """

    def __init__(self, review: Review, pictures: GroupPictures, descents: Descents, finish: Finish) -> None:
        self._review = review
        self._pictures = pictures
        self._descents = descents
        self._finish = finish
        self._files = {
            "": (page_of("review", {}), "text/html"), "review.js": (script_of("review"), "text/javascript"),
            "review.css": (style_of("review"), "text/css"), "icon.svg": (icon(), "image/svg+xml"),
        }  # fmt: skip

    async def queue(self) -> Response:
        """All groups in the plan's order, without their members."""
        found = [{**_progress(standing), "uncertainty": uncertain} for standing, uncertain in self._review.queue()]
        return JSONResponse({"groups": found}, headers=HEADERS)

    async def group(self, number: int, ahead: int | None = None) -> Response:
        """One group with its pictures; also starts to draw the pictures of the group `ahead`."""
        standing = self._review.standing(number)
        await self._pictures.begin(standing.group)
        if ahead in self._review.groups:
            self._pictures.begin(self._review.groups[ahead])
        record = group_record(standing.group, self._pictures.drawings, self._descents)
        for member in record["members"]:
            del member["url"]  # browsers block file: links on this page
        return JSONResponse({**record, **_progress(standing)}, headers=HEADERS)

    async def picture(self, name: str) -> Response:
        """A drawn picture of a group."""
        path = self._pictures.drawings.folder / PICTURES / name
        if not _PICTURE.fullmatch(name) or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, headers={**HEADERS, "Cache-Control": "private, max-age=3600"}, media_type="image/webp")

    async def decide(self, decision: DecisionRequest) -> Response:
        """Saves a decision at once."""
        return JSONResponse(_progress(self._review.decide(decision.group, decision.kind, decision.place)), headers=HEADERS)

    async def undo(self) -> Response:
        """Undoes the last decision; `group` is null if there is no decision to undo."""
        number = self._review.undo()
        found = None if number is None else _progress(self._review.standing(number))
        return JSONResponse({"group": found}, headers=HEADERS)

    async def finish(self) -> Response:
        """Writes the plan with all decisions, and ends the review."""
        done = {name: None if text is None else storable(text) for name, text in self._finish().items()}
        return JSONResponse(done, headers=HEADERS)

    async def file(self, name: str = "") -> Response:
        """The page, its script and its style sheet."""
        if name not in self._files:
            raise HTTPException(404)
        text, media_type = self._files[name]
        return Response(text, headers=HEADERS, media_type=media_type)


def create_review_app(endpoints: Endpoints, token: str, port: int) -> FastAPI:
    """Creates the application.

    Args:
        endpoints: of the review.
        token: first segment of every path.
        port: the port on which the server listens.
    """
    app = FastAPI(title="genloss review", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.add_middleware(Admission, settings=LIMITS, load=Load(), streamed={})
    app.add_middleware(Guard, token=token, port=port)
    app.add_exception_handler(GenerationLossError, _say_error)
    app.add_exception_handler(RequestValidationError, _say_invalid)
    for method, path, endpoint in (
        ("GET", "queue", endpoints.queue), ("GET", "groups/{number}", endpoints.group),
        ("GET", "pictures/{name:path}", endpoints.picture), ("POST", "decisions", endpoints.decide),
        ("POST", "undo", endpoints.undo), ("POST", "finish", endpoints.finish), ("GET", "", endpoints.file),
        ("GET", "{name}", endpoints.file),
    ):  # fmt: skip
        app.add_api_route(f"/{token}/{path}", endpoint, methods=[method])
    return app


async def _say_error(request: Request, error: Exception) -> Response:
    code = error.code if isinstance(error, GenerationLossError) else "internal_error"
    return JSONResponse({"code": code, "detail": storable(str(error))}, 409, HEADERS)


async def _say_invalid(request: Request, error: Exception) -> Response:
    """Without the values of the request, as FastAPI's own answer has them: not every JSON value can be written again."""
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    detail = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in errors)
    return JSONResponse({"code": "request_invalid", "detail": printable(detail)}, 422, HEADERS)


def _progress(standing: Standing) -> dict[str, Any]:
    return {
        "number": standing.group.number, "state": standing.state, "decided": list(standing.decided),
        "fates": list(standing.fates),
    }  # fmt: skip
