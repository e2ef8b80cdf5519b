"""Audits, sweeps and shared palettes of training data."""
