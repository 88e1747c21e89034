"""Fold texts that read the same to one form, for hashing, clusters and encoders."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from adverts.inputs.letters.characters import (
    BLANK_LETTERS,
    any_of,
    ascii_digits,
    invisible_codes,
    named,
)
from adverts.inputs.letters.lookalikes import (
    bracketed_letters,
    foreign_letters,
    half_flags,
    in_one_script,
    is_mixed,
    may_be_turned,
    plain_letters,
    spell_out,
    turn_back,
)
from adverts.inputs.letters.marks import (
    mark_letters,
    normal,
    without_long_runs,
    without_loose_accents,
    without_noise,
)

FOLDING_VERSION = 3
"""Version of the folding rules, raised whenever any text folds differently."""

# Letters that differ between the keyboards of languages, or that lose their dot.
_KEYBOARDS = dict(zip("يىكڪګةەۀہۂۃھأإآٱıİșȘțȚ", "ییککگهههههههااااiişşţţ", strict=True))
_APOSTROPHES = dict.fromkeys("‘’‛ʻʼʽ՚׳", "'") | {"״": '"'}
_LUNATE = {"Ϲ": "ϲ"}  # looks like C and not like the capital sigma that normalising makes of it
_SPACING_ACUTES = dict.fromkeys("´΄\u1ffd", "'")
_KASHIDA = "\u0640"
_KEPT, _LONGEST_KEPT = 1_024, 1_000  # an advert is folded as n-grams, and again as a copy of others


def fold(text: str) -> str:
    """Fold a text to the form under which equal-looking texts are equal.

    It unifies compatibility forms, case, digits of every script, decorated letters, look-alike
    letters, Arabic spelling variants and white space. It removes zero-width and direction controls
    and marks that no language writes. Accents that compose with their letter stay.
    ``fold(fold(text)) == fold(text)``; the empty text folds to itself.
    """
    if text.isascii():
        return _squeeze((text if text.isprintable() else text.translate(_unwrapped())).lower())
    return _fold_kept(text) if len(text) <= _LONGEST_KEPT else _fold_letters(text)


def _fold_letters(text: str) -> str:
    for _ in range(len(text) + 2):  # each round may move one mark to its place
        folded, is_final = _fold_once(text)
        if is_final or folded == text:
            return folded
        text = folded
    return text


_fold_kept = lru_cache(_KEPT)(_fold_letters)


def _fold_once(text: str) -> tuple[str, bool]:
    """Return the text folded once, and whether folding again is known to change nothing."""
    composed = _composed(text)
    plain = _plain(composed)
    folded = _squeeze(unicodedata.normalize("NFKC", _cut_again(plain, composed).casefold()))
    return folded, _is_settled(folded) or (plain == composed and not is_mixed(folded))


def _cut_again(plain: str, composed: str) -> str:
    """Cut runs of marks again, since removing characters may have joined shorter runs."""
    return plain if plain == composed else without_long_runs(plain)


def _composed(text: str) -> str:
    """Return a text in the form NFKC, without what must be replaced before normalising."""
    if _patterns().wrapped.search(text):
        text = text.translate(_unwrapped())
    return normal("NFKC", text)


def _plain(text: str) -> str:
    """Apply the rules that normalising does not cover to a text in the form NFKC."""
    if _is_settled(text):
        return text
    find = _patterns()
    has_marks = find.mark.search(text)
    if has_marks:
        text = without_noise(text)
    if find.keyboard.search(text):
        for variant, plain in _KEYBOARDS.items():
            text = text.replace(variant, plain)
    if find.replaced.search(text):
        text = text.translate(_replaced())
    if find.costume.search(text):
        text = turn_back(spell_out(text))
    text = in_one_script(text)
    return without_loose_accents(text) if has_marks else text


def _is_settled(text: str) -> bool:
    return not _patterns().unusual.search(text)


def _squeeze(text: str) -> str:
    return " ".join(text.split())


@cache
def _unwrapped() -> dict[int, str | None]:
    """Return replacements made before normalising: of separators of marks, brackets and blanks."""
    table: dict[int, str | None] = dict.fromkeys(invisible_codes())
    table |= dict.fromkeys(code for code in range(0xA0) if not _is_visible(chr(code)))
    vowel_signs = (sign for sign in named("ARABIC .*") if _is_spaced_mark(sign))
    table |= dict.fromkeys(map(ord, vowel_signs))
    blanks = dict.fromkeys(BLANK_LETTERS, " ")
    return table | str.maketrans(blanks | _SPACING_ACUTES | _LUNATE | bracketed_letters())


@cache
def _replaced() -> dict[int, str]:
    """Return replacements of single characters, without the frequent ones, which would be slow."""
    digits = {code: digit for code, digit in ascii_digits().items() if chr(code) != digit}
    return str.maketrans(_APOSTROPHES | plain_letters() | {_KASHIDA: ""}) | digits


def _is_visible(letter: str) -> bool:
    return letter.isprintable() or letter.isspace()


def _is_spaced_mark(letter: str) -> bool:
    return unicodedata.normalize("NFKC", letter).startswith(" ")


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns that show which of the slow rules a text needs."""

    wrapped: re.Pattern[str]
    unusual: re.Pattern[str]
    mark: re.Pattern[str]
    keyboard: re.Pattern[str]
    replaced: re.Pattern[str]
    costume: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    costume = may_be_turned() | half_flags()
    replaced = {*map(chr, _replaced())}
    unusual = {*replaced, *_KEYBOARDS, *costume, *mark_letters(), *foreign_letters()}
    return _Patterns(
        wrapped=re.compile(any_of(map(chr, _unwrapped()))),
        unusual=re.compile(any_of(unusual)),
        mark=re.compile(any_of(mark_letters())),
        keyboard=re.compile(any_of(_KEYBOARDS)),
        replaced=re.compile(any_of(replaced)),
        costume=re.compile(any_of(costume)),
    )
