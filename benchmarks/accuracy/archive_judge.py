"""Recall and precision of a scan of an archive with known truth, as a table, for archive.py."""

import base64
import hashlib
import os
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

from genloss.archive.plan import MAY_BE_PUT_AWAY, Relation
from genloss.archive.scan import ScanResult
from genloss.archive.scanned import ScannedFile, Status

FAMILIES = ("same", "exact", "whole", "turn", "crop", "frame", "shot", "over")
Row = dict[str, str]
# Kinds whose pixels, or turned coefficients, are those of the original.
EQUAL = ("original", "png_copy", "tiff_copy", "webp_exact", "copy", "hard_link", "block_turned")


def judge(rows: list[Row], result: ScanResult) -> str:
    """Lines of figures, and the files behind the worst figures.

    Args:
        rows: of truth.csv.
        result: of the scan of the same files.
    """
    truth = {Path(os.fsdecode(base64.b64decode(row["path_base64"]))): dict(row) for row in rows}
    join_equal_bytes(truth)
    found = {file.path: file for file in result.files}
    lines = [*_recall(truth, found), *_precision(truth, found), *_kept(truth, found), *_lost(truth, found)]
    return "\n".join([*lines, *_accounts(truth, found)])


def join_equal_bytes(truth: dict[Path, Row]) -> None:
    """Gives files with equal bytes the same picture: two drawn pages can be identical."""
    pictures: dict[bytes, str] = {}
    for path, row in truth.items():
        if row["family"] != "broken":
            row["picture"] = pictures.setdefault(hashlib.sha256(path.read_bytes()).digest(), row["picture"])


def are_related(one: Row, other: Row) -> bool:
    """Whether two files of different pictures are alternates of one scene, or one is a part or a collage."""
    same_scene = one["picture"].split("-")[0] == other["picture"].split("-")[0]
    return same_scene or "part" in (one["family"], other["family"])


def _versions(file: ScannedFile) -> bool:
    """Whether a file is listed as a version of the first file of its group."""
    member = file.member
    return member is not None and (member.relation is None or member.relation in MAY_BE_PUT_AWAY)


def _recall(truth: dict[Path, Row], found: dict[Path, ScannedFile]) -> list[str]:
    """Recall: share of the versions that are in the group of their original."""
    originals = {row["picture"]: path for path, row in truth.items() if row["kind"] == "original"}
    hits: dict[str, Counter[str]] = defaultdict(Counter)
    for path, row in truth.items():
        if row["family"] not in FAMILIES:
            continue
        original = found[originals[row["picture"]]]
        together = original.group is not None and found[path].group == original.group
        hits[row["family"]][row["kind"]] += together and _versions(found[path]) and _versions(original)
        hits[row["family"]][f"{row['kind']} of"] += 1
    lines = ["versions found, in one group with their original:"]
    all_hits, all_files = 0, 0
    for family in FAMILIES:
        kinds = sorted(name for name in hits[family] if not name.endswith(" of"))
        n_hits, n_files = sum(hits[family][kind] for kind in kinds), sum(hits[family][f"{kind} of"] for kind in kinds)
        all_hits, all_files = all_hits + n_hits, all_files + n_files
        worst = [f"{kind} {hits[family][kind]}/{hits[family][f'{kind} of']}" for kind in kinds]
        short = [text for text in worst if text.split()[-1].split("/")[0] != text.split("/")[-1]]
        lines.append(f"  {family:6} {100 * n_hits / max(1, n_files):6.1f} %  of {n_files:4}  {', '.join(short)}")
    lines.append(f"  {'all':6} {100 * all_hits / max(1, all_files):6.1f} %  of {all_files:4}")
    return lines


def _precision(truth: dict[Path, Row], found: dict[Path, ScannedFile]) -> list[str]:
    """Pairs wrongly listed as versions of one picture."""
    groups: dict[int, list[Path]] = defaultdict(list)
    for path, file in found.items():
        if file.group is not None and _versions(file) and path in truth:
            groups[file.group].append(path)
    n_pairs, strangers, alternates, examples = 0, 0, 0, []
    for members in groups.values():
        for first, second in combinations(members, 2):
            one, other = truth[first], truth[second]
            n_pairs += 1
            if one["picture"] == other["picture"]:
                continue
            related = are_related(one, other)
            alternates += related
            strangers += not related
            examples.append(f"{one['kind']}/{other['kind']}")
    share = 100 / max(1, n_pairs)
    return [
        f"pairs in groups: {n_pairs}; false: {strangers} ({strangers * share:.2f} %), "
        f"alternates and parts: {alternates} ({alternates * share:.2f} %)  {', '.join(examples[:8])}"
    ]


