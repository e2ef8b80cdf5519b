"""Links of a Markdown file, and the names of its headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark").enable("table")
_TARGETS = {"href", "src", "srcset"}
_NAMES = {"id", "name"}


@dataclass(frozen=True)
class Link:
    """A link or a picture of a Markdown file.

    Attributes:
        line: line of the block that holds it, from 1.
        target: as written.
    """

    line: int
    target: str

    @property
    def is_external(self) -> bool:
        return bool(urlsplit(self.target).scheme)

    def file(self, page: Path) -> Path:
        """The file that the link names, if the link is on this page."""
        path = unquote(urlsplit(self.target).path)
        return (page.parent / path).resolve() if path else page.resolve()

    @property
    def anchor(self) -> str:
        return unquote(urlsplit(self.target).fragment)


def read_links(page: Path) -> list[Link]:
    """Links and pictures in order, including those in HTML, but none in code.

    Args:
        page: a Markdown file in UTF-8.
    """
    found = []
    for line, token in _tokens(page):
        if token.type in ("html_inline", "html_block"):
            found += [Link(line, value) for value in _html_values(token.content, _TARGETS)]
        for key in ("href", "src"):
            value = token.attrGet(key)
            if isinstance(value, str):
                found.append(Link(line, value))
    return found


@cache
def read_anchors(page: Path) -> frozenset[str]:
    """Anchors for links to this page, as GitHub and the site make them from headings.

    Args:
        page: a Markdown file in UTF-8.
    """
    anchors: dict[str, int] = {}
    named: set[str] = set()
    tokens = _PARSER.parse(page.read_text(encoding="utf-8"))
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            slug = _slug(following)
            times = anchors.get(slug, 0)
            anchors[slug] = times + 1
            named.add(f"{slug}-{times}" if times else slug)
    for _, token in _tokens(page):
        if token.type in ("html_inline", "html_block"):
            named.update(_html_values(token.content, _NAMES))
    return frozenset(named)


def unseen_blocks(page: Path) -> Iterator[int]:
    """Lines, from 1, of lists, tables and paragraphs that GitHub shows, but the site would merge with the text before.

    The site needs an empty line before a list or table, and four spaces before further blocks of a list item.
    """
    lines = page.read_text(encoding="utf-8").splitlines()
    lists_and_tables = ("bullet_list_open", "ordered_list_open", "table_open")
    item_begins = False
    for token in _PARSER.parse("\n".join(lines)):
        if token.map and token.type in (*lists_and_tables, "paragraph_open", "fence"):
            start = token.map[0]
            before = lines[start - 1].strip() if start else ""
            unseparated = token.level == 0 and token.type in lists_and_tables and before and not before.startswith("#")
            unindented = token.level == 2 and not item_begins and not lines[start].startswith("    ")
            if unseparated or unindented:
                yield start + 1
        item_begins = token.type == "list_item_open"


def _tokens(page: Path) -> Iterator[tuple[int, Token]]:
    """Every token of the file with the line of its block."""
    for block in _PARSER.parse(page.read_text(encoding="utf-8")):
        line = block.map[0] + 1 if block.map else 1
        yield line, block
        for token in block.children or ():
            yield line, token


def _slug(heading: Token) -> str:
    text = "".join(token.content for token in heading.children or () if token.type in ("text", "code_inline"))
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def _html_values(text: str, keys: set[str]) -> list[str]:
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(value for key, value in attrs if key in keys and value)

    Reader().feed(text)
    return found
