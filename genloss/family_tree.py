"""Who was made from whom, drawn for the terminal: a tree for each picture."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from genloss.descents import certainty_text, changes_text
from genloss.model.images.facts import describe_facts
from genloss.model.scoring.ranker import RankedVersion
from genloss.records import Record, path_text
from genloss.tables import error_line, printable

UNKNOWN = "nothing is known of where it came from"
WIDE = 100_000  # cells of a line that is not for a terminal: nothing is wrapped
INDENT, LEAST_WIDTH = 4, 40  # cells of a generation, and of what is said of a version however deep it lies


class FamilyTree:
    """Draws all trees at the end; errors go to stderr, one line each.

    Args:
        stream: where to draw. Styles and the width of the window are for terminals; elsewhere it is plain text.
        paths: of all versions, in input order.
        ranked: all places.
    """

    def __init__(self, stream: TextIO, paths: Sequence[Path], ranked: Sequence[RankedVersion]) -> None:
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False)
        self._width = self._console.width if stream.isatty() else WIDE
        self._paths = paths
        self._ranked = ranked

    def write(self, record: Record) -> None:
        """Prints the error of a file that could not be ranked; places are drawn by `close`."""
        if "error" in record:
            print(error_line(record), file=sys.stderr)

    def close(self) -> None:
        """Draws a tree for each picture, and for each version that was made from none of the others."""
        pictures = sorted({version.picture for version in self._ranked})
        for number in pictures:
            if len(pictures) > 1:
                self._console.print(Text(("\n" if number > 1 else "") + f"Picture {number}:"))
            for version in self._ranked:
                if version.picture == number and version.descent is None and version.same_as is None:
                    tree, depth = self._branch(version)
                    # On a dumb terminal rich ignores a width without a height.
                    self._console.size = (max(self._width, INDENT * depth + LEAST_WIDTH), 25)
                    self._console.print(tree)
        self._console.file.flush()

    def _branch(self, version: RankedVersion) -> tuple[Tree, int]:
        """A version with all that was made from it, and how many generations that are."""
        top, deepest = Tree(self._label(version)), 0
        waiting = [(version, top, 0)]
        while waiting:
            parent, tree, depth = waiting.pop()
            deepest = max(deepest, depth)
            for child in self._ranked:
                if child.same_as == parent.index:
                    tree.add(Text(f"same {child.same}: {self._name(child)}"))
            made = [one for one in self._ranked if one.same_as is None and one.descent and one.descent.parent == parent.index]
            waiting += [(child, tree.add(self._label(child)), depth + 1) for child in made]
        return top, deepest

    def _label(self, version: RankedVersion) -> Text:
        label = Text(self._name(version), "bold")
        label.append(f"  {version.place}. {describe_facts(version.score.facts)}", "not bold")
        descent = version.descent
        if descent is not None:
            label.append(f"\n{changes_text(descent.changes)}\n{certainty_text(descent)}", "not bold")
        elif version.place > 1:
            label.append(f"\n{UNKNOWN}", "not bold")
        return label

    def _name(self, version: RankedVersion) -> str:
        return printable(path_text(self._paths[version.index]))