def _kept(truth: dict[Path, Row], found: dict[Path, ScannedFile]) -> list[str]:
    """Groups whose first file is the original or has the pixels of the original."""
    by_picture: dict[str, list[Path]] = defaultdict(list)
    for path, row in truth.items():
        if row["family"] in ("original", *FAMILIES):
            by_picture[row["picture"]].append(path)
    right = acted = acted_right = n_groups = 0
    wrong: Counter[str] = Counter()
    for members in by_picture.values():
        firsts = {found[path].kept for path in members if found[path].group is not None and _versions(found[path])}
        if not firsts:
            continue
        n_groups += 1
        good = all(first in truth and truth[first]["kind"] in EQUAL for first in firsts)
        right += good
        if not good:
            wrong.update(truth[first]["kind"] for first in firsts if first in truth and truth[first]["kind"] not in EQUAL)
        if any(_acts(found[path]) for path in members):
            acted += 1
            kept = [found[path].kept for path in members if _acts(found[path])]
            acted_right += all(first in truth and truth[first]["kind"] in EQUAL for first in kept)
    return [
        f"kept = original: {100 * right / max(1, n_groups):.1f} % of {n_groups} groups"
        f"  {', '.join(f'{kind} {count}' for kind, count in wrong.most_common(8))}",
        f"of groups that are acted on: {100 * acted_right / max(1, acted):.1f} % of {acted}",
    ]


def _acts(file: ScannedFile) -> bool:
    return file.member is not None and file.member.action is not None


def _lost(truth: dict[Path, Row], found: dict[Path, ScannedFile]) -> list[str]:
    """Pictures of which the plan keeps no file, or not the original."""
    stays: dict[str, list[str]] = defaultdict(list)
    goes: dict[str, list[str]] = defaultdict(list)
    for path, row in truth.items():
        (goes if _acts(found[path]) else stays)[row["picture"]].append(row["kind"])
    unique = {picture: kinds for picture, kinds in goes.items() if picture not in stays}
    originals = [
        picture for picture, kinds in goes.items() if "original" in kinds and not any(kind in EQUAL for kind in stays[picture])
    ]
    others: Counter[str] = Counter()
    for path, row in truth.items():
        member = found[path].member
        if member is not None and member.action is not None and member.relation is not Relation.SAME_BYTES:
            others[row["family"]] += row["family"] in ("alternate", "part")
    n_away = sum(map(len, goes.values()))
    n_versions = sum(row["family"] in FAMILIES for row in truth.values())
    return [
        f"put away: {n_away} files ({100 * n_away / max(1, n_versions):.0f} % of all versions)",
        f"pictures of which nothing stays: {len(unique)} {sorted(kind for kinds in unique.values() for kind in kinds)[:6]}; "
        f"originals put away: {len(originals)}; alternates: {others['alternate']}; parts: {others['part']}",
    ]


def _accounts(truth: dict[Path, Row], found: dict[Path, ScannedFile]) -> list[str]:
    """Whether every file is listed, and every broken file as broken."""
    missing = [path for path in truth if path not in found]
    broken = [path for path, row in truth.items() if row["family"] == "broken"]
    seen = sum(found[path].status is not Status.OK for path in broken)
    listed = Counter(file.member.relation for file in found.values() if file.member is not None)
    parts = [path for path, row in truth.items() if row["family"] == "part"]
    known = sum(
        found[path].member is not None and found[path].member.relation in (Relation.PART_OF, Relation.CONTAINS, None)
        for path in parts
    )
    return [
        f"not listed: {len(missing)}; broken files found: {seen} of {len(broken)}; parts and collages listed with theirs: "
        f"{known} of {len(parts)}; alternates listed: {listed[Relation.ALTERNATE]}"
    ]
