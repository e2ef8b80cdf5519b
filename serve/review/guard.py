"""Lets in nobody but the page itself: it shows private pictures, and what is decided moves files later."""

import hmac

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_SAME = ("", "none", "same-origin")  # Sec-Fetch-Site of what a person opens, and of what our page asks for


class Guard:
    """Refuses requests by other names of this computer (DNS rebinding), from other pages, and without the token.

    Args:
        app: the application; paths it sees begin with "/TOKEN/".
        token: that is part of every address.
        port: where it listens on the loopback interface.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it; everything but HTTP requests and the lifespan is left unanswered."""
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
        """Status and reason; 0 where the request is fine."""
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), []).append(value)
        hosts = [value.decode("latin-1").lower() for value in headers.get(b"host", [])]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return 421, "this page is served on this computer only"
        token = scope["path"].encode("utf-8", "surrogateescape").split(b"/")[1]
        if not hmac.compare_digest(token, self._token):
            return 404, "no such page; genloss review prints its address"
        origins = [value.decode("latin-1").lower() for value in headers.get(b"origin", [])]
        if any(origin != f"http://{hosts[0]}" for origin in origins):
            return 403, "this is not for other pages"
        if any(value.decode("latin-1") not in _SAME for value in headers.get(b"sec-fetch-site", [])):
            return 403, "this is not for other pages"
        return 0, ""
