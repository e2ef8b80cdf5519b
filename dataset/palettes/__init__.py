"""Shared palettes that shrink a training set: found, kept as pictures of N bits, read again."""
