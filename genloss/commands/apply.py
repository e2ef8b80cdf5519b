"""`genloss apply`: puts away what a plan says."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genloss.given_rules import read_given_rules
from genloss.model.images.outputs import check_folder, check_output
from genloss.options import Format, Output, RulesFile, Sure, choose_format
from genloss.remarks import command_line, say

if TYPE_CHECKING:
    from genloss.archive.apply import ApplyOptions
    from genloss.archive.plan import ActionKind, Plan

EXAMPLES = """genloss apply plan.jsonl --dry-run
genloss apply plan.jsonl
genloss apply plan.jsonl --quarantine /mnt/photos/aside
genloss apply plan.jsonl --trash --sure 0.999
genloss undo plan.jsonl.journal"""

_UNDO_OF_DELETE = "undo brings back only those whose bytes the kept file has"


def apply(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN", help="File that `genloss scan` wrote.", show_default=False)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Check everything and print what would happen; change nothing.")
    ] = False,
    quarantine: Annotated[
        Path | None,
        typer.Option(
            "--quarantine",
            metavar="DIR",
            help="Folder to move files into, on the same disk. [default: .genloss-quarantine in each folder of the plan]",
            show_default=False,
        ),
    ] = None,
    trash: Annotated[bool, typer.Option("--trash", help="Move files to the desktop's trash instead.")] = False,
    hardlink: Annotated[
        bool, typer.Option("--hardlink", help="Replace files with the same bytes as the kept file by hard links to it.")
    ] = False,
    reflink: Annotated[
        bool, typer.Option("--reflink", help="The same with shared blocks instead of links (Btrfs, XFS, bcachefs).")
    ] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Delete files for good. You are asked to type how many.")] = False,
    confirm: Annotated[
        str | None, typer.Option("--confirm", metavar="TEXT", help="In scripts: the words that --delete asks for.")
    ] = None,
    sure: Sure = None,
    rules: RulesFile = None,
    carry_metadata: Annotated[
        bool,
        typer.Option(
            "--carry-metadata", help="First save EXIF, XMP, IPTC and ICC that the kept file lacks, in files beside it."
        ),
    ] = False,
    journal: Annotated[
        Path | None,
        typer.Option(
            "--journal", metavar="FILE", help="File that `genloss undo` needs. [default: PLAN.journal]", show_default=False
        ),
    ] = None,
    format: Format = None,
    destination: Output = None,
) -> int:
    """Put away the files that a plan lists.

    By default they go into a quarantine folder, and `genloss undo` brings them back. Before each action, the file and
    the file that is kept are read again. A file is skipped, with a message, if it has changed, is open for writing, or
    lies on another disk. Every action is written to the journal first, so that `genloss undo` restores all files even
    after a crash. Nothing is deleted without --delete.
    """  # fmt: skip
    from genloss.archive.apply import ApplyOptions, apply_plan
    from genloss.archive.outcomes import Result
    from genloss.archive.plan_file import read_plan
    from genloss.archive_records import Tally, write_outcomes

    kind = _kind(
        {"quarantine": quarantine is not None, "trash": trash, "hardlink": hardlink, "reflink": reflink, "delete": delete}
    )
    journal = journal or plan_file.with_name(f"{plan_file.name}.journal")
    check_output(destination, [plan_file, journal, rules])
    if quarantine is not None:
        check_folder(quarantine)
    plan = read_plan(plan_file)
    options = ApplyOptions(kind, quarantine, sure, read_given_rules(rules), carry_metadata, dry_run, confirm)
    options = _confirmed(plan, options)

    def how_to_undo(tally: Tally) -> str:
        if not tally[Result.DONE]:
            return ""
        limit = f" ({_UNDO_OF_DELETE})" if _n_deleted(plan, options) else ""
        return f"; undo with: {command_line('genloss', 'undo', journal)}{limit}"

    outcomes = apply_plan(plan, journal, options)
    return write_outcomes(outcomes, choose_format(format, destination), destination, how_to_undo)


def _kind(asked: dict[str, bool]) -> "ActionKind | None":
    """What is asked for instead of what the plan says."""
    from genloss.archive.plan import ActionKind

    kinds = [ActionKind(name) for name, wanted in asked.items() if wanted]
    if len(kinds) > 1:
        raise typer.BadParameter(f"choose one of {', '.join('--' + kind for kind in kinds)}")
    return kinds[0] if kinds else None


def _confirmed(plan: "Plan", options: "ApplyOptions") -> "ApplyOptions":
    """Asks a person at a terminal for the words that deleting needs."""
    from dataclasses import replace

    from genloss.archive.apply import delete_phrase

    n_deleted = _n_deleted(plan, options)
    if not n_deleted and options.confirmation is not None:
        raise typer.BadParameter("it is for --delete, and no file would be deleted", param_hint="--confirm")
    if not n_deleted or options.dry_run or options.confirmation is not None or not sys.stdin.isatty():
        return options
    phrase = delete_phrase(n_deleted)
    say(f'these files will be gone for good ({_UNDO_OF_DELETE}). Type "{phrase}":')
    return replace(options, confirmation=sys.stdin.readline().strip())


def _n_deleted(plan: "Plan", options: "ApplyOptions") -> int:
    """Number of files to delete for good."""
    from genloss.archive.apply import choose_actions
    from genloss.archive.plan import ActionKind

    return sum(planned.action.kind is ActionKind.DELETE for planned in choose_actions(plan, options)[0])
