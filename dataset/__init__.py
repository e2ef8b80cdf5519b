"""The eyes of genloss on training data."""
