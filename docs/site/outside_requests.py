"""Requests that pages would send to other hosts when they are opened."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

# The browser fetches these itself; links that a reader may follow are not requests.
_FETCHED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "srcset",
    "video": "src",
    "audio": "src",
    "object": "data",
}
_FETCHED_LINKS = {"stylesheet", "preload", "prefetch", "preconnect", "dns-prefetch", "icon", "modulepreload"}


def outside_requests(folder: Path) -> Iterator[str]:
    """A line for each request that a page or style sheet of this folder would send to another host."""
    for page in sorted(folder.rglob("*.html")):
        reader = _Reader()
        reader.feed(page.read_text(encoding="utf-8"))
        yield from (f"{page.relative_to(folder)}: fetches {address}" for address in reader.addresses if _is_outside(address))
    for sheet in sorted(folder.rglob("*.css")):
        if "url(http" in sheet.read_text(encoding="utf-8").replace('"', "").replace("'", ""):
            yield f"{sheet.relative_to(folder)}: fetches from another host"


def _is_outside(address: str) -> bool:
    return address.startswith(("http://", "https://", "//"))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "link" and _FETCHED_LINKS & set((values.get("rel") or "").split()):
            self.addresses.append(values.get("href") or "")
        elif tag in _FETCHED:
            self.addresses.append(values.get(_FETCHED[tag]) or "")
