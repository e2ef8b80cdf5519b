"""The web pages and their few files, with the headers that keep them from loading or sending anything elsewhere."""

import hashlib
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

FOLDER = Path(__file__).parent.parent / "web"
MEDIA_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
# Read once: nothing a client sends ever becomes part of a path.
FILES = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in MEDIA_TYPES}

router = APIRouter(include_in_schema=False)


@router.get("/")
async def start(request: Request) -> Response:
    """The page."""
    return page(request, "index.html")


@router.get("/jobs")
async def jobs(request: Request) -> Response:
    """The page of training jobs; what it shows needs the training token."""
    return page(request, "jobs.html")


@router.get("/web/{name}")
async def file(request: Request, name: str) -> Response:
    """A style sheet, script or icon of the pages."""
    if name not in FILES:
        raise HTTPException(404)
    return page(request, name)


def page(request: Request, name: str) -> Response:
    """One of FILES, or 304 where the client has it already."""
    tag = f'"{hashlib.sha256(FILES[name]).hexdigest()[:16]}"'
    headers = {**HEADERS, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    media_type = MEDIA_TYPES[Path(name).suffix]
    return Response(FILES[name], headers=headers, media_type=media_type)
