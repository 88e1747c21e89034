"""Backgrounds and styles of synthetic pictures, drawn independently of what the advert says."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from adverts.data.synthetic.fonts import FAMILIES, Colour, Typeface

Size = tuple[int, int]
LAYOUTS = ("poster", "caption_bar", "chat", "leaflet", "sticker")
_PALETTES: tuple[tuple[Colour, Colour], ...] = (
    ((250, 250, 247), (225, 232, 240)),
    ((20, 33, 61), (52, 73, 120)),
    ((255, 209, 102), (247, 140, 80)),
    ((38, 70, 83), (42, 157, 143)),
    ((230, 57, 70), (160, 30, 60)),
    ((241, 250, 238), (168, 218, 220)),
    ((30, 30, 30), (90, 90, 90)),
    ((234, 244, 227), (120, 170, 110)),
    ((250, 228, 235), (205, 150, 190)),
    ((12, 74, 110), (125, 185, 222)),
)


def draw_background(
    name: str, size: Size, colours: tuple[Colour, Colour], rng: random.Random
) -> Image.Image:
    """Return an RGB picture of ``size`` in the two colours.

    Args:
        name: One of ``BACKGROUNDS``.
        size: Width and height in pixels.
        colours: The main colour and a second one.
        rng: Source of randomness.
    """
    return _DRAW[name](size, colours, rng)


def _plain(size: Size, colours: tuple[Colour, Colour], rng: random.Random) -> Image.Image:
    return Image.new("RGB", size, colours[0])


def _gradient(size: Size, colours: tuple[Colour, Colour], rng: random.Random) -> Image.Image:
    if rng.random() < 0.5:
        ramp = Image.linear_gradient("L").rotate(rng.choice((0, 90, 180, 270)))
    else:
        ramp = Image.radial_gradient("L")
    first, second = (Image.new("RGB", size, colour) for colour in colours)
    return Image.composite(second, first, ramp.resize(size))


def _photo(size: Size, colours: tuple[Colour, Colour], rng: random.Random) -> Image.Image:
    """Draw soft spots of light between the two colours, and some grain."""
    noise = np.random.default_rng(rng.getrandbits(64))
    light = np.zeros((size[1], size[0]), np.float32)
    for cells, weight in ((3, 0.6), (8, 0.3), (24, 0.1)):
        blobs = noise.integers(0, 256, (cells, cells), np.uint8)
        soft = Image.fromarray(blobs).resize(size, Image.Resampling.BICUBIC)
        light += weight * np.asarray(soft, np.float32)
    grain = noise.integers(0, 256, (size[1] // 2, size[0] // 2), np.uint8)
    light += 0.06 * np.asarray(Image.fromarray(grain).resize(size), np.float32) - 8
    mask = Image.fromarray(np.clip(light, 0, 255).astype(np.uint8))
    first, second = (Image.new("RGB", size, colour) for colour in colours)
    return Image.composite(second, first, mask)


def _sea(size: Size, colours: tuple[Colour, Colour], rng: random.Random) -> Image.Image:
    """Draw sky and water with waves, without a boat."""
    return _seascape(size, colours, rng)[0]


def _boat(size: Size, colours: tuple[Colour, Colour], rng: random.Random) -> Image.Image:
    """Draw sky and water with a boat on the horizon."""
    picture, horizon = _seascape(size, colours, rng)
    width = size[0]
    left, length, hull = rng.uniform(0.1, 0.6) * width, width * 0.22, width * 0.05
    draw = ImageDraw.Draw(picture)
    draw.polygon(
        [
            (left, horizon - hull),
            (left + length, horizon - hull),
            (left + 0.85 * length, horizon + 0.4 * hull),
            (left + 0.12 * length, horizon + 0.4 * hull),
        ],
        fill=rng.choice(((40, 40, 45), (170, 60, 40), (225, 225, 220))),
    )
    cabin = (left + 0.3 * length, horizon - 2 * hull, left + 0.6 * length, horizon - hull)
    draw.rectangle(cabin, fill=(235, 235, 235))
    return picture


def _seascape(
    size: Size, colours: tuple[Colour, Colour], rng: random.Random
) -> tuple[Image.Image, float]:
    width, height = size
    horizon = height * rng.uniform(0.3, 0.6)
    light = rng.choice(((190, 215, 235), (245, 205, 160), (60, 75, 110), (215, 220, 225)))
    water = rng.choice(((30, 90, 130), (20, 60, 75), (70, 130, 150), (25, 35, 60)))
    picture = Image.new("RGB", size, light)
    draw = ImageDraw.Draw(picture)
    if rng.random() < 0.6:
        x, y, radius = rng.random() * width, rng.uniform(0.1, 0.9) * horizon, width * 0.06
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colours[1])
    draw.rectangle((0, horizon, width, height), fill=water)
    crest = (min(255, water[0] + 35), min(255, water[1] + 35), min(255, water[2] + 35))
    for _ in range(40):
        x, y = rng.random() * width, rng.uniform(horizon + 4, height)
        length = rng.uniform(0.05, 0.2) * width
        draw.line((x, y, x + length, y), fill=crest, width=2)
    return picture, horizon


_DRAW: dict[str, Callable[[Size, tuple[Colour, Colour], random.Random], Image.Image]] = {
    "plain": _plain,
    "gradient": _gradient,
    "photo": _photo,
    "sea": _sea,
    "boat": _boat,
}
BACKGROUNDS = tuple(_DRAW)


@dataclass(frozen=True, slots=True)
class PictureStyle:
    """How one picture is drawn.

    Attributes:
        layout: One of ``LAYOUTS``.
        background: One of ``BACKGROUNDS``.
        face: Family and weight of the text.
        width: Width of the picture in pixels.
        size: Size of the text in pixels; headings are larger.
        palette: Two colours of the background.
        quality: Quality of the JPEG file.
        tilt: Rotation in degrees.
        blur: Radius in pixels; 0 is none.
        seed: Seed of every smaller choice.
    """

    layout: str
    background: str
    face: Typeface
    width: int
    size: int
    palette: tuple[Colour, Colour]
    quality: int
    tilt: float
    blur: float
    seed: int

    @property
    def signals(self) -> tuple[str, ...]:
        """Signals of the taxonomy that the layout and the background show."""
        shown = (("chat_screenshot", self.layout == "chat"), ("boat_image", self.shows_boat))
        return tuple(signal for signal, is_shown in shown if is_shown)

    @property
    def shows_boat(self) -> bool:
        """Whether a boat is drawn."""
        return self.background == "boat"


def draw_style(script: str, rng: random.Random) -> PictureStyle:
    """Return a style for a picture in the given script (ISO 15924).

    Raises:
        KeyError: No font is known for the script.
    """
    return PictureStyle(
        layout=rng.choice(LAYOUTS),
        background=rng.choice(BACKGROUNDS),
        face=Typeface(rng.choice(FAMILIES[script]), bold=rng.random() < 0.4),
        width=rng.choice((480, 540, 600, 660, 720)),
        size=rng.choice((22, 24, 27, 30, 34, 38)),
        palette=rng.choice(_PALETTES),
        quality=rng.randint(40, 90),
        tilt=rng.uniform(-2.5, 2.5) if rng.random() < 0.25 else 0.0,
        blur=rng.uniform(0.3, 0.9) if rng.random() < 0.25 else 0.0,
        seed=rng.getrandbits(32),
    )
