"""Collects pictures from Debian packages as files and tiles. Packages are downloaded and never installed.

Photographs of more than four megapixels are shrunk by half, which removes their own compression, and cut into tiles
`NAME__N.png`. All tiles of a photograph count as one source.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import track

from genloss.datagen.magick import open_image
from genloss.model.errors import DatagenError, ImageError, RecipeError
from genloss.model.files import write_atomically
from genloss.model.images import guard
from genloss.model.temporary_folders import temporary_folder

TILE_SIDE_PX = 1000
LARGE_PIXELS = 4_000_000
MIN_SIDE_PX = 200


@dataclass(frozen=True)
class Package:
    """A Debian package with pictures.

    Attributes:
        name: name of the package.
        content: description of the pictures.
        most: most pictures to take, the largest first.
        kept_megabytes: approximate size of the resulting files and tiles, for the package of Debian 12.
    """

    name: str
    content: str
    most: int
    kept_megabytes: int


PACKAGES = (
    Package("plasma-workspace-wallpapers", "photographs and renderings", 120, 81),
    Package("mate-backgrounds", "photographs", 60, 40),
    Package("lomiri-wallpapers-16.04", "photographs", 40, 38),
    Package("lomiri-wallpapers-20.04", "photographs", 40, 14),
    Package("ukui-wallpapers", "photographs", 40, 15),
    Package("gnome-backgrounds", "photographs and drawings", 40, 63),
    Package("tuxpaint-stamps-default", "cut-out photographs", 200, 14),
    Package("wesnoth-1.16-data", "paintings and portraits", 160, 55),
    Package("gimp-help-en", "screenshots", 160, 18),
    Package("gcompris-qt-data", "drawings and photographs", 80, 1),
    Package("opencv-doc", "photographs and figures", 80, 31),
)


@dataclass(frozen=True)
class PackageSize:
    """Size of a package according to apt's lists: of the download, and of the unpacked files."""

    download_bytes: int
    unpacked_bytes: int


def look_up_sizes(packages: Sequence[Package]) -> list[PackageSize]:
    """Sizes of packages, from the lists that apt has; nothing is downloaded.

    Raises:
        DatagenError: apt is missing, or its lists lack a package.
    """
    if not packages:
        return []
    found: dict[str, PackageSize] = {}
    for paragraph in _apt_cache([package.name for package in packages]).split("\n\n"):
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and not line.startswith(" "))
        try:
            size = PackageSize(int(fields["Size"]), 1024 * int(fields["Installed-Size"]))
            found.setdefault(fields["Package"], size)
        except (KeyError, ValueError):
            continue  # a blank paragraph, or a package that is known only as installed
    missing = [package.name for package in packages if package.name not in found]
    if missing:
        raise DatagenError(f"apt does not offer {', '.join(missing)}; renew its lists with `apt-get update`")
    return [found[package.name] for package in packages]


def is_finished(package: Package, out: Path) -> bool:
    """Whether `out` has all pictures of a package."""
    return (out / package.name / ".finished").exists()


def count_files(package: Package, out: Path) -> int:
    """Number of pictures and tiles in the package's folder."""
    return len(list((out / package.name).glob("*.*g")))


def collect(package: Package, out: Path, most: int | None = None) -> int:
    """Downloads one package and writes its pictures below `out`; a finished package is not downloaded again.

    Args:
        package: the package.
        out: folder; the pictures go to a folder there with the name of the package.
        most: most new files to write. A package that reaches this limit is not finished.

    Returns:
        Number of files in the package's folder.

    Raises:
        DatagenError: the package cannot be downloaded or unpacked.
    """
    folder = out / package.name
    if is_finished(package, out):
        return count_files(package, out)
    folder.mkdir(parents=True, exist_ok=True)
    n_written = 0
    with temporary_folder("corpus") as unpacked:
        _command(["apt-get", "download", "-q", package.name], unpacked)
        _command(["dpkg-deb", "-x", str(next(unpacked.glob("*.deb"))), "tree"], unpacked)
        candidates = [
            path
            for path in (unpacked / "tree").rglob("*")
            if path.is_file() and not path.is_symlink() and path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp")
        ]
        candidates.sort(key=lambda path: (-path.stat().st_size, str(path)))
        for number, path in enumerate(track(candidates[: package.most], package.name, transient=True)):
            stem = f"{package.name}-{number:03d}-{path.stem[:40]}".replace("__", "_").replace(" ", "_")
            for file_name, data in _pictures(path, stem):
                is_new = not (folder / file_name).exists()
                if is_new and n_written == most:
                    return count_files(package, out)
                write_atomically(folder / file_name, data)
                n_written += is_new
    write_atomically(folder / ".finished", b"")
    return count_files(package, out)


def _pictures(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """The names and contents of the files to keep of a picture: the file as it is, or its tiles, or nothing."""
    data = path.read_bytes()
    try:
        image_format = guard.check(data)
        with open_image(data, image_format) as image:
            if min(image.width, image.height) < MIN_SIDE_PX:
                return
            if image.width * image.height <= LARGE_PIXELS and image_format != "webp":
                yield f"{name}{path.suffix.lower()}", data
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
                    yield f"{name}__{tile}.png", part.make_blob("png")
    except (ImageError, RecipeError):
        return  # a file that is no picture after all: packages hold SVG or text under such names


def _apt_cache(names: list[str]) -> str:
    """What apt's lists say of packages, in English; nothing of those that they lack."""
    words = ["apt-cache", "show", "--no-all-versions", *names]
    try:
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        return subprocess.run(words, capture_output=True, text=True, env=environment).stdout
    except OSError as error:
        raise DatagenError(f"`apt-cache` cannot be run: {error}; a Debian or Ubuntu with apt is needed") from error


def _command(words: list[str], folder: Path) -> None:
    try:
        subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        detail = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1:]
        raise DatagenError(f"`{' '.join(words)}` failed: {' '.join(detail)}; a Debian or Ubuntu with apt is needed") from error
