"""Find the points of a resumed run's curves that the server does not have yet."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from adverts.tracking.events import MetricPoint

History = Sequence[tuple[int, float]]
"""Step and value of every point of one curve, in the order in which they were recorded."""


class Curves:
    """Remembers how far each curve was sent.

    A killed run continues from its last saved state and repeats the measurements made since. Points
    at step 0 belong to no curve. A repeated evaluation adds its figures, unless the server already
    shows the same.
    """

    def __init__(self, history: Callable[[str], History]) -> None:
        """Begin with no curve.

        Args:
            history: Returns the points that the server holds for a curve name.
        """
        self._history = history
        self._reached: dict[str, int] = {}
        self._figures: dict[str, float | None] = {}

    def unsent(self, points: Sequence[MetricPoint]) -> list[MetricPoint]:
        """Return the points that were not sent before; call :meth:`sent` when they arrived."""
        for point in points:
            self._ask(point.name)
        reached, figures = dict(self._reached), dict(self._figures)
        left = []
        for point in points:
            if point.step > 0:
                is_new = point.step > reached[point.name]
                reached[point.name] = max(point.step, reached[point.name])
            else:
                is_new = not _equal(point.value, figures[point.name])
                figures[point.name] = point.value
            if is_new:
                left.append(point)
        return left

    def sent(self, points: Sequence[MetricPoint]) -> None:
        """Remember that ``points`` arrived."""
        for point in points:
            self._ask(point.name)
            if point.step > 0:
                self._reached[point.name] = point.step
            else:
                self._figures[point.name] = point.value

    def _ask(self, name: str) -> None:
        if name not in self._reached:
            history = self._history(name)
            figures = [value for step, value in history if step == 0]
            self._reached[name] = max((step for step, _ in history), default=0)
            self._figures[name] = figures[-1] if figures else None


def _equal(value: float, known: float | None) -> bool:
    return value == known or (known is not None and math.isnan(value) and math.isnan(known))
