"""The command `python datagen/make_pairs.py`: degrades originals and keeps whole chains of versions.

Each chain starts from one picture, is edited one to five times in a row, and every version is kept.
An earlier version is closer to the original than a later one, so each chain gives all its ordered
pairs. The seed of chain i is (seed, i): order and number of workers change nothing.
"""

import argparse
import csv
import hashlib
import io
import json
import multiprocessing
import signal
import sys
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

# `python datagen/make_pairs.py` puts this folder on the path, not the project's.
if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from datagen.draw import KIND_WEIGHTS, MIN_SIDE_PX, draw_edit, draw_kind, draw_original
from datagen.ledger import ChainRecord, Ledger
from datagen.recipe import Recipe, is_lossy, to_json
from model.atomic import write_atomically
from model.decode import decode
from model.errors import DatagenError, GenerationLossError, ImageError, RecipeError

SOURCE_FORMATS = ("jpeg", "png", "webp")
_EXTENSIONS = {"jpeg": "jpg", "png": "png", "webp": "webp", "gif": "gif"}
_IGNORE_INTERRUPTS = (signal.SIGINT, signal.SIG_IGN)  # in workers: Ctrl-C is the parent's to handle
_TRIES = 6  # draws per edit before the chain is cut short: most rejections are lossless palettes
SPLITS = (("train", 0.84), ("validation", 0.92), ("test", 1.0))


def main(argv: list[str] | None = None) -> int:
    """Runs the command; returns 0, or 2 after printing one line for an error."""
    arguments = _parser().parse_args(argv)
    try:
        make_pairs(
            images=arguments.images,
            out=arguments.out,
            n_chains=arguments.chains,
            seed=arguments.seed,
            n_workers=arguments.workers,
            without=frozenset(arguments.without),
        )
    except GenerationLossError as error:
        print(f"make_pairs: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("make_pairs: interrupted; the same command goes on where it stopped", file=sys.stderr)
        return 130
    return 0


def make_pairs(
    images: Path, out: Path, n_chains: int, seed: int, n_workers: int, without: frozenset[str] = frozenset()
) -> Counter[str]:
    """Generates chains into `out`, resuming what an earlier call with the same arguments left.

    Returns:
        Counts of chains, versions, pairs and skips by reason.

    Raises:
        DatagenError: no usable picture in `images`, or `out` belongs to a run with other arguments.
    """
    if not images.is_dir():
        raise DatagenError(f"--images {images} is not a folder")
    sources = sorted(str(path.relative_to(images)) for path in images.rglob("*") if _looks_usable(path))
    if not sources:
        raise DatagenError(f"no JPEG, PNG or WebP picture below {images}")
    out.mkdir(parents=True, exist_ok=True)
    listing = hashlib.sha256("\n".join(sources).encode("utf-8", "surrogateescape")).hexdigest()
    ledger = Ledger(out / "ledger.sqlite", {"seed": str(seed), "sources": listing, "without": ",".join(sorted(without))})
    todo = sorted(set(range(n_chains)) - ledger.finished())
    _run_all(todo, images, sources, out, seed, without, n_workers, ledger)
    counts = _write_tables(out, [record for record in ledger.records() if record.chain < n_chains])
    ledger.close()
    print(", ".join(f"{value} {key}" for key, value in counts.items()), file=sys.stderr)
    return counts


def make_chain(images: Path, sources: list[str], out: Path, seed: int, chain: int, without: frozenset[str]) -> ChainRecord:
    """Draws and applies one chain and puts its files in place; the same arguments give the same bytes."""
    from datagen.apply import apply_recipe, read_version  # loads ImageMagick: only in the worker

    generator = np.random.default_rng([seed, chain])
    source = sources[int(generator.integers(len(sources)))]
    data = (images / source).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    split = split_of(source)
    try:
        # ImageMagick fills what a truncated file lacks with grey; our own decoder refuses it.
        decoded = decode(data)
    except ImageError as error:
        return ChainRecord(chain, source, digest, split, (), error.code)
    image_format = decoded.image_format
    if image_format not in SOURCE_FORMATS or decoded.n_frames > 1:
        return ChainRecord(chain, source, digest, split, (), "animated, or neither JPEG nor PNG nor WebP")
    try:
        version = read_version(data, image_format)
        if min(version.width_px, version.height_px) < 2 * MIN_SIDE_PX:
            return ChainRecord(chain, source, digest, split, (), f"a side below {2 * MIN_SIDE_PX} px")
        # WebP in a corpus is only kept as lossless storage; as an original it becomes PNG or JPEG.
        lossy = image_format == "jpeg"
        recipe = draw_original(generator, version.width_px, version.height_px, lossy)
        if recipe is not None:
            version = apply_recipe(version, recipe)
    except RecipeError as error:
        return ChainRecord(chain, source, digest, split, (), str(error)[:200])
    recipes = [recipe or Recipe("original", ())]
    versions = [version]
    quality = _last_quality(recipes[0], 92)
    for _ in range(int(generator.choice([1, 2, 3, 4, 5], p=[0.2, 0.25, 0.25, 0.18, 0.12]))):
        for _ in range(_TRIES):
            kind = draw_kind(generator, without)
            recipe = draw_edit(generator, kind, version.width_px, version.height_px, quality)
            if not is_lossy(recipe, version.width_px, version.height_px):
                continue
            try:
                edited = apply_recipe(version, recipe)
            except RecipeError:
                continue
            if edited.pixels in {earlier.pixels for earlier in versions}:
                continue  # nothing was lost, or everything already was: no truth in such a pair
            version = edited
            versions.append(version)
            recipes.append(recipe)
            quality = _last_quality(recipe, quality)
            break
    if len(versions) < 2:
        return ChainRecord(chain, source, digest, split, (), "no edit changed a pixel")
    folder = out / "files" / f"{chain // 1000:04d}"
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for index, (one, recipe) in enumerate(zip(versions, recipes, strict=True)):
        name = f"c{chain:07d}.v{index}.{_EXTENSIONS[one.image_format]}"
        write_atomically(folder / name, one.data)
        rows.append(
            {
                "path": str((folder / name).relative_to(out)),
                "sha256": hashlib.sha256(one.data).hexdigest(),
                "kind": recipe.kind,
                "recipe": to_json(recipe),
            }
        )
    return ChainRecord(chain, source, digest, split, tuple(rows))


def split_of(source: str) -> str:
    """The side of the split a source always falls on; tiles `NAME__N.png` of one picture stay together."""
    key = Path(source).stem.split("__")[0]
    place = int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()[:8], "big") / 2**64
    return next(name for name, end in SPLITS if place < end)


