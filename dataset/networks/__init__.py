"""Keras networks that are trained on a data set itself: the only files of this room that need TensorFlow."""
