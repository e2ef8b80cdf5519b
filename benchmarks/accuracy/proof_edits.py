"""Random edits in the order people make them - turn, cut, scale, change, save - by several programs."""

from dataclasses import dataclass, replace
from importlib.util import find_spec

import cv2
import numpy as np
import simplejpeg
from group_edits import pixels, written
from PIL import Image, ImageEnhance, ImageFile, ImageFilter

from genloss.model.pairs.placement import turn_plane

MAGICK = find_spec("wand") is not None  # optional; adds the fingerprint of another program
PROGRAMS = ("pillow", "opencv", *(("magick",) if MAGICK else ()))
PILLOW_FILTERS = ("BICUBIC", "LANCZOS", "BILINEAR", "BOX", "HAMMING", "NEAREST")
OPENCV_FILTERS = ("INTER_AREA", "INTER_LINEAR", "INTER_CUBIC", "INTER_LANCZOS4", "INTER_NEAREST")
MAGICK_FILTERS = ("undefined", "undefined", "triangle", "catrom", "box", "mitchell")  # undefined: the default of ImageMagick
SAMPLINGS = ("4:4:4", "4:2:2", "4:2:0", "4:2:0")
CHANGES = ("noise", "blurred", "sharpened", "brighter", "warmer", "framed")
AVIF_OPTIONS = {"pillow": ("6", "6", "6", "6 4:4:4", "8", "9", "4"), "opencv": ("9", "9", "6")}  # speed and chroma
ORDERED = ("o8x8", "o4x4,4", "o3x3,6", "o2x2,3")  # ImageMagick's matrices, and levels of a channel
LOSSLESS = ("png", "png", "bmp", "tiff", "webp-lossless")
LEAST_SIDE_PX = 96
ImageFile.MAXBLOCK = 1 << 24  # otherwise Pillow fails to write progressive JPEGs of detailed pictures


@dataclass(frozen=True)
class Edit:
    """How a version was made; None or 0 marks a step that was not taken.

    Attributes:
        turn: 0 to 3 quarter turns; 4 to 7 the same after mirroring.
        cut: left, top, right and bottom of the kept area, as shares of the sides.
        scale: program, filter and factor.
        linear: whether it was scaled in linear light.
        change: one of CHANGES.
        container, program: of the save.
        quality: 0 to 100 for lossy containers; number of colours for a palette.
        option: sampling or DCT method of a JPEG, method of a WebP, speed of an AVIF, dither of a palette.
    """

    turn: int
    cut: tuple[float, float, float, float] | None
    scale: tuple[str, str, float] | None
    linear: bool
    change: str | None
    container: str
    program: str
    quality: int
    option: str

    @property
    def kind(self) -> str:
        """Name of the edit in tables; a turn is named only if it is the only change."""
        done = ["cropped"] if self.cut else []
        if self.scale:
            done.append(("shrunk" if self.scale[2] < 1 else "enlarged") + (" in linear light" if self.linear else ""))
        if self.change:
            done.append("noise" if self.change == "noise" else "changed")
        if self.container in ("jpeg", "webp", "avif", "palette"):
            names = {"jpeg": "JPEG", "webp": "WebP", "avif": "AVIF", "palette": "palette"}
            odd = f" ({self.option})" if self.option in ("fast DCT", "float DCT") else ""
            done.append(names[self.container] + odd)
        return ", ".join(done) or ("turned" if self.turn else "copied")

    @property
    def is_lossless(self) -> bool:
        """Whether the save was lossless."""
        return self.container in LOSSLESS

    @property
    def is_plain(self) -> bool:
        """Whether the picture was only turned, cut and scaled, and saved without loss."""
        return self.change is None and self.is_lossless

    @property
    def is_exact(self) -> bool:
        """Whether the pixels are those of the parent."""
        return self.is_plain and self.scale is None

    def neighbour(self, generator: np.random.Generator) -> "Edit":
        """Nearly the same edit: quality or colours 1 or 2 off, a scale 0.4 or 0.8 % off, or a JPEG of 96 to 100 instead."""
        step = int(generator.choice([-2, -1, 1, 2]))
        if self.container in ("jpeg", "webp", "avif", "palette"):
            most = 256 if self.container == "palette" else 100
            return replace(self, quality=int(np.clip(self.quality + step, 2, most)))
        if self.scale:
            return replace(self, scale=(*self.scale[:2], self.scale[2] * (1 + step * 0.004)))
        return replace(self, container="jpeg", program="pillow", quality=98 + step, option="4:4:4")


