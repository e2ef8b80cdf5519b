"""Readers of container structure: what a file announces, found in a few milliseconds without a codec."""
