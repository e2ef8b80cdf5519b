"""Trains on pictures of few colours and tests on unchanged ones: shared palettes against other ways to save bytes.

    python benchmarks/accuracy/palettes.py SET --out FOLDER --bits 1,2 --seeds 0,1 [--ablations] [--minutes 9]

SET holds train/CLASS and test/CLASS with pictures of one size, such as CIFAR-10 as PNG files. Results are kept in
FOLDER; the same command resumes an interrupted run, and prints the table of all results so far.
Source: "Dataset Color Quantization", whose figures are for a ResNet-18 and all of CIFAR-10.
"""

import argparse
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from PIL import Image

from genloss.dataset.labelled import list_labelled, read_rgb
from genloss.dataset.networks.attention import spread_over
from genloss.dataset.networks.config import ClassifierConfig, FitConfig
from genloss.dataset.networks.features import Seer
from genloss.dataset.networks.fitting import Sample, accuracy_of, fit_classifier
from genloss.dataset.palettes.find import PaletteConfig, cluster, own_colours, shared_palettes
from genloss.model.images.shared_palettes import nearest_entries, rgb_to_lab

EPOCHS, BATCH = 20, 64
METHODS = ("shared", "per picture", "median cut", "fewer pictures")
ABLATIONS = ("all pixels", "no texture step", "one cluster", "deep features", "by label", "at random")
CLUSTERS = 20


