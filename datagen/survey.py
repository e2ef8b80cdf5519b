"""Measures the profile of a folder, with a progress bar and a table on the terminal."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from genloss.datagen.listing import list_pictures
from genloss.datagen.profiles import Profile, measure
from genloss.model.errors import DatagenError, ImageError
from genloss.model.files import write_atomically
from genloss.model.images.decode import decode
from genloss.model.images.facts import Facts, read_facts
from genloss.model.images.outputs import check_output
from genloss.model.parallel import run_in_processes
from genloss.model.printable import counted
from genloss.model.processes import n_usable_cores

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".bmp", ".tif", ".tiff")
DEADLINE_SECONDS = 60.0  # to read one file


def survey_folder(folder: Path, out: Path) -> tuple[int, int]:
    """Measures every picture below the folder, writes the profile as JSON, and prints it as a table.

    Returns:
        Number of measured pictures, and of files that could not be read.

    Raises:
        DatagenError: the folder is missing, cannot be listed, or has no readable picture.
        OSError: `out` cannot be written.
    """
    check_output(out)
    if not folder.is_dir():
        raise DatagenError(f"{folder} is not a folder")
    paths = list_pictures(folder, SUFFIXES)
    if not paths:
        raise DatagenError(f"no picture below {folder}")
    measured = run_in_processes(_facts_of, None, paths, n_usable_cores(), DEADLINE_SECONDS)
    found = dict(track(measured, "measuring", len(paths), console=Console(stderr=True), transient=True))
    facts = [found[path] for path in paths if isinstance(found[path], Facts)]
    profile = measure(facts)
    n_unreadable = len(found) - len(facts)
    document = {"n_pictures": len(facts), "n_unreadable": n_unreadable, "profile": asdict(profile)}
    write_atomically(out, (json.dumps(document, indent=1) + "\n").encode())
    Console().print(_table(profile, facts))
    return len(facts), n_unreadable


def _facts_of(context: None, path: Path) -> Facts | None:
    try:
        return read_facts(decode(path.read_bytes()))
    except (ImageError, OSError):
        return None  # counted by the caller; one bad file must not stop a survey


def _table(profile: Profile, facts: list[Facts]) -> Table:
    table = Table("", "lowest", "median", "highest", title=counted(len(facts), "picture"))
    for name in ("longest_side_px", "aspect_ratio", "jpeg_quality"):
        values = getattr(profile, name)
        table.add_row(name, *(f"{values[place]:.4g}" for place in (0, 5, 10)))
    formats = Counter(one.image_format for one in facts)
    table.add_section()
    for name, count in formats.most_common():
        table.add_row(name, "", f"{100 * count / len(facts):.1f} %", "")
    for name, share in profile.sampling.items():
        table.add_row(f"JPEG {name}", "", f"{100 * share:.1f} %", "")
    table.add_row("JPEG progressive", "", f"{100 * profile.progressive_share:.1f} %", "")
    return table
