"""Draw lines of Arabic script with numbers, contacts and English words, and judge a reading.

A line is set by the Unicode bidirectional algorithm, as a browser sets it, or with each contact
kept together, as who draws pictures by hand sets it.
"""

from __future__ import annotations

import io
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from pathlib import Path

import numpy as np
from bidi import get_display
from mixed_sentences import DEVELOP, ENGLISH, HANDLES, JUDGE, MAILS, URLS
from numpy.typing import NDArray
from ocr_pages.distance import edit_distance
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from adverts.data.synthetic import fonts
from adverts.ocr.protocol import OcrLine

DIGITS = {"persian": "۰۱۲۳۴۵۶۷۸۹", "arabic": "٠١٢٣٤٥٦٧٨٩", "ascii": "0123456789"}
OWN = {"fa": "persian", "ps": "persian", "ar": "arabic", "ckb": "arabic"}
FACES = {
    "develop": (("arabic", 400), ("naskh", 400), ("dejavu", 0)),
    "judge": (("kufi", 600), ("dejavu_bold", 0)),
}
_ALL = str.maketrans(DIGITS["persian"] + DIGITS["arabic"], DIGITS["ascii"] * 2)
_ALIKE = _ALL | str.maketrans("يىكەھہ٬٫", "ییکههه,.", "\u200c\u2066\u2069")
_LRI, _PDI, _HALF_SPACE, _STAND_IN = "\u2066", "\u2069", "\u200c", "\u05d0"
_LINES = 4
_RTL = re.compile("[\u0600-\u065f\u066e-\u06ef\u06fa-\u06ff\u0750-\u077f\u200c]")


@dataclass(frozen=True, slots=True)
class MixedLine:
    """One line of a page.

    Attributes:
        text: In logical order.
        contact: E-mail address, handle, address of a page or phone number in it, or None.
        top: First row of pixels.
        bottom: Row of pixels after the last.
    """

    text: str
    contact: str | None
    top: int
    bottom: int


@dataclass(frozen=True, slots=True)
class MixedPage:
    """A page of a few lines of one language.

    Attributes:
        name: What tells it from the others of its half.
        language: ``fa``, ``ar``, ``ckb`` or ``ps``.
        digits: Which digits its numbers are written in, a key of ``DIGITS``.
        image: RGB ``(H, W, 3)``.
        lines: From top to bottom.
    """

    name: str
    language: str
    digits: str
    image: NDArray[np.uint8]
    lines: tuple[MixedLine, ...]


def add_fonts(half: str, paths: Sequence[Path]) -> None:
    """Also set pages of a half in these fonts, where they have all the letters of a page."""
    fonts.FILES.update({path.stem: ("", str(path.absolute())) for path in paths})
    packaged = fonts.font_path
    known = {path.stem: path for path in paths}
    fonts.font_path = lambda family: known[family] if family in known else packaged(family)
    FACES[half] = (*FACES[half], *((path.stem, 0) for path in paths))


def mixed_pages(half: str, rounds: int = 1) -> Iterator[MixedPage]:
    """Yield the pages of a half: every sentence once a round and form of digits."""
    for language, sentences in (DEVELOP if half == "develop" else JUDGE).items():
        for number in range(rounds):
            for digits in dict.fromkeys((OWN[language], "ascii", *DIGITS)):
                rng = random.Random(f"{half}/{language}/{number}/{digits}")
                order = rng.sample(sentences, len(sentences))
                for start in range(0, len(order), _LINES):
                    name = f"{language}-{number}-{digits}-{start}"
                    values = [
                        _filled(sentence, half, DIGITS[digits], rng)
                        for sentence in order[start : start + _LINES]
                    ]
                    image, lines = _page(values, FACES[half], rng)
                    yield MixedPage(name, language, digits, image, lines)


