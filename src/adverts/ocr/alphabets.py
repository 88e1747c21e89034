"""The letters and signs that each language's adverts need, and which of them an engine lacks."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from types import MappingProxyType

EMOJI = "emoji"
"""The one item that stands for all of them."""

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
"""Letters of each language, capitals too where it has them, by ISO 639 code.

Vowel signs of the Arabic script are none, since adverts do without; Amharic has the seven vowels of
each consonant.

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
    """Return what adverts in a language are written with and an alphabet lacks, in code order.

    Letters, digits, signs, and last :data:`EMOJI` where the alphabet has none at all. Nothing where
    the language is not known.

    Args:
        alphabet: Every character that an engine can write.
        language: ISO 639 code.
    """
    if language not in LETTERS:
        return ()
    needed = LETTERS[language].union(string.digits, _SIGNS, _OWN_SIGNS.get(language, ""))
    has_emoji = any(_FIRST_EMOJI <= character <= _LAST_EMOJI for character in alphabet)
    return (*sorted(needed - alphabet), *(() if has_emoji else (EMOJI,)))


def warning_for(engine: str, alphabet: frozenset[str] | None, language: str) -> str | None:
    """Say in one line what an engine cannot write of a language.

    None where it can write all but emoji, which no engine reads, and where nothing is known of its
    alphabet or of the language. Capitals are not named beside their small letters.
    """
    if alphabet is None:
        return None
    missing = unspelled(alphabet, language)
    if not set(missing) - {EMOJI}:
        return None
    named = [item for item in missing if item.lower() == item or item.lower() not in missing]
    named.sort(key=lambda item: (item == EMOJI, not item.isalpha(), item))
    return (
        f"{engine} cannot write {_shown(named)}, which {language} needs: those are lost or misread"
    )


def _shown(items: Sequence[str]) -> str:
    more = len(items) - _MOST_NAMED
    return ", ".join(items[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
