"""Pairs by words: in parts, in shards and in an object store the same as by the plain definition."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from genloss.archive import word_pairs, word_tables
from genloss.archive.local_words import N_TABLES, LocalWords
from genloss.archive.sharding import Sharding
from genloss.archive.word_check import may_agree
from genloss.archive.word_pairs import LEAST_WORDS, MOST_PER_FILE, pair_words
from genloss.archive.word_shards import WordShards, pair_shard
from genloss.archive.word_tables import bits_compared
from genloss.archive.word_votes import on_one_scale, take_votes
from genloss.model.engines.shard_folder import ShardFolder
from genloss.model.engines.thread_engine import ThreadEngine
from genloss.model.errors import EngineError

DIGESTS = [f"{number:064x}" for number in range(30)]


@pytest.fixture(scope="module")
def crowd() -> tuple[list[LocalWords], list[float]]:
    """Files with 0 to 70 words out of so few that some words are shared by more files than are looked at."""
    random = np.random.default_rng(7)
    found = []
    for number in range(len(DIGESTS)):
        n = 0 if number in (0, 9) else int(random.integers(1, 70))
        keys = random.integers(0, 60, (2, n, N_TABLES), np.uint32) | np.uint32(number % 16 << 28)  # above the bits compared
        spots = random.integers(0, 1 << 16, (n, 4), np.uint16) // 3
        spots[:, 3] %= 8
        found.append(LocalWords(keys, spots))
    return found, random.uniform(0.5, 2, len(found)).tolist()


def _plain_pairs(words: list[LocalWords], aspects: list[float]) -> list[list[int]]:
    """Pairs as defined: each word meets each equal word, 24 of them at most, and each match gives votes."""
    files = np.repeat(np.arange(len(words), dtype=np.int32), [len(one.spots) for one in words])
    keys = np.concatenate([one.keys for one in words], axis=1)
    places = on_one_scale(np.concatenate([one.spots for one in words]), np.asarray(aspects, np.float32)[files])
    mask, matches = (1 << bits_compared(len(files))) - 1, ([], [])
    for way, table in np.ndindex(2, N_TABLES):
        spots_of = defaultdict(list)
        for spot in np.flatnonzero(keys[way, :, table]).tolist():
            spots_of[int(keys[way, spot, table]) & mask].append(spot)
        for left in np.flatnonzero(keys[0, :, table]).tolist():
            run = spots_of[int(keys[0, left, table]) & mask]
            begin = left % len(run) if len(run) > 24 else 0
            for right in [run[(begin + step) % len(run)] for step in range(min(len(run), 24))]:
                if files[left] < files[right] or (way and files[left] != files[right]):
                    matches[way].append((left, right))
    cells = defaultdict(set)
    for way in (0, 1):
        left, right = np.array(matches[way], np.int32).T
        for vote in np.concatenate(take_votes(left, right, files, places, bool(way), 0)).tolist():
            cells[vote >> 10].add(vote)
    best = defaultdict(int)
    for placement, seen in cells.items():
        pair = placement >> 18
        best[pair] = max(best[pair], len(seen))
    ordered = sorted((-n, *sorted((pair >> 23, pair & (1 << 23) - 1))) for pair, n in best.items() if n >= LEAST_WORDS)
    n_of, kept = [0] * len(words), []
    for first, second in dict.fromkeys((first, second) for _, first, second in ordered):
        if min(n_of[first], n_of[second]) < MOST_PER_FILE:
            n_of[first], n_of[second] = n_of[first] + 1, n_of[second] + 1
            kept.append([first, second])
    return sorted(kept)


@pytest.fixture(scope="module")
def expected(crowd) -> list[list[int]]:
    return _plain_pairs(*crowd)


def _shards(crowd, place: Path | str, length: int, words_of=None) -> WordShards:
    words, aspects = crowd
    sharding = Sharding(ThreadEngine(2), ShardFolder(place), length)
    by_digest = dict(zip(DIGESTS, words, strict=True))
    return WordShards(DIGESTS, aspects, words_of or by_digest.__getitem__, sharding, lambda items, total, doing: items)


def _refuse(sha256: str) -> LocalWords:
    raise AssertionError(f"the words of {sha256} are not needed")


def test_pairs_are_those_of_the_plain_definition_however_the_files_are_cut(crowd, expected, monkeypatch):
    assert len(expected) > 100
    assert pair_words(*crowd).tolist() == expected
    monkeypatch.setattr(word_pairs, "_MOST_MATCHES", 4000)
    monkeypatch.setattr(word_pairs, "_PIECE", 1500)
    for module in (word_pairs, word_tables):
        monkeypatch.setattr(module, "CHUNK", 7)
    assert pair_words(*crowd).tolist() == expected


@pytest.mark.parametrize("place", ["shards", "mock://bucket/shards"])
def test_pairs_in_shards_are_the_same_and_absent_shards_alone_are_made(place, crowd, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(word_tables, "CHUNK", 16)
    words, aspects = crowd
    is_store = "://" in place
    shards = _shards(crowd, place if is_store else tmp_path / place, 12)
    pairs = shards.pair()
    assert pairs.tolist() == expected
    some = [tuple(pair) for pair in expected[::3]]
    agree = [may_agree(words[one], words[two], (aspects[one], aspects[two])) for one, two in some]
    assert shards.check(some) == agree
    shards.clear()
    if is_store:  # this store is one of a process, and new each time it is opened
        return
    assert {path.name for path in (tmp_path / place).iterdir()} == {"pair-1", "check-1"}
    made = {path: path.read_bytes() for path in (tmp_path / place).rglob("*.npy")}
    resumed = _shards(crowd, tmp_path / place, 12, _refuse)
    assert (resumed.pair().tolist(), resumed.check(some)) == (expected, agree)
    lost, *kept = sorted(made)
    times = {path: path.stat().st_mtime_ns for path in kept}
    lost.unlink()
    again = _shards(crowd, tmp_path / place, 12)
    assert (again.pair().tolist(), again.check(some)) == (expected, agree)
    assert {path: path.stat().st_mtime_ns for path in kept} == times
    assert lost.read_bytes() == made[lost]


def test_files_that_share_no_word_have_no_pairs():
    random = np.random.default_rng(1)
    keys = random.integers(1, 1 << 32, (2, 2, 5, N_TABLES), np.uint32)
    strangers = [LocalWords(own, np.zeros((5, 4), np.uint16)) for own in keys]
    assert pair_words(strangers, [1.5, 1.5]).shape == (0, 2)
    assert pair_words([], []).shape == (0, 2)


def test_a_machine_that_does_not_see_the_sorted_words_says_so(tmp_path):
    with pytest.raises(EngineError, match="the shards must lie at one path on every machine"):
        pair_shard(ShardFolder(tmp_path), "words-of-others", b"[0, 1]")
    (tmp_path / "words-cut").mkdir()
    (tmp_path / "words-cut/files.npy").write_bytes(b"\x93NUMPY\x01")
    with pytest.raises(EngineError, match="is damaged"):
        pair_shard(ShardFolder(tmp_path), "words-cut", b"[0, 1]")
