"""Groups found by another tool. archive_peers.py starts this in a process: `archive_peer_tools.py NAME FOLDER ANSWER`.

Thresholds come from the tool's documentation, or are the best of those tried. If a tool gives pairs, groups are the connected
components of the pairs. If it does not choose a copy to keep, the first file of a group is kept.
"""

import json
import resource
import sys
import types
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from itertools import combinations
from pathlib import Path

_PHASH_BITS = 40  # of 256


@dataclass(frozen=True)
class Groups:
    """Groups that a tool finds among the files.

    Attributes:
        tool: name, version and licence.
        members: for each group, the numbers of its files.
        kept: for each group, the files that the tool would keep.
        seconds: of processor time.
    """

    tool: str
    members: list[list[int]]
    kept: list[list[int]]
    seconds: float | None


def _connected(pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    group: dict[int, set[int]] = {}
    for one, other in pairs:
        joined = group.get(one, {one}) | group.get(other, {other})
        for member in joined:
            group[member] = joined
    return [sorted(members) for members in {id(members): members for members in group.values()}.values()]


def _number(path: object) -> int:
    return int(Path(str(path)).stem)


def _seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _firsts(groups: list[list[int]]) -> list[list[int]]:
    return [[min(members)] for members in groups]


def run_imagehash(folder: Path) -> list[Groups]:
    import imagehash
    import numpy as np
    from PIL import Image

    hashes, sizes = {}, {}
    for path in sorted(folder.iterdir()):
        with Image.open(path) as image:
            sizes[_number(path)] = (image.width * image.height, path.stat().st_size)
            hashes[_number(path)] = imagehash.phash(image, hash_size=16).hash.ravel()
    files = list(hashes)
    bits = np.stack([hashes[file] for file in files])
    pairs = [
        (files[one], files[other])
        for one, other in combinations(range(len(files)), 2)
        if np.count_nonzero(bits[one] != bits[other]) <= _PHASH_BITS
    ]
    groups = _connected(pairs)
    kept = [[max(members, key=lambda file: (*sizes[file], -file))] for members in groups]
    tool = f"pHash-256 at {_PHASH_BITS} (ImageHash {version('ImageHash')}, BSD-2), more pixels, then bytes"
    return [Groups(tool, groups, kept, _seconds())]


def run_imagededup(folder: Path) -> list[Groups]:
    # The package imports torch and torchvision for its network; its hashes do not need them.
    for name, attribute in (("imagededup.methods.cnn", "CNN"), ("imagededup.utils.models", "CustomModel")):
        sys.modules[name] = types.ModuleType(name)
        setattr(sys.modules[name], attribute, object)
    from imagededup.methods import PHash

    hasher = PHash(verbose=False)
    hashes = hasher.encode_images(str(folder), num_enc_workers=0)
    found = hasher.find_duplicates(encoding_map=hashes, max_distance_threshold=10, num_dist_workers=0)
    removed = {_number(name) for name in hasher.find_duplicates_to_remove(encoding_map=hashes, max_distance_threshold=10)}
    groups = _connected((_number(one), _number(other)) for one, others in found.items() for other in others)
    kept = [[file for file in members if file not in removed] for members in groups]
    return [Groups(f"imagededup {version('imagededup')} PHash, distance 10 (Apache-2.0)", groups, kept, _seconds())]


def run_difpy(folder: Path) -> list[Groups]:
    import difPy

    built = difPy.build(str(folder), show_progress=False, processes=1)
    rows = []
    for words, same in (("similar, its default", True), ("similar, any dimensions", False)):
        searched = difPy.search(built, similarity="similar", same_dim=same, show_progress=False, processes=1)
        pairs = [(_number(one), _number(other)) for one, others in searched.result.items() for other, _ in others]
        worse = {_number(path) for path in searched.lower_quality}
        groups = _connected(pairs)
        kept = [[file for file in members if file not in worse] for members in groups]
        rows.append(Groups(f"difPy {version('difPy')}, {words} (MIT)", groups, kept, _seconds()))
    return rows


def run_cleanvision(folder: Path) -> list[Groups]:
    from cleanvision import Imagelab

    lab = Imagelab(data_path=str(folder))
    lab.find_issues({"exact_duplicates": {}, "near_duplicates": {}}, n_jobs=1, verbose=False)
    sets = [*lab.info["exact_duplicates"]["sets"], *lab.info["near_duplicates"]["sets"]]
    groups = _connected((_number(members[0]), _number(one)) for members in sets for one in members[1:])
    return [Groups(f"cleanvision {version('cleanvision')} (Apache-2.0), first", groups, _firsts(groups), _seconds())]


def run_fastdup(folder: Path) -> list[Groups]:
    import fastdup

    work = folder.parent / "fastdup"
    detector = fastdup.create(work_dir=str(work), input_dir=str(folder))
    detector.run(ccthreshold=0.96, threshold=0.9, num_threads=1, overwrite=True)
    components = detector.connected_components()[0]
    together = components.groupby("component_id")["filename"].apply(list)
    similar = detector.similarity()
    pairs = zip(similar["filename_from"], similar["filename_to"], strict=True)
    rows = []
    for words, groups in (
        ("components at 0.96", [sorted(map(_number, names)) for names in together if len(names) > 1]),
        ("similarity at 0.9", _connected((_number(one), _number(other)) for one, other in pairs)),
    ):
        tool = f"fastdup {version('fastdup')}, {words} (CC BY-NC-ND), first"
        rows.append(Groups(tool, groups, _firsts(groups), _seconds()))
    return rows


def run_czkawka(folder: Path) -> list[Groups]:
    from czkawka import ImageSimilarity

    finder = ImageSimilarity()
    finder.set_directories([folder])
    finder.set_similarity(10)
    groups = [sorted(map(_number, members)) for members in finder.find_similar()]
    groups = [members for members in groups if len(members) > 1]
    return [Groups(f"czkawka's core {version('czkawka')}, similarity 10 (MIT), first", groups, _firsts(groups), _seconds())]


TOOLS: dict[str, Callable[[Path], list[Groups]]] = {
    "imagehash": run_imagehash, "imagededup": run_imagededup, "difPy": run_difpy, "cleanvision": run_cleanvision,
    "fastdup": run_fastdup, "czkawka": run_czkawka,
}  # fmt: skip

if __name__ == "__main__":
    name, folder, answer = sys.argv[1:]
    found = TOOLS[name](Path(folder))
    Path(answer).write_text(json.dumps([asdict(groups) for groups in found]))
