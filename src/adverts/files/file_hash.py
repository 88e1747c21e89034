"""The sha256 of a file, and the git commit of this code."""

from __future__ import annotations

import hashlib
import subprocess
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
_TIMEOUT_SECONDS = 20


def file_sha256(path: Path) -> str:
    """Return the hex sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
