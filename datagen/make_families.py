"""The command `python datagen/make_families.py`: groups of versions of one picture whose family tree is known.

Each family starts from one picture, as a chain does. Every further version is made from an earlier version: the original, the
previous version, or any. The seed of family i is (seed, i), so the result does not depend on order or number of workers.
"""

import argparse
import sys
from pathlib import Path

# `python datagen/make_families.py` puts this folder on the path, not the project's.
if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from genloss.datagen.command_line import MOST_WANTED, add_folders, add_run_options, exit_code, replay_one, settings_of
from genloss.model.script_arguments import ScriptParser, whole_number

# Child processes import this file again, and --help works without any package: what needs one is imported inside functions.
_MOST_VERSIONS = 50


def main(argv: list[str] | None = None) -> int:
    """Runs the command; returns 0, 1 when a replay differs, 2 after one line for an error, 130 for Ctrl-C."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    least, most = arguments.versions
    if most < least:
        parser.error(f"argument --versions: LEAST must not be above MOST, got {least} {most}")
    return exit_code("make_families", "generating families", arguments, _run)


def _run(arguments: argparse.Namespace) -> int:
    from genloss.datagen.family_run import make_families
    from genloss.datagen.ledger import FamilyRecord

    if arguments.replay is not None:
        return replay_one(arguments, FamilyRecord)
    make_families(settings_of(arguments, arguments.families), tuple(arguments.versions))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = ScriptParser(
        prog="make_families.py",
        description="Make families of versions: an original, and versions made from it or from each other the way the web "
        "does it, each with its parent and recipe.",
        epilog="Output: files/ (versions), families.jsonl (a line per family: source, split, shape of the tree, and per "
        "version path, sha256, size, kind of edit, place of its parent in the family, recipe), sources.csv (split, or why a "
        "file was skipped) and ledger.sqlite. Run the same command again to resume after an interruption, with a larger "
        "--families to add more.",
    )
    add_folders(parser)
    parser.add_argument("--families", type=whole_number(1, MOST_WANTED), default=1000, help="families to make (default 1000)")
    parser.add_argument(
        "--versions", type=whole_number(2, _MOST_VERSIONS), nargs=2, default=[5, 8], metavar=("LEAST", "MOST"),
        help="versions of a family, the original included (default 5 8)",
    )  # fmt: skip
    add_run_options(parser, "family")
    return parser


if __name__ == "__main__":
    sys.exit(main())
