"""Every command's help shows how to call it and what its exit codes mean."""

import pytest
import typer
from typer.testing import CliRunner

from genloss.exit_codes import EXIT_CODES
from genloss.parser import app

COMMANDS = typer.main.get_command(app).commands


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_examples_and_exit_codes(name):
    short, long = (CliRunner().invoke(app, [name, flag]) for flag in ("-h", "--help"))
    assert (short.exit_code, short.stdout) == (0, long.stdout)
    examples = long.stdout.partition("Examples:")[2]
    assert f"genloss {name}" in examples
    assert [line.strip() for line in examples.partition("Exit codes:")[2].strip().splitlines()] == [
        line.strip() for line in EXIT_CODES.splitlines()
    ]
