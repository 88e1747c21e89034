"""Who watches a training: it is called after each validation, and may end the training there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Watch = Callable[[int, Mapping[str, float]], bool]
"""Called with the steps done and the figures of each validation; True ends the training there."""


def never(done: int, figures: Mapping[str, float]) -> bool:
    """Return False: a training that nobody watches goes on."""
    del done, figures
    return False
