"""A hang or a crash costs one file, and scores are those of this process."""
