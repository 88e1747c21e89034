"""Draws the picture of a synthetic advert: text in a layout over a background, as a JPEG file."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from adverts.data.synthetic.backgrounds import PictureStyle, draw_background
from adverts.data.synthetic.fonts import Colour, Direction, Typeface, draw_line, line_width, wrap

_BLACK, _WHITE = (17, 17, 17), (252, 252, 252)
_LEADING = 1.45
_MARGIN = 28
_SMALLEST = 20


def render(text: str, style: PictureStyle, *, rtl: bool) -> bytes:
    """Return a JPEG file that shows the text.

    Args:
        text: Lines separated by newlines; each is broken if it is too long.
        style: Style of the picture; equal text and style give equal bytes.
        rtl: Whether the script runs from right to left.
    """
    rng = random.Random(style.seed)
    page = _set(text, style, "rtl" if rtl else "ltr")
    picture = _LAYOUTS[style.layout](page, style, rng)
    if style.tilt:
        picture = picture.rotate(
            style.tilt, Image.Resampling.BICUBIC, fillcolor=picture.getpixel((2, 2))
        )
    if style.blur:
        picture = picture.filter(ImageFilter.GaussianBlur(style.blur))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=style.quality)
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: int
    width: float
    starts: bool

    @property
    def height(self) -> int:
        return round(self.size * _LEADING)


@dataclass(frozen=True, slots=True)
class _Page:
    lines: tuple[_Line, ...]
    face: Typeface
    direction: Direction

    @property
    def height(self) -> int:
        return sum(line.height for line in self.lines)

    @property
    def width(self) -> float:
        return max(line.width for line in self.lines)


def _set(text: str, style: PictureStyle, direction: Direction) -> _Page:
    """Break the text into lines that fit between the margins of every layout."""
    width = style.width - 4 * _MARGIN
    lines: list[_Line] = []
    paragraphs = text.split("\n")
    for i, paragraph in enumerate(paragraphs):
        heading = i == 0 and len(paragraphs) > 1
        size = round(style.size * 1.35) if heading else style.size
        for j, part in enumerate(
            wrap(paragraph, style.face, size, direction=direction, width=width)
        ):
            lines.append(_fitted(part, size, style, direction, starts=j == 0))
    return _Page(tuple(lines), style.face, direction)


def _fitted(
    text: str, size: int, style: PictureStyle, direction: Direction, *, starts: bool
) -> _Line:
    """Return a line in a smaller size if one very long word would be cut off otherwise."""
    room = style.width - 4 * _MARGIN
    while size > _SMALLEST and line_width(text, style.face, size, direction) > room:
        size -= 1
    return _Line(text, size, line_width(text, style.face, size, direction), starts)


def _poster(page: _Page, style: PictureStyle, rng: random.Random) -> Image.Image:
    """Draw centred text over the whole picture, with outlines if the background is busy."""
    picture = _background(style, page.height + 4 * _MARGIN, rng)
    draw = ImageDraw.Draw(picture)
    colour, outline = _contrast(picture)
    busy = style.background not in ("plain", "gradient")
    y = (picture.height - page.height) / 2
    for line in page.lines:
        x = (style.width - line.width) / 2
        _draw(draw, (x, y), line, page, colour, outline=outline if busy else None)
        y += line.height
    return picture


def _caption_bar(page: _Page, style: PictureStyle, rng: random.Random) -> Image.Image:
    """Draw a picture with a bar of text at its bottom or top."""
    bar_height = page.height + _MARGIN
    picture = _background(style, bar_height + round(style.width * rng.uniform(0.25, 0.6)), rng)
    colour, paper = rng.choice(((_WHITE, _BLACK), (_BLACK, _WHITE), (_BLACK, (255, 221, 70))))
    top = 0 if rng.random() < 0.3 else picture.height - bar_height
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, top, style.width, top + bar_height), fill=paper)
    _draw_block(draw, page, (2 * _MARGIN, top + _MARGIN / 2), colour)
    return picture


def _chat(page: _Page, style: PictureStyle, rng: random.Random) -> Image.Image:
    """Draw a bubble of a conversation, with an empty one above or below it."""
    bubble = (page.width + 1.4 * _MARGIN, page.height + _MARGIN)
    other = rng.choice((40, 56))
    picture = _background(style, round(bubble[1] + other + 4 * _MARGIN), rng)
    draw = ImageDraw.Draw(picture)
    own = rng.random() < 0.5
    paper = (220, 248, 198) if own else _WHITE
    left = style.width - bubble[0] - _MARGIN if own else _MARGIN
    above = rng.random() < 0.5
    top = other + 2 * _MARGIN if above else _MARGIN
    box = (left, top, left + bubble[0], top + bubble[1])
    draw.rounded_rectangle(box, radius=18, fill=paper)
    _draw_block(draw, page, (left + 0.7 * _MARGIN, top + _MARGIN / 2), _BLACK)
    y = _MARGIN if above else top + bubble[1] + _MARGIN
    x = _MARGIN if own else style.width * 0.55
    draw.rounded_rectangle((x, y, x + style.width * 0.38, y + other), radius=18, fill=_WHITE)
    return picture


def _leaflet(page: _Page, style: PictureStyle, rng: random.Random) -> Image.Image:
    """Draw a sheet of paper with a coloured edge, and a mark before each item."""
    picture = _background(style, page.height + 4 * _MARGIN, rng)
    draw = ImageDraw.Draw(picture)
    accent = rng.choice(((200, 40, 50), (25, 90, 160), (30, 120, 80), (60, 60, 60)))
    half = _MARGIN / 2
    draw.rectangle((half, half, style.width - half, picture.height - half), fill=_WHITE)
    draw.rectangle((half, half, style.width - half, half + 10), fill=accent)
    rtl = page.direction == "rtl"
    y = 2 * _MARGIN
    for line in page.lines:
        if line.starts:
            x = style.width - 1.6 * _MARGIN if rtl else 1.1 * _MARGIN
            middle = y + line.height / 2
            draw.rectangle((x, middle - 5, x + 10, middle + 5), fill=accent)
        x = style.width - 2 * _MARGIN - line.width if rtl else 2 * _MARGIN
        _draw(draw, (x, y), line, page, _BLACK)
        y += line.height
    return picture


def _sticker(page: _Page, style: PictureStyle, rng: random.Random) -> Image.Image:
    """Draw each line on a label of its own, as stories and short videos do."""
    gap = 8
    height = page.height + gap * len(page.lines)
    picture = _background(style, round((height + 2 * _MARGIN) * rng.uniform(1.1, 1.6)), rng)
    draw = ImageDraw.Draw(picture)
    colour, paper = rng.choice(
        ((_BLACK, _WHITE), (_WHITE, _BLACK), (_WHITE, (200, 30, 60)), (_BLACK, (255, 221, 70)))
    )
    y = rng.uniform(_MARGIN, picture.height - height - _MARGIN)
    place = rng.random()
    for line in page.lines:
        x = _MARGIN * 1.5 + place * (style.width - 3 * _MARGIN - line.width)
        box = (x - 10, y, x + line.width + 10, y + line.height + 2)
        draw.rounded_rectangle(box, radius=8, fill=paper)
        _draw(draw, (x, y), line, page, colour)
        y += line.height + gap
    return picture


_LAYOUTS: dict[str, Callable[[_Page, PictureStyle, random.Random], Image.Image]] = {
    "poster": _poster,
    "caption_bar": _caption_bar,
    "chat": _chat,
    "leaflet": _leaflet,
    "sticker": _sticker,
}


def _background(style: PictureStyle, height: int, rng: random.Random) -> Image.Image:
    lowest = round(style.width * rng.uniform(0.55, 1.0))
    size = (style.width, max(height, lowest))
    return draw_background(style.background, size, style.palette, rng)


def _contrast(picture: Image.Image) -> tuple[Colour, Colour]:
    """Return the colour of text that contrasts with the picture, and that of its outline."""
    light = picture.convert("L").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return (_BLACK, _WHITE) if isinstance(light, int) and light > 120 else (_WHITE, _BLACK)


def _draw_block(
    draw: ImageDraw.ImageDraw,
    page: _Page,
    at: tuple[float, float],
    colour: Colour,
) -> None:
    """Draw all lines from ``at``, aligned at the side where reading begins."""
    x, y = at
    for line in page.lines:
        indent = page.width - line.width if page.direction == "rtl" else 0
        _draw(draw, (x + indent, y), line, page, colour)
        y += line.height


def _draw(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    line: _Line,
    page: _Page,
    colour: Colour,
    *,
    outline: Colour | None = None,
) -> None:
    draw_line(
        draw,
        (at[0], at[1] + 0.74 * line.height),
        line.text,
        page.face,
        size=line.size,
        direction=page.direction,
        colour=colour,
        stroke=2 if outline else 0,
        stroke_colour=outline,
    )
