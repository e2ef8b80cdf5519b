"""A seeded generator of files that nobody sends by accident, for the tests of what they do to genloss."""

import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
from PIL import Image

from tests.fixtures import saved

Hostile = tuple[str, bytes]


def hostile_files(seed: int, n_files: int) -> Iterator[Hostile]:
    """Names that say what was done, and bytes; file i depends on (seed, i) only."""
    for index in range(n_files):
        generator = np.random.default_rng((seed, index))
        names = sorted(_KINDS)
        weights = np.array([_KINDS[name][1] for name in names], float)
        kind = names[generator.choice(len(names), p=weights / weights.sum())]
        base, data = healthy_files()[generator.integers(len(healthy_files()))]
        yield f"{index}-{kind}-{base}", _KINDS[kind][0](data, generator)


@cache
def healthy_files() -> list[Hostile]:
    """Small pictures in every mode and every supported format that Pillow here can write."""
    generator = np.random.default_rng(5)
    noise = generator.integers(0, 256, (40, 56, 4), dtype=np.uint8)
    smooth = np.add.outer(np.arange(40), np.arange(56)).astype(np.uint8)[..., None] * np.array([1, 2, 1], np.uint8)
    pictures = [Image.fromarray(smooth), Image.fromarray(noise[..., :3]), Image.fromarray(noise, "RGBA")]
    for mode in ("1", "L", "LA", "P", "PA", "CMYK", "YCbCr", "LAB", "HSV", "I", "I;16", "F"):
        source = pictures[0].convert("L") if mode in ("I", "I;16", "F", "PA") else pictures[0]
        pictures.append(source.convert("P").convert(mode) if mode == "PA" else source.convert(mode))
    ways: list[tuple[str, dict]] = [
        ("JPEG", {}), ("JPEG", {"progressive": True}), ("PNG", {}), ("GIF", {}), ("WEBP", {}), ("WEBP", {"lossless": True}),
        ("AVIF", {"speed": 10}), ("BMP", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "jpeg"}), ("TIFF", {"compression": "tiff_deflate"}), ("TIFF", {"compression": "packbits"}),
    ]  # fmt: skip
    files = []
    for picture in pictures:
        for image_format, options in ways:
            try:
                data = saved(picture, image_format, **options)
            except (OSError, ValueError, KeyError, RuntimeError):  # this format has no such mode
                continue
            files.append((f"{picture.mode.replace(';', '_')}.{image_format.lower()}", data))
    several = {"save_all": True, "append_images": [pictures[1], pictures[0].rotate(90)]}
    for one in ("GIF", "PNG", "WEBP", "AVIF", "TIFF"):
        files += [(f"animation.{one.lower()}", saved(pictures[0], one, **several))]
    exif = Image.Exif()
    exif[0x0112] = 6
    files += [(f"exif.{one.lower()}", saved(pictures[0], one, exif=exif)) for one in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF")]
    return files


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width: int, height: int, *chunks: bytes, pixels: bytes = b"") -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")


def flat_webp(width: int, height: int) -> bytes:
    """A valid lossless WebP of one colour: some thirty bytes for any size up to 16384x16384."""
    data = saved(Image.new("RGB", (16, 16), (9, 9, 9)), "WEBP", lossless=True)
    (bits,) = struct.unpack_from("<I", data, 21)
    bits = bits & ~0xFFFFFFF | (width - 1) | (height - 1) << 14
    return data[:21] + struct.pack("<I", bits) + data[25:]


@cache
def flat_avif(side: int) -> bytes:
    """A valid AVIF of one colour: some hundred bytes for any size."""
    return saved(Image.new("L", (side, side), 9), "AVIF", speed=10, quality=10)


def lying_avif(side: int) -> bytes:
    """The same, but its container says 64x64."""
    data = bytearray(flat_avif(side))
    struct.pack_into(">II", data, data.find(b"ispe") + 8, 64, 64)
    return bytes(data)


def scan_bomb(n_scans: int, side: int = 64) -> bytes:
    """A progressive JPEG whose last scan is repeated."""
    data = saved(Image.new("L", (side, side), 128), "JPEG", progressive=True)
    start = data.rfind(b"\xff\xda")
    return data[:start] + data[start:-2] * n_scans + data[-2:]


def directory_bomb(n_entries: int, n_value_bytes: int) -> bytes:
    """A TIFF structure whose entries all claim the same bytes."""
    entries = b"".join(struct.pack("<HHII", 1000 + number, 7, n_value_bytes, 8) for number in range(n_entries))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", n_entries) + entries + b"\0" * 4 + bytes(n_value_bytes)


def jpeg_with_segments(data: bytes, *segments: bytes) -> bytes:
    """A JPEG with more APP1 segments."""
    return data[:2] + b"".join(b"\xff\xe1" + struct.pack(">H", 2 + len(body)) + body for body in segments) + data[2:]


def gif_of_frames(n_frames: int, side: int = 8) -> bytes:
    data = saved(Image.new("P", (side, side)), "GIF")
    start = data.rfind(b",", 0, -1)
    return data[:start] + data[start:-1] * n_frames + b";"


def _truncated(data: bytes, generator: np.random.Generator) -> bytes:
    return data[: generator.integers(len(data))]


