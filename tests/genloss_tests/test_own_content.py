"""No version is for discarding that holds what the first place lacks, however much worse it is."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genloss.model.images.facts import Facts
from genloss.model.pairs.changes import LETTERING
from genloss.model.pairs.genealogy import Descent
from genloss.model.pairs.placement import Placement, whole_frame
from genloss.model.scoring.own_content import HAS_FRAMES, HAS_LETTERING, NOT_LAID, SHOWS_MORE, own_content
from genloss.model.scoring.ranked import RankedVersion
from genloss.model.scoring.scorer import Score
from genloss.ranking_table import RankingTable
from genloss.records import ranked_records

FACTS = Facts("png", 64, 48, 900, 2.34, None, False, "", False, True, 1)
WHOLE = whole_frame((48, 64), (24, 32))
TURNED = Placement(1, (24, 32), (32, 24), 1.0, 1.0, 0.0, 0.0)
PART = Placement(0, (48, 64), (96, 128), 1.0, 1.0, 10.0, 20.0)  # the parent covers a quarter of the child
CUT = Placement(0, (96, 128), (48, 64), 1.0, 1.0, -10.0, -20.0)  # and is covered by it


def _version(index, parent=None, placement=WHOLE, *changes, n_frames=1, **more):
    descent = None if parent is None else Descent(parent, 0.8, True, None, changes, placement)
    score = Score(0.5, replace(FACTS, n_frames=n_frames), np.zeros(3, np.float32))
    worse = None if index == 0 else 0.999
    return RankedVersion(
        more.pop("picture", 1), more.pop("place", index + 1), index, score, 0.9, worse, False, descent=descent, **more
    )


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([_version(1, 0), _version(2, 1, TURNED)], {}),
        ([_version(1, 0, PART)], {1: SHOWS_MORE}),
        ([_version(1, 0, PART), _version(2, 1, CUT)], {1: SHOWS_MORE}),  # the third shows what the first does
        ([_version(1, 0, CUT), _version(2, 1, PART)], {}),
        ([_version(1, 0, WHOLE, LETTERING), _version(2, 1)], {1: HAS_LETTERING, 2: HAS_LETTERING}),
        ([_version(1, 0, n_frames=3), _version(2, n_frames=3, same_as=0, same="pixels")], {1: HAS_FRAMES, 2: HAS_FRAMES}),
        ([_version(1, 0), _version(2, same_as=0, same="file"), _version(3)], {3: NOT_LAID}),
        ([_version(1, 0), _version(2, picture=2, place=1), _version(3, 2, PART, picture=2)], {3: SHOWS_MORE}),
        ([_version(1), _version(2)], {}),  # a model that lays nothing on anything
    ],
)
def test_what_versions_hold_of_their_own(others, expected):
    assert own_content([_version(0), *others]) == expected


def test_it_is_said_and_never_for_discarding():
    paths = [Path(name) for name in ("part.png", "whole.jpg", "small.jpg")]
    records = ranked_records(paths, [_version(0), _version(1, 0, PART), _version(2, 0)], 0.9)
    assert [record["may_be_discarded"] for record in records] == [False, False, True]
    assert [record["holds_more"] for record in records] == [None, SHOWS_MORE, None]
    stream = io.StringIO()
    table = RankingTable(stream, with_decision=True)
    for record in records:
        table.write(record)
    table.close()
    lines = stream.getvalue().splitlines()
    assert [line.split()[1] for line in lines[1:4]] == ["keep", "look", "discard"]
    assert lines[4] == f"Look before you discard whole.jpg: {SHOWS_MORE}."


def test_one_long_name_does_not_push_all_lines_aside():
    paths = [Path("a.png"), Path(f"{'long' * 50}.png")]
    stream = io.StringIO()
    table = RankingTable(stream, with_decision=False)
    for record in ranked_records(paths, [_version(0), _version(1)], None):
        table.write(record)
    table.close()
    heading, first, second = stream.getvalue().splitlines()
    assert max(len(heading), len(first)) < 110 < len(second)
