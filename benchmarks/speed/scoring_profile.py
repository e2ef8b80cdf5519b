"""Processor time of each stage of a score, the minimum of many runs."""

import argparse
import functools
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from scoring_speed import photograph

from genloss import Scorer
from genloss.model.images import jpeg_reading
from genloss.model.measurements import chroma, features, spectra
from genloss.model.scoring import scorer as scoring

# Stages in the order they run; an indented stage is part of the stage above it.
STAGES: list[tuple[str, Any, str]] = [
    ("guard, container and pixels", scoring, "decode"),
    ("  looking for damage to the data of a JPEG", jpeg_reading, "find_damage"),
    ("8x8 blocks and their entropy", features, "sample_blocks"),
    ("the 512 liveliest blocks", features, "rank_blocks"),
    ("facts", features, "facts_vector"),
    ("measurements", features, "measure"),
    ("  quantisation lattices", features, "luma_lattices"),
    ("  lines: edges, resampling, spectra", features, "line_traces"),
    ("    spectra", spectra, "spectrum"),
    ("  chroma", features, "chroma"),
    ("  coefficients (DCT)", chroma, "block_dct"),
    ("  coefficients (profiles)", features, "profile"),
    ("  coefficients (energy)", features, "energy_spread"),
    ("  noise", features, "noise"),
    ("  colours", features, "colours"),
    ("  levels and entropies", features, "histogram"),
    ("  borders", features, "edges"),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megapixels", type=float, nargs="+", default=[0.3, 1.0, 12.0], help="sizes of the JPEG")
    parser.add_argument("--repeats", type=int, default=30, help="runs of which the least counts")
    arguments = parser.parse_args()
    spent: dict[str, float] = defaultdict(float)
    for name, module, function in STAGES:
        setattr(module, function, _timed(getattr(module, function), name, spent))
    scorer = Scorer()
    columns = []
    for megapixels in arguments.megapixels:
        data = photograph(megapixels)
        least: dict[str, float] = defaultdict(lambda: float("inf"))
        for _ in range(arguments.repeats):
            spent.clear()
            started = time.process_time()
            scorer.score(data)
            spent["all"] = time.process_time() - started
            for name, seconds in spent.items():
                least[name] = min(least[name], seconds)
        parts = [name for name, _, _ in STAGES if not name.startswith(" ")]
        least["network and the rest"] = least["all"] - sum(least[name] for name in parts)
        columns.append(least)
    sizes = [f"{megapixels:g} Mpx" for megapixels in arguments.megapixels]
    print("| stage |" + "".join(f" {size}, ms | {size}, share |" for size in sizes))
    print("|---|" + "---|---|" * len(sizes))
    for name in [*(name for name, _, _ in STAGES), "network and the rest", "all"]:
        # A part of the stage above it is marked by a dash: Markdown drops the indentation.
        shown = name.replace("    ", "- - ").replace("  ", "- ")
        cells = "".join(f" {1000 * one[name]:.2f} | {100 * one[name] / one['all']:.0f} % |" for one in columns)
        print(f"| {shown} |{cells}")


def _timed(function: Callable[..., Any], name: str, spent: dict[str, float]) -> Callable[..., Any]:
    @functools.wraps(function)
    def timed(*arguments: Any, **options: Any) -> Any:
        # For a large file, the search for damage runs in a thread beside the decoder; all other stages run alone.
        clock = time.thread_time if function.__name__ == "find_damage" else time.process_time
        started = clock()
        try:
            return function(*arguments, **options)
        finally:
            spent[name] += clock() - started

    return timed


if __name__ == "__main__":
    main()
