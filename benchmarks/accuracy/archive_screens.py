"""Screenshots of pictures, each compared with its original only: how many a scan would find.

    python benchmarks/accuracy/archive_screens.py --originals DIR --half 1 --seed 5 --pictures 40

A screenshot is found if hashes or words make the two a candidate pair, and the pair is a version when one is laid on the other.
In a scan of an archive (archive.py), a screenshot must also be grouped, and it is compared with all other screenshots. Each
screenshot is also laid on the next one of its kind, which shows another picture, to see how long that takes.
"""

import argparse
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
from archive_kinds import VERSIONS, save
from PIL import Image

from archive import LONGEST_PX, SUFFIXES
from genloss.archive.candidates import find_candidates
from genloss.archive.look import Look, take_look
from genloss.archive.verify import Kind, relate
from genloss.archive.word_check import may_agree
from genloss.archive.word_pairs import pair_words
from genloss.model.images.decode import decode
from genloss.model.pairs.laying import Sides

KINDS = [kind for kind, (family, _) in VERSIONS.items() if family == "shot"]


def why_missed(original: bytes, shot: bytes) -> str | None:
    """Why a scan would not find the screenshot; None if it would."""
    looks = take_look(original), take_look(shot)
    if not all(look.is_comparable for look in looks):
        return "too plain"
    if not _is_candidate(*looks):
        return "no candidate"
    relation = relate(*(Sides(decode(data).luma) for data in (original, shot)))
    return None if relation.kind is Kind.VERSION else str(relation.kind)


def _is_candidate(first: Look, second: Look) -> bool:
    aspects = [look.width_px / look.height_px for look in (first, second)]
    by_words = pair_words([first.words, second.words], aspects)
    found = find_candidates([first.hashes, second.hashes], by_words)
    return any(by_hash or may_agree(first.words, second.words, (aspects[0], aspects[1])) for _, _, by_hash in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--originals", type=Path, required=True, help="folder of pictures to make screenshots of")
    parser.add_argument("--half", type=int, choices=(0, 1), help="use every second original only, from this one on")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pictures", type=int, default=40, help="number of originals; each has a screenshot of every kind")
    arguments = parser.parse_args()
    originals = sorted(path for path in arguments.originals.rglob("*") if path.suffix.lower() in SUFFIXES)
    if arguments.half is not None:
        originals = originals[arguments.half :: 2]
    random = np.random.default_rng(arguments.seed)
    hits: Counter[str] = Counter()
    shots: dict[str, list[bytes]] = {kind: [] for kind in KINDS}
    for place in random.permutation(len(originals))[: arguments.pictures]:
        with Image.open(originals[place]) as opened:
            image = opened.convert("RGB")
        image.thumbnail((LONGEST_PX, LONGEST_PX), Image.Resampling.LANCZOS)
        whole = save(image, "png", compress_level=1)[0]
        for kind in KINDS:
            shots[kind].append(VERSIONS[kind][1](image, random)[0])
            why = why_missed(whole, shots[kind][-1])
            hits[kind] += why is None
            hits[f"{kind} of"] += 1
            if why is not None:
                print(f"    missed: {kind} of {originals[place].name}: {why}", flush=True)
    for kind in KINDS:
        print(f"{kind:14} {hits[kind]} of {hits[f'{kind} of']}")
    n_hits, n_shots = (sum(hits[f"{kind}{end}"] for kind in KINDS) for end in ("", " of"))
    print(f"{100 * n_hits / n_shots:.1f} % of {n_shots} screenshots found, {time.process_time():.0f} s of processor")
    for kind in KINDS:
        _compare_strangers(kind, [Sides(decode(data).luma) for data in shots[kind]])


def _compare_strangers(kind: str, sides: list[Sides]) -> None:
    began = time.process_time()
    kinds = Counter(str(relate(first, second).kind) for first, second in pairwise(sides))
    each = 1000 * (time.process_time() - began) / max(1, len(sides) - 1)
    print(f"{kind:14} strangers: {dict(kinds)}, {each:.0f} ms of processor each")


if __name__ == "__main__":
    main()