def _page(
    filled: Sequence[tuple[str, str | None]],
    faces: Sequence[tuple[str, int]],
    rng: random.Random,
) -> tuple[NDArray[np.uint8], tuple[MixedLine, ...]]:
    everything = "".join(text for text, _ in filled)
    letters = "".join(re.findall("[\u0620-\u06d3\u06d5\u06f0-\u06f9]", everything))
    family, weight = rng.choice([face for face in faces if fonts.covers(face[0], letters)])
    size, kept = rng.choice((22, 26, 30, 36)), rng.random() < 0.5
    latin = "sans" if family not in ("dejavu", "dejavu_bold") else family
    dark = rng.random() < 0.3
    paper, ink = ((25, 35, 60), (250, 250, 240)) if dark else ((252, 250, 244), (20, 20, 25))
    rows = [_visual(text, contact if kept else None) for text, contact in filled]
    leading, margin = round(size * 2.1), 30
    wide = max(_width(row, family, latin, size, weight) for row in rows)
    picture = Image.new("RGB", (round(wide) + 2 * margin, leading * len(rows) + margin), paper)
    draw = ImageDraw.Draw(picture)
    lines = []
    for i, (row, (text, contact)) in enumerate(zip(rows, filled, strict=True)):
        base = margin // 2 + round(leading * (i + 0.68))
        x = margin + wide - _width(row, family, latin, size, weight)
        for piece, way in _pieces(row, family, latin):
            font = _font(piece[1], size, weight)
            draw.text((x, base), piece[0], fill=ink, font=font, anchor="ls", direction=way)
            x += font.getlength(piece[0], direction=way)
        top = margin // 2 + leading * i
        lines.append(MixedLine(text, contact, top, top + leading))
    return _worn(picture, rng), tuple(lines)


def _filled(sentence: str, half: str, digits: str, rng: random.Random) -> tuple[str, str | None]:
    def own(text: str) -> str:
        return text.translate(str.maketrans(DIGITS["ascii"], digits))

    phones = ("+44 7700 900{}", "07700 900{}", "07700900{}")
    phone = rng.choice(phones).format(f"{rng.randrange(1000):03}")
    values = {
        "n": own(str(rng.choice((rng.randint(12, 98), rng.randint(140, 980) * 5)))),
        "m": own(str(rng.randint(3, 29))),
        "time": own(f"{rng.randint(7, 20)}:{rng.choice((15, 30, 45))}"),
        "phone": phone if phone.startswith("+") else own(phone),
        "mail": rng.choice(MAILS[half]),
        "url": rng.choice(URLS[half]),
        "handle": rng.choice(HANDLES[half]),
        "en": rng.choice(ENGLISH[half]),
    }
    contact = next(
        (values[k] for k in ("mail", "url", "handle", "phone") if f"{{{k}}}" in sentence), None
    )
    return sentence.format(**values), contact


def _visual(text: str, kept: str | None) -> str:
    """Return the characters from left to right."""
    if kept:
        text = text.replace(kept, f"{_LRI}{kept}{_PDI}")
    shown = get_display(text.replace(_HALF_SPACE, _STAND_IN), base_dir="R")
    return shown.replace(_STAND_IN, _HALF_SPACE).replace(_LRI, "").replace(_PDI, "")


def _pieces(row: str, family: str, latin: str) -> list[tuple[tuple[str, str], str]]:
    """Return text and font of each run of a row from left to right, and its direction."""
    pieces = []
    for rtl, group in groupby(row, key=lambda letter: bool(_RTL.match(letter))):
        run = "".join(group)
        if rtl:
            pieces.append(((run[::-1], family), "rtl"))
            continue
        # Every digit that is not ASCII alone: raqm would set groups of them from right to left.
        for text in re.findall("[\x00-\x7f]+|.", run):
            pieces.append(((text, latin if text.isascii() else family), "ltr"))
    return pieces


def _width(row: str, family: str, latin: str, size: int, weight: int) -> float:
    return sum(
        _font(name, size, weight).getlength(text, direction=way)
        for (text, name), way in _pieces(row, family, latin)
    )


