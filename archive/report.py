"""Writes the report of a scan: a folder of offline pages with an index and all groups with pictures, 200 groups a page."""

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from genloss.archive.grouping import Watch
from genloss.archive.plan import Group, Member
from genloss.archive.report_drawing import LEDGER, Drawings
from genloss.archive.report_groups import Descents, group_record, index_record, problem_records, totals_record
from genloss.archive.report_pictures import forget_files
from genloss.archive.report_web import icon, page_of, script_of, style_of
from genloss.archive.scan import ScanResult
from genloss.archive.scan_store import ScanStore
from genloss.archive.tasks import task_runner
from genloss.model.errors import OutputError, OutputRefusedError
from genloss.model.files import write_atomically
from genloss.model.images.outputs import check_folder

PAGE_GROUPS = 200
INDEX = "index.html"
_NUMBERED = re.compile(r"(groups-\d+\.html|data-\d+\.js)")


def check_report_folder(folder: Path, roots: Sequence[Path]) -> None:
    """Rejects an unsuitable folder before the scan starts.

    Args:
        folder: for the report.
        roots: folders to scan.

    Raises:
        OutputRefusedError: the folder is a file, lies in a scanned folder, or holds other files than a report.
    """
    check_folder(folder, roots)
    with suppress(FileNotFoundError):
        if any(folder.iterdir()) and not (folder / LEDGER).exists():
            raise OutputRefusedError(f"{folder} holds other files; name a new folder, or that of an earlier report")


def write_report(result: ScanResult, store: ScanStore, folder: Path, max_pixels: int, isolated: bool, watch: Watch) -> Path:
    """Draws the missing pictures and writes the pages. After an interruption, a further call resumes the work.

    Args:
        result: of the scan.
        store: of its catalog.
        folder: accepted by check_report_folder; created if missing.
        max_pixels: largest width times height to draw.
        isolated: whether to draw in worker processes.
        watch: reports progress.

    Returns:
        Path of the index, the page to open first.

    Raises:
        OutputError: the report cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        drawings = Drawings(folder, turned_degrees(store), max_pixels)
        with task_runner(isolated) as submit:
            drawings.draw(result.plan.groups, submit, watch)
        forget_files()
        return _write_pages(result, drawings, store.descents(), folder)
    except OSError as error:
        raise OutputError(f"{folder}: {error.strerror or error}") from error


def turned_degrees(store: ScanStore) -> Callable[[Group, Member], float]:
    """A function that gives the angle in degrees by which the scan turned the kept file before aligning it with a member.

    Args:
        store: of the scan's catalog.
    """

    def degrees(group: Group, member: Member) -> float:
        alike = [one.sha256 for one in group.members if one.transform == member.transform]  # of equal pixels, one is stored
        for kept in {one.sha256: None for one in group.members if one.place == group.members[0].place}:
            for sha256 in alike:
                found = store.relation(kept, sha256)
                if found is not None:
                    return found.turned_degrees
        return 0.0

    return degrees


def _write_pages(result: ScanResult, drawings: Drawings, descents: Descents, folder: Path) -> Path:
    groups = result.plan.groups
    totals = totals_record(result.plan, result.files, drawings)
    problems = problem_records(result.files)
    pages = [groups[start : start + PAGE_GROUPS] for start in range(0, len(groups), PAGE_GROUPS)]
    files = {"report.css": style_of("report"), "report.js": script_of("report"), "icon.svg": icon()}
    common = {"pages": [[page[0].number, page[-1].number] for page in pages], "problems": len(problems)}
    for number, page in enumerate(pages, 1):
        data = {**common, "page": number, "groups": [group_record(group, drawings, descents) for group in page]}
        files[f"data-{number}.js"] = _script(data)
        files[f"groups-{number}.html"] = page_of("groups", {"data": f"data-{number}.js"})
    files["data-files.js"] = _script({**common, "files": problems})
    files["files.html"] = page_of("files", {})
    files["data-index.js"] = _script({**common, "totals": totals, "index": [index_record(group, drawings) for group in groups]})
    files[INDEX] = page_of("index", {})  # last, so that an index never links to missing pages
    for name, text in files.items():
        write_atomically(folder / name, text.encode("utf-8"))
    for path in folder.iterdir():  # pages of an earlier report with more groups
        if path.name not in files and _NUMBERED.fullmatch(path.name):
            path.unlink()
    return folder / INDEX


def _script(data: dict[str, Any]) -> str:
    """A script with the data of a page, because a page opened from disk may load scripts only. Escapes non-ASCII and "<"."""
    return f"window.genloss = {json.dumps(data, separators=(',', ':')).replace('<', chr(92) + 'u003c')};\n"
