"""Latency of a tower for one picture, relative to the shipped tower on the same machine at the same time."""

import time

import numpy as np

from genloss.model.scoring.onnx_session import open_session

ROUNDS = 25


def compare_latency(candidate: bytes, shipped: bytes, n_blocks: int, metadata_size: int) -> tuple[float, float]:
    """Times two towers alternately on one core, and takes the best of many runs of each.

    Because the runs alternate, other load or another machine hardly changes the ratio.

    Args:
        candidate: ONNX file of the tower to time.
        shipped: ONNX file of the shipped tower, with the same inputs.
        n_blocks: number of blocks of the picture.
        metadata_size: length of the metadata.

    Returns:
        The candidate's time divided by the shipped tower's, and the candidate's time in milliseconds.
    """
    sessions = [open_session(candidate, "the candidate"), open_session(shipped, "the shipped tower")]
    generator = np.random.default_rng(0)
    picture = {
        "blocks": generator.integers(0, 256, (1, n_blocks, 8, 8), dtype=np.uint8),
        "presence": np.ones((1, n_blocks), np.float32),
        "metadata": generator.normal(size=(1, metadata_size)).astype(np.float32),
    }
    times: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        for session, taken in zip(sessions, times, strict=True):
            started = time.perf_counter()
            session.run(["generation_loss"], picture)
            taken.append(time.perf_counter() - started)
    mine, reference = (min(taken[2:]) for taken in times)  # the first runs warm up
    return mine / reference, 1000 * mine
