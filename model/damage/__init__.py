"""Names the last edit of a picture by the nearest key. A user can add and remove kinds of edits without training."""
