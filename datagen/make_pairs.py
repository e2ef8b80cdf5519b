"""The command `python datagen/make_pairs.py`: degrades originals and keeps whole chains of versions.

Each chain starts from one picture, is edited one to five times in a row, and every version is kept.
An earlier version is closer to the original than a later one, so each chain gives all its ordered
pairs. The seed of chain i is (seed, i): order and number of workers change nothing.
"""

import argparse
import sys
from pathlib import Path

# `python datagen/make_pairs.py` puts this folder on the path, not the project's.
if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from genloss.datagen.kinds import NAMES
from genloss.model.errors import ExtraMissingError, GenerationLossError

# Child processes import this file again, and --help works without any package: what needs one is imported inside functions.


def main(argv: list[str] | None = None) -> int:
    """Runs the command; returns 0, 1 when a replay differs, 2 after one line for an error, 130 for Ctrl-C."""
    arguments = _parser().parse_args(argv)
    try:
        try:
            import genloss.datagen.run  # noqa: F401 - all that a run or a replay needs
        except ImportError as error:
            raise ExtraMissingError("generating pairs", "datagen", error) from error
        return _run(arguments)
    except GenerationLossError as error:
        print(f"make_pairs: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"make_pairs: {error.filename or arguments.out}: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("make_pairs: interrupted; run the same command again to resume", file=sys.stderr)
        return 130


def _run(arguments: argparse.Namespace) -> int:
    if arguments.replay is not None:
        return 0 if _replay(arguments.images, arguments.out, arguments.replay) else 1
    from genloss.datagen.draw_original import DEFAULT_PROFILE
    from genloss.datagen.profiles import load
    from genloss.datagen.run import make_pairs
    from genloss.model.processes import n_usable_cores

    make_pairs(
        images=arguments.images,
        out=arguments.out,
        n_chains=arguments.chains,
        seed=arguments.seed,
        n_workers=arguments.workers or n_usable_cores(),
        without=frozenset(arguments.without),
        profile=DEFAULT_PROFILE if arguments.profile is None else load(arguments.profile),
        deadline_seconds=arguments.timeout,
    )
    return 0


def _replay(images: Path, out: Path, chain: int) -> bool:
    from genloss.datagen.chain import replay_chain
    from genloss.datagen.ledger import read_chain
    from genloss.datagen.magick import LIBRARY_VERSION

    record, run = read_chain(out / "ledger.sqlite", chain)
    same = replay_chain(
        images, out, record, lambda path, same: print(f"{path}: {'the same bytes' if same else 'other bytes than recorded'}")
    )
    if not same:
        print(f"make_pairs: recorded with {run.get('libraries')}; here is {LIBRARY_VERSION}", file=sys.stderr)
    return same


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make_pairs.py",
        description="Degrade original pictures the way the web does and keep every version of each chain.",
        epilog="Output: files/ (versions), chains.jsonl (recipes), pairs.csv and pairs.parquet (better, worse, category, "
        "split, ...), sources.csv (split, or why a file was skipped), report.html (open it in a browser) and "
        "ledger.sqlite. Run the same command again to resume after an interruption, with a larger --chains to add more.",
    )
    parser.add_argument(
        "--images", type=Path, required=True, help="folder of originals (JPEG, PNG, WebP), searched recursively"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the result; created if missing")
    parser.add_argument("--chains", type=_positive, default=1000, help="chains of 2 to 6 versions (default 1000)")
    parser.add_argument("--seed", type=_not_negative, default=1683, help="seed of the run (default 1683)")
    parser.add_argument("--workers", type=_positive, help="processes (default: one per core); the result does not depend on it")
    parser.add_argument(
        "--without", nargs="+", default=[], choices=NAMES, metavar="NAME",
        help="kinds of edit, steps or formats that no edit may contain, to measure how a model does on edits it never saw; "
        f"any of: {', '.join(NAMES)}",
    )  # fmt: skip
    parser.add_argument(
        "--profile", type=Path, metavar="FILE",
        help="sizes, aspect ratios and formats of the originals, as written by datagen/collection_profile.py "
        "(default: mostly 300-1200 px, PNG or a good JPEG)",
    )  # fmt: skip
    parser.add_argument(
        "--timeout", type=_seconds, default=60.0, metavar="SECONDS", help="give up on a chain after this long (default 60)"
    )
    parser.add_argument(
        "--replay", type=_not_negative, metavar="CHAIN",
        help="make this one chain of --out again from its recorded recipes and compare every byte",
    )  # fmt: skip
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, got {value}")
    return value


def _not_negative(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"must be 0 or more, got {value}")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"must be more than 0, got {value}")
    return value


if __name__ == "__main__":
    sys.exit(main())
