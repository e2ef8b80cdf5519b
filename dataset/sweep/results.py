"""Writes results.json, results.csv and predictions.csv of a sweep."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from genloss.dataset.csv_cells import csv_row
from genloss.dataset.sweep.findings import FALLS, LevelFinding, is_sure, level_of_fall
from genloss.dataset.sweep.levels import AS_FOUND
from genloss.dataset.sweep.run import Sweep, Trained
from genloss.model.files import write_atomically

RESULTS, TABLE, PREDICTIONS = "results.json", "results.csv", "predictions.csv"
_NUMBERS = (
    "accuracy", "low", "high", "fall", "fall_low", "fall_high", "own", "other", "known", "attention", "n_bytes",
)  # fmt: skip


def write_results(found: Sweep, out: Path) -> list[str]:
    """Writes the three files into `out`; returns their names."""
    write_atomically(out / RESULTS, json.dumps(describe(found), indent=1).encode())
    header = ["trained_on", "level", *_NUMBERS, *(f"accuracy of {name}" for name in found.parts.files.classes)]
    _write_table(out / TABLE, [header, *_level_rows(found)])
    _write_table(out / PREDICTIONS, _prediction_rows(found))
    return [RESULTS, TABLE, PREDICTIONS]


def describe(found: Sweep) -> dict[str, Any]:
    """The results of a sweep as a JSON-compatible dictionary."""
    parts, files = found.parts, found.parts.files
    return {
        "folder": str(found.options.folder),
        "classes": files.classes,
        "n_pictures": {"train": len(parts.train), "validation": len(parts.validation), "test": len(parts.test)},
        "n_near_duplicate_groups": found.n_groups,
        "unreadable": files.unreadable,
        "kind": found.options.degradation.kind,
        "unit": found.options.degradation.unit,
        "subsampling": found.options.degradation.subsampling,
        "side_px": found.side_px,
        "n_bits": found.options.n_bits,
        "nearest": found.options.nearest,
        "fit": asdict(found.options.fit),
        "trained": [_describe_trained(found, trained) for trained in found.trained],
    }


def _describe_trained(found: Sweep, trained: Trained) -> dict[str, Any]:
    classes = found.parts.files.classes
    return {
        "trained_on": found.options.degradation.name(trained.level),
        "levels": [
            {**asdict(finding), "level": level_value(finding), "by_class": dict(zip(classes, finding.by_class, strict=True)),
             "is_sure": is_sure(finding)}
            for finding in trained.findings
        ],
        "falls": {str(points): level_of_fall(trained.findings, points) for points in FALLS},
    }  # fmt: skip


def level_value(finding: LevelFinding) -> int | None:
    """The level for JSON: None for unchanged files."""
    return None if finding.level == AS_FOUND else finding.level


def _level_rows(found: Sweep) -> Iterator[list[Any]]:
    for trained in found.trained:
        for finding in trained.findings:
            numbers = [round(getattr(finding, name), 6) for name in _NUMBERS]
            names = [found.options.degradation.name(level) for level in (trained.level, finding.level)]
            yield [*names, *numbers, *(round(share, 6) for share in finding.by_class)]


def _prediction_rows(found: Sweep) -> Iterator[list[Any]]:
    """Header, then a row for each classifier, level and test picture."""
    yield ["path", "class", "trained_on", "level", "answer", "similarity", "known"]
    files = found.parts.files
    for trained in found.trained:
        for level, outputs in trained.outputs.items():
            names = [found.options.degradation.name(one) for one in (trained.level, level)]
            nearest = outputs.similarities.argmax(axis=1)
            for number, place in enumerate(found.parts.test):
                similarity = float(outputs.similarities[number, nearest[number]])
                known = similarity >= found.thresholds[trained.level][nearest[number]]
                answer = files.classes[nearest[number]]
                path, own = str(files.paths[place]), files.classes[files.labels[place]]
                yield [path, own, *names, answer, round(similarity, 6), bool(known)]


def _write_table(path: Path, rows: Iterable[list[Any]]) -> None:
    write_atomically(path, "".join(map(csv_row, rows)).encode("utf-8", "backslashreplace"))
