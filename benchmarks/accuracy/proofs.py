"""Recall and precision of proofs: how many pairs are proved, and how often a proof names a wrong source.

python benchmarks/accuracy/proofs.py --images DIR --versions 22 --out proofs.md

Every picture gets a family, made by several programs in all containers: siblings, near misses (the same edit one or two
qualities off, or after added noise), grandchildren, and a version of another picture. Every two versions are compared.
A proof is right if it names the parent, or an ancestor that gives the same bytes because its pixels were only turned, cut
and scaled on the way, or a file with the same pixels there, or with the saved pixels. Otherwise it is wrong.
"""

import argparse
import datetime
import platform
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from groups import read_originals
from PIL import Image
from proof_edits import PROGRAMS
from proof_families import Version, judge_proof, make_family

from genloss.model.files import write_atomically
from genloss.model.pairs.findings import Finding, find
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.proofs import prove
from genloss.model.parallel import Failure, run_in_processes

DEADLINE_SECONDS = 900.0


@dataclass
class Counts:
    """Counts of one picture, added up over all pictures."""

    numbers: Counter[tuple[str, str]] = field(default_factory=Counter)  # by (kind or rule, quantity)
    wrong: list[str] = field(default_factory=list)
    missed: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    seconds_for_nothing: float = 0.0  # of searches that found no proof
    n_for_nothing: int = 0

    def add(self, other: "Counts") -> None:
        """Adds the counts of another picture."""
        self.numbers += other.numbers
        self.wrong += other.wrong
        self.missed += other.missed
        self.seconds += other.seconds
        self.seconds_for_nothing += other.seconds_for_nothing
        self.n_for_nothing += other.n_for_nothing


def main() -> None:
    """Prints the tables as Markdown, and writes them to --out if given."""
    arguments = _parser().parse_args()
    originals = read_originals(arguments.images)[arguments.skip :][: arguments.pictures]
    items = [(name, np.asarray(_shrunk(picture, arguments.pixels))) for name, picture in originals]
    others = [items[index - 1][1] for index in range(len(items))]
    context = (arguments.versions, arguments.seed)
    counts = Counts()
    work = [(name, array, other) for (name, array), other in zip(items, others, strict=True)]
    for number, (item, found) in enumerate(
        run_in_processes(_count_picture, context, work, arguments.workers, DEADLINE_SECONDS), 1
    ):
        if isinstance(found, Failure):
            raise SystemExit(f"{item[0]}: {found.reason}")
        counts.add(found)
        print(f"\r{number} of {len(items)} pictures", end="", flush=True)
    print("\r", end="")
    text = "\n".join(_lines(counts, arguments, len(items)))
    print(text)
    if arguments.out is not None:
        write_atomically(arguments.out, (text + "\n").encode())
    if arguments.missed:
        print("\n".join(f"{n} {what}" for what, n in sorted(counts.missed.items())))


def _shrunk(picture: Image.Image, most_pixels: int) -> Image.Image:
    factor = (most_pixels / (picture.width * picture.height)) ** 0.5
    if factor >= 1:
        return picture
    return picture.resize((round(picture.width * factor), round(picture.height * factor)), Image.Resampling.LANCZOS)


def _count_picture(context: tuple[int, int], item: tuple[str, Any, Any]) -> Counts:
    (n, seed), (name, array, other) = context, item
    generator = np.random.default_rng((seed, zlib.crc32(name.encode())))
    versions = make_family(Image.fromarray(array), Image.fromarray(other), n, generator)
    planes = [VersionPlanes.read(version.data) for version in versions]
    counts = Counts()
    for one in range(len(versions)):
        for two in range(one):
            first, second = (one, two) if generator.random() < 0.5 else (two, one)
            start = time.process_time()
            finding = find(planes[first], planes[second])
            counts.seconds += time.process_time() - start
            if isinstance(finding, Finding) and not (finding.made or finding.made_backwards):
                start = time.process_time()
                prove(planes[first], planes[second], finding.comparison)
                prove(planes[second], planes[first], finding.comparison.swapped)
                counts.seconds_for_nothing += time.process_time() - start
                counts.n_for_nothing += 1
            made = (finding.made, finding.made_backwards) if isinstance(finding, Finding) else (None, None)
            for parent, child, proof in ((first, second, made[0]), (second, first, made[1])):
                _count(versions, planes, parent, child, proof, counts, name)
    return counts


