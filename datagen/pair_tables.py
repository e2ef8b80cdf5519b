"""The tables of a run: chains.jsonl, pairs.csv, pairs.parquet and sources.csv."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from genloss.datagen.ledger import ChainRecord
from genloss.datagen.sources import Source
from genloss.model.files import open_atomically
from genloss.model.printable import neutralised

_COLUMNS = {
    "better": pa.string(), "worse": pa.string(), "category": pa.string(), "split": pa.string(),
    "source": pa.string(), "chain": pa.int64(), "better_place": pa.int8(), "worse_place": pa.int8(),
}  # fmt: skip
_SOURCE_COLUMNS = ("path", "sha256", "image_format", "width_px", "height_px", "split", "group", "cluster", "skipped")
_ROWS_PER_GROUP = 50_000


def write_tables(out: Path, records: Iterable[ChainRecord]) -> Counter[str]:
    """Writes chains and all their ordered pairs, one record at a time; each file is written atomically.

    A pair's category is the kind of edit between its versions, or "several".

    Returns:
        Counts of chains, versions, pairs and skipped chains by reason.
    """
    counts: Counter[str] = Counter(chains=0, versions=0, pairs=0)
    schema = pa.schema(_COLUMNS.items())
    with ExitStack() as stack:
        chains = stack.enter_context(open_atomically(out / "chains.jsonl"))
        plain = io.TextIOWrapper(
            stack.enter_context(open_atomically(out / "pairs.csv")), "utf-8", "surrogateescape", newline="", write_through=True
        )
        parquet = stack.enter_context(pq.ParquetWriter(stack.enter_context(open_atomically(out / "pairs.parquet")), schema))
        writer = csv.DictWriter(plain, list(_COLUMNS), lineterminator="\n")
        writer.writeheader()
        group: list[dict[str, Any]] = []
        for record in records:
            if record.skipped:
                counts[f"chains skipped ({record.skipped})"] += 1
                continue
            document = {
                "chain": record.chain, "source": record.source, "source_sha256": record.source_sha256,
                "split": record.split, "versions": list(record.versions),
            }  # fmt: skip
            chains.write(json.dumps(document, sort_keys=True).encode() + b"\n")
            rows = list(_pairs(record))
            writer.writerows({name: neutralised(value) for name, value in row.items()} for row in rows)
            group.extend(rows)
            if len(group) >= _ROWS_PER_GROUP:
                parquet.write_table(_parquet_table(group, schema))
                group.clear()
            counts.update(chains=1, versions=len(record.versions), pairs=len(rows))
        parquet.write_table(_parquet_table(group, schema))
        plain.flush()
        plain.detach()
    return counts


def write_sources(out: Path, sources: list[Source]) -> None:
    """Writes sources.csv: every file of the image folder, its split, or why it was skipped."""
    with open_atomically(out / "sources.csv") as stream:
        text = io.TextIOWrapper(stream, "utf-8", "surrogateescape", newline="", write_through=True)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_SOURCE_COLUMNS)
        writer.writerows([neutralised(getattr(one, column)) for column in _SOURCE_COLUMNS] for one in sources)
        text.flush()
        text.detach()


def _pairs(record: ChainRecord) -> Iterator[dict[str, Any]]:
    for better in range(len(record.versions)):
        for worse in range(better + 1, len(record.versions)):
            kinds = {version["kind"] for version in record.versions[better + 1 : worse + 1]}
            yield {
                "better": record.versions[better]["path"],
                "worse": record.versions[worse]["path"],
                "category": kinds.pop() if len(kinds) == 1 else "several",
                "split": record.split,
                "source": record.source,
                "chain": record.chain,
                "better_place": better,
                "worse_place": worse,
            }


def _parquet_table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    # Parquet text is UTF-8; a file name that is not keeps its odd bytes as question marks here.
    clean = [{**row, "source": row["source"].encode("utf-8", "replace").decode()} for row in rows]
    return pa.Table.from_pylist(clean, schema)
