"""Measures how far a classifier of a labelled folder tolerates compression."""
