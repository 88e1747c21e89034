"""The reader of a manifest again, here; what is missing or another one says so, and abstains."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adverts.errors import InputError
from adverts.ocr import build_readers
from adverts.ocr.abstaining import ARABIC, EVERYTHING, VIETNAMESE, AbstainingReader
from adverts.ocr.protocol import Reader, ReaderSpec

Facts = Mapping[str, object]

SYSTEM_DATA = Path("/usr/share/tesseract-ocr/5/tessdata")
"""Where Debian's packages of Tesseract's language data put it."""
_SHA256_LENGTH = 64
_LEFT_UNREAD: Mapping[str, frozenset[str]] = {
    "arabic": frozenset({ARABIC}),
    "tesseract Arabic": frozenset({ARABIC}),
    "tesseract vie": frozenset({VIETNAMESE}),
    "tesserocr": frozenset({ARABIC, VIETNAMESE}),
}
"""What a part of the engine ``auto`` alone reads; every other part takes part in every line."""
_NAMES = {ARABIC: "Arabic script", VIETNAMESE: "Vietnamese"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of a reader that is not here what it was there.

    Attributes:
        part: Its name.
        wanted: Its version or sha256 in the manifest; None where it had no such part.
        found: That of what is installed; None where it is missing.
        abstains: What must be left unread for it, see :class:`AbstainingReader`.
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
    """Build the reader whose ``ReaderSpec.facts`` a manifest keeps, from what is installed.

    Where a part is missing, or is not the one that the facts name, a warning says so, and lines
    that it would have to read stay boxes without text, marked for a person.

    Args:
        facts: As a manifest keeps them.
        threads: Threads that one image is read with.
        folder: Of Tesseract's language data, or of EasyOCR's networks; None: where Debian, or our
            export, puts them.

    Raises:
        InputError: The facts are of no engine of ours, or nothing can be read here.
        MissingExtraError: A package without which nothing can be read is not installed.
    """
    reader = _rebuilt(facts, threads=threads, folder=folder)
    found = differences(facts, reader.spec)
    for one in found:
        warnings.warn(f"reader of pictures, {one}", stacklevel=2)
    abstains = frozenset().union(*(one.abstains for one in found))
    return AbstainingReader(reader, abstains) if abstains else reader


def differences(facts: Facts, spec: ReaderSpec) -> tuple[Difference, ...]:
    """Return every part in which a reader is not the one of the facts.

    Other rules around the same weights are told, too, but nothing is left unread for them.

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
    """Compare part by part; one that ``abstains`` does not name takes part in every line."""
    everything = frozenset({EVERYTHING})
    return [
        Difference(
            part,
            _told(wanted.get(part)),
            _told(found.get(part)),
            frozenset() if abstains is None else abstains.get(part, everything),
        )
        for part in sorted({*wanted, *found})
        if wanted.get(part) != found.get(part)
    ]


def _versions(text: str, engine: str) -> dict[str, str]:
    """Read ``name version, name version``; a version alone is that of the engine's package."""
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
            raise InputError(f"pictures were read by {facts.get('engine')!r}, no engine of ours")


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
    return f"what a manifest says of its reader {engine} is incomplete, or of another release"


def _mapping(facts: Facts, name: str) -> Mapping[str, object]:
    value = facts.get(name)
    if not isinstance(value, Mapping):
        raise InputError(f"what a manifest says of its reader has no {name}")
    return value


def _told(value: object) -> str | None:
    return None if value is None else str(value)


def _short(value: str | None) -> str:
    """Cut a sha256 to what tells it from others."""
    if value is None:
        return "none"
    return value[:12] if len(value) == _SHA256_LENGTH else value