def draw_edit(generator: np.random.Generator) -> Edit:
    """A random edit."""
    turn = int(generator.integers(1, 8)) if generator.random() < 0.15 else 0
    cut = scale = change = None
    linear = False
    if generator.random() < 0.22:
        left, top = generator.uniform(0, 0.2, 2)
        cut = (float(left), float(top), float(generator.uniform(0.8, 1)), float(generator.uniform(0.8, 1)))
    if generator.random() < 0.4:
        program = str(generator.choice(PROGRAMS))
        filters = {"pillow": PILLOW_FILTERS, "opencv": OPENCV_FILTERS, "magick": MAGICK_FILTERS}[program]
        factor = float(generator.uniform(0.3, 0.9) if generator.random() < 0.65 else generator.choice([1.25, 1.5, 2, 2, 3]))
        scale = (program, str(generator.choice(filters)), factor)
        linear = scale[1] != "INTER_NEAREST" and scale[1] != "NEAREST" and generator.random() < 0.25
    if generator.random() < 0.12:
        change = str(generator.choice(CHANGES))
    container = str(generator.choice(["jpeg", "webp", "avif", "palette", "lossless"], p=[0.36, 0.2, 0.06, 0.12, 0.26]))
    if container == "lossless" and not (cut or scale or change) and generator.random() < 0.8:
        container = "jpeg"
    return Edit(turn, cut, scale, linear, change, *_draw_saving(container, generator))


def _draw_saving(container: str, generator: np.random.Generator) -> tuple[str, str, int, str]:
    if container == "lossless":
        return str(generator.choice(LOSSLESS)), "pillow", 0, ""
    if container == "jpeg":
        program = str(generator.choice((*PROGRAMS, "simplejpeg")))
        option = str(generator.choice(SAMPLINGS))
        if generator.random() < 0.15 and program in ("simplejpeg", "magick"):
            option = "fast DCT" if program == "simplejpeg" or generator.random() < 0.5 else "float DCT"
        return container, program, int(generator.integers(25, 99)), option
    if container == "webp":
        program = str(generator.choice(PROGRAMS))
        method = str(generator.choice(["4", "4", "4", "4", "0", "3", "6", "6"])) if program == "pillow" else "4"
        return container, program, int(generator.integers(20, 97)), method
    if container == "avif":
        program = str(generator.choice(("pillow", "opencv")))
        return container, program, int(generator.integers(30, 90)), str(generator.choice(AVIF_OPTIONS[program]))
    program = str(generator.choice(("pillow", "pillow", *(("magick",) if MAGICK else ()))))
    options = {"pillow": ("", "", "octree", "k-means", "dithered", "web"), "magick": ("", "Riemersma", "ordered")}
    colours = int(generator.choice([2, 8, 16, 32, 64, 128, 200, 256, 256]))
    return container, program, colours, str(generator.choice(options[program]))


