"""The sha256 of a file, and the git commit of this code."""

from __future__ import annotations

import hashlib
import subprocess
from functools import cache
from pathlib import Path

from adverts.files.bounded_reading import Openable

_ROOT = Path(__file__).resolve().parents[3]
_TIMEOUT_SECONDS = 20
_BLOCK_BYTES = 1_000_000


def file_sha256(file: Openable) -> str:
    """Return the hex sha256 of a file's bytes."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


@cache
def producing_commit() -> str | None:
    """Return the commit, with ``-dirty`` if code or configs differ; None outside a checkout."""
    commit = ask_git("rev-parse", "HEAD")
    return f"{commit}-dirty" if commit and code_is_changed() else commit


def code_is_changed() -> bool:
    """Return whether a file below ``src`` or ``configs`` is changed or untracked."""
    return bool(ask_git("status", "--porcelain", "--", "src", "configs"))


def ask_git(*arguments: str) -> str | None:
    """Return the output of git about the checkout that holds this file; None if git fails.

    Also return None without a checkout. A repository that only holds the environment in which the
    package is installed does not count as one.
    """
    if not (_ROOT / ".git").exists():
        return None
    try:
        answer = subprocess.run(  # noqa: S603
            ["git", "-C", str(_ROOT), *arguments],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
