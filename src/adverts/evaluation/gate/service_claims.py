"""Claims about the queue at the operating prevalence, which a test set rich in positives hides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from adverts.config.gate import InServiceQueue
from adverts.evaluation.figures import wording
from adverts.evaluation.figures.figures_by_kind import (
    AVERAGE_PRECISION,
    AVERAGE_PRECISION_AT_PREVALENCE,
    RECALL_AT_PRECISION,
    RECALL_AT_PRECISION_AT_PREVALENCE,
)
from adverts.evaluation.figures.service_figures import InService, QueueFigures
from adverts.evaluation.gate.claims import HALF_WIDTH, Claim, spread_of, standard_error
from adverts.evaluation.gate.gate_record import ConditionResult
from adverts.evaluation.report_content import Report, figure_of
from adverts.evaluation.statistics.bounds import clusters_missing
from adverts.evaluation.statistics.significance import p_value

_AT_PREVALENCE = {
    AVERAGE_PRECISION: AVERAGE_PRECISION_AT_PREVALENCE,
    RECALL_AT_PRECISION: RECALL_AT_PRECISION_AT_PREVALENCE,
}
_ONE_SIDED = 1.644854  # standard errors from a figure to its lower 95 % bound


def in_service_claims(name: str, asked: InServiceQueue, report: Report) -> Iterator[Claim]:
    """Yield the claim of a condition on the queue in service; nothing without a stated prevalence.

    With a bar, the claim is about the figure of the judged model; otherwise it is about the paired
    difference to the champion. It lacks evidence if the negatives are too few to show the precision
    at all. Against the champion, it also does if unseen false alarms of the candidate could cost
    more than must be seen. What no advert shows, no resample shows.
    """
    stated = prevalence_of(asked, report)
    if stated is None:
        return
    claims = _against_bar if asked.at_least is not None else _against_champion
    yield from claims(name, asked, report, stated)


def prevalence_of(asked: InServiceQueue, report: Report) -> float | None:
    """Return the prevalence at which a condition is judged; None where none is stated."""
    if asked.at_least is not None or report.comparison is None:
        return report.evaluation.settings.prevalence
    return report.comparison.prevalence


def not_stated(name: str, asked: InServiceQueue, report: Report) -> ConditionResult:
    """Return the result of a condition where no operating prevalence is stated."""
    return ConditionResult(
        name=name,
        kind=asked.kind,
        scope=report.evaluation.headline,
        outcome="reported",
        wanted="the share of positives where the model will work",
        found="no operating prevalence is stated",
        message="set decisions.operating_prevalence to judge precision where the model will work",
    )


def _base(name: str, asked: InServiceQueue, report: Report, stated: float) -> tuple[Claim, str]:
    """Return the claim before anything is measured, and the name of its figure."""
    title = wording.in_sentence(asked.figure, report.evaluation.settings.precision)
    where = f"{title} where {100 * stated:.3g} % are positive"
    if asked.at_least is not None:
        wanted = f"{where} at least {wording.number(asked.at_least)}"
    else:
        tolerated = wording.number(asked.tolerated)
        wanted = f"{where} not more than {tolerated} worse than the champion"
    scope = f"{report.evaluation.headline}, in service"
    base = Claim(name, asked, scope, wanted, "", must_see=asked.must_see)
    return base, _AT_PREVALENCE[asked.figure]


def _against_bar(
    name: str, asked: InServiceQueue, report: Report, stated: float
) -> Iterator[Claim]:
    base, figure = _base(name, asked, report, stated)
    task = report.task(None)
    queue = task.in_service if task else None
    if task is None or queue is None:
        yield replace(base, lack="the judged adverts are all positive, or none of them is")
        return
    measured, lack = figure_of(task, figure)
    error = standard_error(measured, independent=task.evidence.independent) if measured else None
    if measured is None or measured.value is None or error is None:
        yield replace(base, measured=measured, lack=lack or "it has no interval")
        return
    assert asked.at_least is not None, "a bar is asked for"
    margin = measured.value - asked.at_least
    error = max(error, _hidden(asked.figure, queue.seen, queue.low) / (2 * HALF_WIDTH))
    yield replace(
        base,
        found=wording.with_interval(measured),
        measured=measured,
        p_value=p_value(margin, error),
        standard_error=error,
        adverts=task.evidence.adverts,
        errors_above=margin / error,
        lack=queue.lack(),
    )


def _against_champion(
    name: str, asked: InServiceQueue, report: Report, stated: float
) -> Iterator[Claim]:
    base, figure = _base(name, asked, report, stated)
    task, against = report.task(None), report.comparison
    if task is None or against is None or against.in_service is None:
        yield replace(base, lack="the model was not compared with a champion in service")
        return
    both, (ours, theirs) = report.compared(None, task, figure), against.in_service
    error = spread_of(both.samples, independent=both.independent) if both else None
    if both is None or both.difference.value is None or error is None:
        why = both.difference.reason if both else "it was not compared"
        yield replace(base, lack=f"too little evidence: {why}")
        return
    gap = both.difference
    told = f"{wording.number(both.candidate.value)} against {wording.number(both.champion.value)}"
    hidden = _hidden(asked.figure, ours.seen, ours.unseen)
    yield replace(
        base,
        found=f"{wording.with_interval(gap, sign=True)}: {told}",
        measured=gap,
        p_value=p_value(both.difference.value + asked.tolerated, max(error, hidden / _ONE_SIDED)),
        standard_error=error,
        slack=asked.tolerated,
        adverts=task.evidence.adverts,
        lack=theirs.lack() or _too_hidden(hidden, asked.must_see, ours),
    )


def _too_hidden(hidden: float, must_see: float, queue: InService) -> str | None:
    if hidden <= must_see:
        return None
    more = clusters_missing(hidden / must_see, 1.0, queue.negative_clusters)
    found, wanted = wording.number(hidden), wording.number(must_see)
    return (
        f"the negatives are worth only {queue.negatives:,.0f} independent adverts; false alarms "
        f"that so few may never show could cost {found}, where {wanted} must be seen; bring about "
        f"{more:,} more negative clusters"
    )


def _hidden(figure: str, seen: QueueFigures, worse: QueueFigures) -> float:
    """Return how much smaller a figure is in ``worse``, with false alarms that were not seen."""
    if figure == RECALL_AT_PRECISION:
        return seen.recall - worse.recall
    return seen.average_precision - worse.average_precision
