"""One thing that a report found to be bad, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from adverts.evaluation.statistics.bootstrap import Estimate


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is bad, or would be the next to be listed.

    Attributes:
        kind: ``gate``, ``disguise``, ``false alarms``, ``group``, ``label``, ``promise``,
            ``calibration`` or ``champion``.
        text: One sentence with the figure and its interval.
        section: Anchor of the section of the page that holds the figure.
        harm: What is lost, as a share of 1; None for the gate, which comes first.
    """

    kind: str
    text: str
    section: str
    harm: Estimate | None = None

    @property
    def surely_lost(self) -> float:
        """The lower end of the harm, by which findings are ranked."""
        if self.harm is None:
            return float("inf")
        return float("-inf") if self.harm.low is None else self.harm.low


def lost(whole: float, figure: Estimate) -> Estimate:
    """Return how far a figure is below ``whole``, with the ends of its interval turned around."""
    if figure.value is None or figure.low is None or figure.high is None:
        return Estimate(None, reason=figure.reason)
    return Estimate(whole - figure.value, whole - figure.high, whole - figure.low)
