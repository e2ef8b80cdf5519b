"""Time of a score without its measurements: reading, decoding, ranking blocks, running the network.

This is a lower bound of scoring time, however cheap measurements become. Pillow and BRISQUE are timed as well, as in
scoring_speed.py and batch_speed.py.
"""

import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from batch_speed import N_COMPARED, N_COPIES, brisque_rate, make_files
from scoring_speed import decode_with_pillow, median_ms, photograph

from genloss import Scorer
from genloss.model.images.decode import decode
from genloss.model.measurements import features
from genloss.model.measurements.blocks import sample_blocks

N_FILES = 2000
_scorer: Scorer


def main() -> None:
    scorer = _without_measurements()
    data = photograph(12.0)
    mine, pillows = median_ms(15, partial(scorer.score, data), partial(decode_with_pillow, data))
    print(f"12 Mpx JPEG, nothing measured: {mine:.1f} ms, Pillow decodes in {pillows:.1f} ms, ratio {mine / pillows:.2f}")
    with tempfile.TemporaryDirectory() as name:
        paths = make_files(Path(name), N_FILES // N_COPIES)
        with ProcessPoolExecutor(initializer=_start) as pool:
            list(pool.map(_score, paths[:8]))  # starts the workers
            started = time.perf_counter()
            list(pool.map(_score, paths, chunksize=4))
            rate = len(paths) / (time.perf_counter() - started)
        print(
            f"{len(paths)} mixed files, nothing measured: {rate:.0f} files/s on {os.cpu_count()} cores, workers started before"
        )
        brisque = brisque_rate(paths[:N_COMPARED])
        if brisque is not None:
            print(f"BRISQUE features by OpenCV, decoded by Pillow: {brisque:.0f} files/s; {rate / brisque:.1f} times")


def _without_measurements() -> Scorer:
    """A scorer with constant measurements: the same numbers for every picture."""
    scorer = Scorer()
    image = decode(photograph(0.1))
    values = np.zeros(len(features.measure(image, sample_blocks(image.luma))), np.float32)
    features.measure = lambda image, sample: values
    return scorer


def _start() -> None:
    global _scorer
    _scorer = _without_measurements()


def _score(path: Path) -> float:
    return _scorer.score_file(path).generation_loss


if __name__ == "__main__":
    main()
