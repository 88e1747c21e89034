"""Show the progress of slow work: a bar in a terminal, a line every 20 s elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar

from adverts.errors import is_silent

if TYPE_CHECKING:
    from tqdm import tqdm

PATIENCE_SECONDS = 2.0
LINE_SECONDS = 20.0
T = TypeVar("T")


class Progress(Protocol):
    """Passes items through and shows how many are done; :func:`bar` is one."""

    def __call__(
        self, items: Iterable[T], title: str, unit: str = "adverts", total: int | None = None, /
    ) -> Iterable[T]:
        """Return the same items; arguments as of :func:`bar`."""


def no_progress(
    items: Iterable[T], title: str, unit: str = "adverts", total: int | None = None, /
) -> Iterable[T]:
    """Return the items and show nothing."""
    return items


@contextmanager
def note_when_slow(what: str) -> Iterator[None]:
    """Print one line to stderr if the block takes longer than :data:`PATIENCE_SECONDS`."""
    if is_silent():
        yield
        return
    timer = threading.Timer(
        PATIENCE_SECONDS, lambda: print(f"{what} …", file=sys.stderr, flush=True)
    )
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def bar(
    items: Iterable[T],
    title: str,
    unit: str = "adverts",
    total: int | None = None,
    *,
    show: bool = True,
) -> Iterable[T]:
    """Return the items, showing count, rate and time left if they take over two seconds.

    It writes to stderr, and leaves nothing in a terminal once it is done. Elsewhere, such as in the
    log of a job, it writes a line every 20 seconds.

    Args:
        items: Items to count.
        title: Name of the work, such as ``read pictures``.
        unit: Name of the items, such as ``pictures``.
        total: Number of items, where ``items`` has no length; None where it is unknown.
        show: Whether to show anything.
    """
    return _made(items, title, unit, total, show=show)


def counter(title: str, unit: str, total: int | None) -> tqdm[NoReturn]:
    """Return a bar like that of :func:`bar`, which the caller advances by its ``update``."""
    return _made(None, title, unit, total, show=True)


def _made(
    items: Iterable[T] | None, title: str, unit: str, total: int | None, *, show: bool
) -> tqdm[Any]:
    from tqdm import tqdm

    live = sys.stderr.isatty()
    kind: Callable[..., tqdm[Any]] = tqdm if live else _lines()
    pause = PATIENCE_SECONDS if live else LINE_SECONDS
    often = {} if live else {"mininterval": LINE_SECONDS, "maxinterval": LINE_SECONDS, "ncols": 0}
    options = {"desc": title, "unit": f" {unit}", "total": total, "delay": pause, **often}
    return kind(items, leave=False, disable=not show or is_silent(), **options)


@cache
def _lines() -> type[tqdm[Any]]:
    """Return the class of bar that writes lines of plain text and moves no cursor."""
    from tqdm import tqdm

    class Lines(tqdm):  # type: ignore[type-arg]
        def display(self, msg: str | None = None, pos: int | None = None) -> None:
            if text := str(self) if msg is None else msg:
                print(text.strip(), file=sys.stderr, flush=True)

        @staticmethod
        def status_printer(file: object) -> Callable[[str], None]:
            return lambda text: None

    return Lines
