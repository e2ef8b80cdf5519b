"""A collection: what is in it, which files to put away, and how nothing is lost on the way."""
