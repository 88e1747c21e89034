"""What lies behind the text of a picture: plain, gradient, something like a photo, the sea."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from adverts.data.synthetic.fonts import Colour

Size = tuple[int, int]


def draw_background(
    name: str, size: Size, colours: tuple[Colour, Colour], rng: random.Random
) -> Image.Image:
    """Return an RGB picture of ``size`` (width, height) in the two colours.

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
    """Soft blobs of light between the two colours, and some grain."""
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
    """Sky and water with waves, no boat."""
    return _seascape(size, colours, rng)[0]


def _boat(size: Size, colours: tuple[Colour, Colour], rng: random.Random) -> Image.Image:
    """The same with a boat on the horizon."""
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
