"""Training of the memory on damage: from chains to a bundle, with evaluation and model card."""

from dataclasses import asdict
from functools import partial
from typing import Any

from genloss.model.errors import TrainingError
from genloss.model.scoring.bundle import DAMAGE, extend_bundle, load_bundle
from genloss.model.training.addition import SPLITS, AdditionRequest, Observer
from genloss.model.training.damage_card import damage_card
from genloss.model.training.damage_evaluation import measure_damage
from genloss.model.training.damage_set import join_damage_sets, open_damage_set
from genloss.model.training.damage_training import LEAST_RIGHT, DamageTraining, fit_damage


def run_damage_training(request: AdditionRequest[DamageTraining], observer: Observer) -> dict[str, Any]:
    """Scores every version, fits on the training split, calibrates on validation, evaluates on test.

    A kind makes no claims if less than 90 % of its claims are right on the test split. This choice makes the share of right
    claims on the test split a little too good. All other networks of the bundle are copied unchanged.

    Returns:
        Figures of the test split, from measure_damage.

    Raises:
        GenerationLossError: an error that a user can act on.
    """
    bundle = load_bundle(request.bundle)
    data = join_damage_sets(
        [
            open_damage_set(folder, request.bundle, partial(observer.step, f"scoring {folder.name}"))
            for folder in request.folders
        ]
    )
    for name in SPLITS:
        if not (data.splits == name).any():
            raise TrainingError(f"the versions have none in the {name} split; use more originals or more chains")
    memory = fit_damage(data, request.training, partial(observer.step, "fitting"))
    observer.phase("evaluating")
    silenced = _not_right(measure_damage(memory, data.of(data.splits == "test")))
    memory = memory.with_silent(silenced)
    evaluation = {name: measure_damage(memory, data.of(data.splits == name)) for name in SPLITS if name != "train"}
    damage = {
        "calibration": asdict(memory.calibration), "corpus": request.corpus, "command": request.command,
        "evaluation": evaluation, "silenced": silenced,
        "n_versions": {name: int((data.splits == name).sum()) for name in SPLITS},
        "training": asdict(request.training), "version": memory.version,
    }  # fmt: skip
    extend_bundle(bundle, request.out, "damage", damage, {DAMAGE: memory.dumps()}, damage_card)
    return evaluation["test"]


def _not_right(measured: dict[str, Any]) -> list[str]:
    return [name for name, found in measured["kinds"].items() if found["speaks"] and found["right"] < LEAST_RIGHT]
