"""Accuracy on a list of pairs as a Markdown table: python benchmarks/accuracy/evaluated_pairs.py --pairs CSV --files DIR"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=Path, required=True, help="CSV with the columns better, worse, category")
    parser.add_argument("--files", type=Path, required=True, help="folder that its paths are relative to")
    parser.add_argument("--bundle", type=Path, help="another bundle than the shipped one")
    arguments = parser.parse_args()
    command = [
        sys.executable,
        "-m",
        "genloss",
        "evaluate",
        "--pairs",
        arguments.pairs,
        "--files",
        arguments.files,
        "-f",
        "json",
    ]
    command += [] if arguments.bundle is None else ["--bundle", arguments.bundle]
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    print(markdown(report))


def markdown(report: dict[str, Any]) -> str:
    """A row for each kind of edit, and one for all.

    Args:
        report: what `genloss evaluate --format json` prints.
    """
    lines = ["| kind of edit | pairs | by score, % | by rank, % |", "|---|---|---|---|"]
    score, rank = report["score"], report["rank"]
    for by_score, by_rank in zip(score["categories"], rank["categories"], strict=True):
        shares = f"{100 * by_score['accuracy']:.1f} | {100 * by_rank['accuracy']:.1f}"
        lines.append(f"| {by_score['category']} | {by_score['n_pairs']} | {shares} |")
    lines.append(f"| all | {score['n_pairs']} | {100 * score['accuracy']:.1f} | {100 * rank['accuracy']:.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
