"""The memory on damage: what it names, what it is taught, and when it keeps silent."""

import subprocess
import sys

import numpy as np
import pytest

from genloss.datagen.kinds import KIND_WEIGHTS
from genloss.model.damage.damage_memory import DamageMemory
from genloss.model.damage.kinds import KINDS
from genloss.model.damage.taught import TaughtKinds, keep_taught, read_taught
from genloss.model.errors import BundleError, NamesError, OutputError
from genloss.model.explanations.reasons import Reason
from genloss.model.scoring.bundle import BUNDLED, DESCRIPTION, load_bundle, save_bundle
from genloss.model.scoring.scorer import Scorer
from genloss.model.training.damage_evaluation import measure_damage
from genloss.model.training.damage_set import DamageSet, join_damage_sets, last_damage
from genloss.model.training.damage_training import DamageTraining, fit_damage, sure_from
from tests.fixtures import ROOT, saved


@pytest.fixture(scope="module")
def made():
    """Evidence of four kinds that a linear layer can tell, and of one that it never saw."""
    generator = np.random.default_rng(2)
    centres = generator.normal(0, 2, (5, 40))
    names = ["blur", "jpeg", "none", "palette", "unseen"]

    def drawn(n, split):
        kinds = np.repeat(names, n)
        evidence = np.repeat(centres, n, axis=0) + generator.normal(0, 1, (5 * n, 40))
        return DamageSet(evidence.astype(np.float32), kinds, np.full(5 * n, "png"), np.full(5 * n, split))

    return join_damage_sets([drawn(200, "train"), drawn(120, "validation"), drawn(50, "test")])


@pytest.fixture(scope="module")
def memory(made):
    return fit_damage(made.of(made.kinds != "unseen"), DamageTraining(n_dimensions=64, n_steps=150, n_bank=400))


def test_kinds_are_named_and_strangers_are_unfamiliar(made, memory):
    test = made.of((made.splits == "test") & (made.kinds != "unseen"))
    measured = measure_damage(memory, test)
    assert measured["top_1"] > 0.95
    assert measured["familiar"] > 0.8
    assert measured["kinds"]["jpeg"]["right"] > 0.9
    assert measured["kinds"]["none"]["speaks"] == 0  # the absence of traces is never claimed


def test_a_fit_is_the_same_for_the_same_seed_and_survives_its_file(made, memory):
    again = fit_damage(made.of(made.kinds != "unseen"), DamageTraining(n_dimensions=64, n_steps=150, n_bank=400))
    assert again.dumps() == memory.dumps()
    stored = DamageMemory.loads(memory.dumps())
    assert stored.version == memory.version
    assert stored.answer(made.evidence[0]) == memory.answer(made.evidence[0])
    with pytest.raises(BundleError, match=r"damage\.npz"):
        DamageMemory.loads(memory.dumps()[:1000], "damage.npz")


def test_a_kind_is_taught_from_a_few_and_forgotten_without_a_trace(made, memory):
    unseen = made.evidence[made.kinds == "unseen"]
    taught = memory.teach("halftone", unseen[:10])
    found = [taught.answer(evidence).taught for evidence in unseen[10:40]]
    assert np.mean([one.known for one in found]) > 0.8
    others = made.evidence[(made.splits == "test") & (made.kinds != "unseen")]
    assert np.mean([taught.answer(evidence).taught.known for evidence in others]) < 0.05
    assert 'taught as "halftone"' in taught.claim(unseen[20], "png").text
    back = taught.with_taught(taught.taught.forget("halftone"))
    assert back.answer(unseen[20]) == memory.answer(unseen[20])


@pytest.mark.parametrize("name", ["jpeg", " "])
def test_names_that_are_taken_or_empty_are_refused(memory, made, name):
    with pytest.raises(NamesError):
        memory.teach(name, made.evidence[:5])


