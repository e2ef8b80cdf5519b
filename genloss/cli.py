"""The program `genloss`: its commands, the one table of exit codes, and the boundary where errors end."""

import io
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated, ParamSpec, cast

import typer

from genloss.commands import (
    apply,
    audit,
    classify,
    evaluate,
    explain,
    find,
    leaks,
    palettes,
    rank,
    review,
    scan,
    score,
    serve,
    sweep,
    teach,
    train,
    train_damage,
    train_pairs,
    undo,
    work,
)
from genloss.model.errors import GenerationLossError
from genloss.model.printable import printable
from genloss.model.quiet import discard_stdout
from genloss.options import WARNING
from genloss.remarks import say

WrongArgumentsError = cast("type[typer.BadParameter]", typer.BadParameter.__bases__[0])  # Typer gives it no public name
EXIT_STOPPED = 2
EXIT_SOME_FAILED = 3
EXIT_INTERRUPTED = 130
EXIT_CODES = """0    done
1    a crash, which is a bug
2    wrong arguments, or an error that stopped everything
3    done, but some inputs failed
4    done, and `genloss leaks --fail-on-leaks` found leaks
130  interrupted"""

Arguments = ParamSpec("Arguments")

app = typer.Typer(
    name="genloss",
    help=f"Say which version of a picture is closest to the original.\n\n{WARNING}",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def exit_on_error(command: Callable[Arguments, int]) -> Callable[Arguments, None]:
    """The command with its errors and failed inputs turned into one line on stderr and an exit code.

    Args:
        command: returns how many of its inputs failed.
    """

    @wraps(command)
    def run(*arguments: Arguments.args, **options: Arguments.kwargs) -> None:
        try:
            n_failed = command(*arguments, **options)
            sys.stdout.flush()
        except GenerationLossError as error:
            say(f"{error.code}: {error}")
            raise typer.Exit(EXIT_STOPPED) from error
        except KeyboardInterrupt as error:
            say("interrupted")
            raise typer.Exit(EXIT_INTERRUPTED) from error
        except BrokenPipeError as error:  # `| head` has read enough
            discard_stdout()
            raise typer.Exit(0) from error
        if n_failed:
            raise typer.Exit(EXIT_SOME_FAILED)

    return run


def _epilog(examples: str) -> str:
    """The end of a help text; \\b keeps its lines as they are."""
    shown = "\n".join(f"  {line}" for line in examples.splitlines())
    codes = "\n".join(f"  {line}" for line in EXIT_CODES.splitlines())
    return f"\b\nExamples:\n{shown}\n\n\b\nExit codes:\n{codes}"


for _command, _examples in (
    (score.score, score.EXAMPLES), (rank.rank, rank.EXAMPLES), (explain.explain, explain.EXAMPLES),
    (evaluate.evaluate, evaluate.EXAMPLES), (audit.audit, audit.EXAMPLES), (sweep.sweep, sweep.EXAMPLES),
    (palettes.palettes, palettes.EXAMPLES),
    (classify.classify, classify.EXAMPLES), (train.train, train.EXAMPLES),
    (train_pairs.train_pairs, train_pairs.EXAMPLES), (train_damage.train_damage, train_damage.EXAMPLES),
    (teach.teach, teach.EXAMPLES), (serve.serve, serve.EXAMPLES), (work.work, work.EXAMPLES),
    (scan.scan, scan.EXAMPLES), (review.review, review.EXAMPLES), (find.find, find.EXAMPLES),
    (leaks.leaks, leaks.EXAMPLES), (apply.apply, apply.EXAMPLES), (undo.undo, undo.EXAMPLES),
):  # fmt: skip
    app.command(epilog=_epilog(_examples))(exit_on_error(_command))


def _print_version(wanted: bool) -> None:
    if wanted:
        from genloss import __version__

        print(f"genloss {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Entry point of the installed program."""
    # File names need not be UTF-8; printing one must not end the run.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        sys.exit(app(standalone_mode=False))
    except WrongArgumentsError as error:
        said = io.StringIO()
        error.show(said)  # usage and hint, then what is wrong with words that may be names of files
        for line in said.getvalue().rstrip("\n").replace("Value error, ", "").split("\n"):
            print(printable(line), file=sys.stderr)
        if any(word.startswith("-") and os.path.lexists(word) for word in sys.argv[1:]):
            print("Names of files that begin with a dash go behind --, or are written as ./NAME.", file=sys.stderr)
        sys.exit(EXIT_STOPPED)
    except typer.Abort:
        sys.exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    main()
