"""The tables of README and docs/about/accuracy.md, from recorded figures: python benchmarks/accuracy/summary.py

Figures on held-out versions come from the bundle; `genloss train` and `genloss train-pairs` wrote them. The other figures
come from docs/about/results.json, so run the benchmarks first.
"""

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from tables import Origin, Row, Table, read_results, record

from genloss.model.scoring.bundle import Bundle, load_bundle

# Columns of the tables that results.py prints -> their names in README.
RULES = {
    "genloss score": "`genloss score`",
    "resolution, then size": "resolution, then file size",
    "file size": "file size",
    "BRISQUE": "BRISQUE",
    "JPEG quality": "JPEG quality",
}


def main() -> None:
    """Records the three tables."""
    bundle = load_bundle()
    tables = read_results()
    record("pair-models", [pair_models(bundle)])
    record("accuracy", [accuracy_table(bundle, tables)])
    record("readme", [readme_table(tables)])


def readme_table(tables: dict[str, Table]) -> Table:
    """Accuracy of genloss and of simple rules on pairs made by other software, best first.

    Args:
        tables: recorded tables; other-pairs and private-pairs are needed.
    """
    ranked, others = tables["private-pairs"], tables["other-pairs"]
    rank, rules = ranked.rows[-1].cells, others.rows[-1].cells
    percents = {"`genloss rank`": (float(rank["by rank, %"]), ranked.origin)}
    percents |= {shown: (float(rules[rule].strip("*")), others.origin) for rule, shown in RULES.items()}
    title = f"pairs in the right order, of {int(rank['pairs']):,}"
    rows = sorted(percents.items(), key=lambda row: -row[1][0])
    return Table(ranked.origin, tuple(Row({title: shown, "": f"{percent:g} %"}, origin) for shown, (percent, origin) in rows))


def accuracy_table(bundle: Bundle, tables: dict[str, Table]) -> Table:
    """Accuracy of the bundle, a row for each list of pairs.

    Args:
        bundle: with pair models.
        tables: recorded tables; private-pairs and edited-copies are needed.
    """
    alone = bundle.description["evaluation"]["score"]["test"]
    pairs = bundle.description["pairs"]["evaluation"]["side_by_side"]["test"]
    private, edited = tables["private-pairs"], tables["edited-copies"]
    n_private, n_edited = private.rows[-1].cells, edited.rows[-1].cells
    tower, trees = _trained("genloss train", bundle.judge_version), _trained("genloss train-pairs", bundle.version)
    n_chains, n_pairs = f"{alone['n_pairs']:,}", f"{pairs['n_pairs']:,}"
    rows = [
        ("held-out chains made like the training data, all ordered pairs", alone["pair_accuracy"], None, n_chains, tower),
        ("of these, original against edit", alone["original_accuracy"], None, "", tower),
        ("held-out chains and families, pairs whose order is known", None, pairs["pair_accuracy"], n_pairs, trees),
        ("of these, parent against child", None, pairs["neighbour_accuracy"], "", trees),
        ("original first among 2 to 8 versions", None, pairs["original_first"], f"{pairs['n_groups']} groups", trees),
        ("edges of their family trees", None, pairs["whole_edges"], f"{pairs['whole_n_edges']:,}", trees),
        ("the same with one version in five missing", None, pairs["missing_edges"], f"{pairs['missing_n_edges']:,}", trees),
        (
            "pictures of BSDS500, CID22 and ImageNet, edited by other software than the training data's",
            float(n_private["by score, %"]) / 100, float(n_private["by rank, %"]) / 100, n_private["pairs"], private.origin,
        ),
        (
            "copies edited in tone, colour, sharpness or size by other software, against their source",
            None, float(n_edited["source first, %"]) / 100, n_edited["n"], edited.origin,
        ),
    ]  # fmt: skip
    columns = ("pairs", "right by score, %", "right by `rank`, %", "of")
    cells = [(name, _shown(score), _shown(rank), of) for name, score, rank, of, _ in rows]
    return Table(
        tower, tuple(Row(dict(zip(columns, row, strict=True)), each[-1]) for row, each in zip(cells, rows, strict=True))
    )


def _shown(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}".removesuffix(".0")


def pair_models(bundle: Bundle) -> Table:
    """Figures on the test split of `genloss train-pairs`: for the judge alone, and with pixel comparison."""
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
    return Table(_trained("genloss train-pairs", bundle.version), tuple(map(Row, cells)))


def _trained(command: str, version: str) -> Origin:
    """Origin of figures in bundle.json, which records the whole command, but neither date nor machine."""
    return Origin(f"{command}, as bundle.json says", version, "", "")


def _percents(title: str, key: str, judge: dict[str, Any], both: dict[str, Any]) -> tuple[str, str, str]:
    return title, f"{100 * judge[key]:.2f} %", f"{100 * both[key]:.2f} %"


def _sure(figures: dict[str, Any], of: str) -> str:
    return f"{100 * figures['share_sure']:.1f} %{of}, {100 * figures['right_when_sure']:.2f} % right"


if __name__ == "__main__":
    main()
