"""Keras networks trained on the user's data set. In genloss.dataset, only this package imports TensorFlow."""