class Bench:
    """A labelled set, and the features of a network trained on it.

    Args:
        root: folder that holds train/ and test/.
        out: folder that keeps the features.
        seed: of the network and of all random draws.
    """

    def __init__(self, root: Path, out: Path, seed: int) -> None:
        self.train, self.test = (_load(root / part) for part in ("train", "test"))
        self.seed = seed
        self.keys = np.eye(int(self.train.labels.max()) + 1, dtype=np.float32)
        self._out = out

    def fit(self, sample: Sample, seed_shift: int = 0) -> tuple[object, float]:
        """A network trained on a sample, and its accuracy on the test pictures; every sample size gets equally many steps."""
        epochs = round(EPOCHS * len(self.train.labels) / len(sample.labels))
        config = FitConfig("cross_entropy", epochs, batch=min(BATCH, len(sample.labels)), seed=self.seed + seed_shift)
        network_config = ClassifierConfig(self.train.pictures.shape[1], n_outputs=len(self.keys))
        network, _ = fit_classifier(sample, None, self.keys, network_config, config)
        return network, accuracy_of(network, self.test, self.keys)

    def seen(self) -> dict[str, np.ndarray]:
        """First-block features, deep features and attention of a network trained with a separate seed."""
        path = self._out / f"seen-{self.seed}.npz"
        if not path.exists():
            network, accuracy = self.fit(self.train, 1000)
            shallow, deep, attention = Seer(network, self.keys).see(self.train.pictures, self.train.labels)
            np.savez(path, shallow=shallow, deep=deep, attention=attention, accuracy=accuracy)
        with np.load(path) as stored:
            return dict(stored)

    def quantise(self, method: str, bits: int) -> Sample:
        """The training pictures, or fewer of them, in about bits / 24 of their bytes."""
        generator = np.random.default_rng([self.seed, bits])
        pictures, labels = self.train.pictures, self.train.labels
        if method == "fewer pictures":
            chosen = generator.permutation(len(labels))[: round(len(labels) * bits / 24)]
            return Sample(pictures[chosen], labels[chosen])
        if method == "median cut":
            return Sample(np.stack([_median_cut(rgb, 2**bits) for rgb in pictures]), labels)
        config = PaletteConfig(bits, CLUSTERS, seed=self.seed)
        if method == "per picture":
            palettes = [own_colours(rgb, None, config, generator) for rgb in pictures]
            return Sample(_apply(pictures, palettes, np.arange(len(labels))), labels)
        return Sample(*self._share(method, config, generator))

    def _share(self, method: str, config: PaletteConfig, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        seen, pictures, labels = self.seen(), self.train.pictures, self.train.labels
        if method == "no texture step":
            config = replace(config, texture_steps=0)
        match method:
            case "one cluster":
                clusters = np.zeros(len(labels), np.int64)
            case "deep features":
                clusters = cluster(seen["deep"], CLUSTERS, generator)
            case "by label":
                clusters = labels
            case "at random":
                clusters = generator.integers(0, CLUSTERS, len(labels))
            case _:
                clusters = cluster(seen["shallow"], CLUSTERS, generator)
        kept: Sequence[np.ndarray | None] = list(spread_over(seen["attention"], *pictures.shape[1:3]))
        if method == "all pixels":
            kept = [None] * len(labels)
        colours = [own_colours(rgb, looked, config, generator) for rgb, looked in zip(pictures, kept, strict=True)]

        def read(places: Sequence[int]) -> Iterator[np.ndarray]:
            return (pictures[place] for place in places)

        return _apply(pictures, shared_palettes(clusters, colours, read, config), clusters), labels


def _apply(pictures: np.ndarray, palettes: Sequence[np.ndarray], which: np.ndarray) -> np.ndarray:
    labs = [rgb_to_lab(palette) for palette in palettes]
    return np.stack(
        [palettes[place][nearest_entries(rgb_to_lab(rgb), labs[place])] for rgb, place in zip(pictures, which, strict=True)]
    )


def _median_cut(rgb: np.ndarray, n_colours: int) -> np.ndarray:
    image = Image.fromarray(rgb).quantize(n_colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return np.asarray(image.convert("RGB"))


def _load(root: Path) -> Sample:
    files = list_labelled(root, 10**9, np.random.default_rng(0))
    return Sample(np.stack(list(read_rgb(files.paths))), files.labels)


def _wanted(bits: Sequence[int], seeds: Sequence[int], ablations: bool) -> Iterator[tuple[int, str, int]]:
    """Seed, method and bits of every result, the most informative first."""
    for seed in seeds:
        yield seed, "all, 24 bits", 24
        for n_bits in bits:
            yield from ((seed, method, n_bits) for method in METHODS)
        if ablations:
            yield from ((seed, method, min(bits)) for method in ABLATIONS)


def _table(results: dict[str, float]) -> str:
    rows: dict[tuple[int, str], list[float]] = {}
    for name, accuracy in results.items():
        _, method, bits = name.split("|")
        rows.setdefault((-int(bits), method), []).append(100 * accuracy)
    lines = ["| bits | method | accuracy, % | spread | seeds |", "|---|---|---|---|---|"]
    for (bits, method), found in sorted(rows.items(), key=lambda row: (row[0][0], -np.mean(row[1]))):
        spread = f"{min(found):.1f} to {max(found):.1f}" if len(found) > 1 else ""
        lines.append(f"| {-bits} | {method} | {np.mean(found):.1f} | {spread} | {len(found)} |")
    return "\n".join(lines)


def main() -> None:
    """Runs what is missing, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--bits", default="1,2")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--ablations", action="store_true")
    parser.add_argument("--minutes", type=float, default=1e9, help="after which no further result is begun")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "results.json"
    results: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
    started = time.monotonic()
    bench: Bench | None = None
    bits, seeds = ([int(word) for word in words.split(",")] for words in (options.bits, options.seeds))
    for seed, method, n_bits in _wanted(bits, seeds, options.ablations):
        name = f"{seed}|{method}|{n_bits}"
        if name in results or time.monotonic() - started > 60 * options.minutes:
            continue
        if bench is None or bench.seed != seed:
            bench = Bench(options.set, options.out, seed)
        _, results[name] = bench.fit(bench.train if n_bits == 24 else bench.quantise(method, n_bits))
        path.write_text(json.dumps(results, indent=1))
        print(f"{name}: {100 * results[name]:.1f} %, {time.monotonic() - started:.0f} s", flush=True)
    print(_table(results))


if __name__ == "__main__":
    main()
