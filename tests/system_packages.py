"""Programs of the system that tests and benchmarks need, and the packages they come in."""

from __future__ import annotations

import shutil

# Program -> Debian package. The browser's has no windows, and takes half of the time.
SYSTEM_PACKAGES = {"chromium": "chromium-headless-shell", "jq": "jq", "openssl": "openssl"}


def path_of(program: str) -> str | None:
    """Return where a program is, by its package's name or its own; None if it is missing."""
    return shutil.which(SYSTEM_PACKAGES[program]) or shutil.which(program)
