"""The search against random search and the shipped configuration, with equal time and seeds."""

import argparse
import json
import multiprocessing
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import optuna

from genloss.model.errors import SearchError
from genloss.model.files import write_atomically
from genloss.search.space import draw, shipped_parameters
from genloss.search.study import settled_trials
from genloss.search.trial_messages import Failed, Judged, Refused, TrialTask
from genloss.search.trial_process import start_trial

ROOT = Path(__file__).resolve().parents[2]
# Random search stops no trial early. Both methods begin with the shipped configuration.
METHODS = {"random": ["--sampler", "random", "--pruner", "none"], "search": ["--sampler", "tpe", "--pruner", "median"]}
# The winners are trained again from different initial weights.
OTHER_WEIGHTS = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=Path, required=True, help="folder written by make_pairs.py")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for the studies; what is finished there is not run again"
    )
    parser.add_argument("--minutes", type=float, default=180, help="time of each search (default 180)")
    parser.add_argument("--budget-minutes", type=float, default=5, help="time of each trial (default 5)")
    parser.add_argument("--fraction", type=float, default=0.25, help="share of the training chains (default 0.25)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="(default 1 2 3)")
    arguments = parser.parse_args()
    start = draw(optuna.trial.FixedTrial(shipped_parameters()))
    rows = {
        (seed, method): _result(arguments, seed, method, start)
        for seed in arguments.seeds
        for method in ("start", *METHODS)
    }  # fmt: skip
    chosen = f"{arguments.minutes:g} minutes each, trials of {arguments.budget_minutes:g}"
    print(f"{chosen}, {100 * arguments.fraction:g} % of the training chains; {os.cpu_count()} cores, {platform.machine()}\n")
    print("| seed | method | trials | best on the judging half, % | trained again, on the other half, % |")
    print("|---|---|---|---|---|")
    for (seed, method), row in rows.items():
        print(f"| {seed} | {method} | {row['trials']} | {100 * row['judged']:.2f} | {100 * row['again']:.2f} |")
    for method in ("start", *METHODS):
        found = [row for (_, name), row in rows.items() if name == method]
        judged, again = (100 * float(np.mean([row[name] for row in found])) for name in ("judged", "again"))
        print(f"| all | {method} | | {judged:.2f} | {again:.2f} |")


def _result(arguments: argparse.Namespace, seed: int, method: str, start: dict) -> dict:
    path = arguments.out / f"{method}-{seed}.json"
    if path.exists():
        return json.loads(path.read_text())
    arguments.out.mkdir(parents=True, exist_ok=True)
    if method == "start":
        document, n_trials, judged = start, 1, _train(arguments, start, seed, seed, 0)
    else:
        folder = arguments.out / f"study-{method}-{seed}"
        shutil.rmtree(folder, ignore_errors=True)  # a resumed search would have more time than the others
        command = [
            sys.executable, ROOT / "search/tune.py", "--pairs", arguments.pairs, "--out", folder, "--seed", str(seed),
            "--budget-minutes", str(arguments.budget_minutes), "--timeout", str(arguments.minutes), "--trials", "100000",
            "--fraction", str(arguments.fraction), *METHODS[method],
        ]  # fmt: skip
        subprocess.run(command, check=True)
        study = optuna.load_study(study_name="genloss", storage=f"sqlite:///{(folder / 'study.sqlite').resolve()}")
        document, judged = study.best_trial.user_attrs["document"], study.best_value
        n_trials = len(settled_trials(study))
    again = _train(arguments, document, seed, seed + OTHER_WEIGHTS, 1)
    row = {"trials": n_trials, "judged": judged, "again": again, "document": document}
    write_atomically(path, json.dumps(row, indent=2).encode())
    return row


def _train(arguments: argparse.Namespace, document: dict, data_seed: int, training_seed: int, half: int) -> float:
    """Pair accuracy on one half of the validation split of a configuration, trained for the time of a trial."""
    task = TrialTask(
        arguments.pairs, document, 60 * arguments.budget_minutes, arguments.fraction, data_seed, training_seed,
        max_size=float("inf"), max_latency=float("inf"), half=half,
    )  # fmt: skip
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=start_trial, args=(task, sender))
    process.start()
    sender.close()
    try:
        while True:
            message = receiver.recv()
            if isinstance(message, Judged):
                return message.accuracy
            if isinstance(message, Failed | Refused):
                raise SearchError(message.reason)
    except EOFError as error:
        raise SearchError("the training's process died") from error
    finally:
        process.kill()
        process.join()


if __name__ == "__main__":
    main()
