"""Pictures with planted copies: procedural photos and text tiles, and which belong together."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageOps
from planted_edits import EDITS, font_of, price_lines, words

_COPIES = (0, 0, 0, 0, 0, 1, 1, 2, 3, 5)
_BOXES = ((256, 320), (288, 288), (320, 256), (320, 240), (240, 320))


@dataclass(frozen=True, slots=True)
class PlantedImage:
    """A picture and where it comes from.

    Attributes:
        image: RGB.
        source: Number of the picture that it is a copy of, or is itself.
        edit: What was done to a copy; empty for an original.
        kind: ``photo``, ``product`` (things on a plain ground) or ``tile`` (text on one).
    """

    image: Image.Image
    source: int
    edit: str
    kind: str


def planted_images(count: int, *, seed: int) -> Iterator[PlantedImage]:
    """Yield ``count`` pictures of about 300 pixels: originals, each followed by its copies.

    Of ten originals, five have no copy and five have one to five; seven are photos, one is a
    product, two are text tiles in one of a few styles, whose only copies are saved again or
    scaled. Equal seeds give equal pictures.
    """
    draw = random.Random(seed)
    number = 0
    while number < count:
        source, kind = number, draw.choices(tuple(KINDS), KIND_WEIGHTS)[0]
        original, edits = KINDS[kind](draw), EDITS_OF_KIND[kind]
        for copy in range(min(draw.choice(_COPIES) + 1, count - source)):
            edit = draw.choice(edits) if copy else ""
            image = EDITS[edit](draw, original) if edit else original
            yield PlantedImage(image, source, edit, kind)
            number += 1


def photo(draw: random.Random) -> Image.Image:
    """Return something like a photo: a textured scene in two tones with shaded things in it."""
    noise = np.random.default_rng(draw.getrandbits(64))
    size = draw.choice(_BOXES)
    picture = _toned(_texture(noise, size, draw.uniform(0.4, 0.8)), noise)
    for _ in range(draw.randint(2, 7)):
        wide, high = (round(side * draw.uniform(0.12, 0.5)) for side in size)
        at = (draw.randint(-wide // 3, size[0] - wide // 2), draw.randint(-high // 3, size[1]))
        _paste_thing(picture, (wide, high), at, draw, noise)
    return picture


def product(draw: random.Random) -> Image.Image:
    """Return one to three things in the middle of a white ground, as shops show them."""
    noise = np.random.default_rng(draw.getrandbits(64))
    size = draw.choice(_BOXES)
    picture = Image.new("RGB", size, draw.choice(((255, 255, 255), (246, 246, 246))))
    for _ in range(draw.randint(1, 3)):
        wide, high = (round(side * draw.uniform(0.35, 0.75)) for side in size)
        room = size[0] - wide, size[1] - high
        at = (round(room[0] * draw.uniform(0.3, 0.7)), round(room[1] * draw.uniform(0.3, 0.7)))
        _paste_thing(picture, (wide, high), at, draw, noise)
    return picture


def _paste_thing(
    picture: Image.Image,
    size: tuple[int, int],
    at: tuple[int, int],
    draw: random.Random,
    noise: np.random.Generator,
) -> None:
    """Put a textured ellipse, box or polygon into a picture."""
    thing = _toned(_texture(noise, (96, 96), draw.uniform(0.3, 0.7)), noise)
    shape = Image.new("L", size)
    _SHAPES[draw.randrange(len(_SHAPES))](ImageDraw.Draw(shape), *size, draw)
    shape = shape.rotate(draw.uniform(-40, 40), Image.Resampling.BILINEAR)
    picture.paste(thing.resize(size), at, shape)


def text_tile(draw: random.Random, style: int | None = None) -> Image.Image:
    """Return a price list of random words in one of few styles, or in the given one."""
    chosen = STYLES[draw.randrange(len(STYLES)) if style is None else style]
    return chosen(draw)


def _texture(noise: np.random.Generator, size: tuple[int, int], fall: float) -> Image.Image:
    """Grey noise of many scales, the finer the weaker; ``fall`` is the factor from one to next."""
    light = np.zeros((size[1], size[0]), np.float32)
    weight = 1.0
    for cells in (2, 4, 8, 16, 32, 64):
        grid = Image.fromarray(noise.integers(0, 256, (cells, cells), np.uint8))
        light += weight * np.asarray(grid.resize(size, Image.Resampling.BICUBIC), np.float32)
        weight *= fall
    light -= light.min()
    return Image.fromarray((light * (255 / light.max())).astype(np.uint8))


def _toned(grey: Image.Image, noise: np.random.Generator) -> Image.Image:
    dark, middle, light = (
        noise.integers(0, 110, 3),
        noise.integers(40, 210, 3),
        noise.integers(120, 256, 3),
    )
    return ImageOps.colorize(
        grey, *(tuple(map(int, colour)) for colour in (dark, light)), tuple(map(int, middle))
    )


def _ellipse(shape: ImageDraw.ImageDraw, wide: int, high: int, draw: random.Random) -> None:
    shape.ellipse((0, 0, wide - 1, high - 1), fill=255)


def _box(shape: ImageDraw.ImageDraw, wide: int, high: int, draw: random.Random) -> None:
    shape.rectangle((wide // 8, high // 8, wide - wide // 8, high - high // 8), fill=255)


def _polygon(shape: ImageDraw.ImageDraw, wide: int, high: int, draw: random.Random) -> None:
    corners = [(draw.random() * wide, draw.random() * high) for _ in range(5)]
    shape.polygon(corners, fill=255)


_SHAPES = (_ellipse, _box, _polygon)


def _written(
    picture: Image.Image,
    draw: random.Random,
    *,
    family: str,
    ink: tuple[int, int, int],
    size: int = 17,
    top: int = 20,
    bottom: int = 14,
) -> Image.Image:
    """Fill a picture with lines from ``top`` down; they stand in its ``info`` as ``page``."""
    pen, font = ImageDraw.Draw(picture), font_of(family, size)
    lines = price_lines(draw, round(picture.width / size * 1.7))
    written = []
    for y in range(top, picture.height - bottom - size, round(size * 1.5)):
        written.append(next(lines))
        pen.text((16, y), written[-1], fill=ink, font=font)
    picture.info["page"] = "\n".join(written)
    return picture


def _white(draw: random.Random) -> Image.Image:
    return _written(
        Image.new("RGB", (288, 288), (252, 252, 252)), draw, family="dejavu", ink=(17, 17, 17)
    )


def _dark(draw: random.Random) -> Image.Image:
    page = Image.new("RGB", (256, 320), (24, 40, 70))
    return _written(page, draw, family="sans", ink=(250, 250, 250), size=19)


def _headed(draw: random.Random) -> Image.Image:
    page = Image.new("RGB", (288, 288), (255, 255, 255))
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, 288, 52), fill=(200, 40, 50))
    heading = " ".join(draw.choices(words(), k=2))[:16]
    pen.text((16, 12), heading.upper(), fill=(255, 255, 255), font=font_of("dejavu", 24))
    return _written(page, draw, family="dejavu", ink=(30, 30, 30), size=15, top=68)


def _shaded(draw: random.Random) -> Image.Image:
    ramp = Image.linear_gradient("L").resize((320, 256))
    page = ImageOps.colorize(ramp, (255, 221, 70), (230, 120, 60))
    return _written(page, draw, family="serif", ink=(40, 20, 20), size=18)


def _bubbles(draw: random.Random) -> Image.Image:
    page = Image.new("RGB", (256, 320), (229, 221, 213))
    pen = ImageDraw.Draw(page)
    pen.rounded_rectangle((8, 12, 246, 262), radius=14, fill=(220, 248, 198))
    pen.rounded_rectangle((110, 276, 246, 310), radius=14, fill=(255, 255, 255))
    return _written(page, draw, family="sans", ink=(17, 17, 17), size=15, top=22, bottom=56)


STYLES: tuple[Callable[[random.Random], Image.Image], ...] = (
    _white,
    _dark,
    _headed,
    _shaded,
    _bubbles,
)


KINDS: dict[str, Callable[[random.Random], Image.Image]] = {
    "photo": photo,
    "product": product,
    "tile": text_tile,
}
KIND_WEIGHTS = (7, 1, 2)
"""How frequent each is."""

_TILE_EDITS = ("saved again", "scaled", "saved and scaled")
EDITS_OF_KIND = {"photo": tuple(EDITS), "product": tuple(EDITS), "tile": _TILE_EDITS}
