"""The web pages and their files, with headers that forbid them to load from or send to other hosts."""

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
# Sample versions of three pictures: the golden images of the self-test, and two more versions of the cat.
SAMPLES_FOLDER = Path(__file__).parent.parent / "models" / "golden"
SAMPLES = (
    "cat-original.jpg", "cat-damaged.jpg", "cat-reposted.webp", "cat-shrunk.png", "drawing-original.png", "drawing-damaged.jpg",
    "screenshot-original.png", "screenshot-damaged.jpg",
)  # fmt: skip
SAMPLE_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
# Read once, at import: no input of a client ever becomes part of a path.
FILES = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in MEDIA_TYPES}
FILES |= {f"samples/{name}": (SAMPLES_FOLDER / name).read_bytes() for name in SAMPLES}
METHODS = ["GET", "HEAD"]

router = APIRouter(include_in_schema=False)


@router.api_route("/", methods=METHODS)
async def start(request: Request) -> Response:
    """The start page."""
    return page(request, "index.html")


@router.api_route("/jobs", methods=METHODS)
async def jobs(request: Request) -> Response:
    """The page of training jobs; its data need the training token."""
    return page(request, "jobs.html")


@router.api_route("/docs", methods=METHODS)
async def docs(request: Request) -> Response:
    """The page of endpoints; its script reads the OpenAPI document."""
    return page(request, "docs.html")


@router.api_route("/web/samples/{name}", methods=METHODS)
async def sample(request: Request, name: str) -> Response:
    """One picture of SAMPLES."""
    return await file(request, f"samples/{name}")


@router.api_route("/web/{name}", methods=METHODS)
async def file(request: Request, name: str) -> Response:
    """A style sheet, script or icon of the pages."""
    if name not in FILES:
        raise HTTPException(404)
    return page(request, name)


def page(request: Request, name: str) -> Response:
    """One file of FILES, or 304 if the client has it already."""
    tag = f'"{hashlib.sha256(FILES[name]).hexdigest()[:16]}"'
    headers = {**HEADERS, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    media_type = (MEDIA_TYPES | SAMPLE_TYPES)[Path(name).suffix]
    return Response(FILES[name], headers=headers, media_type=media_type)
