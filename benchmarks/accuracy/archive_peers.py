"""Other tools against a scan, on an archive of archive.py: what they find, and the losses if only one copy were kept.

    pip install --target PACKAGES/NAME NAME       # for each of imagehash imagededup difPy cleanvision fastdup czkawka
    python benchmarks/accuracy/archive_peers.py OUT --packages PACKAGES

Each tool runs in a separate process, on a folder of the archive's pictures under plain names. Broken files are left out,
because some tools end with a traceback on them. A tool that cannot be imported is named and skipped.
"""

import argparse
import base64
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from itertools import combinations
from pathlib import Path

from archive_judge import EQUAL, FAMILIES, Row, are_related, join_equal_bytes
from archive_peer_tools import TOOLS, Groups

HEADINGS = (
    "tool", "versions found", "false pairs / with alternates", "kept = original", "originals lost", "unique pictures put away",
    "processor",
)  # fmt: skip
OUR_ROWS = ("genloss, all of a group but the first", "genloss, what its plan puts away")


def judge_groups(found: Groups, rows: list[Row]) -> list[str]:
    """One line of the table.

    Args:
        found: groups of one tool.
        rows: of truth.csv; the numbers of files index these rows.
    """
    group_of = {file: number for number, members in enumerate(found.members) for file in members}
    originals = {row["picture"]: number for number, row in enumerate(rows) if row["kind"] == "original"}
    versions = [number for number, row in enumerate(rows) if row["family"] in FAMILIES]
    n_found = sum(
        group_of.get(one, -1) == group_of.get(originals[rows[one]["picture"]], -2) for one in versions
    )  # fmt: skip
    n_pairs = strangers = alternates = 0
    for members in found.members:
        for one, other in combinations(members, 2):
            n_pairs += 1
            if rows[one]["picture"] != rows[other]["picture"]:
                related = are_related(rows[one], rows[other])
                alternates += related
                strangers += not related
    kept = {file for files in found.kept for file in files}
    away = set(group_of) - kept
    right, n_pictures = _count_kept_originals(found, rows)
    stays: dict[str, list[str]] = defaultdict(list)
    goes: dict[str, list[str]] = defaultdict(list)
    for number, row in enumerate(rows):
        (goes if number in away else stays)[row["picture"]].append(row["kind"])
    lost = sum("original" in kinds and not any(kind in EQUAL for kind in stays[name]) for name, kinds in goes.items())
    share = 100 / max(1, n_pairs)
    return [
        found.tool, f"{100 * n_found / max(1, len(versions)):.1f} %",
        f"{strangers * share:.1f} / {(strangers + alternates) * share:.1f} %",
        f"{100 * right / max(1, n_pictures):.0f} % of {n_pictures}", f"{lost} of {len(originals)}",
        f"{sum(name not in stays for name in goes)}", "" if found.seconds is None else f"{found.seconds:.0f} s",
    ]  # fmt: skip


def _count_kept_originals(found: Groups, rows: list[Row]) -> tuple[int, int]:
    """Of the pictures with an original and a file in a group: how many keep their original, and how many there are."""
    with_original = {row["picture"] for row in rows if row["kind"] == "original"}
    good: dict[str, bool] = {}
    for members, kept in zip(found.members, found.kept, strict=True):
        for picture in {rows[file]["picture"] for file in members} & with_original:
            stays = any(rows[file]["picture"] == picture and rows[file]["kind"] in EQUAL for file in kept)
            good[picture] = good.get(picture, True) and stays
    return sum(good.values()), len(good)


def our_groups(paths: list[Path], out: Path) -> list[Groups]:
    """Groups of a scan, twice: once keeping only the first file of each group, once following the plan."""
    from genloss import scan
    from genloss.archive.plan import MAY_BE_PUT_AWAY

    number_of = {path: number for number, path in enumerate(paths)}
    grouped: dict[int, list[tuple[int, bool, bool]]] = defaultdict(list)
    began = time.process_time()
    result = scan([out / "pictures"], catalog=out / "scan.catalog", isolated=False)
    seconds = time.process_time() - began if result.n_looked >= len(set(paths)) // 2 else None
    for file in result.files:
        member = file.member
        if member is None or file.group is None or file.path not in number_of:
            continue
        if member.relation is None or member.relation in MAY_BE_PUT_AWAY:
            first, stays = member.relation is None, member.action is None
            grouped[file.group].append((number_of[file.path], first, stays))
    groups = [group for group in grouped.values() if len(group) > 1]
    members = [[number for number, _, _ in group] for group in groups]
    return [
        Groups(OUR_ROWS[0], members, [[number for number, first, _ in group if first] for group in groups], seconds),
        Groups(OUR_ROWS[1], members, [[number for number, _, stays in group if stays] for group in groups], seconds),
    ]


def peer_groups(name: str, folder: Path, packages: Path | None) -> list[Groups] | str:
    """Groups of a tool in a folder whose file names are numbers; or a message why there are none."""
    answer = folder.parent / f"{name}.json"
    paths = [str(Path(__file__).parent), *([] if packages is None else [str(packages / name)])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*paths, os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, str(Path(__file__).with_name("archive_peer_tools.py")), name, str(folder), str(answer)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if not answer.exists():
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no answer"]
        return lines[-1]
    return [Groups(**found) for found in json.loads(answer.read_text())]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="of archive.py")
    parser.add_argument("--packages", type=Path, help="folder with a folder of packages for each tool")
    parser.add_argument("--tools", nargs="*", default=[*TOOLS, "genloss"], choices=[*TOOLS, "genloss"])
    arguments = parser.parse_args()
    with (arguments.out / "truth.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row["path"] = os.fsdecode(base64.b64decode(row["path_base64"]))
    rows = sorted((row for row in rows if row["family"] != "broken"), key=lambda row: row["path"])
    paths = [Path(row["path"]) for row in rows]
    join_equal_bytes(dict(zip(paths, rows, strict=True)))
    print(f"| {' | '.join(HEADINGS)} |\n|{'---|' * len(HEADINGS)}", flush=True)
    missing = []
    with tempfile.TemporaryDirectory() as space:
        folder = Path(space) / "pictures"
        folder.mkdir()
        for number, path in enumerate(paths):
            shutil.copy2(path, folder / f"{number:06}{path.suffix}")
        for name in (name for name in TOOLS if name in arguments.tools):
            found = peer_groups(name, folder, arguments.packages)
            if isinstance(found, str):
                missing.append(f"{name}: {found}")
                continue
            for groups in found:
                print(f"| {' | '.join(judge_groups(groups, rows))} |", flush=True)
    ours = our_groups(paths, arguments.out) if "genloss" in arguments.tools else []
    for groups in ours:
        print(f"| {' | '.join(judge_groups(groups, rows))} |", flush=True)
    for line in missing:
        print(f"not run: {line}")


if __name__ == "__main__":
    main()
