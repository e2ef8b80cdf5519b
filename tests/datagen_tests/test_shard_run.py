"""Chains in shards: each made once, whatever stops the run, and gone from the folder when all are known."""

from pathlib import Path

import pytest

from genloss.datagen import shard_run
from genloss.datagen.draw_original import DEFAULT_PROFILE
from genloss.datagen.ledger import ChainRecord
from genloss.datagen.plan import Plan
from genloss.model.engines.thread_engine import ThreadEngine
from genloss.model.errors import EngineError
from genloss.model.parallel import Failure


def _make(plan: Plan, chain: int) -> ChainRecord:
    """A chain of no versions, noted in a file; one of them is too slow."""
    with (plan.out / "made").open("a") as stream:
        print(chain, file=stream)
    if chain == 1:
        return Failure("too slow")
    return ChainRecord(chain, "a.png", "0" * 64, "train", ({"path": f"files/{chain}"},))


class _StopsAfterOne(ThreadEngine):
    def run(self, make, shards):
        yield from super().run(make, shards[:1])
        raise EngineError("the cluster is gone")


def _run(plan: Plan, todo: list[int], engine: ThreadEngine) -> dict[int, ChainRecord | Failure]:
    return dict(shard_run.run_in_shards(_make, ChainRecord, plan, todo, engine, 60.0, {"seed": "5"}))


def test_a_run_that_was_stopped_makes_only_what_is_absent(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(shard_run, "_LENGTH", 2)
    plan = Plan(tmp_path, tmp_path, 5, (), {}, DEFAULT_PROFILE, frozenset())
    with pytest.raises(EngineError, match="is gone"):
        _run(plan, [0, 1, 3], _StopsAfterOne(1))
    assert (tmp_path / "made").read_text().split() == ["0", "1"]
    made = _run(plan, [0, 1, 3], ThreadEngine(1))
    assert (tmp_path / "made").read_text().split() == ["0", "1", "3"]
    assert made[1] == Failure("too slow")
    assert [made[chain].versions[0]["path"] for chain in (0, 3)] == ["files/0", "files/3"]
    assert not (tmp_path / shard_run.SHARDS).exists()
