"""Files nested so deeply that Python gives up are damaged files like others: one clear error each."""

import pytest

from genloss.archive.rules import read_rules
from genloss.datagen.profiles import load
from genloss.model.damage.taught import read_taught
from genloss.model.errors import BundleError, DatagenError, NamesError, PairsError, RulesError, SearchError, TrainingError
from genloss.model.memory.explicit_memory import Memory
from genloss.model.scoring.bundle import load_bundle
from genloss.model.training.configuration import read_document
from genloss.model.training.listing import read_listing
from genloss.search.claim import check_claim

DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("name", "read", "error"),
    [
        ("bundle.json", lambda path: load_bundle(path.parent), BundleError), ("a.json", load, DatagenError),
        ("a.json", read_document, TrainingError), ("chains.jsonl", lambda path: read_listing(path.parent), PairsError),
        ("study.json", lambda path: check_claim(path.parent, "one"), SearchError),
        ("a.json", lambda path: read_taught(path, "1", 8), NamesError), ("a.toml", read_rules, RulesError),
        ("a.json", lambda path: Memory.loads(path.read_bytes()), NamesError),
    ],
)  # fmt: skip
def test_a_deeply_nested_file_is_a_damaged_file(tmp_path, name, read, error):
    path = tmp_path / name
    path.write_text(f"a = {DEEP}" if name.endswith(".toml") else DEEP)
    with pytest.raises(error):
        read(path)
