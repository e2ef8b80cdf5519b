"""The command `python datagen/make_pairs.py`: degrades originals, and keeps whole chains of versions.

Each chain starts from one picture, which is edited one to five times; every version is kept. An earlier version is closer to
the original than a later one, so a chain gives all its ordered pairs. The seed of chain i is (seed, i), so the result does not
depend on order or number of workers.
"""

import argparse
import sys
from pathlib import Path

# `python datagen/make_pairs.py` puts this folder on the path, not the project's.
if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from genloss.datagen.command_line import MOST_WANTED, add_folders, add_run_options, exit_code, replay_one, settings_of
from genloss.model.script_arguments import ScriptParser, whole_number

# Child processes import this file again, and --help works without any package: what needs one is imported inside functions.


def main(argv: list[str] | None = None) -> int:
    """Runs the command; returns 0, 1 when a replay differs, 2 after one line for an error, 130 for Ctrl-C."""
    return exit_code("make_pairs", "generating pairs", _parser().parse_args(argv), _run)


def _run(arguments: argparse.Namespace) -> int:
    from genloss.datagen.ledger import ChainRecord
    from genloss.datagen.pair_run import make_pairs

    if arguments.replay is not None:
        return replay_one(arguments, ChainRecord)
    make_pairs(settings_of(arguments, arguments.chains))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = ScriptParser(
        prog="make_pairs.py",
        description="Degrade original pictures the way the web does and keep every version of each chain.",
        epilog="Output: files/ (versions), chains.jsonl (recipes), pairs.csv and pairs.parquet (better, worse, category, "
        "split, ...), sources.csv (split, or why a file was skipped), report.html (open it in a browser) and "
        "ledger.sqlite. Run the same command again to resume after an interruption, with a larger --chains to add more.",
    )
    add_folders(parser)
    parser.add_argument(
        "--chains", type=whole_number(1, MOST_WANTED), default=1000, help="chains of 2 to 6 versions (default 1000)"
    )
    add_run_options(parser, "chain")
    return parser


if __name__ == "__main__":
    sys.exit(main())
