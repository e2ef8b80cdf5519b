"""A small folder of versions, alternates and what is no picture, for tests that scan."""

import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from tests.fixtures import ROOT, saved

CAT, DRAWING = ROOT / "samples/cat/original.jpg", ROOT / "samples/drawing/original.png"
NOT_UTF8 = os.fsdecode(b"caf\xe9.jpg")


def lettered(image: Image.Image, words: str) -> Image.Image:
    """Large words across the lower third."""
    made = image.convert("RGB")
    draw = ImageDraw.Draw(made)
    for line in range(3):
        place = made.width * 0.08, made.height * (0.7 + 0.09 * line)
        draw.text(place, words, "white", stroke_width=3, stroke_fill="black", font_size=made.height // 11)
    return made


def fill(folder: Path) -> None:
    """Versions of a cat, two captions on one drawing, and all that is no picture."""
    data = CAT.read_bytes()
    (folder / "old").mkdir(parents=True)
    (folder / "cat.jpg").write_bytes(data)
    (folder / "old" / NOT_UTF8).write_bytes(data)
    with Image.open(CAT) as opened:
        cat = opened.convert("RGB")
    width, height = cat.size
    (folder / "small.jpg").write_bytes(saved(cat.resize((width // 2, height // 2)), "JPEG", quality=70))
    (folder / "mirrored.jpg").write_bytes(saved(cat.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "JPEG", quality=60))
    crop = cat.crop((width // 10, height // 12, width, height))
    (folder / "crop.png").write_bytes(saved(crop, "PNG"))
    frame = Image.new("RGB", (width, height + 160))
    frame.paste(cat, (0, 80))
    (folder / "frame.png").write_bytes(saved(frame, "PNG"))
    with Image.open(DRAWING) as drawing:
        for name, words in (("one", "monday again, my friend"), ("two", "coffee is life, they said")):
            (folder / f"{name}.png").write_bytes(saved(lettered(drawing, words), "PNG"))
    (folder / "cut off.jpg").write_bytes(data[: len(data) // 2])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "words.jpg").write_bytes(b"no picture at all" * 9)
    (folder / "sky.png").write_bytes(saved(Image.fromarray(np.full((200, 300, 3), (90, 140, 210), np.uint8)), "PNG"))
    (folder / "link.jpg").symlink_to("cat.jpg")


def make_old(folder: Path) -> None:
    """Gives all files a time of years ago: a file of just now is read by every scan anew, for it may still change."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            os.utime(path, (1_000_000_000, 1_000_000_000))
