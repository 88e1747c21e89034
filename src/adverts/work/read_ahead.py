"""Run work in threads a few items ahead of the one that is wanted, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
_AHEAD = 8  # for each thread: enough to keep it busy, few enough to hold in memory


def work_ahead(
    items: Iterable[T], work: Callable[[T], R], *, threads: int
) -> Iterator[tuple[T, Callable[[], R]]]:
    """Yield each item, in order, with a function that returns its result or raises its error.

    Args:
        items: Items, taken at most eight for each thread ahead of what is yielded.
        work: Function of one item, which runs in ``threads`` threads.
        threads: Number of threads, at least 1.
    """
    with ThreadPoolExecutor(threads) as pool:
        ahead: deque[tuple[T, Callable[[], R]]] = deque()
        try:
            for item in items:
                ahead.append((item, pool.submit(work, item).result))
                if len(ahead) > _AHEAD * threads:
                    yield ahead.popleft()
            while ahead:
                yield ahead.popleft()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