def _font(family: str, size: int, weight: int) -> ImageFont.FreeTypeFont:
    return fonts._font(family, weight > 550, size)


def _worn(picture: Image.Image, rng: random.Random) -> NDArray[np.uint8]:
    """Return the pixels after a little blur, grain and a JPEG."""
    if rng.random() < 0.4:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.7)))
    noise = np.random.default_rng(rng.getrandbits(64))
    pixels = np.asarray(picture, np.float32)
    pixels = pixels + noise.normal(0, rng.uniform(0, 7), pixels.shape)
    file = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(
        file, "JPEG", quality=rng.randint(60, 92)
    )
    return np.asarray(Image.open(file).convert("RGB"))


def text_at(line: MixedLine, found: Sequence[OcrLine]) -> str:
    """Return what was read between the top and the bottom of a line, in reading order."""
    here = [one for one in found if one.text and line.top <= _middle(one) < line.bottom]
    return " ".join(one.text for one in here)


def _middle(line: OcrLine) -> float:
    return sum(y for _, y in line.box) / len(line.box)


def judged(line: MixedLine, read: str) -> Counter[str]:
    """Return counts of what is right about a line, and of what there was to be right about."""
    counts: Counter[str] = Counter()
    true = line.text
    counts["letters"], counts["edits"] = len(true), edit_distance(true, read)
    _count_digits(true, read, counts)
    _count_half_spaces(true, read, counts)
    plain, said = true.translate(_ALIKE), read.translate(_ALIKE)
    counts["plain letters"], counts["plain edits"] = len(plain), edit_distance(plain, said)
    held = Counter(plain.replace(" ", ""))
    counts["characters"] = held.total()
    counts["characters lost"] = (held - Counter(said)).total()
    if _is_mixed(true):
        counts["mixed"] += 1
        counts["out of order"] += not _in_order(plain.split(), said.split())
    if line.contact:
        counts["contacts"] += 1
        wanted = re.escape(line.contact.translate(_ALL))
        counts["contacts right"] += bool(re.search(rf"(?<!\w){wanted}(?!\w)", said.translate(_ALL)))
    return counts


def _is_mixed(text: str) -> bool:
    return bool(re.search("[A-Za-z]|[0-9].*[0-9]", text))


def _in_order(true: Sequence[str], said: Sequence[str]) -> bool:
    """Return whether words that both have once follow each other alike."""
    once = [word for word in true if true.count(word) == 1 and said.count(word) == 1]
    places = [said.index(word) for word in once]
    return places == sorted(places)


def _count_digits(true: str, read: str, counts: Counter[str]) -> None:
    """Count digits of the true form; only those whose value is right."""
    ours = [letter for letter in true if letter.isdecimal()]
    theirs = [letter for letter in read if letter.isdecimal()]
    pairs = SequenceMatcher(
        None, "".join(ours).translate(_ALL), "".join(theirs).translate(_ALL), autojunk=False
    )
    for block in pairs.get_matching_blocks():
        for one, other in zip(
            ours[block.a : block.a + block.size],
            theirs[block.b : block.b + block.size],
            strict=True,
        ):
            counts["digits seen"] += 1
            counts["digits right"] += one == other
    counts["digits"] += len(ours)


def _count_half_spaces(true: str, read: str, counts: Counter[str]) -> None:
    ours, theirs = _half_spaces(true), _half_spaces(read)
    counts["half-spaces"] = ours.total()
    counts["half-spaces read"] = theirs.total()
    counts["half-spaces right"] = (ours & theirs).total()


def _half_spaces(text: str) -> Counter[tuple[str, str]]:
    """Return the two letters before and after each half-space."""
    found: Counter[tuple[str, str]] = Counter()
    parts = [part.translate(_ALIKE).replace(" ", "") for part in text.split(_HALF_SPACE)]
    for before, after in zip(parts, parts[1:], strict=False):
        found[before[-2:], after[:2]] += 1
    return found
