"""The condition on how many adverts a model answers, and does not leave to people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adverts.config.gate import CoverageCondition
from adverts.errors import plural
from adverts.evaluation.figures.judged_adverts import Answers
from adverts.evaluation.figures.slices import CELL
from adverts.evaluation.gate.counted_conditions import without_evidence
from adverts.evaluation.gate.gate_record import AbstainedSlice, ConditionResult
from adverts.evaluation.report_content import Report
from adverts.evaluation.undecided import Undecided, undecided

_ROUNDING = 1e-12
_ADVICE = "judge a model that reads and answers these adverts, such as one for all their parts"


def coverage_results(
    name: str, asked: CoverageCondition, report: Report, abstained: Sequence[AbstainedSlice]
) -> list[ConditionResult]:
    """Return the results of a coverage condition, on all judged adverts and on the positives.

    An advert is answered if the model can read it and its review band is not ``abstain``, for
    whatever reason. A model that falls short only since no threshold decides its adverts could not
    be judged: what it lacks is evidence on validation. Slices that this verdict itself leaves to
    people have a separate limit.

    Args:
        name: Name of the condition.
        asked: The condition.
        report: The report on the model.
        abstained: Slices that this verdict leaves to people.
    """
    ours, against = report.account, report.comparison
    if ours is None:
        base = ConditionResult(name, asked.kind, "judged adverts", "passed", "adverts answered", "")
        return [
            replace(base, outcome=without_evidence(asked), found="not known", message="not counted")
        ]
    theirs = against.account if against else None
    pairs = [("all judged adverts", ours.judged, theirs.judged if theirs else None)]
    if ours.positives is not None:
        pairs.append(("positives", ours.positives, theirs.positives if theirs else None))
    results = [
        _answered(
            ConditionResult(
                name=name,
                kind=asked.kind,
                scope=f"{ours.task}, {what}",
                outcome="passed",
                wanted=_wanted(asked, against is not None),
                found=_answer_counts(one)
                + (f"; the champion {_answer_counts(other)}" if against else ""),
            ),
            asked,
            [one, other] if against else [one],
            undecided(report),
        )
        for what, one, other in pairs
    ]
    return [*results, *_left(name, asked, report, abstained)]


def _wanted(asked: CoverageCondition, has_champion: bool) -> str:
    bar = f"at least {asked.at_least:.0%} answered"
    points = f"{100 * asked.tolerated:g} points fewer than by the champion"
    return f"{bar}, at most {points}" if has_champion else bar


def _answered(
    base: ConditionResult,
    asked: CoverageCondition,
    both: Sequence[Answers | None],
    silent: Undecided | None,
) -> ConditionResult:
    """Decide one scope.

    Args:
        base: The result if the scope passes.
        asked: The condition.
        both: Answers of the model, then of a champion if any.
        silent: Why no threshold decides some adverts; None where there are none.
    """
    lacks = [_lack(one, who) for one, who in zip(both, ("model", "champion"), strict=False)]
    lack = next((one for one in lacks if one), None)
    if lack is not None:
        return replace(base, outcome=without_evidence(asked), message=lack)
    ours, theirs = (_share(one, decided=False) for one in (both[0], both[-1]))
    if _is_enough(asked, ours, theirs):
        return base
    if silent is None or not _is_enough(asked, _share(both[0], decided=True), theirs):
        return replace(base, outcome="failed", message=_ADVICE)
    cure = f": {silent.cure}" if silent.cure else ""
    message = f"the others are marked abstain, so a person reads them; {silent.why}{cure}"
    return replace(base, outcome=without_evidence(asked), message=message)


def _is_enough(asked: CoverageCondition, ours: float, theirs: float) -> bool:
    return ours >= asked.at_least and theirs - ours <= asked.tolerated + _ROUNDING


def _lack(answers: Answers | None, who: str) -> str | None:
    if answers is None:
        return f"the answers of the {who} were not counted"
    if not answers.adverts:
        return "there is no such advert here"
    if answers.given is None:
        return (
            f"it is not known where the {who} abstains, or no thresholds are known of it; judge "
            f"its bundle, or evaluate the {who} itself again"
        )
    return None


def _share(answers: Answers | None, *, decided: bool) -> float:
    """Return the share that is answered, or would be if thresholds decided every advert."""
    assert answers is not None, "asked only where it is known"
    assert answers.given is not None, "asked only where it is known"
    assert answers.undecided is not None, "known where the answers are"
    given = answers.given + (answers.undecided if decided else 0)
    return given / answers.adverts


def _answer_counts(answers: Answers | None) -> str:
    if answers is None:
        return "not known"
    if answers.given is None:
        return f"at most {answers.adverts - answers.unreadable:,} of {answers.adverts:,}"
    share = answers.given / answers.adverts if answers.adverts else 0.0
    return f"{answers.given:,} of {answers.adverts:,} ({share:.1%})"


def _left(
    name: str, asked: CoverageCondition, report: Report, abstained: Sequence[AbstainedSlice]
) -> list[ConditionResult]:
    """Return the result on the slices that this verdict leaves to people; empty without any."""
    task = report.task(None)
    if not abstained or task is None:
        return []
    cells = {f"{one.language}, {one.script}, {one.modality}" for one in abstained}
    left = [one.evidence for one in task.slices if one.dimension == CELL and one.value in cells]
    counts = [("judged adverts", sum(one.adverts for one in left), task.evidence.adverts)]
    if task.evidence.positives is not None:
        among = sum(one.positives or 0 for one in left)
        counts.append(("positives", among, task.evidence.positives))
    return [
        _left_among(name, asked, what, count, judged, scope=task.task.name, slices=len(abstained))
        for what, count, judged in counts
    ]


def _left_among(
    name: str,
    asked: CoverageCondition,
    what: str,
    count: int,
    judged: int,
    *,
    scope: str,
    slices: int,
) -> ConditionResult:
    holds = count <= asked.left_at_most * judged
    return ConditionResult(
        name=name,
        kind=asked.kind,
        scope=f"{scope}, {what} left to people by this verdict",
        outcome="passed" if holds else without_evidence(asked),
        wanted=f"at most {asked.left_at_most:.0%} of the {what}",
        found=f"{count:,} of {judged:,} in {plural(slices, 'slice')}",
        message="" if holds else "bring labelled adverts of these slices, and judge it again",
    )
