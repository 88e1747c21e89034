"""Photographs without text, and the same ones with one caption.

They are crops of pictures in scikit-image and scikit-learn without people, drawn scenes, and drawn
photographs and products. Equal numbers give equal pictures.
"""

from __future__ import annotations

import io
import random
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from ocr_pages.faces import choose_face
from ocr_pages.page import LANGUAGES, RIGHT_TO_LEFT
from ocr_pages.scenes import HELD_BACK_SCENES, TUNING_SCENES, draw_scene
from ocr_pages.wording import write
from planted_images import photo, product

from adverts.data.synthetic.fonts import Direction, draw_line, line_width

Kind = Literal["packaged", "scene", "photo", "product"]
_KINDS: tuple[Kind, ...] = ("packaged", "packaged", "scene", "photo", "product")
_SCENES = ("sea", "shore", "overcast", "crowd", "lights", "leaves")
_SKIMAGE = (
    *("brick.png", "chelsea.png", "coffee.png", "coins.png", "grass.png", "gravel.png"),
    *("motorcycle_left.png", "rocket.jpg", "hubble_deep_field.jpg", "retina.jpg", "ihc.png"),
    "moon.png",
)
_SKLEARN = ("flower.jpg", "china.jpg")
_SEED = 1000  # not the benchmark's sentences and fonts
assert set(_SCENES) == {*TUNING_SCENES, *HELD_BACK_SCENES}, "every scene is drawn"


@dataclass(frozen=True, slots=True)
class Caption:
    """A picture with one line of text.

    Attributes:
        image: The picture.
        box: Left, top, right and bottom of the line, in pixels.
        size: Size of the font in pixels.
        style: ``plain``, ``outline``, ``band`` or ``faint``.
    """

    image: Image.Image
    box: tuple[float, float, float, float]
    size: int
    style: str


def photograph(number: int) -> tuple[Kind, Image.Image]:
    """Return a picture without a caption, 640 to 1280 pixels wide, and its kind."""
    draw = random.Random(f"p{number}")
    width = draw.choice((640, 960, 1280))
    height = round(width * draw.choice((0.66, 0.75, 1, 1.25)))
    kind = _KINDS[number % len(_KINDS)]
    if kind == "packaged":
        return kind, _crop((width, height), number, draw)
    if kind == "scene":
        return kind, draw_scene(draw.choice(_SCENES), (width, height), draw)
    made = (photo if kind == "photo" else product)(draw).convert("RGB")
    return kind, made.resize((width, height), Image.Resampling.BICUBIC)


def captioned(number: int, picture: Image.Image) -> Caption:
    """Return a picture with one line of one of nine languages, 1.8 to 7.5 % of its width high."""
    draw, picture = random.Random(f"c{number}"), picture.copy()
    language = LANGUAGES[number % len(LANGUAGES)]
    wording, face = write(language, _SEED, draw), choose_face(language, _SEED, draw)
    text = draw.choice([cell for row in wording.rows for cell in row])
    direction: Direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    width, height = picture.size
    size = round(width * 2 ** draw.uniform(np.log2(0.018), np.log2(0.075)))
    while size > 10 and line_width(text, face, size, direction) > width * 0.92:
        size -= 1
    wide = line_width(text, face, size, direction)
    x = round(draw.uniform(0.02 * width, max(0.02 * width, width * 0.98 - wide)))
    y = round(draw.uniform(2 * size, height - size))
    colour = draw.choice(((255, 255, 255), (10, 10, 10), (255, 230, 80), (190, 20, 30)))
    style = draw.choice(("plain", "outline", "band", "faint"))
    around = (0, 0, 0) if sum(colour) > 300 else (255, 255, 255)
    if style == "band":
        band = (x - size // 3, y - 1.3 * size, x + wide + size // 3, y + 0.5 * size)
        ImageDraw.Draw(picture).rectangle(band, fill=around)
    written = picture.copy()
    draw_line(
        ImageDraw.Draw(written),
        (x, y),
        text,
        face,
        size=size,
        direction=direction,
        colour=colour,
        stroke=max(1, size // 14) if style == "outline" else 0,
        stroke_colour=around,
    )
    if style == "faint":
        written = Image.blend(picture, written, draw.uniform(0.5, 0.8))
    return Caption(written, (x, y - 1.2 * size, x + wide, y + 0.4 * size), size, style)


def jpeg(picture: Image.Image) -> bytes:
    """Return the file of a picture."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _crop(size: tuple[int, int], number: int, draw: random.Random) -> Image.Image:
    """Return a part of a packaged picture, with some grain."""
    whole = _packaged(draw.randrange(len(_SKIMAGE) + len(_SKLEARN)))
    share, (width, height) = draw.uniform(0.35, 1), size
    wide = whole.width * share
    high = wide * height / width
    if high > whole.height:
        high = whole.height * share
        wide = high * width / height
    x, y = draw.uniform(0, whole.width - wide), draw.uniform(0, whole.height - high)
    part = whole.resize(size, Image.Resampling.BICUBIC, box=(x, y, x + wide, y + high))
    grain = np.random.default_rng(number).normal(0, 3, (height, width, 1))
    pixels = np.asarray(part, np.float32) + grain
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


@lru_cache
def _packaged(number: int) -> Image.Image:
    paths = [
        *(_folder("skimage") / "data" / name for name in _SKIMAGE),
        *(_folder("sklearn") / "datasets" / "images" / name for name in _SKLEARN),
    ]
    return Image.open(paths[number]).convert("RGB")


def _folder(package: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        raise SystemExit(f'{package} is not installed; run: pip install "adverts[easyocr]"')
    return Path(found.origin).parent
