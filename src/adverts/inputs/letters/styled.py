"""Letters and numbers in costume that NFKC leaves as they are: small capitals, boxes, flags."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from adverts.inputs.letters.characters import character_names, named

# Two letters of a region, as ISO 3166-1 and Unicode's flags have them.
_FLAG = (
    "A[C-GILMOQ-UWXZ]|B[ABD-JL-OQ-TVWYZ]|C[ACDF-IK-PRU-Z]|D[EGJKMOZ]|E[ACEGHR-U]|F[IJKMOR]|"
    "G[ABD-ILMNP-UWY]|H[KMNRTU]|I[CDELMNOQ-T]|J[EMOP]|K[EGHIMNPRWYZ]|L[ABCIKR-VY]|M[ACDEFGHK-Z]|"
    "N[ACEFGILOPRUZ]|OM|P[AEFGHKLMNRSTWY]|QA|R[EOSUW]|S[ABCDEGHIJKLMNORSTVXYZ]|"
    "T[ACDFGHJKLMNORTVWZ]|U[AGMNSYZ]|V[ACEGINU]|W[FS]|XK|Y[ET]|Z[AMW]"
)
_FLAGS = re.compile(f"(?:{_FLAG})+")
_FIRST_INDICATOR = 0x1F1E6
_INDICATORS = re.compile("[\U0001f1e6-\U0001f1ff]+")

# A letter and what it looks like upside down; the first ten serve nothing else.
_ONLY_TURNED = "ɐɟɥᴉʞɯɹʇʍʎ"
_TURNED = str.maketrans(f"{_ONLY_TURNED}ɔǝƃɾʌbdpqnu", "afhikmrtwycegjvqpdbun")
_TURNABLE = frozenset(map(chr, _TURNED)) | frozenset("ilosxz")
_WORD = re.compile(r"\w+")

# Latin letters of phonetic notation and of other type faces.
_TYPE_FACES = {"ɑ": "a", "ɡ": "g", "ȷ": "j", "℮": "e"}


@cache
def plain_letters() -> dict[str, str]:
    """Map each letter and number in costume to what it says: small capitals, white on black."""
    small = named("LATIN (?:LETTER|CAPITAL LETTER) SMALL CAPITAL ([A-Z])")
    boxed = named(
        "(?:CROSSED )?NEGATIVE (?:CIRCLED|SQUARED) LATIN (?:CAPITAL|SMALL) LETTER ([A-Z])"
    )
    letters = {letter: name.lower() for letter, name in (small | boxed).items()} | _TYPE_FACES
    capitals = {letter.upper(): plain for letter, plain in letters.items()}
    return letters | capitals | _circled_numbers()


@cache
def bracketed_letters() -> dict[str, str]:
    """Map each letter in brackets to the letter, which NFKC would leave in brackets."""
    pattern = "PARENTHESIZED LATIN (?:CAPITAL|SMALL) LETTER ([A-Z])"
    return {letter: name.lower() for letter, name in named(pattern).items()}


def spell_out(text: str) -> str:
    """Write letters made of half flags as letters, where they are not all flags of regions."""
    return _INDICATORS.sub(_spell, text)


def turn_back(text: str) -> str:
    """Turn the words that stand upside down; a word counts if a letter of it is only that."""
    return _WORD.sub(_turn, text)


def may_be_turned() -> frozenset[str]:
    """Return the letters by which a word that stands upside down is known."""
    return frozenset(_ONLY_TURNED + _ONLY_TURNED.upper())


def half_flags() -> frozenset[str]:
    """Return the regional indicators, two of which make a flag."""
    return frozenset(chr(_FIRST_INDICATOR + place) for place in range(26))


def _turn(match: re.Match[str]) -> str:
    word = match.group().casefold()
    is_turned = _TURNABLE.issuperset(word) and not may_be_turned().isdisjoint(word)
    return word[::-1].translate(_TURNED) if is_turned else match.group()


def _circled_numbers() -> dict[str, str]:
    """Numbers in black or double circles, and digits that are not written by place."""
    numbers = (letter for letter in character_names() if unicodedata.category(letter) == "No")
    return {
        number: str(int(unicodedata.numeric(number)))
        for number in numbers
        if "CIRCLED" in character_names()[number] or unicodedata.digit(number, None) is not None
    }


def _spell(match: re.Match[str]) -> str:
    letters = "".join(chr(ord(half) - _FIRST_INDICATOR + ord("A")) for half in match.group())
    return match.group() if _FLAGS.fullmatch(letters) else letters.lower()
