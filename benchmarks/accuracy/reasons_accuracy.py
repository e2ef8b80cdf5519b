"""Recall and precision of `genloss explain`: python benchmarks/accuracy/reasons_accuracy.py --images DIR.

DIR holds lossless originals without a trace of an earlier JPEG. Choose thresholds on `--half first` and report on
`--half second`, so that no threshold is tested on the pictures it was chosen on. Every original is saved in every container,
and twice in many pairs of containers. The first table has a line for each reason and container: number of files, number with
this reason, precision and recall. The second table shows how often an earlier JPEG is found in lossless files, in which "no
trace" may deny it. Rejected files are in neither table.
"""

import argparse
import re
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
from reasons_cases import CARRIERS, LOSSLESS, Case, make_cases, read_originals

from genloss.model.errors import ImageError
from genloss.model.explanations.reasons import Reason, find_reasons
from genloss.model.images.decode import decode

_NUMBERS = re.compile(r"\d+(?:\.\d+)?")
SHOWN = (
    "earlier_jpeg", "saved_before", "enlarged", "no_fine_detail", "few_colours", "dither", "saved_as_jpeg", "saved_with_loss",
    "image_damaged", "no_trace", "saved_without_loss",
)  # fmt: skip
JPEG_DENIED = "of an earlier JPEG"
_SILENCE = Reason("", "", False)
_DITHERS = {"ordered": "an ordered dither", "error diffusion": "an error-diffusing dither"}


def main() -> None:
    parser = argparse.ArgumentParser(description="How often explain speaks and is right, by reason and container.")
    parser.add_argument("--images", type=Path, required=True, help="folder of lossless originals")
    parser.add_argument("--seed", type=int, default=1683)
    parser.add_argument("--half", choices=("first", "second"), help="use half of the originals, drawn by the seed")
    parser.add_argument("--most", type=int, help="originals to use at most, drawn by the seed")
    parser.add_argument("--last", choices=(*CARRIERS, *LOSSLESS), help="only files whose last container it is")
    parser.add_argument("--mistakes", action="store_true", help="print every wrong reason as well")
    arguments = parser.parse_args()
    originals = read_originals(arguments.images)
    order = np.random.default_rng(arguments.seed).permutation(len(originals))
    if arguments.half:
        order = np.array_split(order, 2)[arguments.half == "second"]
    counts: Counter[tuple[str, str, str]] = Counter()
    for name, picture in (originals[index] for index in order[: arguments.most]):
        for case in make_cases(picture, (arguments.seed, zlib.crc32(name.encode())), arguments.last):
            try:
                reasons = find_reasons(decode(case.data))
            except ImageError as error:  # damaged files that cannot be decoded are not explained
                counts["refused", "", f"{case.treatment} {case.carrier}, {error.code}"] += 1
                continue
            for text in count_reasons(counts, case, reasons):
                if arguments.mistakes:
                    print(f"{name}, {case.treatment}, {case.carrier}: {text!r}, but {case.truth}")
    print(f"{min(len(order), arguments.most or len(order))} originals\n")
    print_table(counts)
    print_promise(counts)


def count_reasons(counts: Counter[tuple[str, str, str]], case: Case, reasons: list[Reason]) -> list[str]:
    """Adds the reasons of one file, by quantity, kind of reason and container; returns the texts of wrong reasons."""
    wrong = []
    counts["files", "", case.carrier] += 1
    said = {reason.code: reason for reason in reasons if reason.code != "few_colours" or reason.against}
    if "few_colours" in said and "dither" in said["few_colours"].text:
        said["dither"] = said["few_colours"]
    for code in SHOWN:
        expected = _is_expected(code, case)
        counts["expected", code, case.carrier] += expected
        if code in said:
            right = is_right(code, said[code].text, case)
            counts["spoke", code, case.carrier] += 1
            counts["right", code, case.carrier] += right
            counts["found", code, case.carrier] += expected
            if not right:
                wrong.append(said[code].text)
    earlier = case.truth.jpeg if case.truth.lossless and not case.carrier.endswith("gif") else None
    if earlier and earlier[2] <= 90 and ("earlier_jpeg" in said or JPEG_DENIED in said.get("no_trace", _SILENCE).text):
        for name in ("all", case.treatment, case.carrier, "on its own grid" if earlier[:2] == (0, 0) else "on a shifted grid"):
            counts["may deny", "", name] += 1
            counts["shows", "", name] += "earlier_jpeg" in said
    return wrong


