"""Mending what engines misread, where what was meant is plain."""

from __future__ import annotations

REPAIR_VERSION = 1  # another one: the same reading may be mended in another way


def repair(text: str) -> str:
    """Return one line in which known misreadings are mended."""
    return text
