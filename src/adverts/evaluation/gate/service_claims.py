"""Claims about the queue at the operating prevalence, which a test set rich in positives hides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from adverts.config.gate import InServiceQueue
from adverts.evaluation.figures import wording
from adverts.evaluation.figures.figures_by_kind import (
    AVERAGE_PRECISION,
    AVERAGE_PRECISION_AT_PREVALENCE,
    RECALL_AT_PRECISION,
    RECALL_AT_PRECISION_AT_PREVALENCE,
)
from adverts.evaluation.figures.service_figures import InService, QueueFigures
from adverts.evaluation.gate.claims import HALF_WIDTH, Claim, QueueBar, spread_of, standard_error
from adverts.evaluation.gate.gate_record import ConditionResult
from adverts.evaluation.report_content import Report, figure_of
from adverts.evaluation.statistics.bounds import clusters_missing
from adverts.evaluation.statistics.significance import p_value

_AT_PREVALENCE = {
    AVERAGE_PRECISION: AVERAGE_PRECISION_AT_PREVALENCE,
    RECALL_AT_PRECISION: RECALL_AT_PRECISION_AT_PREVALENCE,
}
_UNSTATED = "positives are as rare as in service"
_ONE_SIDED = 1.644854  # standard errors from a figure to its lower 95 % bound


def in_service_claims(name: str, asked: InServiceQueue, report: Report) -> Iterator[Claim]:
    """Yield the claim of a condition on the queue in service; nothing without a stated prevalence.

    A headline of another kind than ``single`` has no such queue, whatever is stated.

    With a bar, the claim is about the figure of the judged model; otherwise it is about the paired
    difference to the champion. It lacks evidence if the negatives are too few to show the precision
    at all. Against the champion, it also does if unseen false alarms of the candidate could cost
    more than must be seen. What no advert shows, no resample shows.
    """
    task = report.task(None)
    if task is not None and task.task.kind != "single":
        lack = (
            f"the headline task {task.task.name} is of kind {task.task.kind}, and a queue in "
            "service is measured for kind single alone: make such a task the headline, or write "
            "a gate without this condition"
        )
        base, _ = _base(name, asked, report, None)
        yield replace(base, lack=lack)
        return
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


def not_stated(
    name: str, asked: InServiceQueue, report: Report, reason: str | None
) -> ConditionResult:
    """Return the result of a condition where no operating prevalence is stated.

    Precision there is unknown, so the condition cannot be judged, unless somebody says why.

    Args:
        name: Name of the condition.
        asked: The condition.
        report: The report on the model.
        reason: Why nobody knows the prevalence; None if nobody said so.
    """
    is_told = reason is not None or asked.if_insufficient == "report"
    advice = (
        f"accepted: {reason}"
        if reason is not None
        else "state the share of positives where the model will work when you export and evaluate "
        "(decisions.operating_prevalence=0.01), or why nobody knows it (accept_no_prevalence=WHY)"
    )
    return ConditionResult(
        name=name,
        kind=asked.kind,
        scope=f"{report.evaluation.headline}, in service",
        outcome="reported" if is_told else "insufficient",
        wanted=_wanted(asked, report, _UNSTATED),
        found=f"no operating prevalence is stated; {_holds_from(asked, report)}",
        message=advice,
    )


def _holds_from(asked: InServiceQueue, report: Report) -> str:
    """Say at which share of positives the condition no longer holds, by the figures alone.

    An interval may end earlier; at smaller shares than these, no interval makes up for the figure.
    """
    if asked.at_least is not None:
        task = report.task(None)
        held = [(one.prevalence, _holds_bar(asked, one)) for one in (task.by_share if task else ())]
    else:
        pairs = report.comparison.by_share if report.comparison else ()
        held = [(ours.prevalence, _holds_gap(asked, ours, theirs)) for ours, theirs in pairs]
    if not held:
        return "how it ranks where positives are rarer was not measured"
    broken = next((k for k, (_, holds) in enumerate(held) if not holds), None)
    if broken is None:
        return f"it holds down to {_share(held[-1][0])} positive, the smallest share that was tried"
    if not broken:
        return f"it would not hold where {_share(held[0][0])} or fewer are positive"
    return (
        f"it would no longer hold where {_share(held[broken][0])} are positive "
        f"(it does at {_share(held[broken - 1][0])})"
    )


def _holds_bar(asked: InServiceQueue, queue: InService) -> bool:
    assert asked.at_least is not None, "a bar is asked for"
    bar = _bar(asked, queue.prevalence).value
    return queue.lack() is None and _figure(asked.figure, queue.seen) >= bar


def _holds_gap(asked: InServiceQueue, ours: InService, theirs: InService) -> bool:
    drop = _figure(asked.figure, theirs.seen) - _figure(asked.figure, ours.seen)
    hidden = _hidden(asked.figure, ours.seen, ours.unseen)
    return theirs.lack() is None and hidden <= asked.must_see and drop <= asked.tolerated


def _bar(asked: InServiceQueue, share: float | None) -> QueueBar:
    assert asked.at_least is not None, "a bar is asked for"
    return QueueBar(asked.at_least, share if asked.figure == AVERAGE_PRECISION else None)


def _share(share: float) -> str:
    return f"{100 * share:.3g} %"


def _wanted(asked: InServiceQueue, report: Report, where: str, share: float | None = None) -> str:
    title = wording.in_sentence(asked.figure, report.evaluation.settings.precision)
    if asked.at_least is not None:
        return f"{title} where {where} at least {_bar(asked, share).words}"
    tolerated = wording.number(asked.tolerated)
    return f"{title} where {where} not more than {tolerated} worse than the champion"


def _base(
    name: str, asked: InServiceQueue, report: Report, stated: float | None
) -> tuple[Claim, str]:
    """Return the claim before anything is measured, and the name of its figure."""
    where = _UNSTATED if stated is None else f"{_share(stated)} are positive"
    wanted = _wanted(asked, report, where, stated)
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
    margin = measured.value - _bar(asked, stated).value
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
        enough=_enough(task.evidence.adverts, queue),
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


def _enough(adverts: int, queue: InService) -> int | None:
    times = queue.times_as_many
    return None if times is None else int(np.ceil(adverts * times))


def _too_hidden(hidden: float, must_see: float, queue: InService) -> str | None:
    if hidden <= must_see:
        return None
    more = clusters_missing(hidden / must_see, 1.0, queue.negative_clusters)
    found, wanted = wording.number(hidden), wording.number(must_see)
    return (
        f"the negatives are equivalent to only {queue.negatives:,.0f} independent adverts; false "
        f"alarms that so few may never show could cost {found}, where {wanted} must be seen; bring "
        f"about {more:,} more negative clusters"
    )


def _hidden(figure: str, seen: QueueFigures, worse: QueueFigures) -> float:
    """Return how much smaller a figure is in ``worse``, with false alarms that were not seen."""
    return _figure(figure, seen) - _figure(figure, worse)


def _figure(figure: str, queue: QueueFigures) -> float:
    return queue.recall if figure == RECALL_AT_PRECISION else queue.average_precision
