"""Shrinks a training set by shared palettes: finds palettes, writes N-bit index pictures, and reads them."""
