"""Lines of made-up Arabic-script text, drawn as adverts draw it, with what stands in them.

Words are half those of the fictional templates of this project and half random letters of one
language, so that shapes are learnt and not a vocabulary; numbers are random. Sentences that the
benchmark holds back are not used. Half of the lines are set in fonts that the caller adds.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from adverts.data.synthetic import fonts
from adverts.data.synthetic.fonts import Typeface, draw_line, line_width
from adverts.ocr.auto.arabic_network import LATIN, LETTERS

Picture = NDArray[np.uint8]
HEIGHT_PX = 48
_ROOT = Path(__file__).parents[2]
_TEXTS = _ROOT / "tests/ocr_pages/texts"
_TEMPLATES = _ROOT / "src/adverts/data/synthetic/templates"
_ARABIC, _PERSIAN = "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"
_ONE_SHAPE = str.maketrans("۰۱۲۳۷۸۹", "٠١٢٣٧٨٩")
_POOLS = (
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويئأإآةىءؤ",
    "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیئآ",
    "ئابپتجچحخدرڕزژسشعغفڤقکگلڵمنھهەوۆیێ",
    "ابپتټثجځچحخڅدډذرړزژږسشښصضطظعغفقکګلمنڼوهیېۍئ",
)
_CURRENCIES = (
    *("يورو", "جنيه", "دولار", "دينار", "تومان", "یورو", "پوند"),
    *("دلار", "یۆرۆ", "پاوەند", "دۆلار", "افغانۍ", "ډالره"),
)
_LATIN_WORDS = (
    *("@demo_fictional_12", "@demo_fictional_7", "WhatsApp", "Telegram"),
    *("Viber", "GBP", "EUR", "km"),
)
_FACES = (
    *(("arabic", weight) for weight in (400, 500, 600, 700)),
    *(("naskh", weight) for weight in (450, 550, 650, 700)),
    *[("dejavu", 0), ("mono", 0)] * 2,
)
_ADDED: list[tuple[str, int]] = []
_LATIN_FACES = (("sans", 400), ("sans", 700), ("italic", 400), ("mono", 0), ("dejavu", 0))
_FILLS = (
    *[(255, 255, 255)] * 4,
    *[(255, 235, 60)] * 2,
    *((235, 40, 40), (60, 230, 240), (130, 245, 110), (255, 165, 60), (255, 120, 200)),
)
_DARK = ((15, 15, 15), (160, 10, 20), (10, 40, 140), (10, 90, 50), (0, 0, 0))


@dataclass(frozen=True, slots=True)
class Line:
    """A picture of a line, RGB ``(48, W, 3)``, and its characters as they stand, left to right."""

    image: NDArray[np.uint8]
    seen: str


def add_fonts(paths: Sequence[Path]) -> None:
    """Let lines of Arabic script also be set in these fonts, where they have all its letters."""
    packaged = fonts.font_path
    added = {path.stem: path for path in paths}
    fonts.font_path = lambda family: added[family] if family in added else packaged(family)
    _ADDED.extend((name, 0) for name in added)


def make_line(seed: int) -> Line | None:
    """Draw one line; None where a font lacks a letter or the line is too long."""
    rng, noise = random.Random(seed), np.random.default_rng(seed)
    rtl = rng.random() >= 0.1
    text = _text(rng) if rtl else _latin_text(rng)
    letters = "".join(re.findall("[\u0620-\u06d3\u06d5]", text))
    added = [face for face in _ADDED if fonts.covers(face[0], letters)]
    family, weight = rng.choice(
        _LATIN_FACES if not rtl else added if added and rng.random() < 0.5 else _FACES
    )
    face, size = Typeface(family, bold=False), rng.choice((18, 20, 22, 26, 30, 36, 44))
    fonts._font = lambda name, _, px: _font(name, weight, px)  # any weight, not two
    direction = "rtl" if rtl else "ltr"
    try:
        length = line_width(text, face, size, direction)
    except ValueError:
        return None
    page = _drawn(text, face, direction, size=size, length=length, rng=rng, noise=noise)
    ink = _ink(text, face, direction, size=size, length=length)
    image = _worn(_cut(page, size, length, ink, rng), rng, noise)
    seen = _seen(text, family, direction)
    # CTC needs a step for each character: four pixels.
    return Line(image, seen) if seen and len(seen) * 4 <= image.shape[1] < 900 else None


def _text(rng: random.Random) -> str:
    digits = rng.choice(("", "", _ARABIC, _ARABIC, _PERSIAN, _PERSIAN))
    kind = rng.random()
    if kind < 0.3:
        parts = [_number(rng, digits), *([rng.choice(_CURRENCIES)] if rng.random() < 0.4 else [])]
    elif kind < 0.8:
        parts = [*_some_words(rng, 3), _number(rng, digits), *_some_words(rng, 2)]
    elif kind < 0.88:
        parts = [_word(rng), *_some_words(rng, 3)]
    elif kind < 0.95:
        parts = [*_some_words(rng, 2), rng.choice(_LATIN_WORDS)]
    else:
        parts = [_word(rng), _number(rng, digits), _word(rng), _number(rng, digits)]
    return " ".join(parts)


def _some_words(rng: random.Random, most: int) -> list[str]:
    return [_word(rng) for _ in range(rng.randint(0, most))]


def _word(rng: random.Random) -> str:
    pool = rng.choice(_POOLS)
    known = rng.random() < 0.4
    made = "".join(rng.choice(pool) for _ in range(rng.randint(1, 8)))
    return (rng.choice(_words("Arab")) if known else made) + (
        rng.choice(":،:.") if rng.random() < 0.08 else ""
    )


def _latin_text(rng: random.Random) -> str:
    words = [rng.choice(_words("Latn")) for _ in range(rng.randint(1, 4))]
    return " ".join([*words, *([_number(rng, "")] if rng.random() < 0.4 else [])])


@lru_cache
def _words(script: str) -> tuple[str, ...]:
    """Words of the sentences that pages to tune on have, and of the fictional templates."""
    codes = ("ar", "fa", "ckb", "ps") if script == "Arab" else ("en", "sq", "fr", "tr", "vi")
    pools = [yaml.safe_load((_TEXTS / f"{code}.yaml").read_text("utf-8")) for code in codes]
    sentences = [line for pool in pools for lines in pool["tuning"].values() for line in lines]
    words = {word for line in sentences for word in re.sub(r"\{.*?\}", "", line).split()}
    if script == "Arab":
        templates = "".join(path.read_text("utf-8") for path in sorted(_TEMPLATES.glob("*.yaml")))
        words |= set(re.findall(r"[\u0620-\u06d3\u200c\u06d5]{2,}", templates))
    return tuple(sorted(words))


def _number(rng: random.Random, digits: str) -> str:
    def some(count: int) -> str:
        return "".join(rng.choice("0123456789") for _ in range(count))

    kind = rng.random()
    if kind < 0.3:
        forms = ("+44 7700 900{}", "+44 7700 900 {}", "+447700900{}", "07700 900{}", "01632 960{}")
        text = rng.choice(forms).format(some(3))
    elif kind < 0.72:
        amount = int(some(rng.choice((1, 2, 2, 3, 3, 3, 4, 4, 5, 6))))
        amount -= amount % rng.choice((1, 10, 10, 100))
        text = f"{amount:,}" if rng.random() < 0.75 else str(amount)
        text = rng.choice(("£{}", "€{}", "${}", "{}€", "{}%", *["{}"] * 6)).format(text)
    elif kind < 0.9:
        text = f"{rng.randint(0, 23)}:{some(2)}"
    else:
        text = f"{rng.randint(1, 31)}{rng.choice('/-.')}{rng.randint(1, 12)}"
    if digits:
        text = text.replace(",", "٬").translate(str.maketrans("0123456789", digits))
    return text


def _seen(text: str, family: str, direction: fonts.Direction) -> str:
    """Return the characters as they stand; Latin words as one sign."""
    seen = ""
    for run in fonts._visual_runs(text, family, direction):
        known = run.text.translate(_ONE_SHAPE)
        if run.direction == "rtl":
            seen += "".join(character for character in known if character in LETTERS)[::-1]
        else:
            seen += re.sub(r"@\w+|[^\W\d\u0600-\u06ff]+\w*", LATIN, known)
    seen = re.sub(f"{LATIN}+", LATIN, re.sub(" +", " ", seen)).strip()
    return "".join(character for character in seen if character in LETTERS[1:])


@lru_cache(maxsize=256)
def _font(family: str, weight: int, size: int) -> ImageFont.FreeTypeFont:
    path = fonts.font_path(family)
    font = ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.RAQM)
    if weight and path.stem.endswith(("[wght]", "-Variable")):
        axes = font.get_variation_axes()
        is_weight = [axis["name"] == b"Weight" for axis in axes]
        font.set_variation_by_axes(
            [weight if w else axis["default"] for w, axis in zip(is_weight, axes, strict=True)]
        )
    return font


def _drawn(
    text: str,
    face: Typeface,
    direction: fonts.Direction,
    *,
    size: int,
    length: float,
    rng: random.Random,
    noise: np.random.Generator,
) -> Picture:
    """Draw the line with its left end and baseline at fixed places of a page around it."""
    width, height = int(length + size * 2.4), int(size * 3.2)
    style, stroke, outline = rng.random(), 0, None
    paper = _photograph(noise, width, height)
    if style < 0.275:
        colour, outline = rng.choice(_FILLS), rng.choice(((0, 0, 0), (30, 20, 40)))
    elif style < 0.375:
        colour, outline = rng.choice(_DARK), rng.choice(((255, 255, 255), (255, 255, 200)))
    elif style < 0.5:
        opacity, tone = rng.uniform(0.35, 0.8), rng.choice((0, 0, 255))
        paper = (paper * (1 - opacity) + tone * opacity).astype(np.uint8)
        colour = rng.choice(_DARK if tone else _FILLS)
    else:
        ground, colour = _two_colours(noise, 25 if style > 0.85 else 70)
        paper = np.full((height, width, 3), ground, np.uint8)
    if outline is not None:
        stroke = max(1, round(size * rng.uniform(0.04, 0.11)))
    image = Image.fromarray(paper)
    draw_line(
        ImageDraw.Draw(image),
        (size * 1.2, size * 1.55),
        text,
        face,
        size=size,
        direction=direction,
        colour=tuple(map(int, colour)),
        stroke=stroke,
        stroke_colour=outline,
    )
    return np.asarray(image)


def _two_colours(noise: np.random.Generator, apart: float) -> NDArray[np.int64]:
    while True:
        colours = noise.integers(0, 256, (2, 3))
        if abs((colours[0] - colours[1]) @ (0.3, 0.6, 0.1)) > apart:
            return colours


def _photograph(noise: np.random.Generator, width: int, height: int) -> Picture:
    """Noise of several scales over a gradient, with discs and ellipses."""
    page = (
        noise.uniform(10, 240, 3) + noise.uniform(-60, 60, 3) * np.linspace(-1, 1, width)[:, None]
    )
    page = np.repeat(page[None].astype(np.float32), height, axis=0)
    for cells in (3, 8, 24, 60):
        shape = (max(2, height * cells // width + 2), cells, 3)
        grain = noise.normal(0, 1, shape).astype(np.float32)
        page += noise.uniform(0, 45) * cv2.resize(
            grain, (width, height), interpolation=cv2.INTER_CUBIC
        )
    for _ in range(noise.integers(0, 7)):
        at = (int(noise.integers(0, width)), int(noise.integers(0, height)))
        axes = (int(noise.integers(4, 50)), int(noise.integers(4, 50)))
        cv2.ellipse(
            page, at, axes, noise.uniform(0, 180), 0, 360, tuple(noise.uniform(0, 255, 3)), -1
        )
    return np.clip(page, 0, 255).astype(np.uint8)


def _ink(
    text: str, face: Typeface, direction: fonts.Direction, *, size: int, length: float
) -> tuple[int, int]:
    """Return where the letters begin and end, from top to bottom of the page around the line."""
    image = Image.new("RGB", (int(length + size * 2.4), int(size * 3.2)))
    at = (size * 1.2, size * 1.55)
    white = (255, 255, 255)
    draw = ImageDraw.Draw(image)
    draw_line(
        draw,
        at,
        text,
        face,
        size=size,
        direction=direction,
        colour=white,
        stroke=0,
        stroke_colour=None,
    )
    rows = np.flatnonzero(np.asarray(image).max(axis=(1, 2)))
    return (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (int(size * 0.6), int(size * 1.9))


def _cut(
    page: Picture, size: int, length: float, ink: tuple[int, int], rng: random.Random
) -> Picture:
    """Cut the line out as a detector would: not quite level, with more or less room."""
    left = size * 1.2 - size * rng.uniform(0.05, 0.35)
    right = size * 1.2 + length + size * rng.uniform(0.05, 0.35)
    top, bottom = size * (1.55 - rng.uniform(0.82, 1.1)), size * (1.55 + rng.uniform(0.22, 0.5))
    if rng.random() < 0.5:  # a box that hugs the letters
        high = ink[1] - ink[0]
        top, bottom = ink[0] - high * rng.uniform(0, 0.3), ink[1] + high * rng.uniform(0, 0.3)
    scale = HEIGHT_PX / (bottom - top)
    width = max(16, int((right - left) * scale))
    middle = ((left + right) / 2, (top + bottom) / 2)
    warp = cv2.getRotationMatrix2D(middle, rng.gauss(0, 0.7) if rng.random() < 0.5 else 0, scale)
    warp[:, 2] += np.array([width / 2, HEIGHT_PX / 2]) - middle
    return cv2.warpAffine(
        page, warp, (width, HEIGHT_PX), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def _worn(image: Picture, rng: random.Random, noise: np.random.Generator) -> Picture:
    """Add grain, specks, blur and the traces of compression, each to some lines."""
    if rng.random() < 0.35:
        grain = noise.normal(0, rng.uniform(2, 18), image.shape)
        image = np.clip(image + grain, 0, 255).astype(np.uint8)
    if rng.random() < 0.1:
        chance = noise.random(image.shape[:2])
        image = np.where((chance < 0.01)[..., None], 0, image).astype(np.uint8)
        image = np.where((chance > 0.99)[..., None], 255, image).astype(np.uint8)
    if rng.random() < 0.25:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.1))
    if rng.random() < 0.5:
        quality = [cv2.IMWRITE_JPEG_QUALITY, rng.randint(40, 90)]
        image = cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], cv2.IMREAD_COLOR)
    return image
