"""The result of an evaluation in one sentence for somebody who has to decide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from adverts.errors import plural
from adverts.evaluation.decisions.operating_points import OperatingPoint
from adverts.evaluation.figures.budgets import BudgetFigures
from adverts.evaluation.figures.evidence import MIN_POSITIVE_CLUSTERS, Evidence, positive_label
from adverts.evaluation.figures.figures_by_kind import ACCURACY
from adverts.evaluation.figures.judged_adverts import Account
from adverts.evaluation.report import sentences
from adverts.evaluation.report_content import Report, TaskSummary
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.statistics.bounds import precision_at

SETTING = "min_positive_clusters"
_PURPOSES = ("recall", "precision")  # as for disguises: what is flagged is what people review
_CANNOT = "cannot be said"


@dataclass(frozen=True, slots=True)
class InShort:
    """One sentence on a model, and the figures in it.

    Attributes:
        text: The sentence, and a second one on what it rests on.
        said: The first sentence alone.
        right: Share of the flagged adverts that have the label; None where it cannot be said.
        found: Share of the adverts with the label that are flagged; None where it cannot be said.
        threshold: Probability from which adverts are flagged; None where none is frozen.
        prevalence: Share of positives at which ``right`` holds; None where there is none.
        is_stated: Whether that is the operating prevalence. Otherwise it is that of these adverts.
        independent: What the adverts with the label are worth in independent ones; None: unknown.
    """

    text: str
    said: str = ""
    right: Estimate | None = None
    found: Estimate | None = None
    threshold: float | None = None
    prevalence: float | None = None
    is_stated: bool = False
    independent: float | None = None

    @property
    def basis(self) -> str:
        """What the first sentence rests on; empty where it says that itself."""
        return self.text.removeprefix(self.said).strip()


@dataclass(frozen=True, slots=True)
class _Flags:
    """What is flagged: both shares, the threshold in words, and why ``right`` is unknown."""

    right: Estimate | None
    found: Estimate
    threshold: float | None
    where: str
    why: str = ""


def in_short(report: Report) -> InShort:
    """Return the sentence on the headline task; it says so where the adverts cannot tell."""
    task = report.task(None)
    before = "On synthetic adverts: " if report.origin.synthetic else ""
    found = _said(report, task)
    text, said = (
        f"{before}{one}" if before else sentences.capital_first(one)
        for one in (found.text, found.said or found.text)
    )
    return replace(found, text=text, said=said)


def at_budget(report: Report) -> str:
    """Return what the first desk finds with its budget, so that models compare; empty without one.

    Thresholds of two models promise other things, so what they flag does not compare.
    """
    found = first_queue(report.budgets)
    if found is None or found.lack is not None:
        return ""
    desk = found.desk
    return (
        f"Of {desk.reviews:,} adverts that people review in a day with {desk.daily_adverts:,}, of "
        f"which {_percent(desk.prevalence)} are positive, {_roughly(found.precision)} of 100 are "
        f"right; they find {_roughly(found.recall)} of 100 positives."
    )


def first_queue(budgets: Sequence[BudgetFigures]) -> BudgetFigures | None:
    """Return the figures by post of the first desk that can be drawn; None if there is none."""
    return next((one for one in budgets if one.unit == "post" and one.curve), None)


def cautions(report: Report) -> tuple[str, ...]:
    """Return what makes every figure of a report say less than it seems to."""
    told, bar = [], report.evaluation.settings.min_positive_clusters
    if report.origin.synthetic:
        told.append(
            "Synthetic data: a program made these adverts up. No figure says anything about real "
            "adverts."
        )
    if bar < MIN_POSITIVE_CLUSTERS:
        told.append(
            f"Lowered evidence bar: figures are shown from {plural(bar, 'positive cluster')} on "
            f"({SETTING}={bar:,}), where {MIN_POSITIVE_CLUSTERS} are the default. Read them as a "
            "rehearsal."
        )
    if report.account is not None and report.account.lack:
        told.append(_unknown_overlap(report.account))
    return tuple(told)


def _unknown_overlap(account: Account) -> str:
    """Return that some of the judged adverts may have taught the model, and what is known of it."""
    known = (account.set_aside or 0) + (account.seen or 0)
    if not known:
        return (
            f"Overlap not known: {account.lack}. The model may have learnt some of these adverts, "
            "so its figures may be too good."
        )
    one = f"{plural(known, 'advert')} of {account.split:,}"
    judged = "are not judged" if account.set_aside else "are judged"
    return (
        f"Overlap partly known: {account.lack}. At least {one} taught or chose the model, or are "
        f"linked to adverts that did, and {judged}. It may have learnt some of the others too."
    )


def lack_sentence(evidence: Evidence) -> str:
    """Return why evidence is too little; it names the setting where that is what hides a figure."""
    lack = evidence.lack or ""
    if not lack or not evidence.hidden_by_setting:
        return lack
    twice = "twice " if evidence.positive_clusters is None else ""
    return f"{lack} by {twice}{SETTING}"


def of_100(share: float | None) -> str:
    """Return a share as a number of 100 adverts, in words where it is rounded to none or all."""
    if share is None or math.isnan(share):
        return _CANNOT
    if 0 < share < 0.005:
        return "fewer than 1"
    if 0.995 <= share < 1:
        return "more than 99"
    return f"{100 * share:.0f}"


def about_100(share: Estimate) -> str:
    """Return a share with its interval, both as numbers of 100 adverts."""
    return f"{of_100(share.value)} ({of_100(share.low)} to {of_100(share.high)})"


def _roughly(share: Estimate) -> str:
    """Return :func:`about_100` with “about” before a number that is not a bound."""
    told = about_100(share)
    return told if told.startswith(("more", "fewer")) else f"about {told}"


def _said(report: Report, task: TaskSummary | None) -> InShort:
    unknown = f"how many of 100 flagged adverts are right {_CANNOT}"
    if task is None:
        return InShort(f"{unknown}: no reviewed advert has a label of the headline task.")
    if report.origin.refusal:
        return InShort(f"{unknown} from these adverts: {report.origin.refusal}")
    if task.evidence.lack:
        return InShort(f"{unknown}: {lack_sentence(task.evidence)}.")
    label = positive_label(task.task)
    if label is None:
        return _without_queue(task)
    flags = _flags(report, task, task.task.labels[label])
    if isinstance(flags, str):
        return InShort(f"{unknown}: {flags}.")
    return _of_flags(report, task, task.task.labels[label], flags)


def _of_flags(report: Report, task: TaskSummary, label: str, flags: _Flags) -> InShort:
    stated = report.evaluation.settings.prevalence
    here = task.prevalence.value if task.prevalence else None
    share = here if stated is None else stated
    evidence, independent = task.evidence, _independent(task.evidence)
    if flags.right is None:
        right = f"how many of 100 adverts that it flags are right {_CANNOT}, {flags.why}"
    else:
        right = f"of 100 adverts that it flags, {_roughly(flags.right)} are right"
    found = f"it finds {_roughly(flags.found)} of 100 with the label “{label}”"
    worth = (
        f"Evidence: {plural(evidence.positives or 0, 'advert')} of “{label}”, equivalent to "
        f"{independent:,.0f} independent adverts"
    )
    at, said = "", f"{right}; {found}."
    if stated is not None:
        at = f", where {_percent(stated)} of adverts are “{label}”, the operating prevalence"
    elif share is not None:
        said += (
            f" That holds where {_percent(share)} of adverts are “{label}”, as in these adverts, "
            f"so that {of_100(share)} of 100 picked at random are right; where they are rarer, "
            "fewer of those flagged are right."
        )
    text = f"{said} {worth}. Both figures are {flags.where}{at}."
    return InShort(
        text,
        said,
        flags.right,
        flags.found,
        flags.threshold,
        share,
        stated is not None,
        independent,
    )


def _flags(report: Report, task: TaskSummary, label: str) -> _Flags | str:
    """Return what the model flags, or why there is no one answer."""
    points = [
        one for one in report.operating if (one.threshold.task, one.threshold.label)
        == (task.task.name, label)
    ]  # fmt: skip
    for purpose in _PURPOSES:
        meant = [one for one in points if one.threshold.purpose == purpose]
        whole = next((one for one in meant if one.threshold.language is None), None)
        if whole and len(meant) == 1:
            return _of_threshold(report, whole)
        if whole:  # it decides only on the adverts in other languages
            return "some languages have a threshold of their own, see Thresholds"
    if points:
        return "every language has a threshold of its own, see Thresholds"
    row = next((one for one in task.labels if one.label == label), None)
    found = row.figures.get("recall") if row else None
    if row is None or found is None:
        return "no threshold is frozen with the model"
    if found.low is None:
        return found.reason or "the recall has no interval"
    right: Estimate | None = row.figures["precision"]
    if report.evaluation.settings.prevalence is not None or right is None or right.low is None:
        right = None  # the likeliest label has no false-positive rate with an interval
    where = "for the likeliest label, since no threshold is frozen with the model"
    why = "since that takes a frozen threshold"
    return _Flags(right, found, None, where, why)


def _of_threshold(report: Report, point: OperatingPoint) -> _Flags | str:
    frozen, stated = point.threshold, report.evaluation.settings.prevalence
    if point.recall.low is None:
        return point.recall.reason or "the recall has no interval"
    right: Estimate | None = point.precision
    if stated is not None and frozen.operating_prevalence == stated:
        right = point.precision_at_prevalence
    elif stated is not None:
        right = at_prevalence(point.recall, point.false_positive_rate, stated)
    if right is not None and (right.value is None or right.low is None):
        right = None
    promise = f"{frozen.purpose} of {frozen.promised:g}"
    kind = f"meant for a {promise}, not promised" if frozen.caution else f"promises a {promise}"
    where = f"at the frozen threshold of {frozen.value:.3g} ({kind})"
    why = "since too few are flagged" if point.flagged else "since it flags none of these adverts"
    return _Flags(right, point.recall, frozen.value, where, why)


def at_prevalence(recall: Estimate, false_positive_rate: Estimate, prevalence: float) -> Estimate:
    """Return the precision at a prevalence; its interval holds both rates at their worst and best.

    It is rather too wide, since both are seldom at their worst together.
    """
    rates = false_positive_rate
    if None in (recall.value, recall.low, recall.high, rates.value, rates.low, rates.high):
        return Estimate(None, reason=recall.reason or rates.reason or "a rate has no interval")
    found = precision_at(
        [recall.value or 0.0, recall.low or 0.0, recall.high or 0.0],
        [rates.value or 0.0, rates.high or 0.0, rates.low or 0.0],
        prevalence,
    ).tolist()
    if math.isnan(found[0]):
        return Estimate(None, reason="nothing is flagged")
    value, low, high = (0.0 if math.isnan(one) else float(one) for one in found)
    return Estimate(value, low, max(high, value))


def _without_queue(task: TaskSummary) -> InShort:
    """Return the sentence on a task that orders no queue."""
    figures, independent = task.models[0].figures, _independent(task.evidence)
    worth = (
        f"Evidence: {plural(task.evidence.adverts, 'advert')}, equivalent to {independent:,.0f} "
        "independent ones."
    )
    exact = figures.get(ACCURACY)
    if exact is not None and exact.low is not None:
        said = f"of 100 adverts, {_roughly(exact)} get the right label."
        return InShort(f"{said} {worth}", said, exact, independent=independent)
    said = (
        f"how many of 100 adverts are right {_CANNOT} in one sentence: task {task.task.name} gives "
        f"each advert {len(task.task.labels)} answers, and each label has figures of its own."
    )
    return InShort(f"{said} {worth}", said, independent=independent)


def _independent(evidence: Evidence) -> float:
    if evidence.positive_worth is not None:
        return evidence.positive_worth
    return evidence.independent if not evidence.positive_clusters else evidence.positive_clusters


def _percent(share: float) -> str:
    return f"{float(f'{100 * share:.2g}'):g} %"
