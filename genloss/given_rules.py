"""The rules file that a command was given, and remarks about what it names in vain."""

from pathlib import Path
from typing import TYPE_CHECKING

from genloss.remarks import say

if TYPE_CHECKING:
    from genloss.archive.rules import Rules


def read_given_rules(path: Path | None) -> "Rules":
    """Reads the rules. Says which protected folders do not exist, because a misspelt name protects nothing.

    Args:
        path: of the file; None for the default rules.

    Raises:
        RulesError: as rules.read_rules.
    """
    from genloss.archive.rules import read_rules

    rules = read_rules(path)
    for folder in rules.protected:
        if not folder.exists():
            say(f"{path}: protects {folder}, which does not exist")
    return rules
