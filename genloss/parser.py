"""The command line of `genloss`: all commands with their options and help, each loaded on demand."""

import io
import os
import sys
from collections.abc import Callable
from functools import partial, wraps
from importlib import import_module
from typing import Annotated, Any, ParamSpec, cast

import typer
from typer.core import TyperGroup

from genloss.exit_codes import EXIT_CODES, EXIT_INTERRUPTED, EXIT_STOPPED, exit_code_of
from genloss.model.printable import printable
from genloss.remarks import WARNING

WrongArgumentsError = cast("type[typer.BadParameter]", typer.BadParameter.__bases__[0])  # Typer gives it no public name
# In the order of the help. Each is the name of a module in genloss/commands and of its function.
COMMANDS = (
    "score", "rank", "explain", "evaluate", "audit", "sweep", "palettes", "classify", "train", "train-pairs",
    "train-damage", "teach", "serve", "work", "scan", "review", "find", "leaks", "apply", "undo",
)  # fmt: skip

Arguments = ParamSpec("Arguments")


class CommandsOnDemand(TyperGroup):
    """All commands; a module is imported when its command is run or described."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands: Any = dict.fromkeys(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in self.commands and self.commands[cmd_name] is None:
            self.commands[cmd_name] = _load_command(cmd_name)
        return self.commands.get(cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.commands)


app = typer.Typer(
    name="genloss",
    help=f"Say which version of a picture is closest to the original.\n\n{WARNING}",
    cls=CommandsOnDemand,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def exit_on_error(command: Callable[Arguments, int]) -> Callable[Arguments, None]:
    """Wraps a command: an error becomes one line on stderr, and errors and failed inputs become an exit code.

    Args:
        command: returns how many of its inputs failed.
    """

    @wraps(command)
    def run(*arguments: Arguments.args, **options: Arguments.kwargs) -> None:
        raise typer.Exit(exit_code_of(partial(command, *arguments, **options)))

    return run


def _load_command(name: str) -> Any:
    function = name.replace("-", "_")
    module = import_module(f"genloss.commands.{function}")
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    alone.command(name, epilog=_epilog(module.EXAMPLES))(exit_on_error(getattr(module, function)))
    return typer.main.get_command(alone)


def _epilog(examples: str) -> str:
    """The end of a help text; \\b keeps its lines as they are."""
    shown = "\n".join(f"  {line}" for line in examples.splitlines())
    codes = "\n".join(f"  {line}" for line in EXIT_CODES.splitlines())
    return f"\b\nExamples:\n{shown}\n\n\b\nExit codes:\n{codes}"


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


def _has_empty(words: list[str]) -> bool:
    """Whether a word is empty, or an option such as `--out=` has nothing behind it."""
    options = words[: words.index("--")] if "--" in words else words
    return "" in words or any(word.startswith("--") and word.endswith("=") for word in options)


def parse_and_run() -> int:
    """Runs the command in sys.argv; wrong arguments are explained on standard error.

    Returns:
        The exit code.
    """
    try:
        if _has_empty(sys.argv[1:]):  # as a name it would stand for the current folder
            raise typer.BadParameter("an argument is empty; a variable in the command may not be set")
        return app(standalone_mode=False) or 0
    except WrongArgumentsError as error:
        said = io.StringIO()
        error.show(said)  # usage and hint, then the error, which may hold file names
        for line in said.getvalue().rstrip("\n").replace("Value error, ", "").split("\n"):
            print(printable(line), file=sys.stderr)
        if any(word.startswith("-") and os.path.lexists(word) for word in sys.argv[1:]):
            print("Names of files that begin with a dash go behind --, or are written as ./NAME.", file=sys.stderr)
        return EXIT_STOPPED
    except typer.Abort:
        return EXIT_INTERRUPTED
