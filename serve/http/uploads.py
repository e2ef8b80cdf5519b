"""Reads files from request bodies into memory; pictures sent for scoring never touch the disk."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from genloss.model.printable import counted
from genloss.serve.http.problems import RequestError

MAX_VERSIONS = 64
_CHUNK_BYTES = 1 << 20  # parsed between turns of the event loop


@dataclass(frozen=True)
class Upload:
    """One uploaded file; `name` is the file name that the client gave, as valid UTF-8, or empty."""

    name: str
    data: bytes


class _InMemoryParser(MultiPartParser):
    """Keeps files in memory, and rejects a form that is cut off: Starlette drops its last part without a word."""

    spool_max_size = 1 << 40  # the body is already bounded before it is parsed

    def __init__(self, headers: Headers, body: bytes) -> None:
        super().__init__(headers, self._chunks(body), max_files=1000, max_fields=100)
        self._is_closed = False

    def on_end(self) -> None:
        self._is_closed = True

    async def _chunks(self, body: bytes) -> AsyncGenerator[bytes, None]:
        for start in range(0, len(body), _CHUNK_BYTES):
            yield body[start : start + _CHUNK_BYTES]
        if not self._is_closed:
            raise MultiPartException("it ends before its closing boundary")


async def read_picture(request: Request) -> Upload:
    """Reads the single picture of a request: the file of a multipart form, or the raw body.

    Raises:
        RequestError: request_malformed, request_invalid.
    """
    if not _is_form(request):
        return Upload("", await request.body())
    files = await _read_files(request)
    if len(files) != 1:
        raise RequestError("request_invalid", f"the form holds {counted(len(files), 'file')}; exactly one is scored at a time")
    return files[0]


async def read_versions(request: Request) -> list[Upload]:
    """Reads the 2 to 64 files of a multipart form, in order; the names of the fields do not matter.

    Raises:
        RequestError: request_malformed, request_invalid.
    """
    if not _is_form(request):
        raise RequestError("request_malformed", "the body must be multipart/form-data with one file part per version")
    files = await _read_files(request)
    if not 2 <= len(files) <= MAX_VERSIONS:
        raise RequestError(
            "request_invalid", f"the form holds {counted(len(files), 'file')}; a ranking takes 2 to {MAX_VERSIONS}"
        )
    return files


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


async def _read_files(request: Request) -> list[Upload]:
    try:
        form = await _InMemoryParser(request.headers, await request.body()).parse()
    except MultiPartException as error:
        raise RequestError("request_malformed", f"the form cannot be read: {error.message}") from error
    files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
    # A form may name its charset, and some of them decode to surrogates that no answer can hold.
    names = [(file.filename or "").encode("utf-8", "backslashreplace").decode("utf-8") for file in files]
    uploads = [Upload(name, await file.read()) for name, file in zip(names, files, strict=True)]
    await form.close()
    return uploads
