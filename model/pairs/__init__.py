"""Two versions of one picture side by side: how one lies on the other, what made it, and who was made from whom."""

EVIDENCE_VERSION = 1  # of what is measured of two versions; a model fitted on another version is refused
