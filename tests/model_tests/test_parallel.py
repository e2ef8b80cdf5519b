"""A hang or a crash in a child process costs one item, and nothing else."""

import os
import signal
import time

import pytest

from genloss.model.parallel import Failure, run_in_processes


def _behave(context, item):
    if item == "hang":
        time.sleep(60)
    if item == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if item == "raise":
        raise ValueError("wrong")
    return f"{context} {item}"


def test_hangs_and_crashes_cost_one_item_each():
    items = ["a", "hang", "b", "crash", "c", "d", "e", "f", "g", "h", "i"]
    found = dict(run_in_processes(_behave, "did", items, n_workers=2, deadline_seconds=2.0))
    assert found.pop("hang") == Failure("not done after 2 s")
    assert found.pop("crash") == Failure("the process crashed")
    assert found == {item: f"did {item}" for item in "abcdefghi"}


def test_an_exception_is_raised_where_the_work_was_asked_for():
    with pytest.raises(ValueError, match="wrong"):
        list(run_in_processes(_behave, "did", ["a", "raise"], n_workers=1, deadline_seconds=20.0))


def test_nothing_to_do_is_no_work():
    assert list(run_in_processes(_behave, "did", [], n_workers=1, deadline_seconds=1.0)) == []
