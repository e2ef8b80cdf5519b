"""The command `python datagen/corpus.py`: collects free originals from Debian packages into one folder."""

import argparse
import sys
from pathlib import Path

# `python datagen/corpus.py` puts this folder on the path, not the project's.
if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from genloss.model.errors import ExtraMissingError, GenerationLossError

# --help works without any package: what needs one is imported inside functions.


def main(argv: list[str] | None = None) -> int:
    """Runs the command; returns 0, 2 after printing one line for an error, 130 for Ctrl-C."""
    arguments = _parser().parse_args(argv)
    try:
        try:
            from genloss.datagen.debian_packages import PACKAGES, collect
        except ImportError as error:
            raise ExtraMissingError("collecting originals", "datagen", error) from error
        arguments.out.mkdir(parents=True, exist_ok=True)
        for package in PACKAGES:
            n_files = collect(package, arguments.out)
            print(f"{package.name}: {n_files} files ({package.content})", file=sys.stderr)
    except GenerationLossError as error:
        print(f"corpus: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"corpus: {error.filename or arguments.out}: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("corpus: interrupted; run the same command again to continue with this package", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="corpus.py",
        description="Collect free originals from Debian packages into one folder.",
        epilog="Packages are downloaded with apt-get, never installed.",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures; created if missing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
