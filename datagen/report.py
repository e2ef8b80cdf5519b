"""report.html: one offline page that shows a run's chains, everything that was drawn, and what was skipped."""

import base64
import json
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable
from html import escape
from pathlib import Path

import numpy as np

from genloss.datagen.contact_sheet import ChainPictures
from genloss.datagen.ledger import ChainRecord
from genloss.datagen.sources import Source
from genloss.model.files import write_atomically

_HIDDEN = {"seed", "text", "colours", "left_px", "top_px", "baseline_px"}  # of no interest as a distribution
_WIDTH, _HEIGHT, _BINS = 220, 70, 24
_STYLE = """
:root { color-scheme: light dark; --line: #8886; --bar: #3b7dd8; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1180px; padding: 0 1rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; } td, th { padding: .15rem .9rem .15rem 0; text-align: left; vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
.grid { display: flex; flex-wrap: wrap; gap: 1rem 1.4rem; } figure { margin: 0; } figcaption { font-size: 12px; opacity: .8; }
.chain { display: flex; gap: .8rem; overflow-x: auto; padding: .6rem 0; border-bottom: 1px solid var(--line); }
.chain figure { flex: 0 0 150px; } .chain img { max-width: 150px; max-height: 150px; background: #8883; }
.chain .name { flex: 0 0 120px; font-size: 12px; overflow-wrap: anywhere; }
rect { fill: var(--bar); } svg { border-bottom: 1px solid var(--line); }
.bar { display: inline-block; height: .7em; background: var(--bar); }
"""


def write_report(
    out: Path,
    run: dict[str, str],
    counts: Counter[str],
    sources: list[Source],
    records: Iterable[ChainRecord],
    sheet: list[ChainPictures],
) -> None:
    """Writes out/report.html.

    Args:
        run: what identifies the run, shown as it is.
        counts: from pair_tables.write_tables.
        records: all chains; read once, one at a time.
        sheet: the chains to show as pictures.
    """
    kinds: Counter[str] = Counter()
    formats: Counter[str] = Counter()
    lengths: Counter[str] = Counter()
    splits: dict[str, Counter[str]] = defaultdict(Counter)
    # Numbers in arrays and words in counters: a long run must not fill the memory at its end.
    numbers: dict[str, dict[str, array[float]]] = defaultdict(lambda: defaultdict(lambda: array("d")))
    words: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for record in records:
        if record.skipped:
            continue
        lengths[f"{len(record.versions)} versions"] += 1
        splits[record.split].update(chains=1, versions=len(record.versions))
        for place, version in enumerate(record.versions):
            role = "original" if place == 0 else "edited"
            formats[f"{version['image_format']} ({role})"] += 1
            numbers[f"versions: {role}"]["longest side, px"].append(max(version["width_px"], version["height_px"]))
            bits = 8 * version["n_bytes"] / (version["width_px"] * version["height_px"])
            numbers[f"versions: {role}"]["bits per pixel"].append(bits)
            if place:
                kinds[version["kind"]] += 1
            for one in json.loads(version["recipe"])["steps"]:
                for key, value in one.items():
                    if key in _HIDDEN or key == "name":
                        continue
                    if isinstance(value, str | bool):
                        words[f"step: {one['name']}"][key][str(value)] += 1
                    else:
                        numbers[f"step: {one['name']}"][key].append(value)
    groups = Counter(source.group for source in sources if source.group)
    for source in sources:
        if source.split:
            splits[source.split]["originals"] += 1
    body = [
        "<h1>Degraded pictures</h1>",
        f"<p>{counts['chains']} chains, {counts['versions']} versions, {counts['pairs']} ordered pairs. In every chain an "
        "earlier version is closer to the original than a later one.</p>",
        _rows(run),
        "<h2>Split</h2><p>By original; exact duplicates are dropped, near duplicates and tiles of one picture "
        f"({sum(1 for size in groups.values() if size > 1)} groups of two or more) always fall on the same side.</p>",
        _split_table(splits),
        "<h2>Skipped</h2>",
        _skips(sources, counts),
        "<h2>Chains</h2>",
        *(_chain(pictures) for pictures in sheet),
        "<h2>Kinds of edit</h2>",
        _bars(kinds),
        "<h2>Formats and lengths</h2><div class=grid>",
        _bars(formats),
        _bars(lengths),
        "</div>",
    ]
    for heading in sorted({*numbers, *words}, key=lambda name: (name.startswith("step"), name)):
        body.append(f"<h2>{escape(heading)}</h2><div class=grid>")
        body.extend(_histogram(name, values) for name, values in sorted(numbers[heading].items()))
        body.extend(
            f"<figure><figcaption>{escape(name)}</figcaption>{_bars(tally)}</figure>"
            for name, tally in sorted(words[heading].items())
        )
        body.append("</div>")
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Degraded pictures: report</title><style>{_STYLE}</style>{''.join(body)}</html>\n"
    )
    write_atomically(out / "report.html", page.encode("utf-8", "replace"))


