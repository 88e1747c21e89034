"""Language and script of a text: one identifier for training, judging and serving."""

from __future__ import annotations

import hashlib
import io
import lzma
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adverts.inputs.scripts import script_of

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_PACKAGE = "py3langid"
_PLACEHOLDER = re.compile(r"<[A-Z]+>")
_RENAMED = {"sdh": "ckb", "ku": "kmr"}  # what the model calls Sorani and Kurmanji
_UNKNOWN = {"und", "zxx"}
_MIN_CONFIDENCE = 0.5
_LOADING = threading.Lock()


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
    """Name what identifies languages, for the manifest of a prepared dataset."""
    return f"{_PACKAGE} {version(_PACKAGE)}, at least {_MIN_CONFIDENCE}"


@cache
def identifier_facts() -> Mapping[str, object]:
    """Return everything that decides what :func:`identify` says, for the manifest of a bundle.

    ``package``, ``version``, ``sha256`` of its model file, ``min_confidence`` and ``renamed``.
    """
    return {
        "package": _PACKAGE,
        "version": version(_PACKAGE),
        "sha256": hashlib.sha256(_model_file().read_bytes()).hexdigest(),
        "min_confidence": _MIN_CONFIDENCE,
        "renamed": dict(_RENAMED),
    }


def words_of(text: str) -> str:
    """Return what a language and a script are told from: the text without contact placeholders."""
    return _PLACEHOLDER.sub(" ", text)


def identify(texts: Iterable[str]) -> list[Identified]:
    """Return language and script of each text; contact placeholders are not part of it."""
    found = []
    for text in texts:
        plain = words_of(text)
        script = script_of(plain)
        name = str(_model().classify(plain)[0]) if script else "und"
        found.append(Identified(None if name in _UNKNOWN else _RENAMED.get(name, name), script))
    return found


def _model() -> LanguageIdentifier:
    with _LOADING:  # two threads would hold it twice
        return _loaded()


@cache
def _loaded() -> LanguageIdentifier:
    """Load the model from memory: its own loader writes a temporary file."""
    from py3langid.langid import LanguageIdentifier

    raw = lzma.decompress(_model_file().read_bytes())
    with np.load(io.BytesIO(raw), allow_pickle=False) as data:
        return LanguageIdentifier(
            data["ptc"],
            data["pc"],
            data["classes"].tolist(),
            memoryview(data["nextmove"]),
            data["out_feat"].tolist(),
            norm_probs=True,
            min_confidence=_MIN_CONFIDENCE,
            tk_row=data["nextmove_row"].tolist(),
        )


def _model_file() -> Path:
    from py3langid.langid import MODEL_DIR, MODEL_FILE

    return Path(MODEL_DIR) / str(MODEL_FILE)
