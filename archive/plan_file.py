"""Reads and writes plans as JSON Lines: a line about the plan, then a line for each file. People may edit the lines."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from genloss.archive.json_paths import path_fields, take_path
from genloss.archive.plan import Action, ActionKind, Group, Member, Plan, Relation
from genloss.archive.plan_check import check_plan
from genloss.archive.record_fields import Fields
from genloss.model.errors import OutputError, PlanError, PlanVersionError
from genloss.model.files import open_atomically
from genloss.model.images.outputs import check_output
from genloss.model.pairs.placement import N_TURNS, Placement

PLAN_VERSION = 1
_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def write_plan(plan: Plan, path: Path) -> None:
    """Writes a plan that read_plan accepts. The file is written atomically.

    Raises:
        PlanPathError, PlanActionError: as check_plan.
        OutputError: the file cannot be written.
    """
    check_plan(plan)
    check_output(path)
    try:
        with open_atomically(path) as stream:
            for line in _lines(plan):
                stream.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from error


def read_plan(path: Path) -> Plan:
    """Reads a plan and checks every field.

    Raises:
        PlanError: the file is not a plan, or a field is unknown, missing, or malformed.
        PlanVersionError: the plan has the layout of another version.
        PlanPathError, PlanActionError: as check_plan.
    """
    lines = _read_text(path).split("\n")
    if not lines[0].strip():
        raise PlanError(f"{path}: no plan: its first line is empty")
    parsed = ((number, _parse(path, number, line)) for number, line in enumerate(lines, 1) if line.strip())
    number, header = next(parsed)
    version = header.pop("genloss_plan", None)
    if version is None:
        raise PlanError(f"{path}: no plan: its first line lacks genloss_plan")
    if version != PLAN_VERSION:
        raise PlanVersionError(f"{path}: a plan of layout {version}; this genloss reads {PLAN_VERSION}. Scan again")
    try:
        id, created, roots = _read_header(Fields(header))
        members = []
        for number, record in parsed:  # noqa: B007
            members.append(_read_member(Fields(record)))
    except (ValueError, TypeError) as error:
        raise PlanError(f"{path}:{number}: {error}") from error
    groups = [Group(number, tuple(member for _, member in found)) for number, found in groupby(members, lambda pair: pair[0])]
    if len({group.number for group in groups}) < len(groups):
        raise PlanError(f"{path}: the lines of a group do not stand together")
    plan = Plan(id, created, roots, tuple(groups))
    check_plan(plan)
    return plan


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")  # some editors put a byte order mark before the text
    except OSError as error:
        raise PlanError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PlanError(f"{path}: not UTF-8, so not a plan") from error


def _read_header(fields: Fields) -> tuple[str, datetime, tuple[Path, ...]]:
    """Name, time and roots of the plan; ValueError or TypeError where a field is not as it must be."""
    id = fields.text("id", _ID)
    created = datetime.strptime(fields.text("created"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    roots = tuple(take_path({"root": root} if isinstance(root, str) else dict(root), "root") for root in fields.array("roots"))
    fields.end()
    return id, created, roots


def _lines(plan: Plan) -> Iterator[dict[str, Any]]:
    roots = [fields.get("root", fields) for fields in (path_fields(root, "root") for root in plan.roots)]
    yield {"genloss_plan": PLAN_VERSION, "id": plan.id, "created": f"{plan.created:%Y-%m-%dT%H:%M:%SZ}", "roots": roots}
    for group in plan.groups:
        for member in group.members:
            yield {
                "group": group.number, "place": member.place, "keep": member.keep, **path_fields(member.path),
                "action": None if member.action is None else member.action.kind.value,
                "relation": None if member.relation is None else member.relation.value, "odds": member.odds,
                **({} if member.action is None else path_fields(member.action.kept, "kept")),
                "size_bytes": member.size_bytes, "sha256": member.sha256,
                **({} if member.action is None else {"kept_sha256": member.action.kept_sha256}),
                "reasons": list(member.reasons), "transform": None if member.transform is None else asdict(member.transform),
            }  # fmt: skip


def _parse(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        where = f"{path}: no plan: its first line" if number == 1 else f"{path}:{number}: the line"
        raise PlanError(f"{where} is not JSON as genloss writes it: {error}") from error
    if not isinstance(record, dict):
        raise PlanError(f"{path}:{number}: no JSON object")
    return record


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise ValueError("a field is given twice")
    return record


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _read_member(fields: Fields) -> tuple[int, Member]:
    """Number of the group, and the member that a line describes."""
    number = fields.integer("group", 1)
    kind = fields.choice("action", ActionKind)
    action = None
    if kind is not None:
        action = Action(kind, fields.path("kept"), fields.text("kept_sha256", _SHA256))
    else:
        for name in ("kept", "kept_base64", "kept_sha256"):
            if fields.has(name):
                raise ValueError(f"unknown field '{name}' of a file without an action; remove it, too")
    member = Member(
        fields.path("path"), fields.text("sha256", _SHA256), fields.integer("size_bytes", 0), fields.integer("place", 1),
        fields.boolean("keep"), fields.choice("relation", Relation), fields.share("odds"),
        tuple(fields.texts("reasons")), _read_placement(fields.record("transform")), action,
    )  # fmt: skip
    fields.end()
    return number, member


def _read_placement(fields: Fields | None) -> Placement | None:
    if fields is None:
        return None
    turn = fields.integer("turn", 0, N_TURNS - 1)
    source, target = (fields.size(name) for name in ("source", "target"))
    scale_y, scale_x, shift_y, shift_x = (fields.number(name) for name in ("scale_y", "scale_x", "shift_y_px", "shift_x_px"))
    fields.end()
    if scale_y <= 0 or scale_x <= 0:
        raise ValueError("a scale is not above 0")
    return Placement(turn, source, target, scale_y, scale_x, shift_y, shift_x)
