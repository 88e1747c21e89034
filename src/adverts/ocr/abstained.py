"""How a line is marked that a reader leaves to a person."""

from __future__ import annotations

from collections.abc import Iterable

from adverts.ocr.protocol import OcrResult

ABSTAINED = "abstained"
"""Stands as the engine of such a line, which has a box and no text."""


def abstained_lines(results: Iterable[OcrResult]) -> int:
    """Count the lines that were left to a person."""
    return sum(line.engine == ABSTAINED for result in results for line in result.lines)
