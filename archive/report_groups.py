"""Records of a group for the pages: numbers for scripts, sentences for people, addresses of pictures."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote_from_bytes

from genloss.archive.plan import Group, Member, Plan, Relation
from genloss.archive.report_drawing import PICTURES, Drawings
from genloss.archive.report_pictures import crop_name, large_name, small_name
from genloss.archive.scan_store import MadeFrom
from genloss.archive.scanned import ScannedFile, Status
from genloss.model.pairs.orientation import as_seen
from genloss.model.pairs.placement import Placement
from genloss.model.printable import storable

Record = dict[str, Any]
Descents = Mapping[str, Sequence[MadeFrom]]

_WHOLE = 0.985  # shown share of a picture above which the page draws no frame


def state_of(group: Group) -> str:
    """State of a group: "review" if a person must decide, "action" if the plan has an action, else "related"."""
    if any(member.needs_review for member in group.members):
        return "review"
    return "action" if any(member.action is not None for member in group.members) else "related"


def uncertainty(group: Group) -> float:
    """Sort key that puts groups in need of a person first: by state, then by the lowest odds of a version."""
    odds = [
        member.odds for member in group.members if member.odds is not None and member.relation is Relation.VERSION
    ]  # fmt: skip
    rank = {"review": 0.0, "action": 1.0, "related": 2.0}[state_of(group)]
    return rank + (min(odds) if odds else 0.999)


def fate_of(kept: Member, member: Member) -> str:
    """Fate of a member under the plan: "kept" (the first file), "goes", "review" or "stays"."""
    if member is kept:
        return "kept"
    if member.action is not None:
        return "goes"
    return "review" if member.needs_review else "stays"


def freed_bytes(group: Group) -> int:
    """Number of bytes that the plan would free."""
    return sum(member.size_bytes for member in group.members if member.action is not None)


def group_record(group: Group, drawings: Drawings, descents: Descents) -> Record:
    """Everything that a page shows of a group.

    Args:
        group: of a plan.
        drawings: pictures of the members; the page shows only the name of a member without a picture.
        descents: known parents of contents, by sha256 of the child.
    """
    return {
        **_summary(group), "uncertainty": uncertainty(group),
        "members": [
            _member_record(group, member, drawings) | _made_record(group, member, descents) for member in group.members
        ],
    }  # fmt: skip


def index_record(group: Group, drawings: Drawings) -> Record:
    """Summary of a group for the index and its filters."""
    first = group.members[0]
    return {
        **_summary(group), "name": storable(first.path.name), "n": len(group.members),
        "small": _address(small_name(first.sha256)) if first.sha256 in drawings.files else None,
        "folders": sorted({storable(str(member.path.parent)) for member in group.members}),
        "kinds": sorted({member.relation.value for member in group.members if member.relation is not None}),
        "hidden": sum(_hidden(member, drawings)[1] for member in group.members),
    }  # fmt: skip


def problem_records(files: Sequence[ScannedFile]) -> list[Record]:
    """Files that are no pictures, each with the reason; broken pictures first."""
    order = [Status.BROKEN, Status.NO_PICTURE, Status.LEFT_OUT]
    found = sorted((file for file in files if file.status in order), key=lambda file: order.index(file.status))
    return [
        {
            "status": file.status.value, "name": storable(file.path.name), "folder": storable(str(file.path.parent)),
            "size": file.size_bytes, "code": file.code, "message": _why(file),
        }
        for file in found
    ]  # fmt: skip


def totals_record(plan: Plan, files: Sequence[ScannedFile], drawings: Drawings) -> Record:
    """Totals of the whole scan."""
    statuses = Counter(file.status.value for file in files)
    members = [member for group in plan.groups for member in group.members]
    acted = [member for member in members if member.action is not None]
    hidden = [_hidden(member, drawings) for member in members]
    found = [(member, size) for member, (_, size) in zip(members, hidden, strict=True) if size]
    biggest = max(found, key=lambda one: one[1], default=None)
    return {
        "files": len(files) - statuses["left_out"], "pictures": statuses["ok"], "broken": statuses["broken"],
        "no_pictures": statuses["no_picture"], "left_out": statuses["left_out"], "groups": len(plan.groups),
        "plain": sum(file.is_plain and file.member is None for file in files),
        "acted": len(acted), "freed": sum(member.size_bytes for member in acted),
        "review": sum(member.needs_review for member in members),
        "disguised": len(found), "hidden": sum(size for _, size in found),
        "example": None if biggest is None else f"{storable(biggest[0].path.name)}: {_hidden(biggest[0], drawings)[0]}",
        "plan": plan.id, "created": f"{plan.created:%d %B %Y, %H:%M} UTC".lstrip("0"),
        "roots": [storable(str(root)) for root in plan.roots],
    }  # fmt: skip


def _summary(group: Group) -> Record:
    return {
        "number": group.number, "state": state_of(group), "freed": freed_bytes(group),
        "acts": sum(member.action is not None for member in group.members),
        "reviews": sum(member.needs_review for member in group.members),
    }  # fmt: skip


def _member_record(group: Group, member: Member, drawings: Drawings) -> Record:
    kept = group.members[0]
    drawn = drawings.files.get(member.sha256)
    record: Record = {
        "name": storable(member.path.name), "folder": storable(str(member.path.parent)),
        "url": f"file://{quote_from_bytes(os.fsencode(member.path))}", "size": member.size_bytes, "place": member.place,
        "relation": None if member.relation is None else member.relation.value, "odds": member.odds,
        "fate": fate_of(kept, member), "action": None if member.action is None else member.action.kind.value,
        "reasons": [storable(reason) for reason in member.reasons], "sha256": member.sha256,
    }  # fmt: skip
    if drawn is None:
        return record
    words, hidden = _hidden(member, drawings)
    record |= {
        "facts": drawn.facts, "width": drawn.width_px, "height": drawn.height_px,
        "small": _address(small_name(member.sha256)), "large": _address(large_name(member.sha256)),
        "disguise": words, "hidden": hidden,
    }  # fmt: skip
    first = drawings.files.get(kept.sha256)
    if member is kept or first is None:
        return record
    placement = member.transform
    if placement is None and member.sha256 == kept.sha256:
        return record
    if placement is not None:
        seen = as_seen(placement, first.orientation, drawn.orientation)
        record |= {"on": _placement_record(seen.inverse), "frame": _frame(seen), "degrees": drawings.degrees(group, member)}
    pair = drawings.pairs.get((kept.sha256, member.sha256))
    if pair is not None:
        record["crop"] = {
            "src": _address(crop_name(kept.sha256, member.sha256)), "side": pair.side_px, "levels": pair.levels,
            "x": pair.x_px, "y": pair.y_px,
        }  # fmt: skip
    return record


def _made_record(group: Group, member: Member, descents: Descents) -> Record:
    """Parent of a member; empty if the parent is not in the group, or if a version between the two seems to be missing."""
    together = {one.sha256 for one in group.members} - {member.sha256}
    for made in reversed(descents.get(member.sha256, [])):
        if made.parent in together and (made.direct or made.proof is not None):
            return {
                "made": {
                    "parent": made.parent, "probability": made.probability, "direct": made.direct, "proof": made.proof,
                    "changes": list(made.changes),
                }
            }  # fmt: skip
    return {}


def _placement_record(placement: Placement) -> Record:
    """Placement of a member on the kept file, with the field names of the service's alignments."""
    height, width = placement.source
    onto_height, onto_width = placement.target
    return {
        "turn": placement.turn, "scale_x": placement.scale_x, "scale_y": placement.scale_y,
        "shift_x_px": placement.shift_x_px, "shift_y_px": placement.shift_y_px, "width_px": width, "height_px": height,
        "onto_width_px": onto_width, "onto_height_px": onto_height,
    }  # fmt: skip


