"""Access control of the review page: it shows private pictures, and its decisions later move files."""

import hmac

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_SAME = ("", "none", "same-origin")  # Sec-Fetch-Site if a person opens the address, or if our page sends the request


class Guard:
    """Rejects requests to any other host name (DNS rebinding), from other pages, or without the token.

    Args:
        app: the application; paths it sees begin with "/TOKEN/".
        token: part of every address.
        port: the port on the loopback interface.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the lifespan and allowed HTTP requests on, rejects other HTTP requests, and ignores everything else."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        status, why = self._refusal(scope)
        if not status:
            await self._app(scope, receive, send)
            return
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        await PlainTextResponse(f"{why}\n", status, headers)(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str]:
        """Status and reason of the rejection; status 0 if the request is allowed."""
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), []).append(value)
        hosts = [value.decode("latin-1").lower() for value in headers.get(b"host", [])]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return 421, "this page is served on this computer only"
        token = b"".join(scope["path"].encode("utf-8", "surrogateescape").split(b"/")[1:2])  # "OPTIONS *" has none
        if not hmac.compare_digest(token, self._token):
            return 404, "no such page; genloss review prints its address"
        origins = [value.decode("latin-1").lower() for value in headers.get(b"origin", [])]
        if any(origin != f"http://{hosts[0]}" for origin in origins):
            return 403, "this is not for other pages"
        if any(value.decode("latin-1") not in _SAME for value in headers.get(b"sec-fetch-site", [])):
            return 403, "this is not for other pages"
        return 0, ""
