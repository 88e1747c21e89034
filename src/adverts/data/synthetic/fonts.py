"""Sets lines of mixed scripts in the fonts of synthetic pictures, without a missing glyph."""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Literal

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from PIL import ImageDraw, ImageFont, features

from adverts.errors import InputError, MissingExtraError

Direction = Literal["ltr", "rtl"]
Colour = tuple[int, int, int]

FILES = {
    "sans": ("manimgx_fonts", "NotoSans[wght].ttf"),
    "italic": ("manimgx_fonts", "NotoSans-Italic[wght].ttf"),
    "dejavu": ("matplotlib", "mpl-data/fonts/ttf/DejaVuSans.ttf"),
    "serif": ("matplotlib", "mpl-data/fonts/ttf/DejaVuSerif.ttf"),
    "arabic": ("manimgx_fonts", "NotoSansArabic[wght].ttf"),
    "naskh": ("pylopdf_fonts_ar", "NotoNaskhArabic-Variable.ttf"),
    "kufi": ("pylopdf_fonts_ar", "NotoSansArabic-Variable.ttf"),
    "emoji": ("manimgx_fonts", "NotoEmoji[wght].ttf"),
    "dejavu_bold": ("matplotlib", "mpl-data/fonts/ttf/DejaVuSans-Bold.ttf"),
    "mono": ("matplotlib", "mpl-data/fonts/ttf/DejaVuSansMono.ttf"),
    "mono_bold": ("matplotlib", "mpl-data/fonts/ttf/DejaVuSansMono-Bold.ttf"),
    "serif_bold": ("matplotlib", "mpl-data/fonts/ttf/DejaVuSerif-Bold.ttf"),
    "times": ("matplotlib", "mpl-data/fonts/ttf/STIXGeneral.ttf"),
    "times_bold": ("matplotlib", "mpl-data/fonts/ttf/STIXGeneralBol.ttf"),
}
FAMILIES = {
    "Latn": ("sans", "italic", "dejavu", "serif"),
    "Arab": ("arabic", "naskh", "kufi", "dejavu"),
}
"""Font families that a picture in each script may use."""

_FALLBACKS = ("sans", "naskh", "arabic", "emoji", "dejavu")
_ARABIC_NUMBER = re.compile("([٠-٩](?:[٠-٩.,:/]*[٠-٩])?)")
"""Such a number is shaped in parts, since its groups would otherwise run from right to left."""
_JOINERS = frozenset("\u200c\u200d\ufe0f")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f"))


@dataclass(frozen=True, slots=True)
class Typeface:
    """Font of a picture.

    Attributes:
        family: One of ``FAMILIES[script]``.
        bold: Whether to use the heavy end of a variable font.
    """

    family: str
    bold: bool


@dataclass(frozen=True, slots=True)
class _Run:
    text: str
    family: str
    direction: Direction


def covers(family: str, text: str) -> bool:
    """Return whether the font has a glyph for every character of ``text``."""
    return all(ord(character) in _coverage(family) for character in text)


def line_width(text: str, face: Typeface, size: int, direction: Direction) -> float:
    """Return the width in pixels of a line set at ``size`` pixels."""
    return sum(
        _font(run.family, face.bold, size).getlength(run.text, direction=run.direction)
        for run in _visual_runs(text, face.family, direction)
    )


def draw_line(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    face: Typeface,
    *,
    size: int,
    direction: Direction,
    colour: Colour,
    stroke: int = 0,
    stroke_colour: Colour | None = None,
) -> None:
    """Draw one line of text with its left end and baseline at ``at``."""
    x, y = at
    for run in _visual_runs(text, face.family, direction):
        font = _font(run.family, face.bold, size)
        draw.text(
            (x, y),
            run.text,
            fill=colour,
            font=font,
            anchor="ls",
            direction=run.direction,
            stroke_width=stroke,
            stroke_fill=stroke_colour,
        )
        x += font.getlength(run.text, direction=run.direction)


def wrap(text: str, face: Typeface, size: int, *, direction: Direction, width: float) -> list[str]:
    """Break a paragraph between words into lines of ``width``; a longer word has its own line."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and line_width(longer, face, size, direction) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@lru_cache(maxsize=4096)
def _visual_runs(text: str, family: str, direction: Direction) -> tuple[_Run, ...]:
    """Split a line into runs of one font and one direction, from left to right."""
    clean = text.translate(_INVISIBLE)
    regions = [
        ("".join(character for character, _ in group), way)
        for way, group in groupby(_directions(clean, direction), key=lambda pair: pair[1])
    ]
    if direction == "rtl":
        regions.reverse()
    runs: list[_Run] = []
    for region, way in regions:
        parts = [
            _Run(piece, name, way)
            for part, name in _by_font(region, family)
            for piece in (_ARABIC_NUMBER.split(part) if way == "ltr" else (part,))
            if piece
        ]
        runs += reversed(parts) if way == "rtl" else parts
    return tuple(runs)


def _directions(text: str, base: Direction) -> Iterator[tuple[str, Direction]]:
    """Yield each character with its direction; a neutral between two "ltr" ones is "ltr" too.

    Numbers of any script run from left to right and keep their groups together. A phone number in
    a right-to-left line thus stays in order.
    """
    if base == "ltr":
        yield from ((character, base) for character in text)
        return
    strong = [_strong(character) for character in text]
    for i, character in enumerate(text):
        before = next((way for way in reversed(strong[: i + 1]) if way), "rtl")
        after = next((way for way in strong[i:] if way), "rtl")
        yield character, "ltr" if before == after == "ltr" else "rtl"


def _strong(character: str) -> Direction | None:
    kind = unicodedata.bidirectional(character)
    if kind in ("R", "AL") or character in "،؛":
        return "rtl"
    return "ltr" if kind in ("L", "EN", "AN", "ET") or character in "@/+" else None


def _by_font(text: str, family: str) -> Iterator[tuple[str, str]]:
    """Split a text into parts that one font can show, in logical order."""
    part, current = "", family
    for character in text:
        if part and (character in _JOINERS or (character == " " and current != "emoji")):
            part += character
            continue
        name = _family_of(character, family)
        if name != current and part:
            yield part, current
            part = ""
        current = name
        part += character
    if part:
        yield part, current


@lru_cache(maxsize=4096)
def _family_of(character: str, family: str) -> str:
    for name in (family, *_FALLBACKS):
        if covers(name, character):
            return name
    raise InputError(
        f"no font has a glyph for U+{ord(character):04X}; take it out of the templates"
    )


@lru_cache
def font_path(family: str) -> Path:
    """Return the path of the file of a font family.

    Raises:
        MissingExtraError: The package that contains it is not installed.
    """
    package, name = FILES[family]
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError(package, "train")
    return Path(next(iter(spec.submodule_search_locations))) / name


@lru_cache
def _coverage(family: str) -> frozenset[int]:
    with TTFont(font_path(family), lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=256)
def _font(family: str, bold: bool, size: int) -> ImageFont.FreeTypeFont:
    if not features.check("raqm"):
        raise InputError("Pillow was built without raqm, which shapes Arabic; install its wheel")
    font = ImageFont.truetype(font_path(family), size, layout_engine=ImageFont.Layout.RAQM)
    if bold and font_path(family).stem.endswith(("[wght]", "-Variable")):
        font.set_variation_by_axes(_heavy(font.get_variation_axes()))
    return font


def _heavy(axes: Sequence[ImageFont.Axis]) -> list[float]:
    """Return bold weight (700) for a weight axis, and the default for every other axis."""
    return [700.0 if axis["name"] == b"Weight" else float(axis["default"] or 0) for axis in axes]
