"""Disguises of letters and spelling: look-alikes, styles, invisible characters, typos, cuts."""

from __future__ import annotations

import re

from adverts.evaluation.robustness.disguise_attempt import Attempt, change_words, letters_of
from adverts.inputs.letters.marks import normal
from adverts.inputs.letters.scripts import script_of

INVISIBLE = "\u200b\u2060\ufeff\u00ad\u200e\u200f"
"""Zero-width spaces, soft hyphens and direction marks; joiners are left out as they are visible."""

EMBEDDINGS = (("\u202a", "\u202c"), ("\u2068", "\u2069"))
"""Pairs of direction controls that open and close around a word and reverse nothing."""

# Letters that look like others. This list is separate from the one that folding undoes, so that
# the suite also tests letters that folding does not know.
_LOOK_ALIKES = {
    **{"a": "аɑα", "b": "ЬƄ", "c": "сϲ", "d": "ԁɗ", "e": "еєҽ", "f": "ƒẝ", "g": "ɡց", "h": "һհ"},
    **{"i": "іıɩ", "j": "јϳ", "k": "кκ", "l": "ӏǀ", "m": "мⅿ", "n": "ոпη", "o": "оοօ", "p": "рρ"},
    **{"q": "ԛգ", "r": "гꭇ", "s": "ѕꜱ", "t": "тτ", "u": "υս", "v": "ѵν", "w": "ԝω", "x": "хχ"},
    **{"y": "уү", "z": "ᴢʐ", "A": "АΑ", "B": "ВΒ", "C": "СϹ", "D": "Ꭰ", "E": "ЕΕ", "F": "Ϝ"},
    **{"G": "Ԍ", "H": "НΗ", "I": "ІΙ", "J": "Ј", "K": "КΚ", "L": "Ꮮ", "M": "МΜ", "N": "Ν"},
    **{"O": "ОΟ", "P": "РΡ", "Q": "Ԛ", "R": "Ꭱ", "S": "Ѕ", "T": "ТΤ", "U": "Ս", "V": "Ѵ"},
    **{"W": "Ԝ", "X": "ХΧ", "Y": "ҮΥ", "Z": "Ζ"},
    **{"ا": "ٱ", "پ": "ڀ", "ت": "ٺ", "ث": "ٽ", "چ": "ڇ", "د": "ڈ", "ر": "ړڔ", "س": "ݭ"},
    **{"ف": "ڤ", "ق": "ڨ", "ك": "کڪ", "ک": "كڪ", "گ": "ڳ", "ل": "ڶ", "ن": "ڼ", "ه": "ہە"},
    **{"ە": "هہ", "و": "ۋۏ", "ي": "یى", "ی": "يى"},
}
_COSTUMES = (  # code points of capital and small A: bold, bold italic, sans bold, wide, circled
    (0x1D400, 0x1D41A),
    (0x1D468, 0x1D482),
    (0x1D5D4, 0x1D5EE),
    (0xFF21, 0xFF41),
    (0x24B6, 0x24D0),
)
_LEET = {"a": "4@", "b": "8", "e": "3", "g": "9", "i": "1!", "l": "1|", "o": "0", "s": "5$"}
_LEET |= {"t": "7+", "z": "2"}
SEPARATORS = (" ", ".", "-", "_", "*", "·")
KASHIDA = "\u0640"
_MIN_APART, _MIN_TYPO = 3, 4  # letters; shorter words are left unchanged


def look_alikes(text: str, attempt: Attempt) -> str:
    """Replace letters by look-alikes of other alphabets, Arabic ones by similar Arabic letters.

    The amount is the share of the words, and of the letters within each. Accents are kept.
    """
    return change_words(text, attempt, lambda word: _with_others(word, attempt, _LOOK_ALIKES))


def leet(text: str, attempt: Attempt) -> str:
    """Replace unaccented Latin letters by digits and signs; amount as in :func:`look_alikes`.

    A text in Arabic script is unchanged.
    """
    return change_words(text, attempt, lambda word: _in_leet(word, attempt))


