"""What tests have processes of a pool do, in a module of its own: each process imports it, and nothing heavy with it."""

import os
import signal
import time
from pathlib import Path

from pebble import CONSTS


def nothing():
    """Prepares nothing."""


def lose_patience():
    """Has a worker give up a lost lock after a quarter of a second, so that the tests of that are quick."""
    CONSTS.channel_lock_timeout = 0.25


def double(number):
    return 2 * number


def own_pid(_=None):
    return os.getpid()


def touch_and_wait(began, release):
    """Says that it runs, runs until it is told to end, and says so; its process."""
    Path(began).touch()
    while not Path(release).exists():
        time.sleep(0.01)
    Path(f"{began}-ended").touch()
    return os.getpid()


def fail():
    raise LookupError("nothing there")


def end(number):
    """Ends the process: by a signal where the number is one, else with an exit code of -number."""
    if number > 0:
        os.kill(os.getpid(), number)
    os._exit(-number)


def die_once(marker):
    """Kills its process the first time, and says so the second time."""
    if Path(marker).exists():
        return "done"
    Path(marker).touch()
    os.kill(os.getpid(), signal.SIGKILL)


class FatalResult:
    """Kills the process that pickles it, which a worker does while it holds the pool's lock."""

    def __reduce__(self):
        os.kill(os.getpid(), signal.SIGKILL)


def fatal_result(began):
    while not Path(began).exists():
        time.sleep(0.01)
    return FatalResult()
