"""Run EasyOCR's exported networks in ONNX Runtime, without torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from adverts.errors import InputError, IntegrityError
from adverts.files.bounded_reading import read_json
from adverts.ocr.easyocr.recogniser_models import PACKAGED
from adverts.ocr.easyocr.weights import verified_bytes
from adverts.work.cpu_session import cpu_session

EXPORT_VERSION = 1  # raise it if the same weights may give other results
SIDECAR = "easyocr.json"
Precision = Literal["fp32", "int8"]
Role = Literal["detector", "recogniser"]


def network_file(role: Role, precision: Precision) -> str:
    """Return the file name of a network."""
    return f"{role}-{precision}.onnx"


def default_folder() -> Path:
    """Return the folder of exported networks, in ``$ADVERTS_CACHE`` or the user's cache."""
    cache = os.environ.get("ADVERTS_CACHE") or Path.home() / ".cache" / "adverts"
    return Path(cache) / "easyocr"


class OnnxNetworks:
    """Detector and English recogniser in ONNX Runtime; ``int8`` quantises the convolutions."""

    def __init__(self, folder: Path, *, precision: Precision, threads: int) -> None:
        """Open exported networks.

        Args:
            folder: Folder to which ``python -m adverts.ocr.easyocr.export`` wrote the networks.
            precision: Precision of the networks to open.
            threads: Number of threads for ONNX Runtime.

        Raises:
            InputError: The folder holds no export, or a file of it is missing.
            IntegrityError: The export has another version or other weights, or a file has changed.
        """
        hashes = _hashes(folder)
        self._detector = _session(folder, network_file("detector", precision), hashes, threads)
        self._recogniser = _session(folder, network_file("recogniser", precision), hashes, threads)

    def maps(self, canvas: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the two maps ``(2, H / 2, W / 2)`` of one canvas ``(1, 3, H, W)``."""
        maps: NDArray[np.float32] = self._detector.run(None, {"canvas": canvas})[0][0]
        return maps

    def probabilities(self, lines: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map lines ``(lines, 1, 64, W)`` to probabilities ``(lines, steps, 1 + characters)``."""
        (probabilities,) = self._recogniser.run(None, {"lines": lines})
        return probabilities


class _Session(Protocol):
    """The used part of the interface of ``onnxruntime.InferenceSession``."""

    def run(
        self, outputs: None, feeds: dict[str, NDArray[np.float32]]
    ) -> list[NDArray[np.float32]]:
        """Return all outputs."""


def _hashes(folder: Path) -> dict[str, str]:
    """Return the sha256 of each file by name, from a sidecar of this version."""
    path = folder / SIDECAR
    command = f"python -m adverts.ocr.easyocr.export {folder}"
    if not path.is_file():
        raise InputError(f"there are no networks of EasyOCR in {folder}; run: {command}")
    try:
        facts = read_json(path)
        version, sources, files = facts["version"], facts["sources"], dict(facts["files"])
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError(
            f"{path} does not describe an export of EasyOCR; run: {command}"
        ) from error
    if (version, sources) != (EXPORT_VERSION, dict(PACKAGED)):
        raise IntegrityError(
            f"{path} describes export {version} of {sources}, wanted {EXPORT_VERSION} of "
            f"{dict(PACKAGED)}; run: {command}"
        )
    return files


def _session(folder: Path, name: str, hashes: dict[str, str], threads: int) -> _Session:
    if name not in hashes:
        raise IntegrityError(f"{folder / SIDECAR} does not have the hash of {name}")
    session: _Session = cpu_session(verified_bytes(folder / name, hashes[name]), threads)
    return session
