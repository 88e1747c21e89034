"""What made a run: commit, package versions, machine. Never environment variables."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib import metadata

from adverts.files.file_hash import ask_git, code_is_changed

_PACKAGES = (
    "adverts",
    "torch",
    "transformers",
    "tokenizers",
    "accelerate",
    "timm",
    "safetensors",
    "datasets",
    "pyarrow",
    "numpy",
    "scipy",
    "scikit-learn",
    "Pillow",
    "easyocr",
    "rapidocr",
    "tesserocr",
    "onnxruntime",
    "mlflow",
)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a run.

    Attributes:
        commit: Of the code; None outside a git checkout.
        dirty: Was a tracked file changed, or an untracked one added, below ``src`` or ``configs``?
        versions: By package; those that are not installed are left out.
        python: Version of the interpreter.
        machine: Architecture and system.
    """

    commit: str | None
    dirty: bool
    versions: dict[str, str]
    python: str
    machine: str


def find_provenance() -> Provenance:
    """Look up what runs now."""
    commit = ask_git("rev-parse", "HEAD")
    return Provenance(
        commit=commit,
        dirty=commit is not None and code_is_changed(),
        versions={name: version for name in _PACKAGES if (version := _version(name))},
        python=platform.python_version(),
        machine=f"{platform.machine()} {platform.system()}",
    )


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
