"""Language and script of adverts whose source does not tell them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_PLACEHOLDER = re.compile(r"<[A-Z]+>")
_RENAMED = {"sdh": "ckb", "ku": "kmr"}  # what the model calls Sorani and Kurmanji
_UNKNOWN = {"und", "zxx"}
_MIN_CONFIDENCE = 0.5
_SCRIPTS = {
    "LATIN": "Latn",
    "ARABIC": "Arab",
    "CYRILLIC": "Cyrl",
    "GREEK": "Grek",
    "HEBREW": "Hebr",
    "DEVANAGARI": "Deva",
    "BENGALI": "Beng",
    "GURMUKHI": "Guru",
    "GUJARATI": "Gujr",
    "TAMIL": "Taml",
    "TELUGU": "Telu",
    "ETHIOPIC": "Ethi",
    "ARMENIAN": "Armn",
    "GEORGIAN": "Geor",
    "THAI": "Thai",
    "HANGUL": "Hang",
    "HIRAGANA": "Jpan",
    "KATAKANA": "Jpan",
    "CJK": "Hani",
}


@dataclass(frozen=True, slots=True)
class Identified:
    """What a text is probably written in.

    Attributes:
        lang: ISO 639 code; None where no language is more likely than not.
        script: ISO 15924 code of most of its letters; None where it has no letter of a script
            that we know.
    """

    lang: str | None
    script: str | None


def rule_version() -> str:
    """Name what identifies languages, for the manifest."""
    return f"py3langid {version('py3langid')}, at least {_MIN_CONFIDENCE}"


def identify(texts: Iterable[str]) -> list[Identified]:
    """Return language and script of each text; contact placeholders are not part of it."""
    model = _model()
    found = []
    for text in texts:
        plain = _PLACEHOLDER.sub(" ", text)
        script = script_of(plain)
        name = str(model.classify(plain)[0]) if script else "und"
        found.append(Identified(None if name in _UNKNOWN else _RENAMED.get(name, name), script))
    return found


def script_of(text: str) -> str | None:
    """Return the ISO 15924 code of the script of most letters; a tie goes to the first met."""
    counts = Counter(_script(character) for character in text if character.isalpha())
    counts.pop(None, None)
    return counts.most_common(1)[0][0] if counts else None


@cache
def _model() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(
        MODEL_FILE, norm_probs=True, min_confidence=_MIN_CONFIDENCE
    )


@cache
def _script(letter: str) -> str | None:
    return _SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0])
