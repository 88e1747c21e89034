"""How many of the judged adverts the model answers: what it leaves out may not buy a pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adverts.errors import plural
from adverts.evaluation.figures.account import Answers
from adverts.evaluation.figures.slices import CELL
from adverts.evaluation.gate.conditions import Coverage
from adverts.evaluation.gate.record import AbstainedSlice, ConditionResult, Outcome
from adverts.evaluation.gate.report_parts import task_of
from adverts.evaluation.report_content import Report

_ROUNDING = 1e-12
_ADVICE = "judge a model that reads and answers these adverts, such as one of all their parts"


def coverage_results(
    name: str, asked: Coverage, report: Report, abstained: Sequence[AbstainedSlice]
) -> list[ConditionResult]:
    """Return what became of a coverage condition: of all judged adverts, and of the positives.

    An advert is answered where the model can read it and its bundle does not abstain. Slices that
    this very verdict leaves to people are held against a bar of their own.

    Args:
        name: Of the condition.
        asked: What is asked.
        report: Everything that is said of the model.
        abstained: What this verdict leaves to people.
    """
    ours, against = report.account, report.comparison
    if ours is None:
        base = ConditionResult(name, asked.kind, "judged adverts", "passed", "adverts answered", "")
        return [replace(base, outcome=_untold(asked), found="not known", message="not counted")]
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
                found=_told(one) + (f"; the champion {_told(other)}" if against else ""),
            ),
            asked,
            [one, other] if against else [one],
        )
        for what, one, other in pairs
    ]
    return [*results, *_left(name, asked, report, abstained)]


def _wanted(asked: Coverage, has_champion: bool) -> str:
    bar = f"at least {asked.at_least:.0%} answered"
    points = f"{100 * asked.tolerated:g} points fewer than by the champion"
    return f"{bar}, at most {points}" if has_champion else bar


def _answered(
    base: ConditionResult, asked: Coverage, both: Sequence[Answers | None]
) -> ConditionResult:
    """Decide one scope; ``both``: of the model, and of the champion where there is one."""
    lacks = [_lack(one, who) for one, who in zip(both, ("model", "champion"), strict=False)]
    lack = next((one for one in lacks if one), None)
    if lack is not None:
        return replace(base, outcome=_untold(asked), message=lack)
    shares = [_share(one) for one in both]
    drop = shares[-1] - shares[0]
    if shares[0] < asked.at_least or drop > asked.tolerated + _ROUNDING:
        return replace(base, outcome="failed", message=_ADVICE)
    return base


def _lack(answers: Answers | None, who: str) -> str | None:
    if answers is None:
        return f"it was not counted what the {who} answers"
    if not answers.adverts:
        return "there is no such advert here"
    if answers.given is None:
        return f"it is not known where the {who} abstains; evaluate the {who} itself again"
    return None


def _share(answers: Answers | None) -> float:
    given = answers.given if answers else None
    assert answers is not None, "asked only where it is known"
    assert given is not None, "asked only where it is known"
    return given / answers.adverts


def _told(answers: Answers | None) -> str:
    if answers is None:
        return "not known"
    if answers.given is None:
        return f"at most {answers.adverts - answers.unreadable:,} of {answers.adverts:,}"
    share = answers.given / answers.adverts if answers.adverts else 0.0
    return f"{answers.given:,} of {answers.adverts:,} ({share:.1%})"


def _left(
    name: str, asked: Coverage, report: Report, abstained: Sequence[AbstainedSlice]
) -> list[ConditionResult]:
    """Hold what this verdict leaves to people against its bar; nothing where it leaves nothing."""
    task = task_of(report, None)
    if not abstained or task is None:
        return []
    cells = {f"{one.language}, {one.script}, {one.modality}" for one in abstained}
    left = [one.evidence for one in task.slices if one.dimension == CELL and one.value in cells]
    count, judged = sum(one.adverts for one in left), task.evidence.adverts
    holds = count <= asked.left_at_most * judged
    return [
        ConditionResult(
            name=name,
            kind=asked.kind,
            scope=f"{task.task.name}, left to people by this verdict",
            outcome="passed" if holds else _untold(asked),
            wanted=f"at most {asked.left_at_most:.0%} of the judged adverts",
            found=f"{count:,} of {judged:,} in {plural(len(abstained), 'slice')}",
            message="" if holds else "bring labelled adverts of these slices, and judge it again",
        )
    ]


def _untold(asked: Coverage) -> Outcome:
    return "reported" if asked.if_insufficient == "report" else "insufficient"
