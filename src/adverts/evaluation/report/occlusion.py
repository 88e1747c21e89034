"""Which words an answer hangs on, for people to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adverts.runtime.predict.attributions import Floats


@dataclass(frozen=True, slots=True)
class Word:
    """A part of a text.

    Attributes:
        text: With the space around it: parts joined are the text again.
        change: By how much it raises the log-odds of the label, nats; None where not measured.
    """

    text: str
    change: float | None = None


def words_of(parts: Sequence[str], whole: float, without: Floats) -> tuple[Word, ...]:
    """Return each part with its change.

    Args:
        parts: Of the text.
        whole: Log-odds with all of them.
        without: ``(parts,)`` log-odds with each left out.
    """
    return tuple(Word(part, float(whole - left)) for part, left in zip(parts, without, strict=True))
