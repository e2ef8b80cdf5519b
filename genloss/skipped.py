"""Counts the files in folders that are left out, and reports them in one line at the end."""

from collections import Counter

from genloss.batch import NO_PICTURE
from genloss.inputs import NO_FILE, SYMBOLIC_LINK
from genloss.remarks import say


class Skipped:
    """Counts files that are left out; call it with the reason of each, and `report` once at the end."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def __call__(self, why: str) -> None:
        self._counts[why] += 1

    def report(self) -> None:
        """Prints the counts to standard error, if any file was left out."""
        words = {
            NO_PICTURE: "that are no pictures",
            NO_FILE: "that are pipes, sockets or devices",
            SYMBOLIC_LINK: "that are symbolic links (--follow-links reads them)",
        }
        parts = [f"{count} {words.get(why, f'({why})')}" for why, count in self._counts.items()]
        if parts:
            say(f"left out in folders: {', '.join(parts)}")
