"""What pixel comparison of versions proves and finds, on groups made by software unseen in training.

python benchmarks/accuracy/side_by_side.py --images DIR --groups 8 --out side-by-side.md

Every two versions of every group are compared. The tables count proofs, right order with comparison and by the judge alone,
originals ranked first, and family trees, with all versions present and with one in five missing.
"""

import argparse
import datetime
import platform
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from group_edits import JPEG_PROGRAMS
from groups import Version, ancestors, known_order, last_edit, make_group, read_originals

from genloss import Scorer
from genloss.model.files import write_atomically
from genloss.model.pairs.findings import Apart, Finding, Found, find
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.parallel import Failure, run_in_processes
from genloss.model.processes import n_usable_cores
from genloss.model.scoring.bundle import BUNDLED
from genloss.model.scoring.ranker import Ranker
from genloss.model.training.calibration import calibration_error

MISSING = 0.2  # share of the versions that are removed
DEADLINE_SECONDS = 600.0


@dataclass
class Counts:
    """Counts of the groups of one picture, added up over all pictures."""

    proofs: Counter[tuple[str, bool | None]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    margins: list[tuple[str, str, float, float]] = field(default_factory=list)  # relation, edit, side by side, judge alone
    trees: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Counts") -> None:
        """Adds the counts of another picture."""
        self.proofs += other.proofs
        self.wrong += other.wrong
        self.margins += other.margins
        self.trees += other.trees


def main() -> None:
    """Prints the tables as Markdown, and writes them to --out if given."""
    arguments = _parser().parse_args()
    originals = read_originals(arguments.images)[: arguments.pictures]
    counts = Counts()
    items = [(name, np.asarray(picture)) for name, picture in originals]
    context = (arguments.bundle, arguments.groups, arguments.seed)
    for number, (item, found) in enumerate(
        run_in_processes(_count_picture, context, items, arguments.workers, DEADLINE_SECONDS), 1
    ):
        if isinstance(found, Failure):
            raise SystemExit(f"{item[0]}: {found.reason}")
        counts.add(found)
        print(f"\r{number} of {len(items)} pictures", end="", flush=True)
    print("\r", end="")
    bundle = Scorer(arguments.bundle).bundle.version
    text = "\n".join(
        [
            f"Bundle {bundle}; {len(originals)} pictures, {counts.trees['groups']} groups, seed {arguments.seed}; JPEG by "
            f"{', '.join(JPEG_PROGRAMS)}; {platform.machine()}, {datetime.date.today()}.",
            "", *_proof_lines(counts), *_order_lines(counts), *_tree_lines(counts),
        ]
    )  # fmt: skip
    print(text)
    if arguments.out is not None:
        write_atomically(arguments.out, (text + "\n").encode())


def _count_picture(context: tuple[Path, int, int], item: tuple[str, Any]) -> Counts:
    from PIL import Image

    (bundle, n_groups, seed), (name, pixels) = context, item
    scorer = Scorer(bundle)
    ranker = Ranker(scorer.bundle)
    counts = Counts()
    for number in range(n_groups):
        generator = np.random.default_rng((seed, zlib.crc32(name.encode()), number))
        versions = make_group(Image.fromarray(pixels), generator)
        _count_group(versions, scorer, ranker, generator, counts, f"{name} {number}")
    return counts


def _count_group(
    versions: list[Version], scorer: Scorer, ranker: Ranker, generator: np.random.Generator, counts: Counts, name: str
) -> None:
    given = [int(index) for index in generator.permutation(len(versions))]
    planes = [VersionPlanes.read(versions[index].data) for index in given]
    scores = [scorer.score(versions[index].data, with_fingerprint=True) for index in given]
    findings: dict[tuple[int, int], Found] = {}
    judge = scorer.bundle.judge_slope * ranker.log_odds(scores)
    for second in range(len(given)):
        for first in range(second):
            findings[first, second] = find(planes[first], planes[second])
    for pair, finding in findings.items():
        _count_proof(versions, given, pair, finding, findings, counts, name)
    _count_trees(versions, given, scores, ranker, findings, counts, np.ones(len(given), bool), "whole", judge)
    kept = generator.random(len(given)) >= MISSING
    if kept.sum() > 2:
        _count_trees(versions, given, scores, ranker, findings, counts, kept, "missing", judge)


def _has_pixels_of(findings: dict[tuple[int, int], Found], place: dict[int, int], ancestor: int, parent: int) -> bool:
    """Whether `ancestor` is the parent, or the parent is proved to be cut out of it: no proof can tell these apart."""
    if ancestor == parent:
        return True
    found = _in_order(findings, place[ancestor], place[parent])
    return isinstance(found, Finding) and found.made is not None and found.made.rule == "cut out"


def _count_proof(
    versions: list[Version], given: list[int], pair: tuple[int, int], finding: Found,
    findings: dict[tuple[int, int], Found], counts: Counts, name: str,
) -> None:  # fmt: skip
    counts.trees["pairs"] += 1
    counts.trees["not laid on each other"] += finding is None
    counts.trees["taken for different pictures"] += isinstance(finding, Apart)
    if not isinstance(finding, Finding):
        return
    proof = finding.made or finding.made_backwards
    if proof is None:
        return
    parent, child = (given[index] for index in (pair if finding.made else pair[::-1]))
    place = {index: position for position, index in enumerate(given)}
    right = any(
        _has_pixels_of(findings, place, ancestor, parent) for ancestor in ancestors(versions, child) if ancestor in place
    )
    counts.proofs[proof.rule, right] += 1
    if not right:
        counts.wrong.append(
            f"{name}: {last_edit(versions, parent)} ({parent}) -> {last_edit(versions, child)} ({child}), {proof}"
        )


def _count_trees(
    versions: list[Version], given: list[int], scores: list[Any], ranker: Ranker,
    findings: dict[tuple[int, int], Found], counts: Counts, kept: Any, prefix: str, judge: Any,
) -> None:  # fmt: skip
    """Ranks the kept versions and counts right first places, roots and parents."""
    members = [int(position) for position in np.flatnonzero(kept)]

    def compare_pairs(pairs: Any) -> list[Found]:
        return [_in_order(findings, members[first], members[second]) for first, second in pairs]

    ranked = [one for one in ranker.rank([scores[position] for position in members], compare_pairs) if one.picture == 1]
    shown = {given[members[one.index]] for one in ranked}
    counts.trees[f"{prefix} apart"] += len(members) - len(shown)
    first = given[members[ranked[0].index]]
    counts.trees[f"{prefix} groups"] += 1
    if prefix == "whole":
        counts.trees["groups"] += 1
        counts.trees["original first"] += first == 0
        _count_margins(versions, given, members, ranked, counts, judge)
    counts.trees[f"{prefix} roots"] += _present_parent(versions, first, shown) is None
    for one in ranked:
        child = given[members[one.index]]
        parent = _present_parent(versions, child, shown)
        if parent is None or one.same_as is not None:
            continue
        found = None if one.descent is None else given[members[one.descent.parent]]
        counts.trees[f"{prefix} edges"] += 1
        counts.trees[f"{prefix} edges right"] += found == parent


def _count_margins(
    versions: list[Version], given: list[int], members: list[int], ranked: list[Any], counts: Counts, judge: Any
) -> None:
    """Adds the margin of every version against the first place, if the truth is known."""
    first = members[ranked[0].index]
    for one in ranked[1:]:
        odds, mine = one.probability_worse_than_first, members[one.index]
        truth = known_order(versions, given[first], given[mine])
        if odds is None or truth is None:
            continue
        stated = float(np.log(np.clip(odds, 1e-12, 1 - 1e-12) / np.clip(1 - odds, 1e-12, 1)))
        sign = 1 if truth[0] == given[first] else -1
        worse = given[mine] if sign > 0 else given[first]
        counts.margins.append((truth[1], last_edit(versions, worse), sign * stated, sign * float(judge[mine, first])))


def _in_order(findings: dict[tuple[int, int], Found], first: int, second: int) -> Found:
    if first < second:
        return findings[first, second]
    found = findings[second, first]
    return None if found is None else found.swapped


def _present_parent(versions: list[Version], index: int, present: set[int]) -> int | None:
    return next((parent for parent in ancestors(versions, index) if parent in present), None)


def _proof_lines(counts: Counts) -> list[str]:
    rules = sorted({rule for rule, _ in counts.proofs})
    lines = ["## Proofs", f"Of {counts.trees['pairs']} pairs.", "", "| rule | proved | wrong |", "|---|---|---|"]
    for rule in rules:
        right, wrong = (counts.proofs[rule, truth] for truth in (True, False))
        lines.append(f"| {rule} | {right + wrong} | {wrong} |")
    total, wrong = sum(counts.proofs.values()), sum(n for (_, truth), n in counts.proofs.items() if not truth)
    return [*lines, f"| all | {total} ({100 * total / max(1, counts.trees['pairs']):.1f} %) | {wrong} |", "", *counts.wrong, ""]


def _order_lines(counts: Counts) -> list[str]:
    lines = [
        "## The first place against the others, where the truth is known",
        "Sure: stated at 99 % or more.", "",
        "| pairs | n | judge alone, % right | side by side, % right | calibration error | sure | of these right, % |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for relation, edit, both, judge in counts.margins:
        for name in ("all", relation, f"edit: {edit}"):
            groups[name].append((both, judge))
    for name, rows in sorted(groups.items()):
        both, judge = (np.array(column) for column in zip(*rows, strict=True))
        sure = np.abs(both) >= np.log(99)
        lines.append(
            f"| {name} | {len(both)} | {100 * np.mean(judge > 0):.2f} | {100 * np.mean(both > 0):.2f} | "
            f"{calibration_error(both, 1.0):.4f} | {100 * sure.mean():.1f} % | "
            f"{100 * np.mean(both[sure] > 0) if sure.any() else float('nan'):.2f} |"
        )
    return [*lines, ""]


def _tree_lines(counts: Counts) -> list[str]:
    trees = counts.trees
    lines = [
        "## Family trees",
        f"Original first in {100 * trees['original first'] / max(1, trees['groups']):.2f} % of {trees['groups']} groups; "
        f"{trees['not laid on each other']} pairs could not be laid on each other, "
        f"{trees['taken for different pictures']} were taken for different pictures; "
        f"{trees['whole apart']} versions were ranked apart.", "",
        "| versions | edges | right, % | roots right, % of groups |", "|---|---|---|---|",
    ]  # fmt: skip
    for prefix, title in (("whole", "all there"), ("missing", "one in five missing")):
        edges, groups = max(1, trees[f"{prefix} edges"]), max(1, trees[f"{prefix} groups"])
        lines.append(
            f"| {title} | {trees[f'{prefix} edges']} | {100 * trees[f'{prefix} edges right'] / edges:.2f} | "
            f"{100 * trees[f'{prefix} roots'] / groups:.2f} of {trees[f'{prefix} groups']} |"
        )
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--images", type=Path, required=True,
        help="folder of pictures that no training saw; lossless ones are taken as they are, lossy ones shrunk 2 times",
    )  # fmt: skip
    parser.add_argument("--pictures", type=int, metavar="N", help="how many of them (default all)")
    parser.add_argument("--groups", type=int, default=4, help="groups made of each picture (default 4)")
    parser.add_argument("--seed", type=int, default=2683, help="(default 2683)")
    parser.add_argument("--workers", type=int, default=n_usable_cores(), help="processes (default: one a core)")
    parser.add_argument("--bundle", type=Path, default=BUNDLED, help="another bundle than the shipped one")
    parser.add_argument("--out", type=Path, metavar="FILE.md", help="also write the tables there")
    return parser


if __name__ == "__main__":
    main()
