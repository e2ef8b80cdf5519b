"""Collections: lists their files, decides which to put away, and puts them away without losing any."""
