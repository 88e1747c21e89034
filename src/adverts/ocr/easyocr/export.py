"""Exports EasyOCR's packaged networks to ONNX: ``python -m adverts.ocr.easyocr.export FOLDER``.

The files stay on this machine. The weights state no licence, so no bundle contains them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.errors import AdvertsError, InputError, MissingExtraError
from adverts.files.file_hash import file_sha256
from adverts.ocr.easyocr.int8 import DETECTOR_RANGES, RECOGNISER_RANGES, quantise
from adverts.ocr.easyocr.onnx_networks import EXPORT_VERSION, SIDECAR, default_folder, network_file
from adverts.ocr.easyocr.recogniser_models import PACKAGED
from adverts.ocr.easyocr.torch_networks import require_easyocr

if TYPE_CHECKING:
    from onnx import ModelProto

_TOOLS = ("torch", "onnx", "onnxscript")


def export(folder: Path) -> None:
    """Write both networks in both precisions, and last the file with their hashes.

    Raises:
        MissingExtraError: EasyOCR, its weights, torch or the exporter is not installed.
        IntegrityError: A weights file has another hash.
    """
    require_easyocr()
    for package in _TOOLS:
        if find_spec(package) is None:
            raise MissingExtraError(package, "easyocr")
    from adverts.ocr.easyocr.networks import OPSET, detector_graph, recogniser_graph

    detector, recogniser = detector_graph(), recogniser_graph()
    graphs = {
        network_file("detector", "fp32"): detector,
        network_file("detector", "int8"): quantise(detector, DETECTOR_RANGES),
        network_file("recogniser", "fp32"): recogniser,
        network_file("recogniser", "int8"): quantise(recogniser, RECOGNISER_RANGES),
    }
    write(folder, graphs, opset=OPSET)


def write(folder: Path, graphs: Mapping[str, ModelProto], *, opset: int) -> None:
    """Write graphs, given by file name, and the sidecar with their hashes.

    Raises:
        InputError: The folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder, graphs, opset=opset)
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written ({error.strerror}); name another folder"
        ) from None


def _write(folder: Path, graphs: Mapping[str, ModelProto], *, opset: int) -> None:
    (folder / SIDECAR).unlink(missing_ok=True)  # an incomplete export must have no sidecar
    for name, graph in graphs.items():
        (folder / name).write_bytes(graph.SerializeToString(deterministic=True))
    facts = {
        "version": EXPORT_VERSION,
        "sources": dict(PACKAGED),
        "files": {name: file_sha256(folder / name) for name in graphs},
        "opset": opset,
        "packages": {name: version(name) for name in ("easyocr", "onnxruntime", *_TOOLS)},
    }
    (folder / SIDECAR).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Export into the given folder, by default the engine's, and return the exit status."""
    named = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if len(named) > 1 or any(name.startswith("-") for name in named):
            raise InputError("usage: python -m adverts.ocr.easyocr.export [FOLDER]")
        folder = Path(named[0]) if named else default_folder()
        export(folder)
    except AdvertsError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    print(f"wrote EasyOCR's networks to {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
