"""Language and script of a text: one identifier for training, judging and serving."""

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
_RENAMED = {"sdh": "ckb", "ku": "kmr"}  # what the model calls Sorani and Kurmanji
_UNKNOWN = {"und", "zxx"}
_MIN_CONFIDENCE = 0.5
_PIECE_BYTES, _HEADER_BYTES = 1_000_000, 4_096
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
        name = str(_model().classify(without_long_runs(plain))[0]) if script else "und"
        found.append(Identified(None if name in _UNKNOWN else _RENAMED.get(name, name), script))
    return found


def _forget_parents_lock() -> None:
    """A thread of the parent may have held it at the fork, and is not here to let it go."""
    global _LOADING  # noqa: PLW0603 - a lock that is held for ever can only be replaced
    _LOADING = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parents_lock)


def _model() -> LanguageIdentifier:
    with _LOADING:  # two threads would hold it twice
        return _loaded()


@cache
def _loaded() -> LanguageIdentifier:
    """Load the model from memory: its own loader writes a temporary file.

    Nothing of its 68 MB is held twice, neither for good nor while it is unpacked.
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
        ValueError: It is packed.
    """
    content, found = archive.getbuffer(), {}
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            if entry.compress_type != zipfile.ZIP_STORED:
                raise ValueError(f"{_PACKAGE}: {entry.filename} is packed, wanted stored")
            name, extra = struct.unpack_from("<2H", content, entry.header_offset + 26)
            start = entry.header_offset + 30 + name + extra
            found[entry.filename.removesuffix(".npy")] = content[start : start + entry.file_size]
    return found


def _array(member: memoryview) -> NDArray[np.generic]:
    """Return a member as an array on the same memory; neither pickles nor copies.

    Raises:
        ValueError: It holds Python objects.
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
    """Return a member as whole numbers, each made when it is asked for, wherever it lies."""
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
