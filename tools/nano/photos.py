"""Collects the photos that the nano model is trained and judged on.

    python tools/nano/photos.py PHOTOS [--debs FOLDER]

They come from packages of Debian's and from scikit-image, so no web site has to be there. Each is
scaled to a short side of `SHORT_SIDE` pixels and written as PNG; `photos.json` beside them names
source, licence and split. The split is fixed: a photo is held out for ever or never.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

SHORT_SIDE = 640
MAX_ASPECT = 2.0

LICENCES = {
    "gnome-backgrounds": "CC-BY-SA-3.0",
    "mate-backgrounds": "GPL-2+ (some files CC-BY-SA)",
    "plasma-workspace-wallpapers": "GPL-2+ (some files CC-BY-SA-4.0)",
    "lomiri-wallpapers-16.04": "CC-BY-4.0 or CC-BY-SA-4.0, by file",
    "lomiri-wallpapers-20.04": "CC-BY-SA-4.0",
    "scikit-image": "CC0 or public domain",
}
PACKAGES = tuple(name for name in LICENCES if name != "scikit-image")

#: Never trained on. Those under CC-BY-4.0 may be shown in
#: the model card.
HELD_OUT = {
    "aitzgorri_by_Aitzol_Berasategi": "CC-BY-4.0",
    "friends_by_Aitzol_Berasategi": "CC-BY-4.0",
    "life_by_Aitzol_Berasategi": "CC-BY-4.0",
    "picosdeeuropa_by_Aitzol_Berasategi": "CC-BY-4.0",
    "sunset_by_Aitzol_Berasategi": "CC-BY-4.0",
    "Picture_0B_by_freespace": "CC-BY-4.0",
    "Picture_1A_by_freespace": "CC-BY-4.0",
    "Bridge_by_Sander_Klootwijk": "CC-BY-SA-4.0",
    "Dragonfly_by_Bolly": "CC-BY-SA-4.0",
    "umang_by_Abhishek_Mudgal": "CC-BY-4.0",
}

#: Patterns, logos and flat shapes teach nothing about photos.
LEFT_OUT = frozenset(
    {
        "Arc-Colors-Transparent-Wallpaper",
        "Float-into-MATE",
        "MATE-Stripes-Dark",
        "MATE-Stripes-Light",
        "Stripes",
        "Ubuntu-Mate-Cold-no-logo",
        "Ubuntu-Mate-Dark-no-logo",
        "Ubuntu-Mate-Radioactive-no-logo",
        "Ubuntu-Mate-Warm-no-logo",
        "adwaita-d",
        "grid-d",
        "grid-l",
        "pixels-d",
        "pixels-l",
        "symbolic-d",
        "symbolic-l",
        "vnc-d",
        "vnc-l",
        "truchet-d",
        "licorice-d",
        "Elephants_3840x2160",
        "Elephants_5640x3172",
    }
)
SCIKIT_IMAGE = ("astronaut", "chelsea", "coffee", "rocket", "motorcycle_left", "retina", "ihc")
ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp"})


@dataclass(frozen=True)
class Photo:
    """One photo of the collection.

    Attributes:
        name: File name without ending.
        source: The package it comes from.
        licence: As the package states it.
        split: "train" or "held out".
    """

    name: str
    source: str
    licence: str
    split: str


def fetch_packages(folder: Path) -> None:
    """Downloads the packages that are not in the folder yet, with apt's own client."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in PACKAGES if not list(folder.glob(f"{name}_*.deb"))]
    if missing:
        subprocess.run(["apt-get", "download", "-q", *missing], cwd=folder, check=True)


def pictures_of(root: Path) -> Iterator[tuple[str, Path]]:
    """Name and file of each picture of an unpacked package."""
    for theme in sorted((root / "usr/share/wallpapers").glob("*")):
        # One picture per theme: the largest landscape.
        files = [f for f in (theme / "contents/images").glob("*") if f.suffix in ENDINGS]
        if files:
            yield theme.name, max(files, key=lambda f: f.stat().st_size)
    for file in sorted((root / "usr/share/backgrounds").rglob("*")):
        if file.suffix in ENDINGS and file.stem not in LEFT_OUT:
            yield file.stem, file


def load_scaled(file: Path) -> Image.Image:
    """The picture in RGB, its short side at most `SHORT_SIDE`, cut to at most `MAX_ASPECT`."""
    with Image.open(file) as opened:
        opened.draft("RGB", (SHORT_SIDE * 2, SHORT_SIDE * 2))
        picture = opened.convert("RGB")
    factor = min(SHORT_SIDE / min(picture.size), 1.0)
    size = (round(picture.width * factor), round(picture.height * factor))
    picture = picture.resize(size, Image.Resampling.LANCZOS)
    longest = round(min(picture.size) * MAX_ASPECT)
    left, top = (max(0, (side - longest) // 2) for side in picture.size)
    return picture.crop((left, top, picture.width - left, picture.height - top))


def collect(target: Path, debs: Path) -> list[Photo]:
    """Writes all photos and `photos.json` into `target`."""
    target.mkdir(parents=True, exist_ok=True)
    fetch_packages(debs)
    photos: list[Photo] = []
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as scratch:
            (archive,) = debs.glob(f"{package}_*.deb")
            subprocess.run(["dpkg", "-x", str(archive), scratch], check=True)
            for name, file in pictures_of(Path(scratch)):
                load_scaled(file).save(target / f"{name}.png")
                held_out = name in HELD_OUT
                licence = HELD_OUT.get(name, LICENCES[package])
                photos.append(Photo(name, package, licence, "held out" if held_out else "train"))
    spec = find_spec("skimage")
    if spec is None or spec.origin is None:
        raise SystemExit("scikit-image must be installed; run: pip install scikit-image")
    for name in SCIKIT_IMAGE:
        (file,) = (Path(spec.origin).parent / "data").glob(f"{name}.*")
        load_scaled(file).save(target / f"{name}.png")
        photos.append(Photo(name, "scikit-image", LICENCES["scikit-image"], "train"))
    text = json.dumps([asdict(photo) for photo in photos], indent=1)
    (target / "photos.json").write_text(text, encoding="utf-8")
    return photos


def load(folder: Path, split: str) -> dict[str, np.ndarray]:
    """The photos of a split, by name: [height, width, 3], uint8, RGB."""
    rows = json.loads((folder / "photos.json").read_text(encoding="utf-8"))
    return {
        row["name"]: np.asarray(Image.open(folder / f"{row['name']}.png"))
        for row in rows
        if row["split"] == split
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Collects the photos.")
    parser.add_argument("photos", type=Path)
    parser.add_argument("--debs", type=Path, help="where the packages are, or are downloaded to")
    arguments = parser.parse_args()
    found = collect(arguments.photos, arguments.debs or arguments.photos / "debs")
    held = sum(photo.split == "held out" for photo in found)
    print(f"{len(found)} photos, {held} held out")


if __name__ == "__main__":
    main()
