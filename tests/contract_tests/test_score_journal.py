"""The journal of a score run with an output file."""

from contextlib import suppress

from genloss.batch import BatchOptions, score_inputs
from genloss.inputs import Input, typed_inputs
from genloss.resume import ScoreJournal
from tests.fixtures import ROOT


def test_the_journal_holds_nothing_of_files_that_are_done_whether_they_failed_or_not(tmp_path):
    picture, broken = ROOT / "samples/cat/shrunk.png", tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff no picture")
    with ScoreJournal(tmp_path / "scores.csv", "model", resume=False) as journal:
        results = list(
            score_inputs(typed_inputs([picture, broken], None, False, False), BatchOptions(with_digest=True), journal=journal)
        )
        assert [isinstance(result, Exception) for _, result in results] == [False, True]
        assert journal.n_waiting == 0


def test_scores_with_the_facts_of_another_version_of_genloss_are_made_again(tmp_path):
    picture, scores = ROOT / "samples/cat/shrunk.png", tmp_path / "scores.csv"
    with suppress(KeyboardInterrupt), ScoreJournal(scores, "model", resume=False) as journal:
        list(score_inputs([Input(picture)], BatchOptions(with_digest=True), journal=journal))
        raise KeyboardInterrupt
    kept = journal.path.read_text()
    with suppress(KeyboardInterrupt), ScoreJournal(scores, "model", resume=True) as journal:
        assert journal.find(Input(picture)) is not None
        raise KeyboardInterrupt
    journal.path.write_text(kept.replace('"width_px"', '"breadth"'))
    with ScoreJournal(scores, "model", resume=True) as journal:
        assert journal.find(Input(picture)) is None
