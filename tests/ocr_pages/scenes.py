"""What a social-media page shows behind its text: noise and shapes that look like a photo."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Size = tuple[int, int]
Colour = tuple[int, int, int]


def draw_scene(name: str, size: Size, rng: random.Random) -> Image.Image:
    """Return an RGB picture of ``size`` (width, height); one state of ``rng`` is one scene."""
    scene = _SCENES[name](size, rng)
    light = _mixed(size, _dark(scene, 0.55), scene, _clouds(size, rng, (2, 3), (4, 5)))
    return _grainy(light, rng)


_COATS = (
    *((30, 30, 35), (45, 50, 60), (70, 70, 75), (25, 45, 80), (60, 25, 30), (95, 80, 60)),
    *(
        (150, 150, 150),
        (190, 180, 165),
        (170, 40, 40),
        (40, 95, 70),
        (200, 150, 60),
        (60, 110, 160),
    ),
)


def _sky_over(size: Size, rng: random.Random, ground: Image.Image, at: float) -> Image.Image:
    top, low = rng.choice(
        (
            ((70, 120, 190), (200, 220, 235)),
            ((60, 60, 110), (235, 150, 90)),
            ((150, 165, 180), (215, 220, 225)),
            ((20, 25, 50), (70, 80, 120)),
        )
    )
    sky = _faded(size, top, low)
    sky = _mixed(
        size,
        sky,
        Image.new("RGB", size, (238, 236, 240)),
        _clouds(size, rng, (4, 4), (9, 12), (20, 40)) ** 2,
    )
    horizon = round(size[1] * at)
    sky.paste(ground.crop((0, horizon, size[0], size[1])), (0, horizon))
    return sky


def _sea(size: Size, rng: random.Random) -> Image.Image:
    deep, crest = rng.choice(
        (
            ((15, 60, 95), (150, 190, 205)),
            ((30, 50, 60), (140, 150, 150)),
            ((10, 90, 110), (190, 230, 225)),
        )
    )
    waves = _clouds(size, rng, (4, 30), (10, 80), (40, 160)) ** 1.5
    water = _mixed(size, Image.new("RGB", size, deep), Image.new("RGB", size, crest), waves)
    picture = _sky_over(size, rng, water, at := rng.uniform(0.25, 0.55))
    _boat(picture, rng, at)
    return picture


def _shore(size: Size, rng: random.Random) -> Image.Image:
    wet, dry = rng.choice((((120, 95, 70), (225, 200, 160)), ((90, 85, 80), (190, 185, 175))))
    sand = _mixed(
        size,
        Image.new("RGB", size, wet),
        Image.new("RGB", size, dry),
        _clouds(size, rng, (3, 6), (60, 60), (150, 200)),
    )
    return _sky_over(size, rng, sand, rng.uniform(0.3, 0.6))


def _overcast(size: Size, rng: random.Random) -> Image.Image:
    hills = Image.new("RGB", size, rng.choice(((45, 70, 50), (70, 75, 95), (95, 80, 60))))
    textured = _mixed(size, _dark(hills, 0.6), hills, _clouds(size, rng, (8, 20), (30, 60)))
    return _sky_over(size, rng, textured, rng.uniform(0.55, 0.85))


def _crowd(size: Size, rng: random.Random) -> Image.Image:
    """Heads and shoulders, row behind row, out of focus at the back."""
    width, height = size
    picture = _faded(size, (150, 150, 155), (70, 65, 70))
    for row in range(6):
        draw = ImageDraw.Draw(picture)
        y, head = height * (0.12 + 0.16 * row), width * (0.025 + 0.008 * row)
        for _ in range(22 - 2 * row):
            x, low = rng.random() * width, y + rng.uniform(-0.5, 0.5) * head
            coat = rng.choice(_COATS)
            draw.rounded_rectangle(
                (x - 2.2 * head, low + head, x + 2.2 * head, low + 9 * head), head * 1.5, fill=coat
            )
            skin = rng.choice(((225, 180, 150), (160, 110, 80), (95, 65, 50)))
            draw.ellipse((x - head, low - 1.3 * head, x + head, low + 1.3 * head), fill=skin)
            hair = rng.choice(((25, 20, 20), (80, 55, 35), (60, 60, 65)))
            draw.pieslice(
                (x - head, low - 1.4 * head, x + head, low + 1.0 * head), 180, 360, fill=hair
            )
        picture = picture.filter(ImageFilter.GaussianBlur(width / 640 * (2.2 - 0.25 * row)))
    return picture


def _lights(size: Size, rng: random.Random) -> Image.Image:
    """A street at night: round lights out of focus, windows, wet ground."""
    width, height = size
    picture = _faded(size, (18, 18, 35), (55, 45, 45))
    for blur in (6, 2):
        draw = ImageDraw.Draw(picture)
        for _ in range(26):
            x, y, radius = (
                rng.random() * width,
                rng.random() * height,
                width * rng.uniform(0.008, 0.04),
            )
            glow = rng.choice(
                ((250, 210, 120), (240, 120, 70), (120, 190, 240), (235, 235, 225), (90, 200, 130))
            )
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=glow)
        for _ in range(18):
            x, y, side = (
                rng.random() * width,
                rng.random() * height * 0.7,
                width * rng.uniform(0.012, 0.03),
            )
            draw.rectangle(
                (x, y, x + side, y + 1.5 * side), fill=rng.choice(((225, 200, 130), (60, 70, 90)))
            )
        picture = picture.filter(ImageFilter.GaussianBlur(width / 640 * blur))
    return picture


def _leaves(size: Size, rng: random.Random) -> Image.Image:
    dark, light = rng.choice(
        (
            ((20, 50, 25), (150, 190, 90)),
            ((60, 40, 20), (220, 160, 70)),
            ((30, 60, 60), (170, 200, 180)),
        )
    )
    shade = _clouds(size, rng, (5, 5), (25, 25), (70, 70), (140, 140))
    steep = np.clip((shade - 0.5) * 2.2 + 0.5, 0, 1)
    return _mixed(size, Image.new("RGB", size, dark), Image.new("RGB", size, light), steep)


_SCENES: dict[str, Callable[[Size, random.Random], Image.Image]] = {
    "sea": _sea,
    "shore": _shore,
    "overcast": _overcast,
    "crowd": _crowd,
    "lights": _lights,
    "leaves": _leaves,
}
TUNING_SCENES = ("overcast", "crowd", "leaves")
HELD_BACK_SCENES = ("sea", "shore", "lights")


def _boat(picture: Image.Image, rng: random.Random, horizon: float) -> None:
    width, y = picture.width, picture.height * horizon
    x, long = rng.uniform(0.1, 0.7) * width, width * rng.uniform(0.1, 0.25)
    hull = [
        (x, y),
        (x + long, y),
        (x + 0.85 * long, y + 0.2 * long),
        (x + 0.1 * long, y + 0.2 * long),
    ]
    ImageDraw.Draw(picture).polygon(
        hull, fill=rng.choice(((40, 40, 45), (170, 60, 40), (225, 225, 220)))
    )


def _clouds(size: Size, rng: random.Random, *cells: Size) -> NDArray[np.float32]:
    """Noise of several scales, in [0, 1], ``(H, W)``: each scale is a grid (across, down)."""
    noise = np.random.default_rng(rng.getrandbits(64))
    total = np.zeros((size[1], size[0]), np.float32)
    for i, (across, down) in enumerate(cells):
        grid = Image.fromarray(noise.integers(0, 256, (down, across), np.uint8))
        total += 0.6**i * np.asarray(grid.resize(size, Image.Resampling.BICUBIC), np.float32)
    low, high = total.min(), total.max()
    return (total - low) / (high - low)


def _mixed(
    size: Size, first: Image.Image, second: Image.Image, share: NDArray[np.float32]
) -> Image.Image:
    return Image.composite(second, first, Image.fromarray((share * 255).astype(np.uint8)))


def _faded(size: Size, top: Colour, low: Colour) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, low), Image.new("RGB", size, top), ramp)


def _dark(picture: Image.Image, share: float) -> Image.Image:
    return picture.point(lambda value: value * share)


def _grainy(picture: Image.Image, rng: random.Random) -> Image.Image:
    noise = np.random.default_rng(rng.getrandbits(64))
    pixels = np.asarray(picture, np.float32) + noise.normal(
        0, 5, (picture.height, picture.width, 1)
    )
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
