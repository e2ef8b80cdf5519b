"""Change of the score after lossless re-encoding of the sample pictures: the figures of docs/using/inputs.md."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from genloss import Scorer

ROOT = Path(__file__).resolve().parents[2]
FORMATS = {"PNG": {}, "BMP": {}, "TIFF": {}, "WEBP": {"lossless": True, "exact": True}}


def main() -> None:
    scorer = Scorer()
    rows = []
    print(f"{'picture':<32}" + "".join(f"{name:>9}" for name in FORMATS))
    for path in sorted((ROOT / "samples").glob("*/*.*")):
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
        losses = []
        for name, options in FORMATS.items():
            stream = io.BytesIO()
            picture.save(stream, name, **options)
            losses.append(scorer.score(stream.getvalue()).generation_loss)
        print(f"{path.relative_to(ROOT / 'samples')!s:<32}" + "".join(f"{loss:>9.4f}" for loss in losses))
        rows.append(losses)
    distances = np.abs(np.array(rows) - np.array(rows)[:, :1])
    for label, values in (("mean distance from PNG", distances.mean(axis=0)), ("largest", distances.max(axis=0))):
        print(f"{label:<32}" + "".join(f"{value:>9.4f}" for value in values))


if __name__ == "__main__":
    main()
