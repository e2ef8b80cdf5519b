"""The report of a search: whatever a study holds stays text, and every state of a study has a page."""

import math
import re
from html.parser import HTMLParser

import optuna
import pytest
from optuna.trial import TrialState, create_trial

from genloss.search.report import LEAST_FOR_IMPORTANCE, write_report
from genloss.search.space import draw, shipped_parameters
from genloss.search.study import IDENTITY
from genloss.search.tower_drawing import draw_tower

HOSTILE = "</title><script>alert(1)</script><img src=x onerror='alert(2)'>\" & {{ 7 * 7 }}"


class Page(HTMLParser):
    """Elements, attributes and text of a page."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.attributes, self.words = set(), [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture
def study():
    study = optuna.create_study(study_name=HOSTILE, direction="maximize")
    study.set_user_attr(IDENTITY, {"pairs": HOSTILE, "budget_minutes": 0.5, HOSTILE: 1})
    return study


def _add(study, n, state=TrialState.COMPLETE, **attributes):
    for _ in range(n):
        trial = optuna.trial.FixedTrial(shipped_parameters())
        document = draw(trial)
        measured = {"latency": 1.5, "latency_ms": 1.2, "megabytes": 0.7, "document": document}
        study.add_trial(
            create_trial(
                state=state, value=0.75 if state == TrialState.COMPLETE else None, params=trial.params,
                distributions=trial.distributions, user_attrs=measured | attributes,
            )
        )  # fmt: skip


def _page(study, tmp_path):
    write_report(study, tmp_path / "report.html")
    return (tmp_path / "report.html").read_text("utf-8")


def test_hostile_names_and_reasons_stay_text(study, tmp_path):
    _add(study, 1)
    _add(study, 1, TrialState.FAIL, ended=HOSTILE)
    page = Page(_page(study, tmp_path))
    assert not {"script", "img"} & page.elements
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert HOSTILE in page.words  # why a trial ended
    assert f"Search: {HOSTILE}" in page.words
    assert f"Search for a tower: {HOSTILE}" in page.words
    assert any(HOSTILE in words and "budget minutes 0.5" in words for words in page.words)
    assert "49" not in page.words


def test_a_study_without_trials_has_a_page(study, tmp_path):
    page = _page(study, tmp_path)
    assert "0 trials of 0.5 minutes each: 0 judged, 0 pruned" in page
    assert "<h2>The best" not in page
    assert f"Importances need at least {LEAST_FOR_IMPORTANCE} judged trials." in page


def test_the_summary_counts_every_state_and_names_the_shipped_configuration(study, tmp_path):
    _add(study, 2)
    _add(study, 3, TrialState.PRUNED, ended="pruned after part 4 of 10", parts=[{"part": 4, "validation_accuracy": 0.5}])
    _add(study, 4, TrialState.PRUNED, ended="2.5 times the size of the shipped tower")
    _add(study, 1, TrialState.FAIL)
    text = " ".join(_page(study, tmp_path).split())
    said = "10 trials of 0.5 minutes each: 2 judged, 3 pruned, 4 refused as too large or too slow, 1 failed."
    assert f"{said} Best: 75.00 % of validation pairs (trial 0). </p>" in text
    assert text.count("its worker died") == 1
    _add(study, 1, shipped=True)
    assert "(trial 0); the shipped configuration has 75.00 %." in " ".join(_page(study, tmp_path).split())


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_charts_are_markup_and_the_page_needs_no_network(study, tmp_path):
    _add(study, LEAST_FOR_IMPORTANCE, parts=[{"part": 10, "validation_accuracy": 0.75, "passes": 1.0}])
    page = _page(study, tmp_path)
    assert "&lt;svg" not in page
    n_best = 5
    assert page.count("<svg") == 5 + n_best  # history, learning, importance, slices and Pareto front; then the towers
    assert page.count('class="tower"') == n_best
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", page)


def test_a_drawing_has_a_box_for_every_layer_and_wires_inside_it():
    document = draw(optuna.trial.FixedTrial(shipped_parameters()))
    network = document["network"] | {"dct_units": (8, 16), "metadata_units": (8, 512), "aggregator": "lstm"}
    drawing = draw_tower(document | {"network": network})
    names = [box.labels[0].text for box in drawing.boxes]
    assert names == ["merge", "LSTM", "head", "score", "DCT", "dense", "dense", *names[7:10], "metadata", "dense", "dense"]
    assert names[7].startswith("conv ")
    heights = {box.labels[1].text: box.height for box in drawing.boxes if len(box.labels) == 2}
    assert heights["512"] - heights["8"] == pytest.approx(7 * math.log2(512 / 8))
    for box in drawing.boxes:
        assert 0 <= box.x < box.x + box.width < drawing.width_px
        assert 0 < box.y < box.y + box.height < drawing.height_px
    for wire in drawing.wires:
        numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", wire)]
        assert all(0 < number < drawing.width_px for number in numbers)
    # One fewer than boxes in each of four rows; then one from either branch of pixels and two from the metadata.
    assert len(drawing.wires) == (len(drawing.boxes) - 4) + 2 + 2
