"""Remove combining marks that are noise, and keep those that a language writes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Literal

from adverts.inputs.letters.characters import character_names, named, one_of, reordered_codes

_STACKED = 3  # languages put two accents at most on a letter, and those compose
_LONGEST_RUN = 30  # as in the stream-safe text format, Unicode Standard Annex 15, section 13


def without_noise(text: str) -> str:
    """Return the text without marks that no language writes at their position.

    Marks that Unicode names ``COMBINING`` belong to no script: accents, strokes, circles. Those
    that are part of no other character are removed. So is a stack: three or more marks that do not
    compose with their letter, together with the letter's accents. Marks of a script stay, once
    each, on letters without case, which such scripts have. Arabic marks are removed unless they
    compose, since readers do not need vowel signs.

    Args:
        text: Text in the form NFKC.

    Returns:
        The text in the form NFC. It may still hold accents that compose only with other letters,
        so that a look-alike below them can be replaced: see :func:`without_loose_accents`.
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
    """Return the text with runs of marks cut to 30, more than any language writes on a letter.

    The time to normalise a run grows with the square of its length. See :func:`normal`.
    """
    return _patterns().long_run.sub(r"\1", text)


def normal(form: Literal["NFC", "NFD", "NFKC"], text: str) -> str:
    """Return a text in a normal form of Unicode, in linear time. Long runs of marks are cut."""
    return unicodedata.normalize(form, without_long_runs(text))


def without_loose_accents(text: str) -> str:
    """Return the text with accents composed with their letters, or else removed."""
    free = _patterns().free
    if not free.search(text):
        return text
    return free.sub("", normal("NFC", text))


@cache
def mark_letters() -> frozenset[str]:
    """Return all marks, whether they belong to a script or not."""
    return frozenset(letter for letter in character_names() if _is_mark(letter))


@cache
def free_marks() -> frozenset[str]:
    """Return the marks that belong to no script."""
    return mark_letters() & named("COMBINING .*").keys()


@cache
def never_composing_marks() -> frozenset[str]:
    """Return the marks that belong to no script and are part of no other character."""
    parts = (unicodedata.normalize("NFD", letter)[1:] for letter in character_names())
    stable = {mark for mark in free_marks() if unicodedata.is_normalized("NFKC", mark)}
    return frozenset(stable - set("".join(parts)))


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter) in {"Mn", "Mc", "Me"}


def _bare(match: re.Match[str]) -> str:
    """Return the letter below a stack of marks, without its own accents."""
    parts = unicodedata.normalize("NFD", match.group(1))
    return unicodedata.normalize("NFC", "".join(part for part in parts if part not in free_marks()))


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns of marks.

    ``unwritten`` matches any mark of ``free`` and ``arabic``, and ``spoilt`` any of ``misplaced``
    and ``repeated``. Most texts need only these two searches.
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
    out_of_place = f"(?:(?<={bases}.)|(?<!..))"  # after such a letter, or at the start
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
