"""How long a tower takes to score one picture, next to the shipped tower on the same machine at the same moment."""

import time

import numpy as np

from genloss.model.scoring.onnx_session import open_session

ROUNDS = 25


def compare_latency(candidate: bytes, shipped: bytes, n_blocks: int, metadata_size: int) -> tuple[float, float]:
    """Best of many alternating runs on one core, as the scorer runs them.

    Both are timed alternately, so that other load on the machine, or another machine, changes the ratio little.

    Args:
        candidate, shipped: ONNX files of towers with the same inputs.
        n_blocks: blocks of the picture.
        metadata_size: length of its metadata.

    Returns:
        The candidate's time in times of the shipped tower's, and its time in milliseconds.
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