def _rows(items: dict[str, str]) -> str:
    return "<table>" + "".join(f"<tr><th>{escape(k)}<td>{escape(v)}" for k, v in items.items()) + "</table>"


def _split_table(splits: dict[str, Counter[str]]) -> str:
    rows = "".join(
        f"<tr><th>{name}<td class=n>{splits[name]['originals']}<td class=n>{splits[name]['chains']}"
        f"<td class=n>{splits[name]['versions']}"
        for name in ("train", "validation", "test")
    )
    return f"<table><tr><th><th>originals<th>chains<th>versions{rows}</table>"


def _skips(sources: list[Source], counts: Counter[str]) -> str:
    skipped = [source for source in sources if source.skipped]
    chains = {name: str(count) for name, count in sorted(counts.items()) if name.startswith("chains skipped")}
    text = f"<p>{len(skipped)} of {len(sources)} files of the image folder cannot be originals.</p>"
    if skipped:
        rows = "".join(f"<tr><td>{escape(source.path)}<td>{escape(source.skipped)}" for source in skipped[:2000])
        text += f"<details><summary>which, and why</summary><table>{rows}</table></details>"
    return text + (_rows(chains) if chains else "<p>No chain was skipped.</p>")


def _chain(pictures: ChainPictures) -> str:
    record = pictures.record
    cells = [f"<div class=name>chain {record.chain}<br>{escape(record.source)}<br>{record.split}</div>"]
    for version, data in zip(record.versions, pictures.thumbnails, strict=True):
        steps = json.loads(version["recipe"])["steps"]
        details = "\n".join(" ".join(f"{key}={value}"[:60] for key, value in one.items()) for one in steps) or "the file itself"
        image = f"<img alt='' src='data:image/jpeg;base64,{base64.b64encode(data).decode()}'>" if data else ""
        cells.append(
            f"<figure title='{escape(details, quote=True)}'>{image}<figcaption><b>{escape(version['kind'])}</b> "
            f"{version['image_format']} {version['width_px']}x{version['height_px']}<br>{version['n_bytes'] / 1000:.1f} kB: "
            f"{escape(', '.join(one['name'] for one in steps))}</figcaption></figure>"
        )
    return f"<div class=chain>{''.join(cells)}</div>"


def _histogram(name: str, values: "array[float]") -> str:
    numbers = np.array(values)
    counts, edges = np.histogram(numbers, bins=min(_BINS, max(1, np.unique(numbers).size)))
    width, tallest = _WIDTH / len(counts), max(1, counts.max())
    bars = "".join(
        f"<rect x={place * width:.1f} y={_HEIGHT * (1 - count / tallest):.1f} width={max(0.5, width - 1):.1f} "
        f"height={_HEIGHT * count / tallest:.1f}><title>{edges[place]:.4g} to {edges[place + 1]:.4g}: {count}</title></rect>"
        for place, count in enumerate(counts)
    )
    caption = f"{escape(name)}: {numbers.min():.4g} to {numbers.max():.4g}, median {np.median(numbers):.4g}, n {len(numbers)}"
    return f"<figure><svg width={_WIDTH} height={_HEIGHT}>{bars}</svg><figcaption>{caption}</figcaption></figure>"


def _bars(counts: Counter[str]) -> str:
    most = max(counts.values(), default=1)
    rows = "".join(
        f"<tr><td>{escape(name)}<td class=n>{count}<td><span class=bar style='width:{140 * count / most:.0f}px'></span>"
        for name, count in counts.most_common()
    )
    return f"<table>{rows}</table>"
