"""What was last done to a picture, named by the nearest key; kinds are taught and forgotten without training."""
