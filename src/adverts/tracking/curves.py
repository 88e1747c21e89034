"""The curves of a run that was taken up again: what stands at the server is not sent twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adverts.tracking.events import Point


class Curves:
    """Remembers how far each curve was sent.

    A killed run goes on from its last saved state and measures again what it had measured since.
    Points at step 0 belong to no curve: an evaluation that is made again adds its figures.
    """

    def __init__(self, last_step: Callable[[str], int]) -> None:
        """Begin.

        Args:
            last_step: Tells how far the server knows the curve of a name; 0 where it has none.
        """
        self._last_step = last_step
        self._sent: dict[str, int] = {}

    def unsent(self, points: Sequence[Point]) -> list[Point]:
        """Return the points that were not sent before; :meth:`sent` says that they arrived."""
        reached = {point.name: self._reached(point.name) for point in points if point.step > 0}
        left = []
        for point in points:
            if point.step == 0 or point.step > reached[point.name]:
                left.append(point)
                reached[point.name] = point.step
        return left

    def sent(self, points: Sequence[Point]) -> None:
        """Remember that ``points`` arrived."""
        for point in points:
            if point.step > 0:
                self._sent[point.name] = point.step

    def _reached(self, name: str) -> int:
        if name not in self._sent:
            self._sent[name] = self._last_step(name)
        return self._sent[name]
