"""Which fonts a page may be set in: every one that draws all letters of its language."""

from __future__ import annotations

import random

from adverts.data.synthetic.fonts import Typeface, covers
from ocr_pages.page import BENCHMARK_SEED, RIGHT_TO_LEFT
from ocr_pages.wording import alphabet

_TUNING = {
    "Latn": (
        Typeface("sans", bold=False),
        Typeface("italic", bold=False),
        Typeface("dejavu", bold=False),
        Typeface("serif_bold", bold=False),
        Typeface("times_bold", bold=False),
        Typeface("mono", bold=False),
    ),
    "Arab": (
        Typeface("arabic", bold=False),
        Typeface("naskh", bold=True),
        Typeface("dejavu", bold=False),
        Typeface("mono", bold=False),
    ),
}
_HELD_BACK = {
    "Latn": (
        Typeface("sans", bold=True),
        Typeface("dejavu_bold", bold=False),
        Typeface("serif", bold=False),
        Typeface("times", bold=False),
        Typeface("mono_bold", bold=False),
    ),
    "Arab": (
        Typeface("kufi", bold=True),
        Typeface("naskh", bold=False),
        Typeface("dejavu_bold", bold=False),
    ),
}


def faces(language: str, seed: int) -> tuple[Typeface, ...]:
    """Return the fonts for pages of a language; those of the benchmark's seed are its own."""
    script = "Arab" if language in RIGHT_TO_LEFT else "Latn"
    known = (_HELD_BACK if seed == BENCHMARK_SEED else _TUNING)[script]
    letters = "".join(c for c in alphabet(language) if _must_draw(c, script))
    return tuple(face for face in known if covers(face.family, letters))


def choose_face(language: str, seed: int, rng: random.Random) -> Typeface:
    """Return one of them."""
    return rng.choice(faces(language, seed))


def _must_draw(character: str, script: str) -> bool:
    """Joined letters must come from one font; others may come from a neighbour of it."""
    return character.isalpha() and ("\u0600" <= character <= "\u08ff") == (script == "Arab")
