"""Both compiled forms do what their source says, refuse what they would misread, and do without where nothing is compiled."""

import importlib
import importlib.util
import sys
import warnings

import numpy as np
import pytest

from genloss.model.kernels import (
    blocks,
    codes,
    colours,
    compiled,
    derivations,
    filters,
    lattices,
    levels,
    lines,
    scanlines,
    warps,
)

PLANE = np.random.default_rng(1683).integers(0, 256, (48, 56), dtype=np.uint8)
PLANE[20:36, 8:40] = 77  # flat, as pictures are in places
BLOCKS = np.random.default_rng(1).normal(120, 40, (21, 64)).astype(np.float32)
COEFFICIENTS = np.random.default_rng(2).normal(0, 30, (64, 33)).astype(np.float32)
TOP, LEFT = np.array([0, 8, 30]), np.array([0, 16, 38])
BINS = (np.arange(1024) // 4).astype(np.uint8)
FEW = np.array([1, 8, 9, 2])


def _grids():
    weights = (np.round(np.random.default_rng(3).normal(0, 0.1, (2, 16)) * 8192) / 8192).astype(np.float32)
    return PLANE, TOP, LEFT, weights, np.array([1, 0]), np.array([0, 1]), BINS, np.zeros((2, 64, 256), np.uint16)


# Codes of the symbols 0, 0x12, 0xF0 and 0x21: 0, 10, 110 and 1110, as the kernels take them.
CODES = np.zeros((1, 66048), np.uint16)
for first, length, symbol in ((0, 1, 0x00), (0x8000, 2, 0x12), (0xC000, 3, 0xF0), (0xE000, 4, 0x21)):
    CODES[0, 512 + first : 512 + first + (1 << (16 - length))] = symbol << 5 | length
CODES[0, :512] = CODES[0, 512::128]
CHAINS = np.zeros((1, 4096), np.uint16)
codes.chain_codes(CODES, np.array([8]), CHAINS)
CODED = np.concatenate([PLANE[1] & 0x6E, np.full(8, 255, np.uint8)])
BITS = np.full((1, 64), 9)
FILTERED = PLANE[:12, :49].copy()  # the first line has no line above
FILTERED[:, 0] = [4, 2, 3, 1, 0, 4, 3, 4, 1, 2, 4, 9]  # there is no ninth filter
LEVELS = PLANE[:24, :20].astype(np.float32)
STEPS = np.arange(3, 67).astype(np.float32)


CALLS = [
    (blocks.take_and_rank, (PLANE, TOP, LEFT, np.zeros((3, 8, 8), np.uint8), np.zeros(3, np.int32))),
    (blocks.transform, (BLOCKS, np.zeros((64, 21), np.float32))),
    (blocks.transform_at, (PLANE, *np.divmod(np.arange(0, 1900, 90), 48), np.zeros((64, 22), np.float32))),
    (blocks.count_multiples, (PLANE, *np.divmod(np.arange(0, 1900, 90), 48), FEW, np.array([3, 5, 7, 2], np.float32),
                              np.zeros((4, 9), np.int64))),
    (blocks.weigh, (COEFFICIENTS, 0.499, np.zeros((64, 5), np.float32), np.zeros(64, np.int64))),
    (blocks.add_energies, (COEFFICIENTS, np.arange(64) % 4 - 1, np.zeros((3, 33), np.float32))),
    (lattices.count_on_grids, _grids()),
    (lattices.count_coefficients, (COEFFICIENTS, FEW, BINS, np.zeros((4, 256), np.uint16))),
    (codes.chain_codes, (np.concatenate([CODES] * 3), np.array([8, -1, 1]), np.zeros((3, 4096), np.uint16))),
    (codes.walk_blocks, (CODED, CODES, CHAINS, np.array([[0, 0, 0], [0, 0, -1]]), BITS, 6, np.zeros(2, np.int64))),
    (codes.walk_band, (CODED, CODES, BITS, 1, 63, False, np.zeros((40, 64), np.uint8), 2, 38)),
    (codes.walk_band, (CODED, CODES, BITS, 1, 63, True, (PLANE[:40, :1] + np.arange(64, dtype=np.uint8)) % 3 // 2, 0, 40)),
    (lines.add_steps, (PLANE, np.zeros(55, np.int32), np.zeros(54, np.int32))),
    (colours.to_luma, (PLANE.ravel(), np.zeros((1, 896), np.uint8))),
    (colours.lay_over_white, (PLANE.ravel(), np.zeros((1, 2016), np.uint8))),
    (lines.cut_windows, (PLANE, np.array([0, 7, 47]), np.hanning(16).astype(np.float32), np.zeros((9, 16), np.float32))),
    (lines.add_power, (COEFFICIENTS[:, :18].copy(), np.zeros(8))),
    *((scanlines.undo_filters, (FILTERED, n_bytes, np.zeros((12, 48), np.uint8))) for n_bytes in (1, 2, 3, 4, 8)),
    (levels.count_levels, (PLANE, np.array([0, 3, 47]), np.zeros((4, 256), np.int64))),
    (levels.count_fine_structure, (PLANE, np.array([0, 16]), 16, np.zeros((4, 1021), np.int64), np.zeros(5, np.int64))),
    (levels.count_flat_lines, (np.full((9, 8), 200, np.uint8), np.array([0, 5]), True, 8, -1, 194, 206)),
    (levels.count_flat_lines, (PLANE[20:].copy(), np.array([8, 30]), True, 0, 1, 70, 80)),
    (levels.count_flat_lines, (PLANE[20:36, 8:].copy(), np.array([0, 5, 9]), False, 0, 1, 70, 80)),
    (colours.count_runs, (*PLANE[[20, 1, 2, 21, 4, 5, 22, 7, 8]].reshape(3, 168), np.zeros(169, np.int64))),
    (colours.to_rgb, (*PLANE[:3], np.array([91881, 22554, 46802, 116130], np.int32), np.zeros((3, 56), np.uint8))),
    *((colours.pick_pixels, (PLANE, PLANE[: 48 // down, : 56 // across].copy(), PLANE[-48 // down :, -56 // across :].copy(),
                             np.arange(0, 48 * 56, 5), across, down, np.zeros((3, 538), np.uint8)))
      for across, down in ((1, 1), (2, 1), (2, 2))),
    *((colours.pick_squares, (PLANE, np.array([0, 20]), np.array([0, 32]), across, down, np.zeros((2, 16, 16), np.uint8)))
      for across, down in ((1, 1), (2, 1), (2, 2))),
    (colours.split_chroma, (PLANE[:, :48].reshape(3, 3, 256), COEFFICIENTS[:2, :3].copy() / 100,
                            *(np.zeros((2, n, 64), np.float32) for n in (12, 3, 3)))),
    (warps.resample_lines, (LEVELS, np.array([-2, 0, 11, 22]), COEFFICIENTS[:4, :3].copy() / 100,
                            np.zeros((4, 20), np.float32))),
    (warps.add_normal_equations, (LEVELS, LEVELS[::-1].copy(), STEPS[:24].copy(), STEPS[:20].copy(), 1.1, -3.0, 4.0,
                                  np.zeros((6, 6)), np.zeros(6))),
    (derivations.count_distances, (COEFFICIENTS, np.rint(COEFFICIENTS / STEPS[:, None]), STEPS, np.arange(64) % 3, 40,
                                   np.zeros((3, 61), np.int64), np.zeros(3), np.zeros(4, np.int64))),
    (filters.add_filter_equations, (LEVELS.ravel(), np.arange(42, 420, 7), np.array([-20, -1, 0, 1, 20]), 120.0,
                                        LEVELS.ravel()[42:420:7] - 120, (np.arange(54) % 5 > 0).astype(np.float32),
                                        np.zeros((6, 6)), np.zeros(6))),
    (derivations.compare_levels, (COEFFICIENTS.ravel() * 9, PLANE.ravel()[:2112].copy(), *np.zeros((3, 256), np.int64),
                                  np.zeros(3, np.int64))),
    (derivations.apply_curve, (COEFFICIENTS.ravel() * 9, STEPS.repeat(4), np.zeros(2112, np.float32))),
    (filters.measure_blocks, (LEVELS, PLANE[:24, :20].copy(), LEVELS[::-1].copy(), np.zeros((4, 6), np.float32))),
    *((derivations.find_ranks, (COEFFICIENTS[1], rank, np.zeros(2, np.float32))) for rank in (0, 16, 32)),
]  # fmt: skip


MODULES = ["_kernels"] + ["_kernels_avx2"] * compiled.has_avx2()


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize(("source", "arguments"), CALLS, ids=lambda one: getattr(one, "__name__", ""))
def test_what_was_compiled_does_what_its_source_says(source, arguments, name):
    module = importlib.import_module(f"genloss.model.kernels.{name}")
    mine, its = ([one.copy() if isinstance(one, np.ndarray) else one for one in arguments] for _ in range(2))
    assert source(*mine) == getattr(module, source.__name__)(*its)
    for expected, found in zip(mine, its, strict=True):
        assert np.array_equal(expected, found)


def test_every_kernel_is_held_to_its_source():
    kernels = {name for name, kernel in vars(compiled).items() if type(kernel).__name__ == "cython_function_or_method"}
    assert {source.__name__ for source, _ in CALLS} == kernels


def test_blocks_are_taken_with_the_entropy_they_have():
    taken, entropy = np.zeros((3, 8, 8), np.uint8), np.zeros(3, np.int32)
    compiled.take_and_rank(PLANE, TOP, LEFT, taken, entropy)
    assert np.array_equal(taken, [PLANE[top : top + 8, left : left + 8] for top, left in zip(TOP, LEFT, strict=True)])
    wide = taken.astype(int)
    assert np.array_equal(entropy, sum(np.abs(np.diff(wide, axis=axis)).sum(axis=(1, 2)) for axis in (1, 2)))
    checkerboard = (np.indices((8, 8)).sum(axis=0) % 2 * 255).astype(np.uint8)
    compiled.take_and_rank(checkerboard, np.array([0]), np.array([0]), taken[:1], entropy[:1])
    assert entropy[0] == 112 * 255  # the most there can be


def test_chains_hold_what_their_bits_say():
    def chain(bits):
        entry = int(CHAINS[0, int(bits, 2)])
        return entry & 31, (entry >> 5) & 127, entry >> 12  # bits, places and whether the block ends

    assert chain("000000000000") == (1, 1, 1)
    assert chain("101110110000") == (9, 5, 1)  # 1 zero and a value of 2 bits, twice; an end
    assert chain("111011110110") == (14, 8, 0)  # both bits of the last value are still to come
    assert chain("111111111111") == (0, 0, 0)  # no code


def test_runs_are_those_numpy_finds():
    rgb = np.random.default_rng(5).integers(0, 3, (3, 5000), dtype=np.uint8) * 100
    lengths = np.zeros(5001, np.int64)
    n_grey = compiled.count_runs(*rgb, lengths)
    _, counts = np.unique(rgb, axis=1, return_counts=True)
    assert np.array_equal(lengths, np.bincount(counts, minlength=5001))
    assert n_grey == np.count_nonzero((rgb[0] == rgb[1]) & (rgb[0] == rgb[2]))


@pytest.mark.parametrize(
    "plane",
    [PLANE[:, ::2], PLANE.T, PLANE.astype(np.uint16), PLANE[0], PLANE[None]],
    ids=["strides", "turned", "wide", "1-D", "3-D"],
)
def test_arrays_that_would_be_misread_are_refused(plane):
    with pytest.raises(ValueError, match=r"contiguous|dtype mismatch|number of dimensions"):
        compiled.count_levels(plane, np.array([0]), np.zeros((4, 256), np.int64))


def test_too_few_arguments_are_refused():
    with pytest.raises(TypeError, match="argument"):
        compiled.count_levels(PLANE, np.array([0]))


def test_arrays_that_may_not_be_written_to_are_read():
    kept = PLANE.copy()
    kept.flags.writeable = False
    compiled.count_levels(kept, np.array([0]), counts := np.zeros((4, 256), np.int64))
    assert counts.sum() == PLANE.shape[1]


def test_what_was_compiled_from_other_sources_is_left_alone(monkeypatch):
    monkeypatch.setattr(compiled, "source_crc", lambda: 0)
    with pytest.warns(RuntimeWarning, match=r"plain Python.*compiled from other sources.*setup\.sh") as told:
        assert compiled.load() is None
    assert len(told) == 1


def test_without_compiled_modules_their_sources_run(monkeypatch):
    with pytest.warns(RuntimeWarning, match=r"same results but far slower: they are not compiled here.*wheel") as told:
        assert compiled.load(("_nothing", "_at_all")) is None
    assert len(told) == 1
    monkeypatch.setitem(sys.modules, "genloss.model.kernels._kernels", None)
    spec = importlib.util.find_spec("genloss.model.kernels.compiled")
    without = importlib.util.module_from_spec(spec)
    with pytest.warns(RuntimeWarning, match="plain Python"):
        spec.loader.exec_module(without)
    assert without.count_levels is levels.count_levels
    assert not without.IS_COMPILED


def test_workers_do_not_repeat_the_warning(monkeypatch):
    monkeypatch.setattr("multiprocessing.parent_process", object)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compiled.load(("_nothing", "_at_all")) is None


def test_a_processor_without_avx2_gets_the_form_for_any(monkeypatch):
    plain = importlib.import_module("genloss.model.kernels._kernels")
    assert compiled.load(("_kernels", "_at_all")) is plain
    monkeypatch.setattr(plain, "has_avx2", lambda: False)
    assert compiled.load() is plain


def test_blocks_are_measured_as_numpy_would():
    toned = np.random.default_rng(6).normal(120, 40, (35, 50)).astype(np.float32)
    child, fitted = PLANE[:35, :50].copy(), toned[::-1].copy()
    found = np.zeros((4, 24), np.float32)
    compiled.measure_blocks(toned, child, fitted, found)
    blocks_of = [
        one[:32, :48].reshape(4, 8, 6, 8).swapaxes(1, 2).reshape(24, 64) for one in (toned, child - fitted, child - toned)
    ]
    expected = [
        blocks_of[0].var(axis=1),
        np.abs(blocks_of[1]).mean(axis=1),
        blocks_of[2].mean(axis=1),
        blocks_of[2].std(axis=1),
    ]
    assert np.allclose(found, expected, rtol=1e-5, atol=1e-4)
