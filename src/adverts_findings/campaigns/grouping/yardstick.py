"""The words of the probability yardstick of the Professional Head of Intelligence Assessment."""

from __future__ import annotations

import math

_YARDSTICK = (
    (0, 5, "remote chance"),
    (10, 20, "highly unlikely"),
    (25, 35, "unlikely"),
    (40, 50, "realistic possibility"),
    (55, 75, "likely or probable"),
    (80, 90, "highly likely"),
    (95, 100, "almost certain"),
)


def percentage(probability: float) -> int:
    """Return a probability in whole per cent, halves upwards, as the yardstick is read.

    Raises:
        ValueError: It is not within 0 and 1.
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"a probability is {probability!r}, wanted one from 0 to 1")
    return math.floor(100 * probability + 0.5)


def word(probability: float, *, calibrated: bool) -> str:
    """Return the word of the yardstick for a probability; empty where it has none.

    It has none between its ranges, such as at 7 %, where the number stands alone. Nor is there a
    word for a probability that is not calibrated against people's judgements, or not known (NaN).
    The probability is read in whole per cent, so that word and number agree.

    Raises:
        ValueError: The probability is known and not within 0 and 1.
    """
    if math.isnan(probability):
        return ""
    per_cent = percentage(probability)
    if not calibrated:
        return ""
    return next((name for low, high, name in _YARDSTICK if low <= per_cent <= high), "")
