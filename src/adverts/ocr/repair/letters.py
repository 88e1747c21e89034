"""Mending letters of the Arabic script that engines confuse, by the language of the line.

``page`` is the language of the page, for a line that does not tell its own.
"""

from __future__ import annotations

import re
import unicodedata

from adverts.ocr.repair.language import LETTER, MARK, ZWNJ, arabic_language

_CONTROLS = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_LOOSE_JOINERS = re.compile(
    rf"(?<!{LETTER})(?<!{MARK}){ZWNJ}+|{ZWNJ}++(?!{LETTER})"
    rf"|(?<={LETTER})\u200d+|(?<!\u200d)\u200d++(?={LETTER})"
)
_FORMS = re.compile("[\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdc7\ufe80-\ufefc]")
_KASHIDA = re.compile(rf"(?:(?<={LETTER})|(?<={MARK}))\u0640+(?={LETTER})")
_INNER_PERSIAN_YEH = re.compile(rf"ی(?={MARK}*{LETTER})")
_INNER_ARABIC_YEH = re.compile(rf"ي(?!ي)(?={MARK}*{LETTER})")


def without_unseen(text: str) -> str:
    """Drop soft hyphens, direction marks and joiners that join or part nothing.

    A zero-width non-joiner between two Arabic letters is spelling, and a joiner between emoji makes
    them one: both stay.
    """
    return _LOOSE_JOINERS.sub("", _CONTROLS.sub("", text))


def plain_forms(text: str) -> str:
    """Write letters instead of their initial, medial, final and joined forms."""
    return _FORMS.sub(lambda form: unicodedata.normalize("NFKC", form.group()), text)


def without_kashida(text: str) -> str:
    """Drop the stroke that only makes a word longer; at an end, as before a number, it stays."""
    return _KASHIDA.sub("", text)


def letter_variants(text: str, page: str | None = None) -> str:
    """Write yeh, kaf and heh as the language of the line does, which look alike in a picture.

    Arabic has ي and ك, Persian and Sorani ی and ک. Within a word ی and ي are one shape, at its end
    two: there Arabic and Pashto, which end words in either, stay as they were read, and so does
    the pair of yehs that ends Pashto verbs. A line that tells no language, but has a letter that
    Arabic lacks, is mended as Pashto, whose rule fits the others too.
    """
    match arabic_language(text) or page:
        case "ar":
            return _INNER_PERSIAN_YEH.sub("ي", text.translate(_ARABIC))
        case "fa" | "ckb":
            return text.translate(_PERSIAN)
        case "ps":
            return _INNER_ARABIC_YEH.sub("ی", text.translate(_PASHTO))
        case _ if _NEVER_ARABIC.search(text):
            return _INNER_ARABIC_YEH.sub("ی", text.translate(_PASHTO))
        case _:
            return text


_ARABIC = str.maketrans("کھ", "كه")
_PERSIAN = str.maketrans("يىكھ", "ییکه")
_NEVER_ARABIC = re.compile("[پچژگ]")
_PASHTO = str.maketrans("كھ", "که")

_LATE_HAMZAS = re.compile(rf"(?<!ء)ء++(?!{LETTER})")
_BEFORE_COMMA = {
    "ckb": re.compile(rf"(?<={LETTER})"),
    "fa": re.compile(rf"(?<={LETTER}{{3}}(?![او]){LETTER})"),
    "ps": re.compile(rf"(?<={LETTER}{{3}}(?![او]){LETTER})"),
    "ar": re.compile(r"(?<=[ةنق\u064b-\u064d])"),
}


def hamza_for_comma(text: str, page: str | None = None) -> str:
    """Write a comma for a hamza that ends a word where the language of the line has none.

    Arabic has words that end so, and Persian and Pashto borrow them: after a long vowel, or short
    ones. Such hamzas stay.
    """
    before = _BEFORE_COMMA.get(arabic_language(text) or page or "")
    return _LATE_HAMZAS.sub(lambda run: _commas(run, before), text) if before else text


def _commas(run: re.Match[str], before: re.Pattern[str]) -> str:
    """Write commas for the last hamzas of a run, as many as may end the word before them."""
    start, first = run.span()
    while first > start and before.match(run.string, first - 1):
        first -= 1
    return "ء" * (first - start) + "،" * (run.end() - first)


_QUOTES = re.compile("[«»]")
_LIKE_COMMA = re.compile(rf"(?<=[^\s«])»(?= {LETTER})")


def quote_for_comma(text: str, page: str | None = None) -> str:
    """Write an Arabic comma for a closing quote in mid-line that no quote was opened for.

    Tesseract reads the one for the other; of such quotes, few end what an earlier line began.
    """
    if "»" not in text or (arabic_language(text) or page) is None:
        return text
    letters, depth = list(text), 0
    for mark in _QUOTES.finditer(text):
        if mark.group() == "«":
            depth += 1
        elif depth > 0:
            depth -= 1
        elif _LIKE_COMMA.match(text, mark.start()):
            letters[mark.start()] = "،"
    return "".join(letters)
