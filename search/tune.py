"""The command `python search/tune.py`: looks for a tower that ranks better than the shipped one, with Optuna.

Every trial trains one configuration for the same time on the same seeded fraction of the training chains and is
judged on half of the validation split; the test split is never opened.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

# `python search/tune.py` puts this folder on the path, not the project's.
if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from genloss.model.errors import GenerationLossError
from genloss.model.quiet import quiet_stderr

# Trials run in child processes, which import this file again: what only the parent needs is imported in functions.


def main(argv: list[str] | None = None) -> int:
    """Runs the command; returns 0, 2 after one line for an error, 130 after an interruption."""
    arguments = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        try:
            with quiet_stderr():
                from genloss.search.run import run_search
        except ImportError as error:
            print(f"tune: {error}; install what is missing with pip install 'genloss[train,search]'", file=sys.stderr)
            return 2
        run_search(
            pairs=arguments.pairs,
            out=arguments.out,
            budget_minutes=arguments.budget_minutes,
            n_trials=arguments.trials,
            timeout_minutes=arguments.timeout,
            fraction=arguments.fraction,
            objectives=arguments.objectives,
            storage=arguments.storage,
            study_name=arguments.study,
            resume=arguments.resume,
            sampler=arguments.sampler,
            pruner=arguments.pruner,
            max_size=arguments.max_size,
            max_latency=arguments.max_latency,
            seed=arguments.seed,
        )
    except GenerationLossError as error:
        print(f"tune: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"tune: {error.filename or arguments.out}: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("tune: interrupted; the same command goes on where it stopped", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tune.py",
        description="Search for a better tower: many short trainings, each of another configuration.",
        epilog="Output: best.json (for genloss train --config), pareto/ with two objectives, report.html (open it in a "
        "browser) and, unless --storage says otherwise, study.sqlite. Run the same command again to resume; run it in "
        "several terminals, or on several machines with one --storage, and they share the work.",
    )
    parser.add_argument("--pairs", type=Path, required=True, help="folder written by datagen/make_pairs.py")
    parser.add_argument("--out", type=Path, required=True, help="folder for the results; made when missing")
    parser.add_argument(
        "--budget-minutes", type=_positive_number, default=10.0, help="time to train in each trial (default 10)"
    )
    parser.add_argument("--trials", type=_positive, default=50, help="trials of the study, all workers together (default 50)")
    parser.add_argument(
        "--timeout", type=_positive_number, metavar="MINUTES",
        help="begin no trial that would not be trained this long after the start (default: no limit)",
    )  # fmt: skip
    parser.add_argument("--fraction", type=_fraction, default=0.25, help="share of the training chains (default 0.25)")
    parser.add_argument(
        "--objectives", type=_objectives, default=("accuracy",), metavar="accuracy[,latency]",
        help="with latency the result is the Pareto front of both, and no trial is pruned (default accuracy)",
    )  # fmt: skip
    parser.add_argument(
        "--storage", metavar="URL", help="database, such as postgresql://me@host/genloss (default: OUT/study.sqlite)"
    )
    parser.add_argument("--study", default="genloss", metavar="NAME", help="name of the study in the database")
    parser.add_argument(
        "--resume", action=argparse.BooleanOptionalAction, default=True, help="go on with a study that exists (the default)"
    )
    parser.add_argument(
        "--sampler", choices=("tpe", "random"), default="tpe", help="how configurations are drawn (default tpe)"
    )
    parser.add_argument(
        "--pruner", choices=("median", "hyperband", "none"), default="median",
        help="which trials are given up early (default median)",
    )  # fmt: skip
    parser.add_argument(
        "--max-size", type=_positive_number, default=2.0, metavar="TIMES",
        help="refuse towers larger than this many times the shipped one (default 2)",
    )  # fmt: skip
    parser.add_argument(
        "--max-latency", type=_positive_number, default=4.0, metavar="TIMES",
        help="refuse towers that take longer than this many times the shipped one's time (default 4; about a millisecond each)",
    )  # fmt: skip
    parser.add_argument("--seed", type=_not_negative, default=1683, help="of data, sampler and weights (default 1683)")
    return parser


def _objectives(text: str) -> tuple[str, ...]:
    if text not in ("accuracy", "accuracy,latency"):
        raise argparse.ArgumentTypeError(f"{text!r} is neither accuracy nor accuracy,latency")
    return tuple(text.split(","))


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def _not_negative(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return number


def _positive_number(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def _fraction(text: str) -> float:
    number = float(text)
    if not 0 < number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and at most 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
