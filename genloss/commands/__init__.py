"""What a user types after `genloss`: a file for each word; each function returns how many of its inputs failed."""
