"""What a page says of an estimate beside its figures, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

from adverts.errors import plural
from adverts.estimation.reports.amounts import Amount, count_of, percent_of
from adverts.estimation.reports.record import (
    Compared,
    Comparison,
    KnownItems,
    MoreLabels,
    Publication,
    SamplePart,
    StratumRow,
)
from adverts.estimation.reports.sentences import figure, lack, plain
from adverts.estimation.sample import Unit
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate

UNITS: Mapping[Unit, str] = {
    "adverts": "Each advert counts 1.",
    "templates": "Near-duplicates count 1 together, so this is how many different adverts there "
    "are. Where copies were labelled differently, each counts in part.",
    "accounts": "All adverts of one account count 1 together. An account with positive and other "
    "adverts counts in part, so at least so many accounts have a positive advert. Adverts of no "
    "known account count nothing.",
    "views": "Each advert counts its views as they were when it was collected; it may have been "
    "seen more often since.",
}
"""What each unit means."""


def assumption(found: Estimate) -> str:
    """Return what an assisted figure assumes, or why it is not given."""
    reason = lack(found)
    return f"Not given: {plain(reason)}." if reason is not None else found.reason or ""


def expected(positives: float) -> str:
    """Return a number of positives that calibration expects."""
    return f"{positives:,.0f}" if positives >= 10 else f"{positives:.2g}"


def correction(part: SamplePart) -> str:
    """Return what the figures take labels for."""
    if part.corrected_by is None:
        return (
            "Labels are taken as true: no known adverts, positive and negative, show how often "
            "reviewers err. Errors of theirs are not in the intervals."
        )
    known = "planted adverts" if part.corrected_by == "planted" else "adverts that a third decided"
    return (
        f"Figures are corrected by what reviewers said of {known}, and the intervals hold that "
        "error. Errors that all reviewers share with that truth are not seen."
    )


def known_items(found: KnownItems) -> str:
    """Return how reviewers did on adverts with known truth."""
    told = f", {found.not_judged:,} could not be judged" if found.not_judged else ""
    source = (
        "Planted adverts" if found.source == "planted" else "Adverts that a third person decided"
    )
    return (
        f"{source}: {found.found:,} of {plural(found.positives, 'positive')} found, "
        f"{found.cleared:,} of {plural(found.negatives, 'negative')} cleared{told}."
    )


def rate(found: Estimate) -> str:
    """Return the share of known adverts that reviewers labelled rightly."""
    told = percent_of(found)
    if lack(found) is not None or told is None:
        return "cannot say"
    return f"{told.value} % ({told.low} % to {told.high} %)"


def drift(part: SamplePart) -> str | None:
    """Return the alarm that labels contradict the calibration, or None."""
    drifted = [one for one in part.strata if one.check.drifted(LEVEL)]
    if not drifted:
        return None
    told = "; ".join(_observed(one) for one in drifted)
    return (
        f"People found other numbers than the model's probabilities promise: {told}. The model has "
        "drifted or is badly calibrated here. The figure by design holds all the same; the "
        "assisted and the expected figures lean on the probabilities."
    )


def _observed(row: StratumRow) -> str:
    return (
        f"{row.check.observed:,} positive in {row.check.name} where {expected(row.check.expected)} "
        "were expected"
    )


def more_labels(found: MoreLabels) -> str:
    """Return what would halve the interval."""
    if found.labels is None:
        return f"How many labels would halve the interval cannot be said: {plain(found.reason or '')}."
    return (
        f"About {found.labels:,} labels in all, those of now included, would halve the interval of "
        f"the number of adverts (to a width of {found.width:,.0f})."
    )


def publication(found: Publication) -> list[str]:
    """Return whether an estimate may still change, and what it replaces and why."""
    told = [
        "Provisional: the figures may still be revised."
        if found.provisional
        else "Final: this record is never changed. A revision is a new record that names this one."
    ]
    if found.replaces is not None:
        told.append(
            f"It replaces the estimate {found.replaces.id[:12]}, because: "
            f"{plain(found.replaces.reason)}."
        )
        told += [f"Changed: {plain(one)}." for one in found.replaces.changes]
    return told


def comparison(found: Comparison) -> list[str]:
    """Return what may be said of two weeks or two samples."""
    if found.new_series is not None:
        return [f"{plain(found.new_series)}."]
    told = []
    if found.total is not None:
        told.append(_change(found, found.total, "number", count_of(found.total.difference), ""))
    if found.share is not None:
        points = percent_of(found.share.difference)
        told.append(_change(found, found.share, "share", points, " percentage points"))
    return told


def _change(
    found: Comparison, compared: Compared, noun: str, amount: Amount | None, unit: str
) -> str:
    reason = lack(compared.difference)
    if reason is not None or amount is None or compared.said is None:
        return f"Whether the {noun} changed cannot be said: {plain(reason or 'no p-value')}."
    between = (
        f"the difference is {_signed(amount.value)}{unit}, 95 % interval {_signed(amount.low)} to "
        f"{_signed(amount.high)}"
    )
    if compared.said == "no detectable change":
        return f"No detectable change of the {noun}: {between}."
    than = {("number", "more"): "larger", ("number", "less"): "smaller"}.get(
        (noun, compared.said), {"more": "higher", "less": "lower"}[compared.said]
    )
    return f"The {noun} is {than} in {found.later} than in {found.earlier}: {between}."


def _signed(number: str) -> str:
    return number if number.startswith("−") or not number.strip("0.,") else f"+{number}"


__all__ = [
    "UNITS",
    "assumption",
    "comparison",
    "correction",
    "drift",
    "expected",
    "figure",
    "known_items",
    "more_labels",
    "publication",
    "rate",
]
