"""The command `python datagen/corpus.py`: collects free originals from Debian packages into one folder."""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

# `python datagen/corpus.py` puts this folder on the path, not the project's.
if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from genloss.model.errors import ExtraMissingError, GenerationLossError
from genloss.model.printable import counted, printable
from genloss.model.script_arguments import ScriptParser, named_path, whole_number

if TYPE_CHECKING:
    from genloss.datagen.debian_packages import Package, PackageSize

# --help works without any package: what needs one is imported inside functions.


def main(argv: list[str] | None = None) -> int:
    """Runs the command; returns 0, 2 after printing one line for an error, 130 for Ctrl-C."""
    arguments = _parser().parse_args(argv)
    try:
        try:
            import genloss.datagen.debian_packages  # noqa: F401 - all that a run needs
        except ImportError as error:
            raise ExtraMissingError("collecting originals", "datagen", error) from error
        _run(arguments.out, arguments.limit)
    except GenerationLossError as error:
        print(f"corpus: {printable(str(error))}", file=sys.stderr)
        return 2
    except OSError as error:
        print(printable(f"corpus: {error.filename or arguments.out}: {error.strerror}"), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("corpus: interrupted; run the same command again to continue with this package", file=sys.stderr)
        return 130
    return 0


def _run(out: Path, limit: int | None) -> None:
    """Prints what will be downloaded, then collects package after package until there are `limit` files."""
    from genloss.datagen.debian_packages import PACKAGES, collect, count_files, is_finished, look_up_sizes
    from genloss.model.images.outputs import check_folder

    check_folder(out)
    n_files = sum(count_files(package, out) for package in PACKAGES)
    if limit is not None and n_files >= limit:
        _print(
            f"{counted(n_files, 'file')} {'is' if n_files == 1 else 'are'} in {out}, {limit:,} wanted: nothing is downloaded"
        )
        return
    wanted = [package for package in PACKAGES if not is_finished(package, out)]
    sizes = dict(zip(wanted, look_up_sizes(wanted), strict=True))
    if limit is not None:
        wanted.sort(key=lambda package: sizes[package].download_bytes)
    if wanted:
        _print_sizes({package: sizes[package] for package in wanted}, out, limit)
    out.mkdir(parents=True, exist_ok=True)
    for package in [*(package for package in PACKAGES if is_finished(package, out)), *wanted]:
        room = None if limit is None else limit - n_files
        if room == 0:
            break
        before = count_files(package, out)
        found = collect(package, out, room)
        n_files += found - before
        _print(f"{package.name}: {counted(found, 'file')} ({package.content})")


def _print_sizes(sizes: "dict[Package, PackageSize]", out: Path, limit: int | None) -> None:
    for package, size in sizes.items():
        told = f"{_megabytes(size.download_bytes)} to download, {_megabytes(size.unpacked_bytes)} unpacked"
        _print(f"{package.name}: {told}, about {package.kept_megabytes} MB kept ({package.content})")
    download = _megabytes(sum(size.download_bytes for size in sizes.values()))
    kept = f"about {sum(package.kept_megabytes for package in sizes)} MB kept in {out}"
    files = "" if limit is None else f"{'is' if limit == 1 else 'are'} {counted(limit, 'file')}"
    at_most = files and f" at most; no further package once there {files}"
    temporary = _megabytes(max(size.download_bytes + size.unpacked_bytes for size in sizes.values()))
    _print(f"in all: {download} to download, {kept}{at_most}. Up to {temporary} of temporary files in {tempfile.gettempdir()}")


def _print(line: str) -> None:
    print(printable(line), file=sys.stderr, flush=True)


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.1f} MB"


def _parser() -> argparse.ArgumentParser:
    parser = ScriptParser(
        prog="corpus.py",
        description="Collect free originals from Debian packages into one folder.",
        epilog="Packages are downloaded with apt-get, never installed.",
    )
    parser.add_argument("--out", type=named_path, required=True, help="folder for the pictures; created if missing")
    parser.add_argument(
        "--limit", type=whole_number(1), metavar="N",
        help="files in the folder at most (a large photograph gives several, its tiles); the smallest downloads come first, "
        "and none follows once there are so many (default: all packages). A later run without it completes the folder",
    )  # fmt: skip
    return parser


if __name__ == "__main__":
    sys.exit(main())
