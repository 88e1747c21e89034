"""Language and script of adverts whose source does not tell them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from adverts.inputs.scripts import script_of

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_PLACEHOLDER = re.compile(r"<[A-Z]+>")
_RENAMED = {"sdh": "ckb", "ku": "kmr"}  # what the model calls Sorani and Kurmanji
_UNKNOWN = {"und", "zxx"}
_MIN_CONFIDENCE = 0.5


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


@cache
def _model() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(
        MODEL_FILE, norm_probs=True, min_confidence=_MIN_CONFIDENCE
    )
