"""Output of `genloss leaks`: a record of each finding for programs, a table of the splits for people."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from genloss.archive.leaks import Finding, FindingKind, LeaksResult, SplitFigures
from genloss.archive.listing import UNREADABLE
from genloss.archive.plan import Relation
from genloss.model.printable import printable, storable
from genloss.records import Record, path_bytes, path_text
from genloss.tables import column_widths, counted, table_line

LEAK_COLUMNS: dict[str, Any] = {
    "finding": str, "split": str, "path": str, "label": str, "relation": str, "other_split": str, "other": str,
    "other_label": str, "n_others": int, "code": str, "reasons": list[str], "path_base64": str, "other_base64": str,
}  # fmt: skip
EXAMPLES_SHOWN = 3  # of each kind of finding
_HARMFUL = tuple(kind for kind in FindingKind if kind is not FindingKind.RELATED)
_TITLES = {
    FindingKind.LEAK: "leaks", FindingKind.RELATED: "related to another split", FindingKind.CONFLICT: "conflicting labels",
    FindingKind.DUPLICATE: "duplicates", FindingKind.BROKEN: "broken", FindingKind.NO_PICTURE: "no pictures",
    FindingKind.UNUSUAL: "unusual",
}  # fmt: skip
_PLURALS = {
    Relation.SAME_BYTES: "with the same bytes", Relation.SAME_PIXELS: "with the same pixels", Relation.VERSION: "as versions",
}  # fmt: skip


def leak_record(finding: Finding) -> Record:
    """The record of one finding."""
    return {
        "finding": finding.kind.value, "split": storable(finding.split), "path": path_text(finding.path),
        "label": _stored(finding.label),
        "relation": None if finding.relation is None else finding.relation.value, "other_split": _stored(finding.other_split),
        "other": None if finding.other is None else path_text(finding.other), "other_label": _stored(finding.other_label),
        "n_others": finding.n_others, "code": finding.code, "reasons": list(finding.reasons),
        **path_bytes(finding.path), **({} if finding.other is None else path_bytes(finding.other, "other")),
    }  # fmt: skip


def _stored(name: str | None) -> str | None:
    return None if name is None else storable(name)


def summary(result: LeaksResult) -> Iterator[str]:
    """Lines for people: a table with a column for each split, leaks by pairs of splits, and a few examples of each kind."""
    rows = [["", *(printable(figures.split.name) for figures in result.splits)]]
    rows += [_row("files", result.splits, lambda figures: f"{figures.n_files:,}")]
    rows += [_row("pictures", result.splits, lambda figures: f"{figures.n_pictures:,}")]
    for kind in FindingKind:
        if kind not in (FindingKind.LEAK, FindingKind.RELATED) or len(result.splits) > 1:
            rows.append(_count_row(_TITLES[kind], result, (kind,)))
    rows.append(_count_row("any of these", result, _HARMFUL))
    widths = column_widths(rows[0], rows[1:])
    yield from (table_line(row, widths) for row in rows)
    yield from _leak_lines(result)
    for kind in FindingKind:
        yield from _examples(kind, [one for one in result.findings if one.kind is kind])


def remarks(result: LeaksResult) -> Iterator[str]:
    """Lines about pictures that could not be compared, and about files that were left out."""
    for figures in result.splits:
        if figures.n_plain:
            yield (
                f"{figures.split.name}: {figures.n_plain:,} of {counted(figures.n_pictures, 'picture')} too plain or too small "
                "to be laid on others; only copies with equal pixels are found, and of small ones those that lie the same"
            )
    unlisted = [entry for entry in result.left_out if entry.code == UNREADABLE]
    for entry in unlisted:
        yield f"{entry.path}: {entry.message}; not checked"
    if len(result.left_out) > len(unlisted):
        yield f"{len(result.left_out) - len(unlisted):,} left out, such as links"


def n_leaks(result: LeaksResult) -> int:
    """Number of files whose picture another split holds, too."""
    return len({one.path for one in result.findings if one.kind is FindingKind.LEAK})


def _row(title: str, splits: Sequence[SplitFigures], cell: Callable[[SplitFigures], str]) -> list[str]:
    return [title, *map(cell, splits)]


def _count_row(title: str, result: LeaksResult, kinds: Collection[FindingKind]) -> list[str]:
    """A row with the number of files of each split that have findings of these kinds."""
    counts = Counter(split for split, _ in {(one.split, one.path) for one in result.findings if one.kind in kinds})
    return _row(title, result.splits, lambda figures: _share(counts[figures.split.name], figures.n_files))


def _share(count: int, total: int) -> str:
    if not count:
        return "0"
    percent = 100 * count / total
    shown = "100" if count == total else f"{min(percent, 99.9):.1f}" if percent >= 99 else f"{percent:.2g}"
    return f"{count:,} ({shown} %)"


def _leak_lines(result: LeaksResult) -> Iterator[str]:
    """A line for every two splits: how many pictures of the first the second holds, by relation."""
    totals = {figures.split.name: figures.n_pictures for figures in result.splits}
    counts: dict[tuple[str, str], Counter[Relation]] = {}
    for one in result.findings:
        if one.kind is FindingKind.LEAK and one.relation is not None and one.other_split is not None:
            counts.setdefault((one.split, one.other_split), Counter())[one.relation] += 1
    for (split, other), relations in counts.items():
        how = ", ".join(f"{count:,} {_PLURALS[relation]}" for relation, count in sorted(relations.items()))
        yield printable(f"{_share(sum(relations.values()), totals[split])} of {split} in {other}: {how}")


def _examples(kind: FindingKind, findings: Sequence[Finding]) -> Iterator[str]:
    for one in findings[:EXAMPLES_SHOWN]:
        words = [] if one.relation is None or one.other is None else [f"{_words(one.relation)} {path_text(one.other)}"]
        if kind is FindingKind.CONFLICT:
            words.append(f"labels {one.label} and {one.other_label}")
        words += one.reasons
        yield printable(f"{_TITLES[kind]}: {path_text(one.path)}  ({'; '.join(words)})")
    if len(findings) > EXAMPLES_SHOWN:
        yield f"{_TITLES[kind]}: {len(findings) - EXAMPLES_SHOWN:,} more; -o findings.csv lists all"


def _words(relation: Relation) -> str:
    return {
        Relation.SAME_BYTES: "same bytes as", Relation.SAME_PIXELS: "same pixels as", Relation.VERSION: "a version of",
        Relation.PART_OF: "a part of", Relation.CONTAINS: "contains", Relation.ALTERNATE: "an alternate of",
    }[relation]  # fmt: skip
