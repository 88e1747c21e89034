"""Repair letters of the Arabic script that engines confuse, by the language of the line."""

from __future__ import annotations

import re
import unicodedata

from adverts.ocr.repair.line_language import LETTER, MARK, ZWNJ, arabic_language

_CONTROLS = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_LOOSE_JOINERS = re.compile(
    rf"(?<!{LETTER})(?<!{MARK}){ZWNJ}+|{ZWNJ}++(?!{LETTER})"
    rf"|(?<={LETTER})\u200d+|(?<!\u200d)\u200d++(?={LETTER})"
)
_FORMS = re.compile("[\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdc7\ufe80-\ufefc]")
_KASHIDA = re.compile(rf"(?:(?<={LETTER})|(?<={MARK}))\u0640+(?={LETTER})")
_INNER_PERSIAN_YEH = re.compile(rf"ی(?={MARK}*{LETTER})")
_INNER_ARABIC_YEH = re.compile(rf"ي(?!ي)(?={MARK}*{LETTER})")
_CARONS = tuple(
    (re.compile(f"{read}{MARK}+"), meant)
    for read, meant in (("[لڵ]", "ڵ"), ("[یێ]", "ێ"), ("[رڕ]", "ڕ"), ("[وۆ]", "ۆ"))
)
_MARKS = re.compile(f"(?<={LETTER}){MARK}+")
_LAST_HAMZA = re.compile(rf"(?<={LETTER})ئ(?!{LETTER})(?!{ZWNJ})")
_FIRST_REH = re.compile(rf"(?<!{LETTER})(?<!{ZWNJ})ر(?={LETTER})")
_HEH_APART = re.compile(rf"(?<={LETTER})[هە]{ZWNJ}")
_WORD = re.compile(f"{LETTER}+")
_VOWELS = "اۆێە"
_KEPT = re.compile("^(?:میهر|موهه|موهە|زیهن|فیهرست|کوهن|شوهر)")


def without_unseen(text: str) -> str:
    """Remove soft hyphens, direction marks, and joiners and non-joiners without effect.

    A zero-width non-joiner between two Arabic letters is spelling, and a joiner between emoji makes
    them one emoji, so both stay.
    """
    return _LOOSE_JOINERS.sub("", _CONTROLS.sub("", text))


def plain_forms(text: str) -> str:
    """Replace initial, medial, final and joined forms by plain letters."""
    return _FORMS.sub(lambda form: unicodedata.normalize("NFKC", form.group()), text)


def without_kashida(text: str) -> str:
    """Remove strokes that only lengthen a word; one at the end, as before a number, stays."""
    return _KASHIDA.sub("", text)


def letter_variants(text: str, page: str | None = None) -> str:
    """Write yeh, kaf and heh, whose variants look alike, as the language of the line does.

    Arabic has ي and ك, Persian and Sorani ی and ک. ی and ي have one shape within a word and two at
    its end. Arabic and Pashto end words in either, so there they stay, as does the pair of yehs
    that ends Pashto verbs. A line of unknown language with a letter that Arabic lacks is repaired
    as Pashto, whose rule also fits the others.
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
    """Replace a hamza at the end of a word by a comma, where the language does not allow it.

    Arabic has words that end in a hamza. Persian and Pashto borrow such words if they are short or
    have a long vowel before it. Such hamzas stay.
    """
    before = _BEFORE_COMMA.get(arabic_language(text) or page or "")
    return _LATE_HAMZAS.sub(lambda run: _commas(run, before), text) if before else text


def _commas(run: re.Match[str], before: re.Pattern[str]) -> str:
    """Replace the last hamzas of a run by commas, as many as the word before them allows."""
    start, first = run.span()
    while first > start and before.match(run.string, first - 1):
        first -= 1
    return "ء" * (first - start) + "،" * (run.end() - first)


_QUOTES = re.compile("[«»]")
_LIKE_COMMA = re.compile(rf"(?<=[^\s«])»(?= {LETTER})")


def quote_for_comma(text: str, page: str | None = None) -> str:
    """Replace a closing quote in mid-line that has no opening quote by an Arabic comma.

    Tesseract confuses the two. Few such quotes end a quotation from an earlier line.
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


def sorani_carons(text: str, page: str | None = None) -> str:
    """Write ڵ ێ ڕ ۆ in Sorani where an engine reads a vowel sign on a letter without small v.

    Other vowel signs are removed, since Sorani has none.
    """
    if (arabic_language(text) or page) != "ckb":
        return text
    for read, meant in _CARONS:
        text = read.sub(meant, text)
    return _MARKS.sub("", text)


def sorani_neighbours(text: str, page: str | None = None) -> str:
    """In Sorani, write ێ for ټ and for a final ئ, and ڕ for an initial ر, which it never has."""
    if (arabic_language(text) or page) != "ckb":
        return text
    return _FIRST_REH.sub("ڕ", _LAST_HAMZA.sub("ێ", text.replace("ټ", "ێ")))


def sorani_ae(text: str, page: str | None = None) -> str:
    """In Sorani, write the vowel ە where an engine reads the similar consonant ه.

    ه is the consonant at the start of a word and next to the vowels ا ۆ ێ ە, since two vowels never
    meet in Sorani. Elsewhere it is ە, also before a zero-width non-joiner, which some write to keep
    ه from joining. Of two in a row the first is the vowel, ``بەهار``, unless a syllable ends before
    them, ``بەرهەم``. A few words with ه after ی or و are recognised by their beginning.
    """
    if (arabic_language(text) or page) != "ckb":
        return text
    return _WORD.sub(_vowels_told, _HEH_APART.sub("ە", text))


def _vowels_told(word: re.Match[str]) -> str:
    letters = list(word.group())
    if len(letters) == 1:
        return word.group()
    kept = _KEPT.match(word.group())
    for place, letter in enumerate(letters):
        is_kept = kept and place < kept.end() and letters[place - 1] in "یو"
        if letter == "ه" and place > 0 and not is_kept and not _is_consonant(letters, place):
            letters[place] = "ە"
    return "".join(letters)


def _is_consonant(letters: list[str], place: int) -> bool:
    """Return whether ه is a consonant here; the letters before it must be decided already."""
    before, after, later = letters[place - 1], *(*letters[place + 1 : place + 3], "", "")[:2]
    if before in _VOWELS or (after and after in _VOWELS):
        return True
    closes_syllable = place > 1 and (letters[place - 2] in _VOWELS or before == "و")
    return after == "ه" and closes_syllable and later not in _VOWELS
