"""The command `python search/tune.py`: searches with Optuna for a tower that ranks better than the shipped one.

Every trial trains one configuration for the same time on the same seeded fraction of the training chains, and is measured on
half of the validation split. The test split is never opened.
"""

import argparse
import importlib.util
import os
import signal
import sys
from pathlib import Path

# `python search/tune.py` puts this folder on the path, not the project's.
if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from genloss.model.errors import ExtraMissingError, GenerationLossError
from genloss.model.printable import printable
from genloss.model.quiet import quiet_stderr
from genloss.model.script_arguments import ScriptParser, named_path, named_text, number_above_0, whole_number
from genloss.model.seeds import MOST_SEED
from genloss.search.options import OBJECTIVES, PRUNERS, SAMPLERS, SearchOptions

# Trials run in child processes, which import this file again, and --help works without any package: what needs one is
# imported inside functions.

# The trials' processes import these; the search itself does not.
_MOST = 1e6  # minutes, or times the shipped tower
_OF_TRIALS = ("keras", "tensorflow", "onnx", "onnxruntime")


def main(argv: list[str] | None = None) -> int:
    """Runs the command; returns 0, 2 after one line for an error, 130 after an interruption."""
    arguments = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        try:
            _look_for(_OF_TRIALS)
            with quiet_stderr():
                from genloss.search.run import run_search
        except ImportError as error:
            raise ExtraMissingError("the search", "train,search", error) from error
        run_search(SearchOptions(**vars(arguments)))
    except GenerationLossError as error:
        print(f"tune: {printable(str(error))}", file=sys.stderr)
        return 2
    except OSError as error:
        print(printable(f"tune: {error.filename or arguments.out}: {error.strerror}"), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("tune: interrupted; run the same command again to resume", file=sys.stderr)
        return 130
    return 0


def _look_for(names: tuple[str, ...]) -> None:
    """Raises ModuleNotFoundError for a package that is not installed, without importing any."""
    for name in names:
        if importlib.util.find_spec(name) is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _parser() -> argparse.ArgumentParser:
    """Options are named after the fields of SearchOptions, which also has their defaults."""
    default = SearchOptions(Path(), Path())
    parser = ScriptParser(
        prog="tune.py",
        description="Search for a better tower: many short trainings, each of another configuration.",
        epilog="Output: best.json (for genloss train --config), pareto/ with two objectives, report.html (open it in a "
        "browser) and, unless --storage says otherwise, study.sqlite. Run the same command again to resume; run it in "
        "several terminals, or on several machines with one --storage, and they share the work.",
    )
    parser.add_argument("--pairs", type=named_path, required=True, help="folder written by datagen/make_pairs.py")
    parser.add_argument("--out", type=named_path, required=True, help="folder for the results; created if missing")
    parser.add_argument(
        "--budget-minutes", type=number_above_0(_MOST), help="time to train in each trial (default %(default)g)"
    )
    parser.add_argument(
        "--trials", dest="n_trials", type=whole_number(1), metavar="TRIALS",
        help="trials of the study, all workers together (default %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--timeout", dest="timeout_minutes", type=number_above_0(_MOST), metavar="MINUTES",
        help="begin no trial that would not be trained this long after the start (default: no limit)",
    )  # fmt: skip
    parser.add_argument("--fraction", type=number_above_0(1), help="share of the training chains (default %(default)g)")
    parser.add_argument(
        "--objectives", type=_objectives, metavar="accuracy[,latency]",
        help="with latency the result is the Pareto front of both, and no trial is pruned "
        f"(default {','.join(default.objectives)})",
    )  # fmt: skip
    parser.add_argument(
        "--storage", type=named_text, metavar="URL",
        help="database, such as postgresql://me@host/genloss (default: OUT/study.sqlite)",
    )  # fmt: skip
    parser.add_argument(
        "--study", dest="study_name", type=named_text, metavar="NAME",
        help="name of the study, one for each --out (default %(default)s)",
    )  # fmt: skip
    parser.add_argument("--resume", action=argparse.BooleanOptionalAction, help="resume a study that exists (the default)")
    parser.add_argument("--sampler", choices=SAMPLERS, help="how configurations are drawn (default %(default)s)")
    parser.add_argument("--pruner", choices=PRUNERS, help="which trials are given up early (default %(default)s)")
    parser.add_argument(
        "--max-size", type=number_above_0(_MOST), metavar="TIMES",
        help="refuse towers larger than this many times the shipped one (default %(default)g)",
    )  # fmt: skip
    parser.add_argument(
        "--max-latency", type=number_above_0(_MOST), metavar="TIMES",
        help="refuse towers that take longer than this many times the shipped one's time, which is about a millisecond "
        "(default %(default)g)",
    )  # fmt: skip
    parser.add_argument("--seed", type=whole_number(0, MOST_SEED), help="of data, sampler and weights (default %(default)s)")
    parser.set_defaults(**{name: value for name, value in vars(default).items() if name not in ("pairs", "out")})
    return parser


def _objectives(text: str) -> tuple[str, ...]:
    objectives = tuple(text.split(","))
    if objectives not in (OBJECTIVES[:1], OBJECTIVES):
        raise argparse.ArgumentTypeError(f"{text!r} is neither accuracy nor accuracy,latency")
    return objectives


if __name__ == "__main__":
    sys.exit(main())
