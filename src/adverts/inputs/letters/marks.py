"""Marks on letters: those that a language writes stay, those that are noise go."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Literal

from adverts.inputs.letters.characters import character_names, named, one_of, reordered_codes

_STACKED = 3  # languages write two accents on a letter at most, and those compose
_LONGEST_RUN = 30  # that of the stream-safe text format, Unicode Standard Annex 15, section 13


def without_noise(text: str) -> str:
    """Drop the marks that no language writes where they stand.

    Marks that Unicode names ``COMBINING`` belong to no script: accents, strokes, circles. Those
    that are part of no other character go. So does a stack, three or more that do not compose with
    their letter, and takes the letter's accents with it. Marks of a script stay, once each, on
    letters without case, which is what such scripts have. Arabic ones go unless they compose,
    since readers do without vowel signs.

    Args:
        text: In the form NFKC.

    Returns:
        The text in the form NFC. It may still hold accents that compose with other letters only,
        so that a look-alike can be replaced below them: see :func:`without_loose_accents`.
    """
    find = _patterns()
    if find.unwritten.search(text):
        text = find.stack.sub(_bare, text)
        text = normal("NFC", find.never_composing.sub("", text))
        text = find.arabic.sub("", text)
    if find.spoilt.search(text):
        text = find.repeated.sub(r"\1", find.misplaced.sub("", text))
    return text


def without_long_runs(text: str) -> str:
    """Cut runs of marks that only noise is made of: normalising takes the square of a run.

    No language writes so many on one letter. See :func:`normal`.
    """
    return _patterns().long_run.sub(r"\1", text)


def normal(form: Literal["NFC", "NFD", "NFKC"], text: str) -> str:
    """Return a text in a form of Unicode, in time that is linear whatever marks it holds."""
    return unicodedata.normalize(form, without_long_runs(text))


def without_loose_accents(text: str) -> str:
    """Compose the accents with their letters, and drop those that do not compose."""
    free = _patterns().free
    if not free.search(text):
        return text
    return free.sub("", normal("NFC", text))


@cache
def mark_letters() -> frozenset[str]:
    """Return every mark, of a script or of none."""
    return frozenset(letter for letter in character_names() if _is_mark(letter))


@cache
def free_marks() -> frozenset[str]:
    """Return the marks of no script."""
    return mark_letters() & named("COMBINING .*").keys()


@cache
def never_composing_marks() -> frozenset[str]:
    """Return the marks of no script that are part of no other character."""
    parts = (unicodedata.normalize("NFD", letter)[1:] for letter in character_names())
    stable = {mark for mark in free_marks() if unicodedata.is_normalized("NFKC", mark)}
    return frozenset(stable - set("".join(parts)))


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter) in {"Mn", "Mc", "Me"}


def _bare(match: re.Match[str]) -> str:
    """Return the letter below a stack, without the accents that it composed with."""
    parts = unicodedata.normalize("NFD", match.group(1))
    return unicodedata.normalize("NFC", "".join(part for part in parts if part not in free_marks()))


@dataclass(frozen=True, slots=True)
class _Patterns:
    """What to look for.

    ``unwritten`` is any of ``free`` and ``arabic``, ``spoilt`` any of ``misplaced`` and
    ``repeated``: the one look that most texts need.
    """

    long_run: re.Pattern[str]
    unwritten: re.Pattern[str]
    stack: re.Pattern[str]
    never_composing: re.Pattern[str]
    arabic: re.Pattern[str]
    spoilt: re.Pattern[str]
    misplaced: re.Pattern[str]
    repeated: re.Pattern[str]
    free: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    free = one_of(free_marks())
    arabic = mark_letters() & named("ARABIC .*").keys()
    own = one_of(mark_letters() - free_marks())
    cased = {letter for letter in character_names() if letter.upper() != letter.lower()}
    bases = one_of({*map(chr, range(128)), *cased})
    out_of_place = f"(?:(?<={bases}.)|(?<!..))"  # behind such a letter, or before all
    noise = one_of(mark_letters().union(map(chr, reordered_codes())))
    return _Patterns(
        long_run=re.compile(f"({noise}{{{_LONGEST_RUN}}}){noise}+"),
        unwritten=re.compile(one_of(free_marks() | arabic)),
        stack=re.compile(f"(.){free}{{{_STACKED},}}", re.DOTALL),
        never_composing=re.compile(one_of(never_composing_marks())),
        arabic=re.compile(one_of(arabic)),
        spoilt=re.compile(rf"({own})(?:\1|{out_of_place})", re.DOTALL),
        misplaced=re.compile(f"{own}{out_of_place}{own}*", re.DOTALL),
        repeated=re.compile(rf"({own})\1+"),
        free=re.compile(free),
    )