def is_right(code: str, text: str, case: Case) -> bool:
    """Whether a reason holds for a file: grid exact, quality within 5 (3 on the same grid), named factor within 5 %."""
    truth, numbers = case.truth, [float(number) for number in _NUMBERS.findall(text.replace("8x8", ""))]
    match code:
        case "earlier_jpeg":
            grid = tuple(numbers[:-1]) or (0, 0)
            return truth.jpeg is not None and grid == truth.jpeg[:2] and abs(numbers[-1] - truth.jpeg[2]) <= 5
        case "saved_before":
            return truth.jpeg is not None and truth.jpeg[:2] == (0, 0) and abs(numbers[0] - truth.jpeg[2]) <= 3
        case "enlarged":
            near = [truth.factor is not None and abs(number / truth.factor - 1) <= 0.05 for number in numbers]
            return any(near) if numbers else truth.factor is not None
        case "no_fine_detail":
            return truth.softened or truth.resaved
        case "few_colours":
            return truth.n_colours is not None
        case "dither":
            return truth.dither is not None and _DITHERS[truth.dither] in text
        case "saved_as_jpeg":
            return truth.quality == numbers[0]
        case "saved_with_loss":
            return not truth.lossless and truth.quality is None
        case "saved_without_loss":
            return truth.lossless
        case "image_damaged":
            return truth.damaged
        case _:
            unseen = truth.jpeg is not None and truth.jpeg[2] <= 90 and JPEG_DENIED in text
            return truth.lossless and not unseen and not (truth.n_colours is not None and "palette" in text)


def _is_expected(code: str, case: Case) -> bool:
    """Whether this reason should be given for a file; no_trace is never expected."""
    truth = case.truth
    match code:
        case "earlier_jpeg":
            return truth.jpeg is not None and truth.jpeg[2] <= 90
        case "saved_before":
            own, earlier = truth.quality, truth.jpeg
            return own is not None and earlier is not None and earlier[:2] == (0, 0) and 0 < abs(own - earlier[2]) <= 15
        case "enlarged":
            return truth.factor is not None and truth.factor > 1.1
        case "no_fine_detail":
            return truth.softened
        case "few_colours":
            return truth.lossless and truth.n_colours is not None
        case "dither":
            return truth.lossless and truth.dither is not None
        case "saved_as_jpeg":
            return truth.quality is not None
        case "saved_with_loss":
            return not truth.lossless and truth.quality is None
        case "image_damaged":
            return truth.damaged
        case _:
            return False


def print_table(counts: Counter[tuple[str, str, str]]) -> None:
    """Prints Markdown, a line for each reason and container; `+` stands for all files with this last container."""
    for (what, code, carrier), value in list(counts.items()):
        if ">" in carrier:
            counts[what, code, f"+{carrier.rpartition('>')[2]}"] += value
    for (what, code, carrier), value in list(counts.items()):
        if f"+{carrier}" in {name for _, _, name in counts}:
            counts[what, code, f"+{carrier}"] += value
    print("| reason | container | files | speaks | right % | recall % |")
    print("|---|---|---|---|---|---|")
    for code in SHOWN:
        for carrier in dict.fromkeys(name for what, _, name in counts if what == "files"):
            spoke, right, expected, found = (counts[what, code, carrier] for what in ("spoke", "right", "expected", "found"))
            if code == "no_trace" and ">" in carrier:  # all these files had a JPEG, so only misses are left; see print_promise
                continue
            if spoke or (expected and not carrier.startswith("+")):
                right_share = f"{100 * right / spoke:.1f}" if spoke else "-"
                recall = f"{100 * found / expected:.0f}" if expected else "-"
                print(f"| {code} | {carrier} | {counts['files', '', carrier]} | {spoke} | {right_share} | {recall} |")


def print_promise(counts: Counter[tuple[str, str, str]]) -> None:
    """Prints Markdown: how often a JPEG of quality 90 or less is found in lossless files that may be called "no trace"."""
    print("\n| an earlier JPEG of quality 90 or less under | files | shows % |\n|---|---|---|")
    for what, _, name in list(counts):
        if what == "may deny":
            print(f"| {name} | {counts[what, '', name]} | {100 * counts['shows', '', name] / counts[what, '', name]:.1f} |")
    for (what, _, name), count in list(counts.items()):
        if what == "refused":
            print(f"\nRefused: {count} of {name}.")


if __name__ == "__main__":
    main()
