"""Pictures denoised by programs that no training chain was made with: ffmpeg, if it is installed, and ImageMagick."""

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator

import numpy as np
from cases_made import Case, Files, poor_jpeg
from group_edits import pixels, written
from PIL import Image

FILTERS = (
    "nlmeans=s=3", "bm3d=sigma=5", "hqdn3d=4", "owdenoise=ls=3", "vaguedenoiser=threshold=3", "fftdnoiz=sigma=4",
    "dctdnoiz=sigma=5", "smartblur=lr=1:ls=0.7:lt=8",
)  # fmt: skip
DEBLOCKERS = "spp=4:10", "pp7=10", "deblock=filter=strong:block=8"

Denoise = Callable[[Image.Image], Image.Image]


def denoised_cases() -> Iterator[Case]:
    """Lossless copies of lossless pictures, and clean copies of poor JPEGs."""
    programs: dict[str, Denoise] = {}
    if ffmpeg := shutil.which("ffmpeg"):
        programs |= {f"ffmpeg {text}": _by_ffmpeg(ffmpeg, text) for text in FILTERS}
    programs |= {f"ImageMagick {name}": _by_magick(name) for name in ("despeckle", "enhance")}
    for how, denoise in programs.items():
        yield Case("denoised elsewhere, PNG of PNG", how, _lossless(denoise))
    if ffmpeg:
        for text in DEBLOCKERS:
            yield Case(
                "deblocked elsewhere, PNG of a JPEG of 40-75", f"ffmpeg {text}", _of_a_poor_jpeg(_by_ffmpeg(ffmpeg, text))
            )


def _lossless(denoise: Denoise) -> Callable[..., Files | None]:
    def make(picture: Image.Image, generator: np.random.Generator) -> Files | None:
        copy = denoise(picture)
        return None if copy.tobytes() == picture.tobytes() else (written(picture, "PNG"), written(copy, "PNG"))

    return make


def _of_a_poor_jpeg(deblock: Denoise) -> Callable[..., Files]:
    def make(picture: Image.Image, generator: np.random.Generator) -> Files:
        poor = poor_jpeg(picture, generator)
        return poor, written(deblock(pixels(poor)), "PNG")

    return make


def _by_ffmpeg(program: str, text: str) -> Denoise:
    def denoise(picture: Image.Image) -> Image.Image:
        command = [program, "-loglevel", "error", "-i", "-", "-vf", text, "-frames:v", "1", "-pix_fmt", "rgb24"]
        done = subprocess.run(
            [*command, "-f", "image2pipe", "-c:v", "png", "-"], input=written(picture, "PNG"), capture_output=True, check=True
        )
        return pixels(done.stdout)

    return denoise


def _by_magick(name: str) -> Denoise:
    def denoise(picture: Image.Image) -> Image.Image:
        from wand.image import Image as WandImage

        with WandImage.from_array(np.asarray(picture)) as image:
            getattr(image, name)()
            image.format = "png"
            return Image.open(io.BytesIO(image.make_blob())).convert("RGB")

    return denoise
