"""Remakes the sample versions from their originals: python samples/make_samples.py

Pillow stands for the programs people post pictures with; nothing here is used in training, which
makes its versions with ImageMagick.
"""

import io
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
ORIGINALS = {"cat": "original.jpg", "drawing": "original.png", "screenshot": "original.png"}


def main() -> None:
    for name, original in ORIGINALS.items():
        folder = HERE / name
        with Image.open(folder / original) as opened:
            picture = opened.convert("RGB")
        for file_name, data in versions(picture).items():
            (folder / file_name).write_bytes(data)
        n_bytes = (folder / original).stat().st_size
        assert (folder / "resaved_larger.jpg").stat().st_size > n_bytes, f"{name}: the re-save is not larger"


def versions(picture: Image.Image) -> dict[str, bytes]:
    """File contents by name, each the picture after what the name says."""
    width, height = picture.size
    low_quality = reopened(saved(picture, "JPEG", quality=30))
    smaller = picture.resize((round(width * 0.6), round(height * 0.6)), Image.Resampling.LANCZOS)
    larger = picture.resize((round(width * 1.5), round(height * 1.5)), Image.Resampling.BICUBIC)
    posted = reopened(saved(picture, "JPEG", quality=70))
    again = reopened(saved(posted.crop((3, 5, width, height)), "JPEG", quality=75))
    return {
        "enlarged.jpg": saved(larger, "JPEG", quality=92),
        "laundered.png": saved(low_quality, "PNG", optimize=True),
        "resaved_larger.jpg": saved(posted, "JPEG", quality=99, subsampling=0),
        "shrunk.png": saved(smaller, "PNG", optimize=True),
        "palette.gif": saved(picture.quantize(64), "GIF"),
        "messenger.jpg": saved(smaller, "JPEG", quality=65),
        "reposted.webp": saved(again, "WEBP", quality=50),
    }


def saved(picture: Image.Image, image_format: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, image_format, **options)
    return stream.getvalue()


def reopened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


if __name__ == "__main__":
    main()
