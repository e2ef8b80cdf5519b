"""Draws edits that owners make or that happen by accident: denoise, deblock, tone, scan, damage, enhance."""

import numpy as np

from genloss.datagen.draw_steps import COMMON_FILTERS, ORDERED_MAPS, choose, good_save, jpeg, png, resize, scaled
from genloss.datagen.recipe import Step, step

DENOISERS = {
    "nlm": 0.25, "bilateral": 0.15, "median": 0.1, "wavelet": 0.15, "shrink": 0.12, "recursive": 0.08, "variation": 0.08,
    "guided": 0.07,
}  # fmt: skip
DEBLOCKERS = {"deblock_grid": 0.4, "deblock_shifts": 0.4, "bilateral": 0.2}
TONES = {
    "gamma": 0.2, "contrast": 0.18, "saturation": 0.2, "auto_contrast": 0.16, "white_balance": 0.12, "local_contrast": 0.07,
    "clarity": 0.07,
}  # fmt: skip
MAX_NLM_PIXELS = 500_000  # beyond, non-local means take seconds


def draw_denoise(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    shares = DENOISERS if width_px * height_px <= MAX_NLM_PIXELS else DENOISERS | {"nlm": 0.0}
    return [_denoiser(generator, choose(generator, shares)), good_save(generator)]


def draw_deblock(generator: np.random.Generator) -> list[Step]:
    """Smooths the blocks of a poor JPEG, and sometimes of a good one."""
    poor = jpeg(generator, int(generator.integers(20, 80)))
    steps = [poor] if generator.random() < 0.6 else []
    return [*steps, _deblocker(generator, choose(generator, DEBLOCKERS)), good_save(generator)]


def draw_tone(generator: np.random.Generator) -> list[Step]:
    """Changes tone or colour once or twice, as a phone's "enhance" does."""
    kinds = [choose(generator, TONES) for _ in range(1 if generator.random() < 0.75 else 2)]
    return [*(_tone(generator, kind) for kind in dict.fromkeys(kinds)), good_save(generator)]


def draw_scan(generator: np.random.Generator) -> list[Step]:
    """Makes a picture grey, whitens the paper, or reduces it to two levels: one of these or several, in this order."""
    steps: list[Step] = []
    if generator.random() < 0.6:
        steps.append(step("grey"))
    if generator.random() < 0.6:
        steps.append(step("whiten", sigma=float(generator.uniform(8, 40)), black=float(generator.uniform(0.0, 0.3))))
    ending = generator.random()
    if ending < 0.25 or not steps:
        size = int(generator.choice([0, 0, 11, 21, 31]))
        steps.append(step("threshold", share=float(generator.uniform(0.2, 0.6)), size_px=size))
    elif ending < 0.4:
        steps += [
            *([] if steps[0].name == "grey" else [step("grey")]),
            step("ordered_dither", map=str(generator.choice(ORDERED_MAPS[2:])), levels=2),
        ]
    elif ending < 0.5:
        steps.append(step("error_diffused", level=float(generator.uniform(100, 156))))
    if ending < 0.5 and generator.random() < 0.7:
        return [*steps, png(generator, palette=bool(generator.random() < 0.5))]
    return [*steps, good_save(generator)]


def draw_damage(generator: np.random.Generator) -> list[Step]:
    """Makes a JPEG with wrong bytes, unchanged or saved again; or truncates a JPEG and saves what a decoder makes of it."""
    saved = dict(jpeg(generator, int(generator.integers(50, 97))).parameters)
    share = float(generator.uniform(0.2, 0.97))
    if generator.random() < 0.3:
        return [step("save_cut", **saved, share=share), good_save(generator)]
    n_bytes, seed = int(np.exp(generator.uniform(np.log(4), np.log(64)))), int(generator.integers(2**31))
    wrong = step("save_overwritten", **saved, share=share, n_bytes=n_bytes, seed=seed)
    return [wrong] if generator.random() < 0.65 else [wrong, good_save(generator)]


def draw_enhance(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    """Enlarges a picture, smooths and sharpens it, and shrinks it to its old size."""
    factor = float(generator.choice([1.5, 2.0, generator.uniform(1.2, 3.0)]))
    width, height = scaled(width_px, height_px, factor)
    steps = [resize(generator, width, height, COMMON_FILTERS[:5])]
    if generator.random() < 0.6:
        kind = choose(generator, {"bilateral": 0.5, "median": 0.25, "wavelet": 0.25})
        steps.append(_denoiser(generator, kind))
    if generator.random() < 0.7:
        steps.append(step("sharpen", sigma=float(generator.uniform(0.7, 3.0))))
    if generator.random() < 0.3:
        steps.append(_tone(generator, choose(generator, TONES)))
    return [*steps, resize(generator, width_px, height_px, COMMON_FILTERS[:5]), good_save(generator)]


def _denoiser(generator: np.random.Generator, kind: str) -> Step:
    if kind == "nlm":
        return step("nlm", strength=_strength(generator, 1, 12), search_px=int(generator.choice([11, 15, 21])))
    if kind == "bilateral":
        size = int(generator.choice([5, 7, 9]))
        return step("bilateral", size_px=size, strength=_strength(generator, 4, 60), sigma=float(generator.uniform(1.5, 6)))
    if kind == "median":
        return step("median", size_px=int(generator.choice([3, 5, 7], p=[0.6, 0.3, 0.1])))
    if kind == "shrink":
        return step("shrink", sigma=_strength(generator, 1, 12))
    if kind == "recursive":
        return step("recursive", strength=_strength(generator, 1.5, 16))
    if kind == "variation":
        return step("variation", weight=_strength(generator, 1, 12), rounds=int(generator.integers(10, 31)))
    if kind == "guided":
        return step("guided", radius_px=int(generator.integers(1, 6)), levels=_strength(generator, 1.5, 20))
    wavelet = str(generator.choice(["db1", "db2", "sym4", "bior4.4"]))
    return step("wavelet", wavelet=wavelet, levels=int(generator.integers(1, 4)), strength=_strength(generator, 1, 20))


def _strength(generator: np.random.Generator, least: float, most: float) -> float:
    """Weak ones as often as strong ones: even on a scale of logarithms."""
    return float(np.exp(generator.uniform(np.log(least), np.log(most))))


def _deblocker(generator: np.random.Generator, kind: str) -> Step:
    if kind == "deblock_grid":
        return step("deblock_grid", strength=float(generator.uniform(4, 30)), reach_px=int(generator.integers(1, 5)))
    if kind == "deblock_shifts":
        n_shifts = int(generator.choice([4, 8, 16]))
        return step("deblock_shifts", strength=float(generator.uniform(5, 30)), n_shifts=n_shifts)
    return _denoiser(generator, kind)


def _tone(generator: np.random.Generator, kind: str) -> Step:
    if kind == "gamma":
        gamma = generator.uniform(0.7, 0.95) if generator.random() < 0.5 else generator.uniform(1.05, 1.4)
        return step("gamma", gamma=float(gamma))
    if kind == "contrast":
        strength = float(generator.uniform(1.0, 5.0)) * (1 if generator.random() < 0.7 else -1)
        return step("contrast", strength=strength, midpoint=float(generator.uniform(0.35, 0.65)))
    if kind == "saturation":
        percent = generator.uniform(0, 85) if generator.random() < 0.5 else generator.uniform(115, 170)
        return step("saturation", percent=float(percent))
    if kind == "auto_contrast":
        shares = {"black": float(generator.uniform(0.0, 0.03)), "white": float(generator.uniform(0.0, 0.03))}
        return step("auto_contrast", **shares, joint=bool(generator.random() < 0.5))
    if kind == "white_balance":
        return step("white_balance", red=float(generator.uniform(0.85, 1.18)), blue=float(generator.uniform(0.85, 1.18)))
    if kind == "local_contrast":
        limit, strength = float(generator.uniform(1.2, 4)), float(generator.uniform(0.3, 1))
        return step("local_contrast", limit=limit, tiles=int(generator.integers(3, 10)), strength=strength)
    return step("clarity", sigma=float(generator.uniform(8, 40)), amount=float(generator.uniform(0.15, 0.6)))
