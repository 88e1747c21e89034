"""Names of people: which count as one person, and which are names at all.

Two spellings that a reader takes for one name are one person, so that nobody approves or reviews
again what they reviewed under a name that only looks like theirs. Who shares such a name with
somebody else adds an initial. No two people are told apart by capitals, spaces, points, symbols,
accents, signs that nobody sees, or letters that look alike: ``I``, ``i``, ``l`` and ``1`` are one,
as are ``O`` and ``0``, ``rn`` and ``m``. Vowel signs of scripts that write vowels so do tell.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

from adverts.errors import InputError
from adverts.inputs.letters.folding import fold

_MOST_LETTERS = 200
# A capital I looks like a small L; the long vowel of kana, and the Chinese one, like a dash.
_ONE_OF_SEVERAL = {"i": "l", "1": "l", "0": "o", "m": "rn", "ー": "-"}
_DIRECTION = "\u200e"  # stands around letters that are written from right to left in the data
_POINTED = ("ARABIC", "HEBREW", "SYRIAC", "COMBINING")  # accents, and vowels that readers leave out


@lru_cache(10_000)
def person(name: str) -> str:
    """Return a name as it is compared: equal for two spellings of one person.

    Empty where no letter or digit is in it, which is nobody. It is not fit to be shown.

    Source: the skeleton of Unicode Technical Standard 39, section 4, of the folded letters.
    """
    told = "".join(one for one in name if not _is_left_out(one))
    letters = list(_letters(fold(told)))
    scripts = {_script(one) for one in letters if not _looks_like_a_point(one)} - {"LATIN"}
    return "".join(
        one if _looks_like_a_point(one) else _look(one)
        for one in letters
        if not _looks_like_a_point(one) or _script(one) in scripts
    )


def require_person(what: str, name: str) -> str:
    """Return a name that is one of a person.

    Args:
        what: What holds the name, for the message: a file with its row and column, or a setting.
        name: The name.

    Raises:
        InputError: It is too long or not printable, or has fewer than two letters. The message
            does not name it.
    """
    if len(name) > _MOST_LETTERS or not name.isprintable():
        raise InputError(
            f"{what}: found {len(name):,} characters, wanted at most {_MOST_LETTERS} that can be "
            "printed"
        )
    if len(person(name)) < 2 or sum(map(str.isalpha, fold(name))) < 2:
        found = "is empty" if not name.strip() else "names nobody"
        raise InputError(
            f"{what} {found}; write the name or initials of who says it, at least two letters"
        )
    return name


def _is_left_out(letter: str) -> bool:
    """Return whether a character tells nobody apart, before folding makes something else of it."""
    kind, name = unicodedata.category(letter)[0], unicodedata.name(letter, "")
    if kind == "M":
        return name.startswith(_POINTED) and not _is_kana(name)
    if kind == "S":  # letters in circles and halves of flags stay
        return not any(word in name for word in ("LETTER", "DIGIT", "NUMBER", "INDICATOR"))
    return kind not in "LN" or "FILLER" in name or "BLANK" in name


def _letters(text: str) -> Iterator[str]:
    """Yield letters, digits, and marks on a letter of their own script."""
    before = ""
    for one in unicodedata.normalize("NFKD", text):
        kind, script = unicodedata.category(one), _script(one)
        if kind[0] == "M":
            if script == before and not _is_left_out(one):
                yield one
        elif kind[0] in "LN" and not _is_left_out(one):
            before = script
            yield one


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "")
    return "KANA" if _is_kana(name) else name.partition(" ")[0]


def _is_kana(name: str) -> bool:
    return "KATAKANA" in name or "HIRAGANA" in name


def _looks_like_a_point(letter: str) -> bool:
    """Return whether a letter looks like a sign that tells nobody apart, such as an apostrophe."""
    return not any(map(str.isalnum, _look(letter)))


@cache
def _look(letter: str) -> str:
    """Return the letters that one folded letter looks like, in small ones."""
    # Of capitals more look alike, such as the Greek Nu and N.
    capital = _prototype(upper if len(upper := letter.upper()) == 1 else letter)
    look = capital if capital.isascii() and capital.isalpha() else _prototype(letter)
    return "".join(_ONE_OF_SEVERAL.get(one, one) for one in look.casefold())


def _prototype(letter: str) -> str:
    """Return what a letter looks like, without strokes and accents; of other scripts they tell."""
    look = unicodedata.normalize("NFKD", _prototypes().get(letter, letter))
    bare = "".join(one for one in look if unicodedata.category(one)[0] != "M")
    return bare if bare == look or _script(letter) == "LATIN" else letter


@cache
def _prototypes() -> dict[str, str]:
    """Map characters to what stands for all that look like them in the data of Unicode."""
    from confusable_homoglyphs.confusables import confusables_data

    alike = {
        one.strip(_DIRECTION): [other["c"].strip(_DIRECTION) for other in several]
        for one, several in confusables_data.items()
    }
    found = {}
    for one, several in alike.items():
        first = several[0]
        if len(one) == len(several) == 1:
            is_rest = len(alike.get(first, ())) > 1 or len(first) > 1 or first < one
            found[one] = first if is_rest else one
    return found
