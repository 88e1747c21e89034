"""Rebuild the reader of a manifest; warn of missing or other parts and leave their lines unread."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adverts.errors import InputError
from adverts.ocr import build_readers
from adverts.ocr.partial_reader import ARABIC, EVERYTHING, VIETNAMESE, AbstainingReader
from adverts.ocr.protocol import Reader, ReaderSpec

Facts = Mapping[str, object]

SYSTEM_DATA = Path("/usr/share/tesseract-ocr/5/tessdata")
"""Folder where Debian's packages put Tesseract's language data."""
_SHA256_LENGTH = 64
_LEFT_UNREAD: Mapping[str, frozenset[str]] = {
    "arabic": frozenset({ARABIC}),
    "tesseract Arabic": frozenset({ARABIC}),
    "tesseract vie": frozenset({VIETNAMESE}),
    "tesserocr": frozenset({ARABIC, VIETNAMESE}),
}
"""Maps parts of the engine ``auto`` to what only they read; other parts affect every line."""
_NAMES = {ARABIC: "Arabic script", VIETNAMESE: "Vietnamese"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of a reader that differs between the manifest and what is installed.

    Attributes:
        part: Name of the part.
        wanted: Version or sha256 in the manifest; None if the manifest has no such part.
        found: Version or sha256 of the installed part; None if it is missing.
        abstains: What must be left unread because of it, see :class:`AbstainingReader`.
    """

    part: str
    wanted: str | None
    found: str | None
    abstains: frozenset[str]

    def __str__(self) -> str:
        told = f"{self.part}: wanted {_short(self.wanted)}, found {_short(self.found)}"
        if EVERYTHING in self.abstains:
            return f"{told}; no line is read"
        names = " and ".join(sorted(_NAMES[code] for code in self.abstains))
        return f"{told}; {names} left unread" if names else told


def reader_from_facts(facts: Facts, *, threads: int, folder: Path | None = None) -> Reader:
    """Build the reader whose ``ReaderSpec.facts`` are in a manifest, from what is installed.

    If a part is missing or differs from the facts, a warning says so. Lines that need this part
    stay boxes without text, marked for a person.

    Args:
        facts: Facts of the reader from a manifest.
        threads: Number of threads for one image.
        folder: Folder of Tesseract's language data or EasyOCR's networks. None means the folder
            that Debian, or the export of the networks, uses.

    Raises:
        InputError: The facts are not those of a known engine, or nothing can be read here.
        MissingExtraError: A package that is needed to read anything is not installed.
    """
    reader = _rebuilt(facts, threads=threads, folder=folder)
    found = differences(facts, reader.spec)
    for one in found:
        warnings.warn(f"reader of pictures, {one}", stacklevel=2)
    abstains = frozenset().union(*(one.abstains for one in found))
    return AbstainingReader(reader, abstains) if abstains else reader


def differences(facts: Facts, spec: ReaderSpec) -> tuple[Difference, ...]:
    """Return all parts in which a reader differs from the facts.

    Other parameters with the same weights are also reported, but leave nothing unread.

    Raises:
        InputError: The facts are incomplete.
    """
    engine = _versions(str(facts.get("version")), spec.engine)
    return (
        *_between(engine, _versions(spec.engine_version, spec.engine), _LEFT_UNREAD),
        *_between(_mapping(facts, "weights"), spec.weights, _LEFT_UNREAD),
        *_between(_mapping(facts, "parameters"), spec.parameters, None),
    )


def _between(
    wanted: Mapping[str, object],
    found: Mapping[str, object],
    abstains: Mapping[str, frozenset[str]] | None,
) -> list[Difference]:
    """Return the differing parts; one that ``abstains`` does not name affects every line."""
    everything = frozenset({EVERYTHING})
    return [
        Difference(
            part,
            _text_or_none(wanted.get(part)),
            _text_or_none(found.get(part)),
            frozenset() if abstains is None else abstains.get(part, everything),
        )
        for part in sorted({*wanted, *found})
        if wanted.get(part) != found.get(part)
    ]


def _versions(text: str, engine: str) -> dict[str, str]:
    """Parse ``name version, name version``; a version alone is that of the engine's package."""
    parts = [part.partition(" ") for part in text.split(", ")]
    return {name: found for name, _, found in parts if found} or {engine: text}


def _rebuilt(facts: Facts, *, threads: int, folder: Path | None) -> Reader:
    data_folder = folder or SYSTEM_DATA
    match facts:
        case {
            "engine": "auto",
            "parameters": {
                "canvas_px": int(canvas_px),
                "min_confidence": int() | float() as min_confidence,
            },
        }:
            return build_readers.auto_reader(
                canvas_px=canvas_px,
                min_confidence=min_confidence,
                threads=threads,
                data_folder=data_folder,
            )
        case {
            "engine": "rapidocr",
            "parameters": {
                "canvas_px": int(canvas_px),
                "min_confidence": int() | float() as min_confidence,
            },
        }:
            return build_readers.rapidocr_reader(
                canvas_px=canvas_px, min_confidence=min_confidence, threads=threads
            )
        case {
            "engine": "tesseract",
            "parameters": {
                "data": str(data),
                "min_confidence": int() | float() as min_confidence,
            },
        }:
            return build_readers.tesseract_reader(
                data=data.split("+"),
                data_folder=data_folder,
                min_confidence=min_confidence,
            )
        case {"engine": "easyocr"}:
            return _easyocr(facts, threads=threads, folder=folder)
        case {"engine": "auto" | "rapidocr" | "tesseract" as engine}:
            raise InputError(_incomplete(engine))
        case _:
            raise InputError(
                f"pictures were read by {facts.get('engine')!r}, which is not one of our engines"
            )


def _easyocr(facts: Facts, *, threads: int, folder: Path | None) -> Reader:
    from adverts.ocr.easyocr.recogniser_models import recogniser_of

    match facts:
        case {
            "weights": {"recogniser": str(sha256)},
            "parameters": {
                "languages": str(languages),
                "canvas_px": int(canvas_px),
                "min_confidence": int() | float() as min_confidence,
                "backend": "torch" | "onnx" as backend,
                "precision": "fp32" | "int8" as precision,
            },
        }:
            return build_readers.easyocr_reader(
                languages=languages.split("+"),
                canvas_px=canvas_px,
                min_confidence=min_confidence,
                threads=threads,
                backend=backend,
                precision=precision,
                folder=folder,
                weights={recogniser_of(languages.split("+")).file: sha256},
            )
        case _:
            raise InputError(_incomplete("easyocr"))


def _incomplete(engine: str) -> str:
    return (
        f"what the manifest says about its reader {engine} is incomplete, or from another release"
    )


def _mapping(facts: Facts, name: str) -> Mapping[str, object]:
    value = facts.get(name)
    if not isinstance(value, Mapping):
        raise InputError(f"what the manifest says about its reader has no {name}")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)


def _short(value: str | None) -> str:
    """Return a sha256 cut to 12 digits, other values unchanged, and "none" for None."""
    if value is None:
        return "none"
    return value[:12] if len(value) == _SHA256_LENGTH else value
