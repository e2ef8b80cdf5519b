"""Vectors of a few dimensions to places on a plane, and the clusters among them."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

_N_NEIGHBOURS = 30
_MISSING = "The map needs scikit-learn (genloss[audit]) or umap-learn (genloss[umap])."


def embed(vectors: NDArray[np.float64], seed: int) -> tuple[str, NDArray[np.float64]] | str:
    """Name of the method and (P, 2) places: by UMAP, else by t-SNE; a sentence where neither is installed.

    Args:
        vectors: (P, D), P at least 10.
        seed: the same seed gives the same places.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # both warn of their own defaults
        try:
            with _without_tensorflow():
                from umap import UMAP
        except ImportError:
            return embed_by_tsne(vectors, seed)
        layout = UMAP(n_neighbors=min(_N_NEIGHBOURS, len(vectors) - 1), min_dist=0.1, random_state=seed, n_jobs=1)
        return "UMAP", np.asarray(layout.fit_transform(vectors), dtype=float)


def find_clusters(places: NDArray[np.float64]) -> NDArray[np.int_]:
    """Label of each place by HDBSCAN, -1 for none.

    Args:
        places: (P, 2).
    """
    from sklearn.cluster import HDBSCAN

    return np.asarray(HDBSCAN(min_cluster_size=max(10, len(places) // 40), copy=True).fit_predict(places))


def embed_by_tsne(vectors: NDArray, seed: int) -> tuple[str, NDArray[np.float64]] | str:
    """As `embed`, by t-SNE whatever is installed."""
    try:
        from sklearn.manifold import TSNE
        from threadpoolctl import threadpool_limits
    except ImportError:
        return _MISSING
    perplexity = min(float(_N_NEIGHBOURS), (len(vectors) - 1) / 3)
    with threadpool_limits(1):  # its threads wait for each other by spinning, which takes ten times as long on a busy machine
        return "t-SNE", np.asarray(TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(vectors), float)


@contextmanager
def _without_tensorflow() -> Iterator[None]:
    """Importing umap loads TensorFlow where it is installed, for a class that is not used here."""
    if "tensorflow" in sys.modules:
        yield
        return
    sys.modules["tensorflow"] = None  # type: ignore[assignment]  # importing it is an ImportError
    try:
        yield
    finally:
        del sys.modules["tensorflow"]