def _flipped(data: bytes, generator: np.random.Generator) -> bytes:
    changed = bytearray(data)
    for position in generator.integers(len(data), size=generator.integers(1, 17)):
        changed[position] ^= 1 << int(generator.integers(8))
    return bytes(changed)


def _flipped_head(data: bytes, generator: np.random.Generator) -> bytes:
    changed = bytearray(data)
    for position in generator.integers(min(len(data), 200), size=generator.integers(1, 5)):
        changed[position] = int(generator.choice([0, 1, 127, 128, 255, int(generator.integers(256))]))
    return bytes(changed)


def _resized(data: bytes, generator: np.random.Generator) -> bytes:
    """Wherever the true size is written, another one."""
    sizes = [0, 1, 7, 8, 9, 255, 4096, 16383, 16384, 65535, 100_000, 2**31 - 1, 2**31, 2**32 - 1]
    for layout in (">I", "<I", ">H", "<H"):
        for true in (40, 56):
            old = struct.pack(layout, true)
            if generator.random() < 0.7:
                new = int(generator.choice(sizes)) & (0xFFFF if layout[1] == "H" else 0xFFFFFFFF)
                at = data.find(old)
                if at != -1:
                    data = data[:at] + struct.pack(layout, new) + data[at + len(old) :]
    return data


def _rearranged(data: bytes, generator: np.random.Generator) -> bytes:
    """A piece left out, doubled, blanked or taken from another file."""
    start, end = sorted(int(one) for one in generator.integers(len(data) + 1, size=2))
    other = healthy_files()[generator.integers(len(healthy_files()))][1]
    pieces = [b"", data[start:end] * 2, bytes(end - start), b"\xff" * (end - start), other[start:end], other]
    return data[:start] + pieces[generator.integers(len(pieces))] + data[end:]


def _polyglot(data: bytes, generator: np.random.Generator) -> bytes:
    other = healthy_files()[generator.integers(len(healthy_files()))][1]
    additions = [b"PK\x03\x04" + bytes(60), b"%PDF-1.7\n", b"<script>alert(1)</script>", b"\0" * 5000, b"\xff" * 5000, other]
    addition = additions[generator.integers(len(additions))]
    return data + addition if generator.random() < 0.7 else addition + data


def _unchanged(data: bytes, generator: np.random.Generator) -> bytes:
    return data


def _garbage(data: bytes, generator: np.random.Generator) -> bytes:
    return data[: generator.integers(32)] + generator.bytes(int(generator.integers(1, 3000)))


def _bomb(data: bytes, generator: np.random.Generator) -> bytes:
    cat = saved(Image.new("RGB", (64, 48), (90, 40, 10)), "JPEG")
    much = zlib.compress(bytes(int(generator.integers(1, 40)) << 20))
    side = int(generator.choice([4096, 9999, 16383]))
    makers: list[Callable[[], bytes]] = [
        lambda: scan_bomb(int(generator.choice([20, 200, 300, 3000]))),
        lambda: flat_webp(side, side),
        lambda: flat_avif(4096),
        lambda: lying_avif(4096),
        lambda: png_of(side, side, pixels=much[:500]),
        lambda: png_of(64, 64, png_chunk(b"zTXt", b"a\0\0" + much), pixels=zlib.compress(bytes(65 * 64))),
        lambda: png_of(64, 64, png_chunk(b"iTXt", b"a\0\1\0\0\0" + much), pixels=zlib.compress(bytes(65 * 64))),
        lambda: png_of(64, 64, png_chunk(b"iCCP", b"a\0\0" + much), pixels=zlib.compress(bytes(65 * 64))),
        lambda: png_of(64, 64, *[png_chunk(b"tEXt", b"a\0b")] * int(generator.choice([100, 50_000]))),
        lambda: png_of(64, 64, png_chunk(b"eXIf", directory_bomb(3000, 200_000)), pixels=zlib.compress(bytes(65 * 64))),
        lambda: jpeg_with_segments(cat, *[b"Exif\0\0" + directory_bomb(2000, 30_000)] * int(generator.integers(1, 5))),
        lambda: jpeg_with_segments(cat, *[b"Exif\0\0" + bytes(60_000)] * int(generator.choice([3, 400]))),
        lambda: cat[:2] + b"\xff" * int(generator.choice([10, 300_000])) + cat[2:],
        lambda: directory_bomb(int(generator.choice([100, 4000, 60_000])), 100_000),
        lambda: gif_of_frames(int(generator.choice([3, 2000, 20_000]))),
        lambda: b"GIF89a" + struct.pack("<HHBBB", side, side, 0, 0, 0) + b"!\xfe" + b"\1a" * 60_000 + b"\0;",
        lambda: b"BM" + struct.pack("<IIIIiiHHI", 0, 0, 54, 40, side, -side, 1, 24, 0) + bytes(200),
    ]
    return makers[generator.integers(len(makers))]()


_KINDS: dict[str, tuple[Callable[[bytes, np.random.Generator], bytes], float]] = {
    "truncated": (_truncated, 4), "flipped": (_flipped, 5), "flipped_head": (_flipped_head, 5), "resized": (_resized, 3),
    "rearranged": (_rearranged, 5), "polyglot": (_polyglot, 2), "unchanged": (_unchanged, 2), "garbage": (_garbage, 1),
    "bomb": (_bomb, 2),
}  # fmt: skip