def test_a_claim_repeats_neither_the_file_nor_a_measured_trace(made, memory):
    jpeg = made.evidence[(made.splits == "test") & (made.kinds == "jpeg")][0]
    palette = made.evidence[(made.splits == "test") & (made.kinds == "palette")][0]
    assert memory.claim(jpeg, "png").code == "last_damage"
    assert memory.claim(jpeg, "jpeg") is None
    assert memory.claim(palette, "png") is not None
    assert memory.claim(palette, "png", (Reason("few_colours", "", True),)) is None
    assert memory.claim(palette, "png", is_exact=True) is None  # its colours were counted
    assert memory.claim(jpeg, "png", is_exact=True).code == "last_damage"
    assert memory.with_silent(["palette"]).claim(palette, "png") is None


def test_a_fit_needs_no_library_of_the_other_trainings():
    code = "import sys, genloss.model.training.damage_run; print(sorted({'keras', 'lightgbm', 'onnx'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_few_claims_are_never_enough():
    assert sure_from(np.linspace(1, 0.9, 10), np.ones(10, bool)) is None
    assert sure_from(np.linspace(1, 0.5, 101), np.arange(101) < 80) == pytest.approx(0.6, abs=0.05)


def test_what_was_taught_is_kept_for_one_bundle(made, memory, tmp_path):
    taught = memory.teach("halftone", made.evidence[:5]).taught
    path = tmp_path / "new/damage.json"
    keep_taught(path, taught, memory.version)
    assert read_taught(path, memory.version, 64).memory.dumps() == taught.memory.dumps()
    assert read_taught(tmp_path / "absent.json", memory.version, 64).memory.names == []
    with pytest.raises(NamesError, match="another bundle"):
        read_taught(path, "0" * 12, 64)
    path.write_bytes(b"\xff\xd8" * 5000)
    with pytest.raises(NamesError) as photograph:
        read_taught(path, memory.version, 64)
    assert len(str(photograph.value)) < 300 + len(str(path))  # its bytes are not printed
    path.write_text("[]")
    with pytest.raises(NamesError, match="no memory of taught damage"):
        read_taught(path, memory.version, 64)
    with pytest.raises(OutputError):
        keep_taught(path / "below.json", TaughtKinds(taught.memory), memory.version)


@pytest.mark.parametrize(
    ("kind", "steps", "named"),
    [
        ("original", [], "none"), ("jpeg_ladder", ["save_jpeg"], "jpeg"), ("platform", ["save_webp"], "webp"),
        ("platform", ["sharpen", "save_jpeg"], "platform"), ("filter", ["sharpen", "save_png"], "sharpen"),
        ("filter", ["median", "save_png"], "blur"), ("generations", ["save_generations"], "generation"),
    ],
)  # fmt: skip
def test_the_last_edit_of_a_recipe(kind, steps, named):
    assert last_damage({"kind": kind, "steps": [{"name": step} for step in steps]}) == named
    assert named in KINDS


def test_every_kind_that_make_pairs_draws_has_words():
    """`genloss explain` and `teach --list` look them up, in a bundle trained on any chains."""
    assert {last_damage({"kind": kind, "steps": [{"name": "save_jpeg"}]}) for kind in KIND_WEIGHTS} <= KINDS.keys()


def test_the_shipped_memory_speaks_among_the_reasons_and_changes_no_score(scorer, clean_cat, tmp_path):
    picture = saved(clean_cat.quantize(16), "PNG")
    with_memory = scorer.score(picture, with_reasons=True)
    assert scorer.damage.answer(with_memory.evidence).kinds[0][0] == "palette"
    description = load_bundle().description
    left = {key: value for key, value in description.items() if key not in ("damage", "sha256", "feature_version")}
    save_bundle(tmp_path / "bundle", {path.name: path.read_bytes() for path in BUNDLED.glob("*.onnx")}, left)
    without = Scorer(tmp_path / "bundle")
    assert without.damage is None
    assert without.score(picture).generation_loss == with_memory.generation_loss
    assert without.bundle.judge_version == scorer.bundle.judge_version
    assert without.bundle.version != scorer.bundle.version


def test_a_damaged_memory_is_said_to_be_so(tmp_path):
    for path in BUNDLED.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "damage.npz").write_bytes(b"nothing")
    with pytest.raises(BundleError, match="sha256"):
        load_bundle(tmp_path)
    assert (ROOT / "model/weights" / DESCRIPTION).exists()
