"""What a page says of an estimate beside its figures, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

from adverts.errors import plural
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate
from adverts_findings.survey.labelled.comparisons import Compared, EstimateComparison
from adverts_findings.survey.labelled.known_items import KnownItems
from adverts_findings.survey.labelled.more_labels import MoreLabels
from adverts_findings.survey.reports.amounts import Amount, count_of, percent_of
from adverts_findings.survey.reports.record import Publication, Revision, SamplePart, StratumRow
from adverts_findings.survey.reports.sentences import day, figure, lack, plain
from adverts_findings.survey.sample import Unit

UNITS: Mapping[Unit, str] = {
    "adverts": "Each advert counts 1.",
    "templates": "Near-duplicates count 1 together, so this is how many different adverts there "
    "are. Where copies were labelled differently, they count in part.",
    "accounts": "All adverts of one account count 1 together. An account with positive and other "
    "adverts counts in part, so at least so many accounts have a positive advert. Adverts of no "
    "known account count nothing.",
    "views": "Each advert counts its views as they were when it was collected; it may have been "
    "seen more often since.",
}
"""What each unit means."""
_THAN = {
    ("number", "more"): "larger",
    ("number", "less"): "smaller",
    ("share", "more"): "higher",
    ("share", "less"): "lower",
}


def assumption(found: Estimate) -> str:
    """Return what an assisted figure assumes, or why it is not given."""
    reason = lack(found)
    return f"Not given: {plain(reason)}." if reason is not None else found.reason or ""


def expected(positives: float) -> str:
    """Return a number of positives that calibration expects."""
    return f"{positives:,.0f}" if positives >= 10 else f"{positives:.2g}"


def probability(value: float) -> str:
    """Return a probability, 0 where it is below one in 100,000."""
    return f"{value:.2g}" if value >= 1e-5 else "0"


def correction(part: SamplePart) -> str:
    """Return how the figures pay for reviewers' errors."""
    if part.corrected_by is None:
        return "The figures take labels as true: they are not corrected for errors of reviewers."
    source = "planted adverts" if part.corrected_by == "planted" else "what a third person decided"
    return f"The figures are corrected by {source}, and the intervals hold what is not known of it."


def known_items(found: KnownItems) -> str:
    """Return where the truth of known adverts comes from."""
    told = "Planted adverts" if found.source == "planted" else "Adverts that a third person decided"
    return told + (f"; {found.not_judged:,} could not be judged" if found.not_judged else "")


def drift(part: SamplePart) -> str | None:
    """Return the alarm that labels contradict the probabilities of the model, or None."""
    drifted = [one for one in part.strata if one.check.drifted(LEVEL)]
    if not drifted:
        return None
    return (
        f"The model's probabilities do not hold here: {'; '.join(map(_observed, drifted))}. The "
        "figure by design holds all the same. The assisted figure and the expected number lean on "
        "these probabilities."
    )


def _observed(row: StratumRow) -> str:
    return (
        f"in {row.check.name}, {row.check.observed:,} of the draws are positive where "
        f"{expected(row.check.expected)} were expected"
    )


def more_labels(found: MoreLabels) -> str:
    """Return what would halve the interval."""
    reason = plain((found.reason or "no reason").removeprefix("cannot say:").strip())
    if found.width is not None and found.labels is None:
        return f"More labels alone cannot halve the interval: {reason}."
    if found.labels is None or found.width is None:
        return f"How many labels would halve the interval cannot be said: {reason}."
    return (
        f"About {found.labels:,} labels in all, in place of those of this sample, would halve the "
        f"interval of the number of adverts, to a width of {found.width:,.0f}."
    )


def publication(found: Publication) -> list[str]:
    """Return whether an estimate may still change, and what it replaces and why."""
    told = [
        "Provisional: the figures may still be revised."
        if found.provisional
        else "Final: this record is never changed. A revision is a new record, which names it."
    ]
    if found.replaces is not None:
        told += _revision(found.replaces)
    return told


def _revision(found: Revision) -> list[str]:
    changed = found.answers_changed
    return [
        f"It replaces {found.folder} of {day(found.created_at)}: "
        f"{figure(found.total, found.frame_total)} then"
        + (f"; {plural(changed, 'label')} changed." if changed else "."),
        f"Reason given: {plain(found.reason)}.",
        *(f"{plain(one)}." for one in found.changes),
        f"The record that it replaces: {found.id[:12]}.",
    ]


def comparison(found: EstimateComparison) -> list[str]:
    """Return what may be said of two weeks or two samples."""
    if found.new_series is not None:
        return [f"{plain(found.new_series)}."]
    told = []
    if found.total is not None:
        told.append(_change(found, found.total, "number", count_of(found.total.difference)))
    if found.share is not None:
        told.append(_change(found, found.share, "share", percent_of(found.share.difference)))
    return list(dict.fromkeys(told))


def _change(found: EstimateComparison, compared: Compared, noun: str, amount: Amount | None) -> str:
    reason = lack(compared.difference)
    if reason is not None or amount is None or compared.said is None:
        return f"Whether there was a change cannot be said: {plain(reason or 'no p-value')}."
    unit = " percentage points" if noun == "share" else ""
    between = (
        f"the difference is {_signed(amount.value)}{unit}, 95 % interval {_signed(amount.low)} to "
        f"{_signed(amount.high)}"
    )
    if compared.said == "no detectable change":
        return f"No detectable change of the {noun}: {between}."
    than = _THAN[noun, compared.said]
    return f"The {noun} is {than} in {found.later} than in {found.earlier}: {between}."


def _signed(number: str) -> str:
    return number if number.startswith("−") or not number.strip("0.,") else f"+{number}"
