"""Output of `genloss scan`, for programs and for people: a record or a table row for each file, and the totals."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from genloss.archive.listing import UNREADABLE
from genloss.archive.plan import MAY_BE_PUT_AWAY
from genloss.archive.scan import ScanResult
from genloss.archive.scanned import ScannedFile, Status
from genloss.model.images.outputs import PICTURE_SUFFIXES
from genloss.model.percent import percent
from genloss.records import Record, Transform, path_bytes, path_text, transform_record
from genloss.remarks import command_line
from genloss.tables import counted, printable

SCAN_COLUMNS: dict[str, Any] = {
    "path": str, "status": str, "group": int, "place": int, "keep": bool, "relation": str, "kept": str, "odds": float,
    "action": str, "transform": Transform, "reasons": list[str], "plain": bool, "size_bytes": int, "code": str, "message": str,
    "path_base64": str,
}  # fmt: skip
SCAN_HEADINGS = ["group", "place", "is", "action", "odds", "file"]
SCAN_WIDTHS = [5, 5, 12, 10, 8, 4]


def scan_record(file: ScannedFile) -> Record:
    """The record of one file. `group` is null for a file without relatives; such a picture is kept."""
    member = file.member
    record: Record = {"path": path_text(file.path), "status": file.status.value}
    if member is None:
        keep = True if file.status is Status.OK else None
        record |= dict.fromkeys(("group", "place", "relation", "kept", "odds", "action", "transform")) | {"keep": keep}
        record["reasons"] = list(file.notes)
    else:
        record |= {
            "group": file.group, "place": member.place, "keep": member.keep,
            "relation": None if member.relation is None else member.relation.value,
            "kept": None if file.kept is None else path_text(file.kept), "odds": member.odds,
            "action": None if member.action is None else member.action.kind.value,
            "transform": transform_record(member.transform),
            "reasons": list(member.reasons),
        }  # fmt: skip
    record |= {"plain": file.is_plain, "size_bytes": file.size_bytes, "code": file.code, "message": file.message}
    return {name: record[name] for name in SCAN_COLUMNS if name in record} | path_bytes(file.path)


def scan_row(record: Record) -> list[str]:
    """The cells of a file in the table of SCAN_HEADINGS."""
    if record["status"] != Status.OK.value:
        return ["-", "-", record["status"], "-", "-", f"{printable(record['path'])}  ({printable(record['message'])})"]
    relation = record["relation"] or "kept"
    action = record["action"] or ("keep" if record["keep"] else "review")
    odds = "-" if record["odds"] is None else percent(record["odds"])
    reasons = f"  ({'; '.join(record['reasons'])})" if record["reasons"] else ""
    return [str(record["group"]), str(record["place"]), relation, action, odds, printable(record["path"]) + reasons]


def for_people(files: Iterable[ScannedFile]) -> list[ScannedFile]:
    """The files of a table: groups in order, then broken and misnamed files, and folders that cannot be listed."""
    found = [file for file in files if file.group is not None or file.status is Status.BROKEN or _may_be_missed(file)]
    return sorted(found, key=lambda file: (file.group is None, file.group or 0, file.member.place if file.member else 0))


def _may_be_missed(file: ScannedFile) -> bool:
    """Whether a file has the name of a picture, but is none; or whether a folder may hold pictures, but cannot be listed."""
    if file.status is Status.LEFT_OUT:
        return file.code == UNREADABLE
    return file.status is Status.NO_PICTURE and file.path.suffix.lower() in PICTURE_SUFFIXES


def totals(result: ScanResult) -> list[str]:
    """The totals of a scan, in sentences."""
    statuses = Counter(file.status for file in result.files)
    members = [file.member for file in result.files if file.member is not None]
    acted = [member for member in members if member.action is not None]
    n_review = sum(member.needs_review for member in members)
    related = sum(member.relation is not None and member.relation not in MAY_BE_PUT_AWAY for member in members)
    n_plain = sum(file.is_plain and file.member is None for file in result.files)
    lines = [
        f"{counted(result.inventory.n_files, 'file')}: {counted(statuses[Status.OK], 'picture')}, "
        f"{statuses[Status.BROKEN]:,} broken, {counted(statuses[Status.NO_PICTURE], 'no picture')}; "
        f"{statuses[Status.LEFT_OUT]:,} left out, such as links "
        f"({result.n_looked:,} decoded, {counted(result.n_compared, 'pair')} compared)",
        f"{counted(len(result.plan.groups), 'group')}: {counted(len(acted), 'file')} may be put away "
        f"({sum(member.size_bytes for member in acted):,} bytes), {n_review:,} to look at "
        f"yourself; {related:,} related, but with something of their own, and left where they are",
    ]
    if n_plain:
        lines.append(f"{counted(n_plain, 'picture')} too plain or too small to tell")
    return lines


def next_step(result: ScanResult, plan: Path | None) -> str:
    """The command to run next; empty if there is nothing to do."""
    if not any(file.member is not None and file.member.action is not None for file in result.files):
        return ""
    if plan is None:
        return "add --plan plan.jsonl to write what may be put away"
    return f"next: {command_line('genloss', 'apply', plan, '--dry-run')}"
