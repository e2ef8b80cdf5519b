"""The range of seeds that every library takes: Keras, scikit-learn, UMAP and Optuna refuse larger ones hours into a run."""

MOST_SEED = 2**32 - 1
