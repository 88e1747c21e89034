"""What is kept of every precision that was tried: ``parity.json`` of a bundle.

It holds counts and figures of the validation adverts, and neither an advert nor an id.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

from adverts.errors import IntegrityError
from adverts.json_records import parse_record
from adverts.runtime.manifest import PARITY_NAME, Batching, Precision

SCHEMA_VERSION = 1
PrecisionVerdict = Literal["held", "lower", "unproven"]
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of a bundle against that of its checkpoint, on the same adverts.

    Attributes:
        figure: What it is, in words.
        slice: ``language=…``, ``modality=…``, or ``label=…`` of another task; empty: all adverts.
        count: Adverts that it rests on: the positive ones, where there are such.
        checkpoint: Of the checkpoint; None where it is not defined.
        bundle: Of the bundle.
        change: Bundle minus checkpoint.
        low: Lower end of the paired 95 % interval of ``change``; None where there is none.
        high: Upper end.
        allowed: By how much it may be lower.
        verdict: ``unproven`` is a slice that rests on too few adverts, or not defined.
    """

    figure: str
    slice: str
    count: int
    checkpoint: float | None
    bundle: float | None
    change: float | None
    low: float | None
    high: float | None
    allowed: float
    verdict: PrecisionVerdict


@dataclass(frozen=True, slots=True)
class Trial:
    """One precision that was tried.

    Attributes:
        scheme: ``fp32``, or the name of a scheme of int8.
        precision: Number format of the weights.
        batching: How it must be run.
        model_bytes: Size of the model; None where it could not be made.
        max_difference: Largest difference of a probability from the checkpoint; None likewise.
        flipped: Adverts of which a decision differs from the checkpoint's; None likewise.
        neighbour_adverts: Adverts that were scored alone and among others; None likewise.
        neighbour_difference: Largest difference that company makes to a probability; None likewise.
        neighbour_flipped: Adverts of which company changes a decision; None likewise.
        changes: Figures of the headline task, those of all adverts first, then of other labels.
        reasons: Why it was refused; empty where it passed.
    """

    scheme: str
    precision: Precision
    batching: Batching
    model_bytes: int | None
    max_difference: float | None
    flipped: int | None
    neighbour_adverts: int | None
    neighbour_difference: float | None
    neighbour_flipped: int | None
    changes: tuple[Change, ...]
    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """May it ship?"""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class PrecisionRecord:
    """Everything that was tried, and what ships.

    Attributes:
        shipped: Scheme of the bundle.
        asked: Precision that was wished for.
        split: Whose adverts were compared.
        adverts: How many were compared, made-up extremes too.
        extremes: How many of them are made up.
        shortest: Tokens of the shortest.
        longest: Tokens of the longest.
        left_out: Adverts of the split that hold letters of scripts which the vocabulary lacks.
        headline: The task that most figures are of.
        notes: What a reader must know besides.
        trials: In the order in which they were tried.
    """

    shipped: str
    asked: Precision
    split: str
    adverts: int
    extremes: int
    shortest: int
    longest: int
    left_out: int
    headline: str
    notes: tuple[str, ...]
    trials: tuple[Trial, ...]

    @property
    def trial(self) -> Trial:
        """The one that ships."""
        return next(one for one in self.trials if one.scheme == self.shipped)

    def to_json(self) -> str:
        """Serialise, figures of four significant digits; :meth:`from_json` reads it."""
        plain = {"schema_version": SCHEMA_VERSION, **asdict(self)}
        return json.dumps(_rounded(plain), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> PrecisionRecord:
        """Read what :meth:`to_json` wrote.

        Raises:
            IntegrityError: It is no such record; the message names the field.
        """
        try:
            found = parse_record(cls, text, SCHEMA_VERSION)
            if found.shipped not in {one.scheme for one in found.trials if one.passed}:
                raise ValueError(f"shipped is {found.shipped!r}, wanted a scheme that passed")
            return found
        except (ValueError, RecursionError) as error:
            raise IntegrityError(f"{PARITY_NAME} is not valid: {error}") from error


def _rounded(value: object) -> object:
    """Round every float: the last digits differ between machines and mean nothing."""
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return value
