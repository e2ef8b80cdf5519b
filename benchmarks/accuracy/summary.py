"""README's table, from what is recorded in docs/about/results.json: python benchmarks/accuracy/summary.py

It also takes the held-out figures of the pair models out of the bundle, where `genloss train-pairs` wrote them.
"""

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from tables import Origin, Row, Table, read_results, record

from genloss.model.scoring.bundle import Bundle, load_bundle

# Columns of the tables that results.py prints, and what README calls them.
RULES = {
    "genloss score": "`genloss score`",
    "resolution, then size": "resolution, then file size",
    "file size": "file size",
    "BRISQUE": "BRISQUE",
    "JPEG quality": "JPEG quality",
}


def main() -> None:
    """Records both tables."""
    bundle = load_bundle()
    tables = read_results()
    record("pair-models", [pair_models(bundle)])
    record("readme", [readme_table(tables)])


def readme_table(tables: dict[str, Table]) -> Table:
    """Genloss and simple rules on the pairs made by other software, best first.

    Args:
        tables: recorded ones; other-pairs and private-pairs are needed.
    """
    ranked, others = tables["private-pairs"], tables["other-pairs"]
    rank, rules = ranked.rows[-1].cells, others.rows[-1].cells
    percents = {"`genloss rank`": (float(rank["by rank, %"]), ranked.origin)}
    percents |= {shown: (float(rules[rule].strip("*")), others.origin) for rule, shown in RULES.items()}
    title = f"pairs in the right order, of {int(rank['pairs']):,}"
    rows = sorted(percents.items(), key=lambda row: -row[1][0])
    return Table(ranked.origin, tuple(Row({title: shown, "": f"{percent:g} %"}, origin) for shown, (percent, origin) in rows))


def pair_models(bundle: Bundle) -> Table:
    """The test split of `genloss train-pairs`: judge alone, and with versions laid on each other."""
    pairs = bundle.description["pairs"]
    judge, both = (pairs["evaluation"][name]["test"] for name in ("judge", "side_by_side"))
    rows = [
        _percents("pairs whose order is known", "pair_accuracy", judge, both),
        _percents("parent against child", "neighbour_accuracy", judge, both),
        _percents("others (siblings of a ladder, grandparents)", "sibling_accuracy", judge, both),
        _percents("original ranked first", "original_first", judge, both),
        ("calibration error", f"{judge['calibration_error']:.4f}", f"{both['calibration_error']:.4f}"),
        ("log loss", f"{judge['log_loss']:.4f}", f"{both['log_loss']:.4f}"),
        ("stated at 99 % or more", _sure(judge, " of the pairs"), _sure(both, "")),
        (f"edges of the family tree, all versions there ({both['whole_n_edges']:,})", "", f"{100 * both['whole_edges']:.1f} %"),
        ("its root", "", f"{100 * both['whole_roots']:.1f} %"),
        (f"edges with one version in five missing ({both['missing_n_edges']:,})", "", f"{100 * both['missing_edges']:.1f} %"),
        ("roots with one version in five missing", "", f"{100 * both['missing_roots']:.1f} %"),
    ]
    title = f"{both['n_pairs']:,} pairs of {both['n_groups']} groups"
    cells = [dict(zip((title, "pair judge alone", "side by side"), row, strict=True)) for row in rows]
    # bundle.json has neither the date nor the machine of the training.
    return Table(Origin(pairs["command"], bundle.version, "", ""), tuple(map(Row, cells)))


def _percents(title: str, key: str, judge: dict[str, Any], both: dict[str, Any]) -> tuple[str, str, str]:
    return title, f"{100 * judge[key]:.2f} %", f"{100 * both[key]:.2f} %"


def _sure(figures: dict[str, Any], of: str) -> str:
    return f"{100 * figures['share_sure']:.1f} %{of}, {100 * figures['right_when_sure']:.2f} % right"


if __name__ == "__main__":
    main()
