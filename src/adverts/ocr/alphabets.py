"""Letters and signs that adverts of each language need, and those that an engine cannot write."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from types import MappingProxyType

EMOJI = "emoji"
"""Item that represents all emoji."""

_SIGNS = "£€$+@#%&/.,:;!?()-"
_ARABIC_SIGNS = "،؛؟"
_ARABIC_DIGITS, _PERSIAN_DIGITS = "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"
_LATIN = string.ascii_lowercase
_VIETNAMESE = (
    "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
)
_ARABIC = "ءأؤإئاآبةتثجحخدذرزسشصضطظعغفقكلمنهوىي"
_PERSIAN = "آاءأؤئبپتثجچحخدذرزژسشصضطظعغفقکگلمنوهةی"
_PASHTO = "آاأءبپتټثجځچڅحخدډذرړزژږسشښصضطظعغفقکګگلمنڼهةوؤیيېۍئ"
_SORANI = "ئابپتجچحخدرزڕژسشعغفڤقکگلڵمنهەوۆیێ"
_AMHARIC_ROWS = "ሀለሐመሠረሰሸቀበቨተቸኀነኘአከኸወዐዘዠየደጀገጠጨጰጸፀፈፐ"
_VOWELS_OF_A_ROW = 7


def _cased(letters: str) -> frozenset[str]:
    return frozenset(letters) | {letter.upper() for letter in letters if len(letter.upper()) == 1}


def _turkish() -> frozenset[str]:
    lower = set(_LATIN) - set("qwx")
    return _cased("".join(lower | set("çğıöşü"))) | {"İ"}


def _amharic() -> frozenset[str]:
    return frozenset(
        chr(ord(row) + vowel) for row in _AMHARIC_ROWS for vowel in range(_VOWELS_OF_A_ROW)
    )


_KURMANJI = _cased(f"{_LATIN}çêîşû")

LETTERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "am": _amharic(),
        "ar": frozenset(_ARABIC),
        "ckb": frozenset(_SORANI),
        "de": _cased(f"{_LATIN}äöüß"),
        "en": _cased(_LATIN),
        "es": _cased(f"{_LATIN}áéíñóúü"),
        "fa": frozenset(_PERSIAN),
        "fr": _cased(f"{_LATIN}àâæçéèêëîïôœùûüÿ"),
        "it": _cased(f"{_LATIN}àéèìòù"),
        "kmr": _KURMANJI,
        "ku": _KURMANJI,
        "pl": _cased("aąbcćdeęfghijklłmnńoóprsśtuwyzźż"),
        "ps": frozenset(_PASHTO),
        "ro": _cased(f"{_LATIN}ăâîșț"),
        "so": _cased(_LATIN),
        "sq": _cased("abcçdeëfghijklmnopqrstuvxyz"),
        "tr": _turkish(),
        "vi": _cased(_VIETNAMESE),
    }
)
"""Maps the ISO 639 code of each language to its letters, including capitals.

Vowel signs of the Arabic script are not included, since adverts do not use them. Amharic has the
seven vowels of each consonant.

Source: main exemplar characters of the Unicode CLDR.
"""

_OWN_SIGNS: Mapping[str, str] = MappingProxyType(
    {
        "ar": _ARABIC_SIGNS + _ARABIC_DIGITS,
        "ckb": _ARABIC_SIGNS + _ARABIC_DIGITS,
        "fa": _ARABIC_SIGNS + _PERSIAN_DIGITS,
        "ps": _ARABIC_SIGNS + _PERSIAN_DIGITS,
        "kmr": "₺",
        "ku": "₺",
        "tr": "₺",
    }
)
_FIRST_EMOJI, _LAST_EMOJI = "\U0001f1e6", "\U0001faff"
_MOST_NAMED = 12


def unspelled(alphabet: frozenset[str], language: str) -> tuple[str, ...]:
    """Return the characters of adverts in a language that an alphabet lacks, in code order.

    They are letters, digits, signs, and last :data:`EMOJI` if the alphabet has no emoji. The result
    is empty if the language is unknown.

    Args:
        alphabet: All characters that an engine can write.
        language: ISO 639 code of the language.
    """
    if language not in LETTERS:
        return ()
    needed = LETTERS[language].union(string.digits, _SIGNS, _OWN_SIGNS.get(language, ""))
    has_emoji = any(_FIRST_EMOJI <= character <= _LAST_EMOJI for character in alphabet)
    return (*sorted(needed - alphabet), *(() if has_emoji else (EMOJI,)))


def warning_for(engine: str, alphabet: frozenset[str] | None, language: str) -> str | None:
    """Return one line that says which characters of a language an engine cannot write.

    The result is None if it can write all except emoji, which no engine reads, or if its alphabet
    or the language is unknown. Capitals are not listed if their small letters are.
    """
    if alphabet is None:
        return None
    missing = unspelled(alphabet, language)
    if not set(missing) - {EMOJI}:
        return None
    named = [item for item in missing if item.lower() == item or item.lower() not in missing]
    named.sort(key=lambda item: (item == EMOJI, not item.isalpha(), item))
    return (
        f"{engine} cannot write {_shown(named)}, which {language} needs: they will be lost "
        "or misread"
    )


def _shown(items: Sequence[str]) -> str:
    more = len(items) - _MOST_NAMED
    return ", ".join(items[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
