"""Bytes to pixels: 8-bit RGB and luma of the first frame, alpha over white."""

from genloss.model.images import guard
from genloss.model.images.containers.icc import colour_space
from genloss.model.images.containers.tiff_directory import exif_orientation
from genloss.model.images.decoded import DecodedImage as DecodedImage
from genloss.model.images.grey_rest import find_grey_rest
from genloss.model.images.jpeg_break import place_by_break
from genloss.model.images.jpeg_header import read_header
from genloss.model.images.jpeg_reading import Tried, read_jpeg


def decode(data: bytes, max_pixels: int = guard.MAX_PIXELS) -> DecodedImage:
    """Decodes a JPEG, PNG, GIF, WebP, AVIF, BMP or TIFF file.

    Scales sixteen-bit and floating-point samples to eight bits, converts CMYK to RGB without a profile, expands palettes,
    and lays alpha over white.

    Args:
        data: the whole file.
        max_pixels: largest width times height to accept.

    Raises:
        ImageError: a subclass with a code of its own (see guard.check); ImageTruncatedError if the pixels end early;
            ImageError itself ("image_corrupt") for other damage.
    """
    image_format = guard.check(data, max_pixels)
    found = _decode_ordinary(data, max_pixels) if image_format == "jpeg" else None
    if isinstance(found, DecodedImage):
        return found
    from genloss.model.images.pillow_decoding import decode_with_pillow  # takes longer to load than a small picture to score

    return decode_with_pillow(data, image_format, max_pixels, found)


def _decode_ordinary(data: bytes, max_pixels: int) -> DecodedImage | Tried | None:
    """An ordinary JPEG without Pillow; None if anything about it is unusual, Tried if only its pixels are."""
    try:
        header = read_header(data)
        if header is None:
            return None
        guard.check_size(*header.size, max_pixels)
        pixels, damage = read_jpeg(data, header.mode, header.size, header.is_rgb)
        if pixels is None:
            return Tried(header.mode, header.size, header.is_rgb, damage)
        luma = pixels[1]
        if damage is not None:
            damage = place_by_break(damage, luma, (8 * header.sampling[0], 8 * header.sampling[1]))
    # Whatever damaged files make of the steps above, Pillow's errors tell the kinds of damage apart.
    except Exception:
        return None
    return DecodedImage(
        *pixels, image_format="jpeg", n_bytes=len(data), mode=header.mode, luma_table=header.tables[0],
        chroma_table=header.tables[1], sampling=header.sampling, progressive=header.progressive, lossless_webp=False,
        lossless=False, damage=damage or find_grey_rest(luma), n_frames=1, orientation=exif_orientation(header.exif),
        has_alpha=False, alpha=None, bits_per_sample=8, deep=None, colour_space=colour_space(header.profile),
    )  # fmt: skip
