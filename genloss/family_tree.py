"""Family trees for the terminal: which version was made from which, picture by picture."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from genloss.descents import certainty_text, changes_text
from genloss.model.images.facts import describe_facts
from genloss.model.scoring.ranked import RankedVersion
from genloss.records import Record, path_text
from genloss.tables import error_line, printable

UNKNOWN = "nothing is known of where it came from"
WIDE = 100_000  # cells of a line outside a terminal, so that nothing is wrapped
INDENT, LEAST_WIDTH = 4, 40  # cells of indent a generation; least cells for a version's text, however deep


class FamilyTree:
    """Draws all trees at the end; errors go to stderr, one line each.

    Args:
        stream: where to draw; a terminal gets styles and lines as wide as its window, any other stream plain text.
        paths: of all versions, in input order.
        ranked: all versions, in the order of the ranking.
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
        """Draws a tree for each version without a known parent, picture by picture."""
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
        """The tree of a version and all its descendants, and the number of generations below the version."""
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