def _frame(seen: Placement) -> Record | None:
    """The frame that marks the shared part on the wider picture, in shares of its sides; None if both show the same part.

    Args:
        seen: placement of the kept file on the member.
    """
    on_kept, on_member = seen.inverse, seen
    if on_kept.coverage < _WHOLE and on_kept.coverage <= on_member.coverage:
        return {"on": "kept", **_shares(on_kept)}
    return {"on": "member", **_shares(on_member)} if on_member.coverage < _WHOLE else None


def _shares(placement: Placement) -> Record:
    top, left, bottom, right = placement.covered
    height, width = placement.target
    return {
        "x": round(left / width, 4), "y": round(top / height, 4), "width": round((right - left) / width, 4),
        "height": round((bottom - top) / height, 4),
    }  # fmt: skip


def _hidden(member: Member, drawings: Drawings) -> tuple[str | None, int]:
    """Sentence on a lossless file that was a JPEG before, and the bytes that the JPEG would save; (None, 0) for other files."""
    drawn = drawings.files.get(member.sha256)
    if drawn is None or drawn.jpeg_quality is None or drawn.jpeg_bytes is None:
        return None, 0
    name = drawn.facts.split(" ", 1)[0]
    return f"this {name} is a JPEG of quality about {drawn.jpeg_quality} in disguise", member.size_bytes - drawn.jpeg_bytes


def _why(file: ScannedFile) -> str:
    """The message without a leading path."""
    return (file.message or "").removeprefix(f"{storable(str(file.path))}: ")


def _address(name: str) -> str:
    return f"{PICTURES}/{name}"
