"""What the network sees: its summaries of held-out versions, laid out by t-SNE and coloured by kind of damage."""

from collections import Counter
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

MOST_POINTS = 1500
KINDS = 11  # coloured; the rest is grey


def plot_embeddings(summaries: NDArray[np.float32], kinds: Sequence[str]) -> plt.Figure:
    """A t-SNE map (van der Maaten and Hinton, 2008); needs scikit-learn (pip install 'genloss[benchmarks]').

    Args:
        summaries: (V, U) the aggregator's output per version.
        kinds: what was last done to each version.
    """
    from sklearn.manifold import TSNE
    from sklearn.preprocessing import StandardScaler

    chosen = np.random.default_rng(1683).permutation(len(summaries))[:MOST_POINTS]
    scaled = StandardScaler().fit_transform(summaries[chosen])
    places = TSNE(perplexity=40, random_state=1683, init="pca").fit_transform(scaled)
    names = np.array(kinds)[chosen]
    figure, axes = plt.subplots(figsize=(7, 5))
    common = [kind for kind, _ in Counter(names.tolist()).most_common(KINDS)]
    rest = ~np.isin(names, common)
    axes.scatter(*places[rest].T, s=4, color="lightgrey", label="other")
    colours = plt.get_cmap("tab20")
    for index, kind in enumerate(common):
        axes.scatter(*places[names == kind].T, s=5, color=colours(index * 2 % 20 + index // 10), label=kind)
    axes.set(xticks=[], yticks=[])
    axes.legend(fontsize=7, markerscale=2, bbox_to_anchor=(1.01, 1), loc="upper left")
    return figure