def _run_all(
    todo: list[int],
    images: Path,
    sources: list[str],
    out: Path,
    seed: int,
    without: frozenset[str],
    n_workers: int,
    ledger: Ledger,
) -> None:
    columns = (
        TextColumn("chains"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn(),
    )  # fmt: skip
    context = multiprocessing.get_context("spawn")
    remaining = iter(todo)
    n_versions = 0
    with (
        Progress(*columns, console=Console(stderr=True)) as progress,
        ProcessPoolExecutor(n_workers, mp_context=context, initializer=signal.signal, initargs=_IGNORE_INTERRUPTS) as pool,
    ):
        task = progress.add_task("chains", total=len(todo), rate="")
        waiting = {}

        def submit() -> None:
            chain = next(remaining, None)
            if chain is not None:
                waiting[pool.submit(make_chain, images, sources, out, seed, chain, without)] = chain

        for _ in range(4 * n_workers):
            submit()
        try:
            while waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    del waiting[future]
                    record = future.result()
                    ledger.add(record)
                    n_versions += len(record.versions)
                    elapsed = progress.tasks[task].elapsed or 0.0
                    progress.update(task, advance=1, rate=f"{n_versions / max(elapsed, 1e-9):.0f} versions/s")
                    submit()
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        except BrokenProcessPool as error:
            raise DatagenError("a worker died; run the same command again to go on where it stopped") from error


def _write_tables(out: Path, records: list[ChainRecord]) -> Counter[str]:
    counts: Counter[str] = Counter(chains=0, versions=0, pairs=0)
    chains, pairs = io.StringIO(), io.StringIO()
    writer = csv.writer(pairs, lineterminator="\n")
    writer.writerow(["better", "worse", "category", "split", "source"])
    for record in records:
        if record.skipped:
            counts[f"skipped ({record.skipped})"] += 1
            continue
        counts["chains"] += 1
        counts["versions"] += len(record.versions)
        document = {
            "chain": record.chain, "source": record.source, "split": record.split, "versions": list(record.versions),
        }  # fmt: skip
        chains.write(json.dumps(document, sort_keys=True) + "\n")
        for better in range(len(record.versions)):
            for worse in range(better + 1, len(record.versions)):
                kinds = {version["kind"] for version in record.versions[better + 1 : worse + 1]}
                category = kinds.pop() if len(kinds) == 1 else "several"
                paths = [record.versions[index]["path"] for index in (better, worse)]
                writer.writerow([*paths, category, record.split, record.source])
                counts["pairs"] += 1
    write_atomically(out / "chains.jsonl", chains.getvalue().encode("utf-8", "surrogateescape"))
    write_atomically(out / "pairs.csv", pairs.getvalue().encode("utf-8", "surrogateescape"))
    return counts


def _last_quality(recipe: Recipe, otherwise: int) -> int:
    qualities = [one["quality"] for one in recipe.steps if one.name == "save_jpeg"]
    return int(qualities[-1]) if qualities else otherwise


def _looks_usable(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make_pairs.py",
        description="Degrade original pictures the way the web does and keep every version of each chain.",
        epilog="Output: files/ (versions), chains.jsonl (recipes), pairs.csv (better,worse,category,split,source) "
        "and ledger.sqlite. Run the same command again to resume after an interruption.",
    )
    parser.add_argument(
        "--images", type=Path, required=True, help="folder of originals (JPEG, PNG, WebP), searched recursively"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the result; made when missing")
    parser.add_argument("--chains", type=_positive, default=1000, help="chains of 2 to 6 versions (default 1000)")
    parser.add_argument("--seed", type=int, default=1683, help="seed of the run (default 1683)")
    parser.add_argument("--workers", type=_positive, default=2, help="processes (default 2); changes only the speed")
    parser.add_argument(
        "--without", nargs="*", default=[], choices=sorted(KIND_WEIGHTS), metavar="KIND",
        help=f"kinds of edit to leave out: {', '.join(KIND_WEIGHTS)}",
    )  # fmt: skip
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, got {value}")
    return value


if __name__ == "__main__":
    sys.exit(main())
