"""The command `python datagen/collection_profile.py DIR`: measures a folder and writes a profile for make_pairs.py."""

import argparse
import sys
from pathlib import Path

# `python datagen/collection_profile.py` puts this folder on the path, not the project's.
if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from genloss.model.errors import ExtraMissingError, GenerationLossError
from genloss.model.printable import counted, printable
from genloss.model.script_arguments import ScriptParser, named_path

# --help works without any package: what needs one is imported inside functions.


def main(argv: list[str] | None = None) -> int:
    """Runs the command; returns 0, 2 after printing one line for an error, 130 for Ctrl-C."""
    arguments = _parser().parse_args(argv)
    try:
        try:
            import genloss.model.images.pillow_decoding  # noqa: F401  else only the workers would miss it
            from genloss.datagen.survey import survey_folder
        except ImportError as error:
            raise ExtraMissingError("measuring a collection", "datagen", error) from error
        n_measured, n_unreadable = survey_folder(arguments.folder, arguments.out)
    except GenerationLossError as error:
        print(f"profile: {printable(str(error))}", file=sys.stderr)
        return 2
    except OSError as error:
        print(printable(f"profile: {arguments.out} cannot be written: {error.strerror}"), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("profile: interrupted", file=sys.stderr)
        return 130
    written = printable(f"written to {arguments.out}")
    print(f"{counted(n_measured, 'picture')} measured, {n_unreadable} unreadable; {written}", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = ScriptParser(
        prog="collection_profile.py",
        description="Measure sizes, formats, estimated JPEG qualities and chroma subsampling of a folder of pictures.",
        epilog="Give the file to make_pairs.py --profile to draw originals that look like this folder.",
    )
    parser.add_argument("folder", type=named_path, metavar="DIR", help="folder of pictures, searched recursively")
    parser.add_argument("--out", type=named_path, default=Path("profile.json"), help="file to write (default profile.json)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
