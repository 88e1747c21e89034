"""Small pieces of Markdown that look right on any page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from adverts.evaluation.report.pages import escaped

__all__ = ["bullets", "escaped", "section", "table"]


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a table, line by line, and an empty line after it."""
    yield _row(head)
    yield "|" + "---|" * len(head)
    for one in rows:
        yield _row(one)
    yield ""


def bullets(sentences: Iterable[str]) -> Iterator[str]:
    """Yield a list, and an empty line after it."""
    for one in sentences:
        yield f"* {one}"
    yield ""


def section(title: str, level: int = 2) -> Iterator[str]:
    """Yield a heading and an empty line."""
    yield f"{'#' * level} {escaped(title)}"
    yield ""


def _row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(_cell(one) for one in cells)} |"


def _cell(value: object) -> str:
    return " ".join(escaped(str(value)).split())
