"""Builds pages, scripts and styles of the report and the review from the files in archive/web.

A page opened from disk may not load modules. So all modules are joined into one script, each in a scope of its own.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "web"
# In the order of their imports. The service shares the first of them; the others are only for report and review.
_SCRIPTS = ("dom", "words", "align", "stage", "gestures", "filters", "cards", "compare")
_LAST = {"report": ("pages",), "review": ("review",)}
_STYLES = {
    "report": ("page", "viewer", "report"), "review": ("page", "viewer", "report", "review"),
}  # fmt: skip
_IMPORT = re.compile(r"^import \{[^}]*\} from \"\./[a-z_]+\.js\";\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.MULTILINE)


@cache
def script_of(kind: str) -> str:
    """The script of "report" or "review"."""
    scopes = [_scope((FOLDER / f"{name}.js").read_text(encoding="utf-8")) for name in (*_SCRIPTS, *_LAST[kind])]
    return '"use strict";\n(() => {\n' + "\n".join(scopes) + "})();\n"


@cache
def style_of(kind: str) -> str:
    """The style sheet of "report" or "review"."""
    return "\n".join((FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in _STYLES[kind])


def icon() -> str:
    """The picture of the page's tab, an SVG."""
    return (FOLDER / "icon.svg").read_text(encoding="utf-8")


def page_of(name: str, values: Mapping[str, str]) -> str:
    """A page of archive/web.

    Args:
        name: of its file.
        values: trusted texts, such as file names, that replace {{name}}; they are not escaped.
    """
    text = (FOLDER / f"{name}.html").read_text(encoding="utf-8")
    for part in ("head", "viewer"):
        text = text.replace(f"<!-- {part} -->\n", (FOLDER / f"{part}.html").read_text(encoding="utf-8"))
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", value)
    return text


def _scope(source: str) -> str:
    """Wraps a module in a scope of its own; the modules after it see its exports."""
    names = _EXPORT.findall(source)
    inside = _EXPORT.sub("", _IMPORT.sub("", source))
    given = f"const {{ {', '.join(names)} }} = " if names else ""
    return f"{given}(() => {{\n{inside}return {{ {', '.join(names)} }};\n}})();\n"
