"""Options, replay and exit codes of make_pairs.py and make_families.py. Imports no package before a command runs."""

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from genloss.datagen.kinds import FAMILY_NAMES, NAMES
from genloss.model.errors import ExtraMissingError, GenerationLossError
from genloss.model.printable import printable
from genloss.model.script_arguments import named_path, named_text, number_above_0, whole_number

if TYPE_CHECKING:
    from genloss.datagen.ledger import Record
    from genloss.datagen.run import Settings

MOST_WANTED = 10_000_000  # chains or families of a run: their numbers are held in memory
_MOST_WORKERS = 1024
_MOST_SECONDS = 1e6


def add_run_options(parser: argparse.ArgumentParser, noun: str) -> None:
    """Adds the options of every run.

    Args:
        parser: parser of the command.
        noun: the thing that the command makes, for example "chain".
    """
    names = FAMILY_NAMES if noun == "family" else NAMES
    parser.add_argument("--seed", type=whole_number(0), default=1683, help="seed of the run (default 1683)")
    parser.add_argument(
        "--workers",
        type=whole_number(1, _MOST_WORKERS),
        help="processes (default: one per core); the result does not depend on it",
    )
    parser.add_argument(
        "--engine", type=named_text, metavar="NAME",
        help="work in shards, by threads, daft or ray://HOST:PORT; all machines must see both folders at the same "
        "paths. The result does not depend on it (default: processes of this machine, without shards)",
    )  # fmt: skip
    parser.add_argument(
        "--without", nargs="+", default=[], choices=names, metavar="NAME",
        help="kinds of edit, steps or formats that no edit may contain, to measure how a model does on edits it never saw; "
        f"any of: {', '.join(names)}",
    )  # fmt: skip
    parser.add_argument(
        "--profile", type=named_path, metavar="FILE",
        help="sizes, aspect ratios and formats of the originals, as written by datagen/collection_profile.py "
        "(default: mostly 300-1200 px, PNG or a good JPEG)",
    )  # fmt: skip
    parser.add_argument(
        "--timeout",
        type=number_above_0(_MOST_SECONDS),
        default=60.0,
        metavar="SECONDS",
        help=f"give up on a {noun} after this long (default 60)",
    )
    parser.add_argument(
        "--replay", type=whole_number(0, MOST_WANTED - 1), metavar=noun.upper(),
        help=f"make this one {noun} of --out again from its recorded recipes and compare every byte",
    )  # fmt: skip


def add_folders(parser: argparse.ArgumentParser) -> None:
    """Adds --images and --out."""
    parser.add_argument(
        "--images", type=named_path, required=True, help="folder of originals (JPEG, PNG, WebP), searched recursively"
    )
    parser.add_argument("--out", type=named_path, required=True, help="folder for the result; created if missing")


def exit_code(name: str, purpose: str, arguments: argparse.Namespace, run: Callable[[argparse.Namespace], int]) -> int:
    """Runs a command.

    Args:
        name: name of the command, for messages.
        purpose: purpose of its packages, for example "generating pairs".
        arguments: parsed arguments.
        run: does the work; returns 0, or 1 if a replay differs.

    Returns:
        The result of `run`; 2 after an error, which takes one line; 130 after Ctrl-C.
    """
    try:
        try:
            import genloss.datagen.family_run
            import genloss.datagen.pair_run
            import genloss.datagen.replay  # noqa: F401 - all that a run or a replay needs
        except ImportError as error:
            raise ExtraMissingError(purpose, "datagen", error) from error
        return run(arguments)
    except GenerationLossError as error:
        print(f"{name}: {printable(str(error))}", file=sys.stderr)
        return 2
    except OSError as error:
        print(printable(f"{name}: {error.filename or arguments.out}: {error.strerror}"), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{name}: interrupted; run the same command again to resume", file=sys.stderr)
        return 130


def settings_of(arguments: argparse.Namespace, n_wanted: int) -> "Settings":
    """Makes the settings of a run from its options.

    Raises:
        DatagenError: --profile cannot be read.
    """
    from genloss.datagen.draw_original import DEFAULT_PROFILE
    from genloss.datagen.profiles import load
    from genloss.datagen.run import Settings
    from genloss.model.processes import n_usable_cores

    return Settings(
        images=arguments.images,
        out=arguments.out,
        n_wanted=n_wanted,
        seed=arguments.seed,
        n_workers=arguments.workers or n_usable_cores(),
        without=frozenset(arguments.without),
        profile=DEFAULT_PROFILE if arguments.profile is None else load(arguments.profile),
        deadline_seconds=arguments.timeout,
        engine=arguments.engine,
    )


def replay_one(arguments: argparse.Namespace, kind: "type[Record]") -> int:
    """Makes the record of --replay again, says for each file whether it is the same, and returns 0 or 1."""
    from genloss.datagen.ledger import read_record
    from genloss.datagen.magick import LIBRARY_VERSION
    from genloss.datagen.replay import replay

    record, run = read_record(arguments.out / "ledger.sqlite", arguments.replay, kind)
    same = replay(
        arguments.images, arguments.out, record,
        lambda path, same: print(f"{printable(str(path))}: {'the same bytes' if same else 'other bytes than recorded'}"),
    )  # fmt: skip
    if not same:
        print(f"{kind.command}: recorded with {run.get('libraries')}; here is {LIBRARY_VERSION}", file=sys.stderr)
    return 0 if same else 1
