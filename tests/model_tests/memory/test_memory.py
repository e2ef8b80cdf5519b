"""Keys and the explicit memory: what is asked by name, learned from a few and forgotten again."""

import json

import numpy as np
import pytest

from genloss.model.errors import NamesError
from genloss.model.memory.explicit_memory import Memory
from genloss.model.memory.keys import cosines, draw_keys, hamming_similarities, pack_signs, push_apart, unpack_signs


def _noisy(key, n, generator, noise=1.0):
    return key + generator.normal(0, noise, (n, len(key)))


@pytest.fixture
def generator():
    return np.random.default_rng(5)


@pytest.fixture
def memory():
    return Memory.of_keys(["cat", "dog"], draw_keys(2, 500, np.random.default_rng(0)))


@pytest.mark.parametrize("n_dimensions", [64, 500, 10_000])
def test_keys_of_one_seed_are_the_same_and_far_apart(n_dimensions):
    keys = draw_keys(10, n_dimensions, np.random.default_rng(3))
    assert np.array_equal(keys, draw_keys(10, n_dimensions, np.random.default_rng(3)))
    assert set(np.unique(keys)) == {-1, 1}
    apart = cosines(keys, keys) - np.eye(10)
    assert np.abs(apart).max() < 5 / np.sqrt(n_dimensions)
    assert np.array_equal(unpack_signs(pack_signs(keys), n_dimensions), keys)


@pytest.mark.parametrize("n_dimensions", [63, 10_001])
def test_too_few_and_too_many_dimensions_are_refused(n_dimensions):
    with pytest.raises(ValueError, match="64 to 10000"):
        draw_keys(2, n_dimensions, np.random.default_rng(0))


def test_the_similarity_of_packed_signs_is_the_cosine_of_signs(generator):
    vectors, keys = generator.normal(size=(7, 500)), draw_keys(3, 500, generator)
    assert np.allclose(hamming_similarities(vectors, pack_signs(keys)), cosines(np.sign(vectors), keys), atol=1e-6)


@pytest.mark.parametrize("by", ["cosine", "hamming"])
def test_noisy_vectors_find_their_key_and_strangers_are_none_of_these(memory, generator, by):
    answers = memory.nearest(np.concatenate([_noisy(key, 20, generator) for key in memory.keys]), by)
    assert answers.names == ["cat"] * 20 + ["dog"] * 20
    strangers = memory.nearest(generator.normal(size=(50, 500)), by)
    assert not strangers.known.any()
    assert memory.nearest(memory.keys, by).known.all()


@pytest.mark.parametrize("bits", [1, 32])
@pytest.mark.parametrize("shots", [1, 5])
def test_a_name_is_learned_from_a_few_and_forgotten_without_a_trace(memory, generator, bits, shots):
    fox = generator.normal(size=500)
    taught = memory.add("fox", _noisy(fox, shots, generator), bits=bits)
    new = taught.nearest(_noisy(fox, 30, generator))
    assert new.names == ["fox"] * 30
    if shots > 1:
        assert new.known.mean() > 0.5
    old = np.concatenate([_noisy(key, 20, generator) for key in memory.keys])
    assert taught.nearest(old).names == memory.nearest(old).names
    assert taught.forget("fox").dumps() == memory.dumps()


def test_keys_that_resemble_each_other_are_pushed_apart(memory, generator):
    mixture = 2 * memory.keys[0] + generator.normal(size=500)
    assert cosines(mixture[None], memory.keys[:1]).item() > 0.8
    moved = push_apart(mixture, memory.keys, most=0.3)
    assert cosines(moved[None], memory.keys).max() < 0.31
    assert cosines(moved[None], mixture[None]).item() > 0.6
    assert np.allclose(push_apart(moved, memory.keys, most=0.5), moved)


def test_names_are_unique_and_known_before_they_are_forgotten(memory):
    with pytest.raises(NamesError, match="'cat' is in the memory already"):
        memory.add("cat", np.ones((1, 500)))
    with pytest.raises(NamesError, match="must not be empty"):
        memory.add(" ", np.ones((1, 500)))
    with pytest.raises(NamesError, match="cat, dog"):
        memory.forget("fox")
    with pytest.raises(NamesError, match="without a single example"):
        memory.add("fox", np.empty((0, 500)))
    with pytest.raises(NamesError, match="empty"):
        Memory(500).nearest(np.ones((1, 500)))


def test_a_stored_memory_is_read_back_and_a_damaged_one_refused(memory, generator):
    taught = memory.add("fox", generator.normal(size=(3, 500)))
    assert Memory.loads(taught.dumps()).dumps() == taught.dumps()
    document = json.loads(taught.dumps())
    document["entries"][0]["key"] = document["entries"][0]["key"][2:]
    for damaged in (b"", b"[]", b"{}", json.dumps({**document, "layout": 9}).encode(), json.dumps(document).encode()):
        with pytest.raises(NamesError):
            Memory.loads(damaged)
