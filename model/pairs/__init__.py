"""Two versions of one picture side by side: how one lies on the other, what made it, and who was made from whom."""
