"""A hang or a crash in a child process costs one item, and nothing else."""

import os
import signal
import threading
from concurrent.futures import Future

import pytest

from genloss.model.parallel import Failure, in_order, run_in_processes
from tests.fixtures import LIMIT_SECONDS, wait_until


def _behave(context, item):
    if item == "hang":
        threading.Event().wait()
    if item == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if item == "raise":
        raise ValueError("wrong")
    return f"{context} {item}"


def test_hangs_and_crashes_cost_one_item_each():
    items = ["a", "hang", "b", "crash", "c", "d", "e", "f", "g", "h", "i"]
    found = dict(run_in_processes(_behave, "did", items, n_workers=2, deadline_seconds=5.0))
    assert found.pop("hang") == Failure("not done after 5 s")
    assert found.pop("crash") == Failure("the process crashed")
    assert found == {item: f"did {item}" for item in "abcdefghi"}


def test_an_exception_is_raised_where_the_work_was_asked_for():
    with pytest.raises(ValueError, match="wrong"):
        list(run_in_processes(_behave, "did", ["a", "raise"], n_workers=1, deadline_seconds=LIMIT_SECONDS))


def test_nothing_to_do_is_no_work():
    assert list(run_in_processes(_behave, "did", [], n_workers=1, deadline_seconds=1.0)) == []


def _counted(numbers, taken):
    for number in numbers:
        taken.append(number)
        yield number


def test_results_in_order_come_in_the_order_of_the_items_and_only_so_many_ahead():
    taken, futures = [], {}

    def submit(number):
        futures[number] = Future()
        return futures[number]

    pairs = in_order(submit, _counted(range(6), taken), 2)
    first, future = next(pairs)
    wait_until(lambda: 1 in futures, "the second item is submitted")
    futures[1].set_result("second")
    futures[0].set_result("first")
    assert (first, future.result()) == (0, "first")
    assert set(futures) == {0, 1}
    rest = [(number, futures[number].set_result(number)) for number, _ in pairs if number > 1]
    assert [number for number, _ in rest] == [2, 3, 4, 5]
    assert taken == [0, 1, 2, 3, 4, 5]


def test_an_error_of_the_items_is_raised_in_its_place():
    def items():
        yield 1
        raise OSError("the pipe broke")

    pairs = in_order(lambda number: Future(), items(), 4)
    assert next(pairs)[0] == 1
    with pytest.raises(OSError, match="the pipe broke"):
        next(pairs)
