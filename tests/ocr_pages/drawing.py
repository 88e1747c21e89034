"""From words and a look to a picture, and where on it each line stands."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from adverts.data.synthetic.fonts import Direction, Typeface, draw_line, line_width
from ocr_pages.looks import Look, draw_backdrop
from ocr_pages.page import TrueLine

_BASE_WIDTH = 640
_LEADING = 1.55
_HEADLINE = 1.45
_SMALLEST = 16
_INK = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A line of text with the left end of its baseline, in pixels of a page 640 wide."""

    text: str
    size: int
    x: float
    baseline: float
    row: int


@dataclass(frozen=True, slots=True)
class _Sheet:
    cells: tuple[_Cell, ...]
    height: int


def draw_page(
    rows: Sequence[Sequence[str]],
    look: Look,
    face: Typeface,
    *,
    rtl: bool,
    width: int,
    rng: random.Random,
) -> tuple[NDArray[np.uint8], tuple[TrueLine, ...]]:
    """Draw rows of one or two cells each.

    Args:
        rows: Cells in reading order, from top to bottom; the first row is the headline.
        look: How the page looks.
        face: The font.
        rtl: Reading begins at the right.
        width: Of the picture in pixels; the layout is that of a page 640 wide, scaled.
        rng: Source of the background and the wear.

    Returns:
        The picture, RGB ``(H, W, 3)``, and its lines in reading order.
    """
    direction: Direction = "rtl" if rtl else "ltr"
    sheet = _arranged(rows, look, face, direction, rng)
    scale = width / _BASE_WIDTH
    picture = draw_backdrop(look, (width, round(sheet.height * scale)), rng)
    boxes = [
        _draw_cell(picture, cell, look, face, direction=direction, scale=scale)
        for cell in sheet.cells
    ]
    corners = np.array(boxes, np.float64)
    if look.angle:
        paper = picture.getpixel((1, 1))
        picture = picture.rotate(look.angle, Image.Resampling.BICUBIC, fillcolor=paper)
        corners = _turned(corners, look.angle, picture.size)
    lines = tuple(
        TrueLine(cell.text, tuple((round(x, 1), round(y, 1)) for x, y in box.tolist()), cell.row)
        for cell, box in zip(sheet.cells, corners, strict=True)
    )
    return _worn(picture, look, scale, rng), lines


def _arranged(
    rows: Sequence[Sequence[str]],
    look: Look,
    face: Typeface,
    direction: Direction,
    rng: random.Random,
) -> _Sheet:
    """Place every cell; a photo has free space above or below its text."""
    scene = look.background not in ("plain", "fade")
    room = _BASE_WIDTH - 2 * look.margin
    half = room / 2 - 12
    listed = [text for row in rows if len(row) > 1 for text in row]
    list_size = min((_fitting(t, look.size, half, face, direction) for t in listed), default=0)
    y = look.margin + (rng.uniform(0, 90) if scene else 0)
    cells: list[_Cell] = []
    for i, row in enumerate(rows):
        wanted = round(look.size * _HEADLINE) if i == 0 else look.size
        alone = len(row) == 1
        size = _fitting(row[0], wanted, room, face, direction) if alone else list_size
        y += size * _LEADING
        for j, text in enumerate(row):
            wide = line_width(text, face, size, direction)
            at_start = (j == 0) != (direction == "rtl")
            x = look.margin if at_start else _BASE_WIDTH - look.margin - wide
            if look.centred and alone:
                x = (_BASE_WIDTH - wide) / 2
            cells.append(_Cell(text, size, x, y, i))
        y += rng.uniform(4, 16) if i == 0 else 2
    bottom = look.margin + look.size * 0.5 + (rng.uniform(0, 160) if scene else 0)
    return _Sheet(tuple(cells), round(y + bottom))


def _fitting(text: str, size: int, room: float, face: Typeface, direction: Direction) -> int:
    while size > _SMALLEST and line_width(text, face, size, direction) > room:
        size -= 1
    return size


def _draw_cell(
    picture: Image.Image,
    cell: _Cell,
    look: Look,
    face: Typeface,
    *,
    direction: Direction,
    scale: float,
) -> list[tuple[float, float]]:
    """Draw one line; return the corners of its ink in pixels of the picture."""
    size = round(cell.size * scale)
    stroke = max(1, round(size * look.stroke)) if look.outline else 0
    fill = _mask(cell.text, face, size, direction, stroke=0)
    at = round(cell.x * scale) - size, round(cell.baseline * scale) - 2 * size
    left, top, right, low = fill.point(lambda v: 255 * (v > 96)).getbbox() or (0, 0, 1, 1)
    box = (at[0] + left, at[1] + top, at[0] + right, at[1] + low)
    colour = look.headline if cell.row == 0 else look.body
    if look.band:
        _draw_band(picture, box, size // 3, look)
    if look.outline:
        around = _mask(cell.text, face, size, direction, stroke=stroke)
        if look.shadow:
            shade = around.filter(ImageFilter.GaussianBlur(2.5 * scale)).point(lambda v: v * 0.8)
            offset = round(3 * scale)
            picture.paste((0, 0, 0), (at[0] + offset, at[1] + offset), shade)
        picture.paste(look.outline, at, around)
    picture.paste(colour, at, fill)
    return [(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])]


def _mask(
    text: str, face: Typeface, size: int, direction: Direction, *, stroke: int
) -> Image.Image:
    """Return coverage of a line: its baseline begins at ``(size, 2 * size)``."""
    wide = math.ceil(line_width(text, face, size, direction))
    canvas = Image.new("RGB", (wide + 2 * size, round(3.2 * size)))
    draw_line(
        ImageDraw.Draw(canvas),
        (size, 2 * size),
        text,
        face,
        size=size,
        direction=direction,
        colour=_INK,
        stroke=stroke,
        stroke_colour=_INK,
    )
    return canvas.getchannel(0)


def _draw_band(picture: Image.Image, box: tuple[int, int, int, int], pad: int, look: Look) -> None:
    """A translucent band of the outline's colour, under letters of the other."""
    left, top, right, low = box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad
    veil = Image.new("L", (right - left, low - top), round(255 * look.band))
    picture.paste(look.outline or (0, 0, 0), (left, top), veil)


def _turned(
    corners: NDArray[np.float64], degrees: float, size: tuple[int, int]
) -> NDArray[np.float64]:
    """Where points ``(..., 2)`` lie after Pillow has rotated the picture about its middle."""
    angle = math.radians(degrees)
    middle = np.array(size) / 2
    x, y = np.moveaxis(corners - middle, -1, 0)
    turned = (x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle))
    return np.stack(turned, axis=-1) + middle


def _worn(picture: Image.Image, look: Look, scale: float, rng: random.Random) -> NDArray[np.uint8]:
    """Return the pixels after blur, grain, specks and a JPEG."""
    if look.blur:
        picture = picture.filter(ImageFilter.GaussianBlur(look.blur * scale))
    if look.noise:
        noise = np.random.default_rng(rng.getrandbits(64))
        pixels = np.asarray(picture, np.float32)
        pixels = pixels + noise.normal(0, look.noise, pixels.shape)
        dice = noise.random(pixels.shape[:2])
        pixels[dice < look.specks / 2] = 0
        pixels[dice > 1 - look.specks / 2] = 255
        picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=look.quality)
    return np.asarray(Image.open(file).convert("RGB"))
