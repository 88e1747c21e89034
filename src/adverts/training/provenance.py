"""What made a run: commit, package versions, machine. Never environment variables."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

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
    commit = _git("rev-parse", "HEAD")
    changes = _git("status", "--porcelain", "--", "src", "configs") if commit else None
    return Provenance(
        commit=commit,
        dirty=bool(changes),
        versions={name: version for name in _PACKAGES if (version := _version(name))},
        python=platform.python_version(),
        machine=f"{platform.machine()} {platform.system()}",
    )


def _git(*arguments: str) -> str | None:
    """Return git's answer about the checkout that holds this file; None without one."""
    root = Path(__file__).resolve().parents[3]
    if not (root / ".git").exists():
        return None
    try:
        answer = subprocess.run(  # noqa: S603
            ["git", "-C", str(root), *arguments],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
