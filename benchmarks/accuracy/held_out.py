"""Pictures of a pair set that were not used for training."""

import json
from pathlib import Path

from PIL import Image


def held_out_originals(pairs: Path) -> list[tuple[str, Image.Image]]:
    """The first version of one test chain per source picture."""
    found: dict[str, Path] = {}
    for line in (pairs / "chains.jsonl").read_text(encoding="utf-8").splitlines():
        chain = json.loads(line)
        if chain["split"] == "test":
            found.setdefault(chain["source"], pairs / chain["versions"][0]["path"])
    return [(source, Image.open(path).convert("RGB")) for source, path in sorted(found.items())]
