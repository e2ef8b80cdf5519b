"""Hypervector keys and the explicit memory of names: NumPy only."""
