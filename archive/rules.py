"""Rules of a person for every plan, from a TOML file."""

import re
import tomllib
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from genloss.archive.record_fields import Fields
from genloss.model.errors import RulesError
from genloss.model.images.formats import FORMATS

_MOST_BYTES = 1 << 20
# A key of 100 parts, such as a.b.c: Python reads those in quadratic time, and rules have none.
_LONG_KEY = re.compile(r"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){99}[\w"'-]""")


class Treatment(StrEnum):
    """Treatment of a kind of copies.

    PUT_AWAY: they are put away like other versions.
    REVIEW: they are listed for a person to decide.
    KEEP: they stay.
    """

    PUT_AWAY = "put_away"
    REVIEW = "review"
    KEEP = "keep"


@dataclass(frozen=True)
class Rules:
    """All rules; the defaults apply without a file.

    Attributes:
        protected: folders whose files get no action; or single files.
        preferred: folders whose files stay among files with equal pixels, the most preferred first.
        preferred_containers: formats that stay among files with equal pixels, the most preferred first.
        minimum_odds: least odds of an action, in [0.5, 1].
        turned: copies that are turned or mirrored.
        grey: copies without the colours of the kept file.
        captioned: copies with a caption, a watermark or a sticker; no other file may have these words.
    """

    protected: tuple[Path, ...] = ()
    preferred: tuple[Path, ...] = ()
    preferred_containers: tuple[str, ...] = ()
    minimum_odds: float = 0.99
    turned: Treatment = Treatment.PUT_AWAY
    grey: Treatment = Treatment.PUT_AWAY
    captioned: Treatment = Treatment.REVIEW

    def is_protected(self, path: Path) -> bool:
        """Whether a file, given by its absolute path, is protected or lies in a protected folder."""
        return any(folder == path or folder in path.parents for folder in self.protected)

    def preference(self, path: Path, image_format: str) -> tuple[int, int]:
        """Sort key for files with equal pixels: the first file stays. Folders count before containers."""
        in_folders = [place for place, folder in enumerate(self.preferred) if folder in path.parents]
        containers = self.preferred_containers
        return (
            min(in_folders, default=len(self.preferred)),
            containers.index(image_format) if image_format in containers else len(containers),
        )


def read_rules(path: Path | None) -> Rules:
    """Reads rules; folders are relative to the folder of the file, and may begin with ~.

    Args:
        path: of a TOML file; None for the defaults.

    Raises:
        RulesError: the file cannot be read, a key is unknown, or a value is invalid. The message suggests a known key.
    """
    if path is None:
        return Rules()
    try:
        with open(path, "rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise RulesError(f"{path}: larger than {_MOST_BYTES >> 20} MiB, the limit of rules")
        text = data.decode("utf-8-sig")  # some editors begin with a byte order mark
        if _LONG_KEY.search(text):
            raise RulesError(f"{path}: a key has 100 parts or more; rules have one part")
        found = Fields(tomllib.loads(text))
    except OSError as error:
        raise RulesError(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, UnicodeDecodeError; arrays in arrays without end
        raise RulesError(f"{path}: not TOML: {error}") from error
    try:
        given: dict[str, Any] = {field.name: _read(field.name, found, path.parent) for field in fields(Rules)}
        rules = Rules(**given)
        found.end()
    except ValueError as error:
        raise RulesError(f"{path}: {error}") from error
    return rules


def _folder(name: str, text: str, folder: Path) -> Path:
    try:
        return (folder / Path(text).expanduser()).resolve()
    except RuntimeError as error:  # ~ of an unknown user, or links in a circle
        raise ValueError(f"{name} holds {text!r}: {error}") from error


def _read(name: str, found: Fields, folder: Path) -> object:
    default = getattr(Rules(), name)
    if not found.has(name):
        return default
    if name in ("protected", "preferred"):
        return tuple(_folder(name, text, folder) for text in found.texts(name))
    if name == "preferred_containers":
        containers = found.texts(name)
        for container in containers:
            if container not in FORMATS:
                raise ValueError(f"{name} holds {container!r}; it may hold {', '.join(FORMATS)}")
        return tuple(containers)
    if name == "minimum_odds":
        odds = found.number(name)
        if not 0.5 <= odds <= 1:
            raise ValueError(f"{name} is {odds}, not between 0.5 and 1")
        return odds
    return found.choice(name, Treatment)