def styled(text: str, attempt: Attempt) -> str:
    """Write a share of the words in one of Unicode's styles of the letters a to z; keep accents."""

    def dressed(word: str) -> str:
        capital, small = attempt.draw.choice(_COSTUMES)
        letters = (chr(ord("A") + i) for i in range(26))
        table = {ord(letter): capital + i for i, letter in enumerate(letters)}
        table |= {code + 32: small + code - ord("A") for code in table}
        return normal("NFD", word).translate(table)

    def change(word: str) -> str:
        return dressed(word) if any(letter.isascii() for letter in _bases(word)) else word

    return change_words(text, attempt, change)


def zero_width(text: str, attempt: Attempt) -> str:
    """Put invisible characters between letters, and direction controls around some words.

    The amount is the share of the words, and of the gaps within each. Removing all of
    :data:`INVISIBLE` and :data:`EMBEDDINGS` restores the text.
    """
    return change_words(text, attempt, lambda word: _with_unseen(word, attempt))


def _with_unseen(word: str, attempt: Attempt) -> str:
    letters = letters_of(word)
    filled = set(attempt.some(range(1, len(letters))))
    pieces = [
        (attempt.draw.choice(INVISIBLE) if i in filled else "") + letter
        for i, letter in enumerate(letters)
    ]
    opened, closed = attempt.draw.choice(EMBEDDINGS) if attempt.draw.random() < 0.25 else ("", "")
    return opened + "".join(pieces) + closed


def _in_leet(word: str, attempt: Attempt) -> str:
    letters = letters_of(word)
    places = [i for i, letter in enumerate(letters) if letter.lower() in _LEET]
    for i in attempt.some(places):
        letters[i] = attempt.draw.choice(_LEET[letters[i].lower()])
    return "".join(letters)


def _with_others(word: str, attempt: Attempt, others: dict[str, str]) -> str:
    letters = letters_of(normal("NFD", word))
    places = [i for i, letter in enumerate(letters) if letter[0] in others]
    if not places:
        return word
    for i in attempt.some(places):
        letters[i] = attempt.draw.choice(others[letters[i][0]]) + letters[i][1:]
    return normal("NFC", "".join(letters))


def _bases(word: str) -> list[str]:
    return [letter[0] for letter in letters_of(normal("NFD", word))]


def spacing(text: str, attempt: Attempt) -> str:
    """Separate the letters of a share of the words, with one sign for each word.

    Words in Arabic script may be stretched by kashidas instead. Words of one or two letters are
    unchanged.
    """
    return change_words(text, attempt, lambda word: _apart(word, attempt))


def typos(text: str, attempt: Attempt) -> str:
    """Swap, drop or double one letter inside a share of the words of four letters or more."""
    return change_words(text, attempt, lambda word: _mistyped(word, attempt))


def truncation(text: str, attempt: Attempt) -> str:
    """Cut a share of the words off the end; at least one is kept, and no mask is cut in two."""
    parts = list(re.finditer(r"\S+", text))
    if len(parts) < 2:
        return text
    kept = max(1, len(parts) - max(1, round(attempt.amount * len(parts))))
    return text[: parts[kept - 1].end()]


def _apart(word: str, attempt: Attempt) -> str:
    letters = letters_of(normal("NFC", word))
    if len(letters) < _MIN_APART:
        return word
    signs = (*SEPARATORS, KASHIDA) if script_of(word) == "Arab" else SEPARATORS
    return attempt.draw.choice(signs).join(letters)


def _mistyped(word: str, attempt: Attempt) -> str:
    letters = letters_of(normal("NFC", word))
    if len(letters) < _MIN_TYPO:
        return word
    i = attempt.draw.randrange(1, len(letters) - 1)
    match attempt.draw.choice(("swap", "drop", "double")):
        case "swap":
            letters[i], letters[i + 1] = letters[i + 1], letters[i]
        case "drop":
            del letters[i]
        case _:
            letters.insert(i, letters[i])
    return "".join(letters)