def cut_box(edit: Edit, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom, in pixels, of the area that an edit keeps; `size` is width and height after the turn."""
    if edit.cut is None:
        return (0, 0, *size)
    width, height = size
    left, top, right, bottom = edit.cut
    return round(left * width), round(top * height), round(right * width), round(bottom * height)


def make(picture: Image.Image, edit: Edit, generator: np.random.Generator) -> tuple[bytes, Image.Image]:
    """The file of an edit, and the pixels given to its encoder."""
    if edit.turn:
        picture = Image.fromarray(np.ascontiguousarray(turn_plane(np.asarray(picture), edit.turn)))
    if edit.cut:
        picture = picture.crop(cut_box(edit, picture.size))
    if edit.scale:
        picture = _scaled(picture, edit)
    if edit.change:
        picture = _changed(picture, edit.change, generator)
    return _saved(picture, edit), picture


def _scaled(picture: Image.Image, edit: Edit) -> Image.Image:
    assert edit.scale is not None
    program, name, factor = edit.scale
    factor = max(factor, LEAST_SIDE_PX / min(picture.size))
    width, height = (round(side * factor) for side in picture.size)
    if edit.linear and program != "magick":
        return _scaled_as_light(picture, (width, height), program, name)
    if program == "opencv":
        return Image.fromarray(cv2.resize(np.asarray(picture), (width, height), interpolation=getattr(cv2, name)))
    if program == "pillow":
        return picture.resize((width, height), Image.Resampling[name])
    from wand.image import Image as WandImage

    with WandImage.from_array(np.asarray(picture)) as image:
        if edit.linear:
            image.transform_colorspace("rgb")
        image.resize(width, height, filter=name)
        if edit.linear:
            image.transform_colorspace("srgb")
        return Image.fromarray(np.array(image)[..., :3].copy())


def _scaled_as_light(picture: Image.Image, size: tuple[int, int], program: str, name: str) -> Image.Image:
    """As scripts do it: levels to light and back in real numbers."""
    levels = np.asarray(picture, np.float32) / 255
    light = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4).astype(np.float32)
    if program == "opencv":
        light = cv2.resize(light, size, interpolation=getattr(cv2, name))
    else:
        planes = [Image.fromarray(light[..., channel]) for channel in range(3)]
        light = np.stack([np.asarray(plane.resize(size, Image.Resampling[name])) for plane in planes], axis=-1)
    light = np.clip(light, 0, 1)
    levels = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return Image.fromarray(np.rint(255 * levels).astype(np.uint8))


def _changed(picture: Image.Image, change: str, generator: np.random.Generator) -> Image.Image:
    if change == "noise":
        noisy = np.asarray(picture, np.float32) + generator.normal(0, 1.5, (picture.height, picture.width, 3))
        return Image.fromarray(np.clip(np.rint(noisy), 0, 255).astype(np.uint8))
    if change == "blurred":
        return picture.filter(ImageFilter.GaussianBlur(0.8))
    if change == "sharpened":
        return picture.filter(ImageFilter.UnsharpMask(1.2, 80, 0))
    if change == "brighter":
        return ImageEnhance.Brightness(picture).enhance(1.08)
    if change == "warmer":
        curves = [[min(255, round(one * gain)) for one in range(256)] for gain in (1.05, 1.0, 0.95)]
        return picture.point([level for curve in curves for level in curve])
    framed = Image.new("RGB", (picture.width + 24, picture.height + 50), (240, 240, 240))
    framed.paste(picture, (12, 38))
    return framed


def _saved(picture: Image.Image, edit: Edit) -> bytes:
    if edit.container == "jpeg":
        return _jpeg(picture, edit)
    if edit.container == "webp":
        return _webp(picture, edit)
    if edit.container == "palette":
        return _palette(picture, edit)
    if edit.container == "webp-lossless":
        return written(picture, "webp", lossless=True, quality=20, method=0)
    if edit.container != "avif":
        return written(picture, edit.container)
    speed, chroma = [*edit.option.split(), "4:2:0"][:2]
    if edit.program == "pillow":
        return written(picture, "avif", quality=edit.quality, speed=int(speed), subsampling=chroma)
    options = [cv2.IMWRITE_AVIF_QUALITY, edit.quality, cv2.IMWRITE_AVIF_SPEED, int(speed)]
    return cv2.imencode(".avif", np.asarray(picture)[..., ::-1], options)[1].tobytes()


def _jpeg(picture: Image.Image, edit: Edit) -> bytes:
    array = np.ascontiguousarray(picture)
    sampling = edit.option if edit.option in SAMPLINGS else "4:2:0"
    if edit.program == "simplejpeg":
        fast = edit.option == "fast DCT"
        return simplejpeg.encode_jpeg(array, edit.quality, "RGB", sampling.replace(":", ""), fastdct=fast)
    if edit.program == "magick":
        from wand.image import Image as WandImage

        with WandImage.from_array(array) as image:
            image.compression_quality = edit.quality
            image.options["jpeg:sampling-factor"] = {"4:4:4": "1x1", "4:2:2": "2x1", "4:2:0": "2x2"}[sampling]
            if edit.option.endswith("DCT"):
                image.options["jpeg:dct-method"] = "ifast" if edit.option == "fast DCT" else "float"
            return image.make_blob("jpeg")
    if edit.program == "opencv":
        factor = getattr(cv2, f"IMWRITE_JPEG_SAMPLING_FACTOR_{sampling.replace(':', '')}")
        options = [cv2.IMWRITE_JPEG_QUALITY, edit.quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor]
        return cv2.imencode(".jpg", array[..., ::-1], options)[1].tobytes()
    coding = {"progressive": True} if edit.quality % 3 == 0 else {"optimize": True} if edit.quality % 3 == 1 else {}
    return written(picture, "jpeg", quality=edit.quality, subsampling=sampling, **coding)


def _webp(picture: Image.Image, edit: Edit) -> bytes:
    if edit.program == "opencv":
        options = [cv2.IMWRITE_WEBP_QUALITY, edit.quality]
        return cv2.imencode(".webp", np.asarray(picture)[..., ::-1], options)[1].tobytes()
    if edit.program == "magick":
        from wand.image import Image as WandImage

        with WandImage.from_array(np.asarray(picture)) as image:
            image.compression_quality = edit.quality
            return image.make_blob("webp")
    return written(picture, "webp", quality=edit.quality, method=int(edit.option))


def _palette(picture: Image.Image, edit: Edit) -> bytes:
    container = "gif" if edit.quality % 3 else "png"
    if edit.program == "magick":
        from wand.image import Image as WandImage

        with WandImage.from_array(np.asarray(picture)) as image:
            if edit.option == "ordered":
                image.ordered_dither(ORDERED[edit.quality % len(ORDERED)])
            else:
                image.quantize(edit.quality, "rgb", 0, dither=edit.option == "Riemersma")
            return image.make_blob(container)
    if edit.option == "web":
        return written(picture.convert("P"), container)
    method = Image.Quantize.FASTOCTREE if edit.option == "octree" else Image.Quantize.MEDIANCUT
    found = picture.quantize(edit.quality, method, kmeans=2 if edit.option == "k-means" else 0)
    if edit.option == "dithered":
        found = picture.quantize(palette=found, dither=Image.Dither.FLOYDSTEINBERG)
    return written(found, container)


__all__ = ["PROGRAMS", "Edit", "cut_box", "draw_edit", "make", "pixels", "written"]
