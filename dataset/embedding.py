"""Lays vectors of a few dimensions out on a plane, and finds clusters there."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

_N_NEIGHBOURS = 30
_MISSING = "The map needs scikit-learn (genloss[audit]) or umap-learn (genloss[umap])."


def embed(vectors: NDArray[np.float64], seed: int) -> tuple[str, NDArray[np.float64]] | str:
    """Name of the method and (P, 2) places, by UMAP or else by t-SNE; a sentence if neither is installed.

    Args:
        vectors: (P, D), P at least 10.
        seed: the same seed gives the same places.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # UMAP and t-SNE warn about their own defaults
        try:
            with _without_tensorflow():
                from umap import UMAP
        except ImportError:
            return embed_by_tsne(vectors, seed)
        layout = UMAP(n_neighbors=min(_N_NEIGHBOURS, len(vectors) - 1), min_dist=0.1, random_state=seed, n_jobs=1)
        return "UMAP", np.asarray(layout.fit_transform(vectors), dtype=float)


def find_clusters(places: NDArray[np.float64]) -> NDArray[np.int_]:
    """Cluster label of each place by HDBSCAN; -1 for places in no cluster.

    Args:
        places: (P, 2).
    """
    from sklearn.cluster import HDBSCAN

    return np.asarray(HDBSCAN(min_cluster_size=max(10, len(places) // 40), copy=True).fit_predict(places))


def embed_by_tsne(vectors: NDArray, seed: int) -> tuple[str, NDArray[np.float64]] | str:
    """Like `embed`, but by t-SNE even if UMAP is installed."""
    try:
        from sklearn.manifold import TSNE
        from threadpoolctl import threadpool_limits
    except ImportError:
        return _MISSING
    perplexity = min(float(_N_NEIGHBOURS), (len(vectors) - 1) / 3)
    with threadpool_limits(1):  # threads that wait by spinning would take ten times as long on a busy machine
        return "t-SNE", np.asarray(TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(vectors), float)


@contextmanager
def _without_tensorflow() -> Iterator[None]:
    """Keeps the import of umap from loading TensorFlow, which umap needs only for a class that is not used here."""
    if "tensorflow" in sys.modules:
        yield
        return
    sys.modules["tensorflow"] = None  # type: ignore[assignment]  # makes its import raise ImportError
    try:
        yield
    finally:
        del sys.modules["tensorflow"]
