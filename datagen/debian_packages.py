"""Pictures of Debian packages as files and tiles; packages are downloaded, never installed.

Photographs of more than four megapixels are halved, which removes compression of their own, and cut into
tiles `NAME__N.png`, which count as one source.
"""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.progress import track

from genloss.datagen.magick import open_image
from genloss.model.errors import DatagenError, ImageError, RecipeError
from genloss.model.files import write_atomically
from genloss.model.images import guard

TILE_SIDE_PX = 1000
LARGE_PIXELS = 4_000_000
MIN_SIDE_PX = 200


@dataclass(frozen=True)
class Package:
    """A Debian package with pictures; `most` bounds how many are taken, largest first."""

    name: str
    content: str
    most: int


PACKAGES = (
    Package("plasma-workspace-wallpapers", "photographs and renderings", 120),
    Package("mate-backgrounds", "photographs", 60),
    Package("lomiri-wallpapers-16.04", "photographs", 40),
    Package("lomiri-wallpapers-20.04", "photographs", 40),
    Package("ukui-wallpapers", "photographs", 40),
    Package("gnome-backgrounds", "photographs and drawings", 40),
    Package("tuxpaint-stamps-default", "cut-out photographs", 200),
    Package("wesnoth-1.16-data", "paintings and portraits", 160),
    Package("gimp-help-en", "screenshots", 160),
    Package("gcompris-qt-data", "drawings and photographs", 80),
    Package("opencv-doc", "photographs and figures", 80),
)


def collect(package: Package, out: Path) -> int:
    """Downloads one package and writes its pictures below `out`; a finished package is not fetched again.

    Returns:
        Number of files in the package's folder.

    Raises:
        DatagenError: the package cannot be downloaded or unpacked.
    """
    folder = out / package.name
    if (folder / ".finished").exists():
        return len(list(folder.glob("*.*g")))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="genloss-corpus-") as name:
        unpacked = Path(name)
        _command(["apt-get", "download", "-q", package.name], unpacked)
        _command(["dpkg-deb", "-x", str(next(unpacked.glob("*.deb"))), "tree"], unpacked)
        candidates = [
            path
            for path in (unpacked / "tree").rglob("*")
            if path.is_file() and not path.is_symlink() and path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp")
        ]
        candidates.sort(key=lambda path: (-path.stat().st_size, str(path)))
        for number, path in enumerate(track(candidates[: package.most], package.name, transient=True)):
            _store(path, folder, f"{package.name}-{number:03d}-{path.stem[:40]}".replace("__", "_").replace(" ", "_"))
    write_atomically(folder / ".finished", b"")
    return len(list(folder.glob("*.*g")))


def _store(path: Path, folder: Path, name: str) -> None:
    data = path.read_bytes()
    try:
        image_format = guard.check(data)
        with open_image(data, image_format) as image:
            if min(image.width, image.height) < MIN_SIDE_PX:
                return
            if image.width * image.height <= LARGE_PIXELS and image_format != "webp":
                write_atomically(folder / f"{name}{path.suffix.lower()}", data)
                return
            if image.width * image.height > LARGE_PIXELS:
                image.resize(image.width // 2, image.height // 2, filter="lanczos")
            across, down = (max(1, round(side / TILE_SIDE_PX)) for side in image.size)
            width, height = image.width // across, image.height // down
            for tile in range(across * down):
                with image.clone() as part:
                    left, top = tile % across * width, tile // across * height
                    part.crop(left=left, top=top, width=width, height=height, reset_coords=True)
                    part.compression_quality = 35
                    write_atomically(folder / f"{name}__{tile}.png", part.make_blob("png"))
    except (ImageError, RecipeError):
        return  # a file that is no picture after all: packages hold SVG or text under such names


def _command(words: list[str], folder: Path) -> None:
    try:
        subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        detail = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1:]
        raise DatagenError(f"`{' '.join(words)}` failed: {' '.join(detail)}; a Debian or Ubuntu with apt is needed") from error