def _count(
    versions: list[Version], planes: list[VersionPlanes], parent: int, child: int, proof: Any, counts: Counts, name: str
) -> None:
    kind, made_at_once = versions[child].kind, versions[child].parent == parent
    truth = ("made at once",) if made_at_once else ()
    if proof is not None:
        verdict = judge_proof(versions, planes, parent, child)
        truth = ("proofs", verdict, *(("made at once", "proved at once") if made_at_once else ()))
        if verdict == "wrong":
            counts.wrong.append(
                f"{name}: {versions[parent].edit} ({parent}) -> {versions[child].edit} ({child}, of {versions[child].parent}), "
                f"{proof.rule}: {proof.sentence}"
            )
        counts.numbers[f"rule {proof.rule}", "proofs"] += 1
        counts.numbers[f"rule {proof.rule}", verdict] += 1
    elif made_at_once and versions[child].edit is not None:
        edit = versions[child].edit
        assert edit is not None
        scale = "" if edit.scale is None else f" {edit.scale[0]} {edit.scale[1]} {'up' if edit.scale[2] > 1 else 'down'}"
        counts.missed[f"{kind}:{scale} {edit.program} {edit.option} {edit.container}{' turned' if edit.turn else ''}"] += 1
    for what in ("pairs", *truth):
        counts.numbers[kind, what] += 1
        counts.numbers["all", what] += 1


def _lines(counts: Counts, arguments: argparse.Namespace, n_pictures: int) -> list[str]:
    numbers = counts.numbers
    n = numbers["all", "pairs"]
    lines = [
        f"{n_pictures} pictures of at most {arguments.pixels / 1e6:g} megapixels, {arguments.versions} versions each, seed "
        f"{arguments.seed}; by {', '.join(PROGRAMS)} and simplejpeg; {platform.machine()}, {datetime.date.today()}. "
        f"{n // 2} pairs, both ways; {1e3 * counts.seconds / max(1, n // 2):.1f} ms of processor time for one; "
        f"{1e3 * counts.seconds_for_nothing / max(1, counts.n_for_nothing):.1f} ms of it for proofs where none is found.",
        "", "| made by | ordered pairs | made at once | of these proved | proofs in all | same pixels | wrong |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    kinds = sorted({kind for kind, _ in numbers if not kind.startswith("rule ") and kind != "all"})
    for kind in ("all", *kinds):
        at_once, proved = numbers[kind, "made at once"], numbers[kind, "proved at once"]
        share = f"{proved} ({100 * proved / at_once:.0f} %)" if at_once else "-"
        lines.append(
            f"| {kind} | {numbers[kind, 'pairs']} | {at_once} | {share} | {numbers[kind, 'proofs']} | "
            f"{numbers[kind, 'same pixels']} | {numbers[kind, 'wrong']} |"
        )
    lines += ["", "| rule | proofs | same pixels | wrong |", "|---|---|---|---|"]
    for rule in sorted({kind for kind, _ in numbers if kind.startswith("rule ")}):
        lines.append(f"| {rule[5:]} | {numbers[rule, 'proofs']} | {numbers[rule, 'same pixels']} | {numbers[rule, 'wrong']} |")
    return [*lines, "", *counts.wrong]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, help="folder of pictures that no training saw")
    parser.add_argument("--pictures", type=int, metavar="N", help="how many of them (default all)")
    parser.add_argument("--skip", type=int, default=0, metavar="N", help="leave out the first N pictures")
    parser.add_argument("--versions", type=int, default=22, help="of each picture, the original included (default 22)")
    parser.add_argument("--pixels", type=int, default=75_000, help="to which the originals are shrunk (default 75000)")
    parser.add_argument("--seed", type=int, default=2683, help="(default 2683)")
    parser.add_argument("--workers", type=int, default=1, help="processes (default 1)")
    parser.add_argument("--missed", action="store_true", help="also list what was made at once and is not proved")
    parser.add_argument("--out", type=Path, metavar="FILE.md", help="also write the tables there")
    return parser


if __name__ == "__main__":
    main()
