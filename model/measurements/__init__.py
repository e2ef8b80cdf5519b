"""From a decoded picture to the features of the network."""

# Raised whenever the same bytes would give other features; a bundle made for another one is refused.
FEATURE_VERSION = 3
