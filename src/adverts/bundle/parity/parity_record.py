"""The record of every precision that was tried: ``parity.json`` of a bundle.

It holds counts and figures of the validation adverts, but no advert and no id.
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
_MAY_LACK = frozenset(
    {"mixed", "trials.ties", "trials.neighbour_ties", "trials.compared", "trials.drawn"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of a bundle and of its checkpoint, on the same adverts.

    Attributes:
        figure: Name of the figure, in words.
        slice: ``language=…``, ``modality=…``, or ``label=…`` of another task; empty: all adverts.
        count: Number of adverts that it is computed on; only positive ones where it has positives.
        checkpoint: Value for the checkpoint; None if it is not defined.
        bundle: Value for the bundle; None if it is not defined.
        change: Bundle minus checkpoint; None if it is not defined.
        low: Lower end of the paired 95 % interval of ``change``; None if there is none.
        high: Upper end of that interval; None if there is none.
        allowed: How much lower the bundle's value may be.
        verdict: ``unproven`` with too few adverts or no ``change``, ``lower``, or ``held``.
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
        scheme: ``fp32``, or the name of an int8 scheme.
        precision: Number format of the weights.
        batching: How the model must be run.
        model_bytes: Size of the model; this and the next five are None if it was not judged.
        max_difference: Largest difference of a probability from the checkpoint.
        flipped: Number of adverts with a decision that differs from the checkpoint's.
        neighbour_adverts: Number of adverts that were scored both alone and in batches.
        neighbour_difference: Largest change of a probability by the other adverts of a batch.
        neighbour_flipped: Number of adverts with a decision that the batch changes.
        changes: Figures of the headline task, first on all adverts, then figures of other labels.
        reasons: Why it was refused; empty if it passed.
        ties: Number of adverts where only a decision differs whose probability lies on its
            threshold, within the difference that fp32 may have: neither decision is the right one.
            None if it was not judged, or not counted by the release that made the bundle.
        neighbour_ties: The same for decisions that the batch changes.
        compared: Number of adverts that were compared, made-up extremes included; None if it was
            not judged on them, or by a release that compared every one.
        drawn: Number of adverts that were drawn at random from the split, where not every one was
            compared; those nearest to a threshold were compared too, and the figures are of those
            drawn. None: every advert was compared.
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
    ties: int | None = None
    neighbour_ties: int | None = None
    compared: int | None = None
    drawn: int | None = None

    @property
    def may_differ(self) -> float:
        """Largest share of the adverts not compared that may differ, as none that was drawn does.

        It is the upper end of an exact one-sided 95 % interval; 0 where every one was compared.
        """
        return 0.0 if self.drawn is None else float(1 - 0.05 ** (1 / self.drawn))

    @property
    def passed(self) -> bool:
        """Whether it may ship."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class PrecisionRecord:
    """Every precision that was tried, and the one that ships.

    Attributes:
        shipped: Name of the scheme that ships.
        asked: Precision that was asked for.
        split: Split whose adverts were compared.
        adverts: Number of adverts of the proof, including made-up extremes; see ``Trial.compared``.
        extremes: Number of made-up adverts among them.
        shortest: Number of tokens of the shortest advert.
        longest: Number of tokens of the longest advert.
        left_out: Number of adverts left out for letters of scripts that the vocabulary lacks.
        headline: Name of the task that most figures are about.
        notes: Further remarks for readers.
        trials: Every trial, in the order in which they were made.
        mixed: Number of adverts that were also scored in unsorted batches of several sizes,
            extremes included. None in a record of a release that did so with every advert.
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
    mixed: int | None = None

    @property
    def trial(self) -> Trial:
        """The trial that ships."""
        return next(one for one in self.trials if one.scheme == self.shipped)

    def to_json(self) -> str:
        """Return the record as JSON with four significant digits; :meth:`from_json` reads it."""
        plain = {"schema_version": SCHEMA_VERSION, **asdict(self)}
        return json.dumps(_rounded(plain), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> PrecisionRecord:
        """Read what :meth:`to_json` wrote.

        Raises:
            IntegrityError: The text is not such a record; the message names the field.
        """
        try:
            found = parse_record(cls, text, SCHEMA_VERSION, may_lack=_MAY_LACK)
            if found.shipped not in {one.scheme for one in found.trials if one.passed}:
                raise ValueError(f"shipped is {found.shipped!r}, wanted a scheme that passed")
            return found
        except ValueError as error:
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
