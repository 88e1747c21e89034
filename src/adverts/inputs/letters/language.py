"""Identify the language and script of a text, for training, judging and serving alike."""

from __future__ import annotations

import hashlib
import io
import lzma
import math
import os
import re
import shutil
import struct
import threading
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from adverts.inputs.letters.marks import without_long_runs
from adverts.inputs.letters.scripts import script_of

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_PACKAGE = "py3langid"
_PLACEHOLDER = re.compile(r"<[A-Z]+>")
_RENAMED = {"sdh": "ckb", "ku": "kmr"}  # the model's codes of Sorani and Kurmanji
_UNKNOWN = {"und", "zxx"}
_MIN_CONFIDENCE = 0.5
_PIECE_BYTES, _HEADER_BYTES = 1_000_000, 4_096
_LOADING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Identified:
    """Probable language and script of a text.

    Attributes:
        lang: ISO 639 code of the language; None if no language has a probability of 0.5 or more.
        script: ISO 15924 code of most of its letters; None if it has no letter of a known script.
    """

    lang: str | None
    script: str | None


def rule_version() -> str:
    """Return the name and version of the language rule, for a prepared dataset's manifest."""
    return f"{_PACKAGE} {version(_PACKAGE)}, at least {_MIN_CONFIDENCE}"


@cache
def identifier_facts() -> Mapping[str, object]:
    """Return all facts that the result of :func:`identify` depends on, for a bundle's manifest.

    The keys are ``package``, ``version``, ``sha256`` of the package's model file,
    ``min_confidence`` and ``renamed``.
    """
    return {
        "package": _PACKAGE,
        "version": version(_PACKAGE),
        "sha256": hashlib.sha256(_model_file().read_bytes()).hexdigest(),
        "min_confidence": _MIN_CONFIDENCE,
        "renamed": dict(_RENAMED),
    }


def words_of(text: str) -> str:
    """Return the text without contact masks, from which language and script are identified."""
    return _PLACEHOLDER.sub(" ", text)


def identify(texts: Iterable[str]) -> list[Identified]:
    """Return language and script of each text; contact masks in it are ignored."""
    found = []
    for text in texts:
        plain = words_of(text)
        script = script_of(plain)
        name = str(_model().classify(without_long_runs(plain))[0]) if script else "und"
        found.append(Identified(None if name in _UNKNOWN else _RENAMED.get(name, name), script))
    return found


def _forget_parents_lock() -> None:
    """Replace the lock after a fork, since a thread of the parent may have held it."""
    global _LOADING  # noqa: PLW0603 - a lock that is held for ever can only be replaced
    _LOADING = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parents_lock)


def _model() -> LanguageIdentifier:
    with _LOADING:  # two threads would load it twice
        return _loaded()


@cache
def _loaded() -> LanguageIdentifier:
    """Load the model from memory, since the package's own loader writes a temporary file.

    No part of its 68 MB is in memory twice, neither afterwards nor while it is unpacked.
    """
    from py3langid.langid import LanguageIdentifier

    parts = _members(_unpacked(_model_file()))
    return LanguageIdentifier(
        _array(parts["ptc"]),
        _array(parts["pc"]),
        _array(parts["classes"]).tolist(),
        _numbers(parts["nextmove"]),
        _numbers(parts["out_feat"]),
        norm_probs=True,
        min_confidence=_MIN_CONFIDENCE,
        tk_row=_numbers(parts["nextmove_row"]),
    )


def _unpacked(file: Path) -> io.BytesIO:
    unpacked = io.BytesIO()
    with lzma.open(file) as packed:
        shutil.copyfileobj(packed, unpacked, _PIECE_BYTES)
    return unpacked


def _members(archive: io.BytesIO) -> dict[str, memoryview]:
    """Return the ``.npy`` content of each array of an archive, as views of the archive itself.

    Raises:
        ValueError: The archive is compressed.
    """
    content, found = archive.getbuffer(), {}
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            if entry.compress_type != zipfile.ZIP_STORED:
                raise ValueError(f"{_PACKAGE}: {entry.filename} is compressed, wanted uncompressed")
            name, extra = struct.unpack_from("<2H", content, entry.header_offset + 26)
            start = entry.header_offset + 30 + name + extra
            found[entry.filename.removesuffix(".npy")] = content[start : start + entry.file_size]
    return found


def _array(member: memoryview) -> NDArray[np.generic]:
    """Return a member as an array on the same memory, without unpickling or copying.

    Raises:
        ValueError: The array holds Python objects or is in Fortran order.
    """
    header = io.BytesIO(bytes(member[:_HEADER_BYTES]))
    version = npy.read_magic(header)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, is_fortran, dtype = read(header)
    if dtype.hasobject or is_fortran:
        raise ValueError(f"{_PACKAGE}: its model holds {dtype}, wanted plain numbers in rows")
    values = np.frombuffer(member, dtype, math.prod(shape), header.tell())
    return values.reshape(shape)


def _numbers(member: memoryview) -> memoryview:
    """Return a member as a view of whole numbers, which makes each number when it is read."""
    values = _array(member)
    content = member[len(member) - values.nbytes :]
    match values.dtype.char:
        case "H":
            return content.cast("H")
        case "I":
            return content.cast("I")
        case "i":
            return content.cast("i")
        case other:
            raise ValueError(f"{_PACKAGE}: its model holds {other}, wanted whole numbers")


def _model_file() -> Path:
    from py3langid.langid import MODEL_DIR, MODEL_FILE

    return Path(MODEL_DIR) / str(MODEL_FILE)
