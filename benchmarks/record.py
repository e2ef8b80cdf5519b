"""Runs a benchmark, records its output in docs/about/results.json, and rewrites the marked tables of the documents.

    python benchmarks/record.py edited-copies -- python benchmarks/accuracy/edited_copies.py --images DIR
    python benchmarks/record.py --fill     # only rewrites the tables

A document shows a table between the lines `<!-- results:NAME -->` and `<!-- /results -->`.
"""

import argparse
import shlex
import subprocess
import sys

from tables import fill, marked_documents, printed_tables, read_results, record, this_run

from genloss.model.scoring.bundle import load_bundle


def main() -> int:
    """The exit code of the benchmark; a failed benchmark records nothing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", help="of the table; further tables of one run are NAME-2, NAME-3, ...")
    parser.add_argument("command", nargs="*", help="after --: prints tables in Markdown, or plain lines")
    parser.add_argument("--fill", action="store_true", help="run nothing")
    parser.add_argument("--shown", help="how to state the command, where it names private folders")
    arguments = parser.parse_intermixed_args()
    if not arguments.fill:
        if not arguments.name or not arguments.command:
            parser.error("give a name and, after --, a command; or --fill")
        code = _run(arguments.name, arguments.command, arguments.shown or shlex.join(arguments.command))
        if code:
            return code
    tables = read_results()
    for page in marked_documents():
        page.write_text(fill(page.read_text(encoding="utf-8"), tables), encoding="utf-8")
    return 0


def _run(name: str, command: list[str], shown: str) -> int:
    words = [sys.executable, *command[1:]] if command[0] == "python" else command
    lines = []
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip("\n"))
    if process.returncode == 0:
        record(name, printed_tables(lines, this_run(shown, load_bundle().version)))
    return process.returncode


if __name__ == "__main__":
    sys.exit(main())
