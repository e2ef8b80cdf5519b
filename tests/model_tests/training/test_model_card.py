"""The model card says what the model is for, where it fails, and what it learned from."""

import hashlib
import json

import pytest

from genloss.model.scoring.bundle import BUNDLED
from genloss.model.training.damage_card import damage_card
from genloss.model.training.model_card import model_card
from genloss.model.training.pair_card import pair_card


@pytest.fixture(scope="module")
def description():
    return json.loads((BUNDLED / "bundle.json").read_text(encoding="utf-8"))


def test_the_card_names_use_limits_data_and_licence(description):
    card = model_card(description)
    for heading in ("## Intended use", "## Limits", "## Licence", "## Data and training"):
        assert f"\n{heading}\n" in card
    assert description["corpus"] in card


def test_the_shipped_card_is_what_training_writes(description):
    card = pair_card(model_card(description), description["pairs"])
    if "damage" in description:
        card = damage_card(card, description["damage"])
    shipped = (BUNDLED / "README.md").read_bytes()
    assert shipped.decode() == card
    assert hashlib.sha256(shipped).hexdigest() == description["sha256"]["README.md"]
