"""What happens to a picture that is posted again: cropped, saved, scaled, turned, written on."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont, ImageOps

from adverts.data.synthetic.fonts import font_path
from adverts.data.synthetic.templates import read_language


@lru_cache
def words() -> tuple[str, ...]:
    """Return the words of the English templates of the fictional corpus."""
    found = read_language("en").templates
    return tuple(
        sorted({word for template in found for word in template.text.split() if word.isalpha()})
    )


@lru_cache
def font_of(family: str, size: int) -> ImageFont.FreeTypeFont:
    """Return a font of one of the families of the fictional corpus."""
    return ImageFont.truetype(font_path(family), size)


def price_lines(draw: random.Random, letters: int) -> Iterator[str]:
    """Yield lines of a price list, the longest ``letters`` long."""
    while True:
        line = " ".join(draw.choices(words(), k=4))[: letters - 6]
        yield f"{line} {draw.randint(2, 99) * 50} €"


def _crop(draw: random.Random, image: Image.Image) -> Image.Image:
    """Take 3 to 8 % off each side."""
    wide, high = image.size
    left, top, right, foot = (draw.uniform(0.03, 0.08) for _ in range(4))
    return image.crop(
        (
            round(left * wide),
            round(top * high),
            round(wide - right * wide),
            round(high * (1 - foot)),
        )
    )


def _saved(draw: random.Random, image: Image.Image) -> Image.Image:
    """As JPEG of quality 30 to 60."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=draw.randint(30, 60))
    return Image.open(file).convert("RGB")


def _scaled(draw: random.Random, image: Image.Image) -> Image.Image:
    """By 0.4 to 1.6."""
    factor = draw.uniform(0.4, 1.6)
    return image.resize(
        (round(image.width * factor), round(image.height * factor)), Image.Resampling.BICUBIC
    )


def _mirrored(draw: random.Random, image: Image.Image) -> Image.Image:
    return ImageOps.mirror(image)


def _turned(draw: random.Random, image: Image.Image) -> Image.Image:
    """By one to three quarters, and perhaps mirrored."""
    shown = image.rotate(90 * draw.randint(1, 3), expand=True)
    return ImageOps.mirror(shown) if draw.random() < 0.5 else shown


def _line_over(draw: random.Random, image: Image.Image) -> Image.Image:
    """A line of outlined text across the picture."""
    copy = image.copy()
    size = round(image.width * draw.uniform(0.06, 0.09))
    at = (image.width * draw.uniform(0.02, 0.15), draw.uniform(0.05, 0.85) * image.height)
    ink, edge = draw.choice((((255, 255, 255), (0, 0, 0)), ((250, 220, 40), (60, 0, 0))))
    ImageDraw.Draw(copy).text(
        at,
        next(price_lines(draw, 22)),
        fill=ink,
        font=font_of("dejavu", size),
        stroke_width=2,
        stroke_fill=edge,
    )
    return copy


def _sticker(draw: random.Random, image: Image.Image) -> Image.Image:
    """A label with two lines over 8 to 15 % of the area."""
    copy = image.copy()
    area = draw.uniform(0.08, 0.15) * image.width * image.height
    wide = draw.uniform(0.4, 0.9) * image.width
    high = area / wide
    left = draw.uniform(0, image.width - wide)
    top = draw.uniform(0, image.height - high)
    paper, ink = draw.choice((((255, 255, 255), (0, 0, 0)), ((200, 30, 60), (255, 255, 255))))
    pen, font = ImageDraw.Draw(copy), font_of("dejavu", max(8, round(high / 3.2)))
    pen.rectangle((left, top, left + wide, top + high), fill=paper)
    for row in range(2):
        letters = max(8, round(wide / font.size * 1.5))
        at = (left + 6, top + high * (0.1 + 0.42 * row))
        pen.text(at, next(price_lines(draw, letters)), fill=ink, font=font)
    return copy


def _saved_and_scaled(draw: random.Random, image: Image.Image) -> Image.Image:
    return _saved(draw, _scaled(draw, image))


EDITS: dict[str, Callable[[random.Random, Image.Image], Image.Image]] = {
    "crop": _crop,
    "saved again": _saved,
    "scaled": _scaled,
    "mirrored": _mirrored,
    "turned": _turned,
    "line of text": _line_over,
    "sticker": _sticker,
    "saved and scaled": _saved_and_scaled,
}
