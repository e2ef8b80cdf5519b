"""What a file's container announces, read off its structure in a few milliseconds, without a codec."""
