"""The condition on how many adverts a model answers, and does not leave to people."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from adverts.config.gate import CoverageCondition
from adverts.errors import plural
from adverts.evaluation.figures.judged_adverts import Account, Answers
from adverts.evaluation.gate.counted_conditions import without_evidence
from adverts.evaluation.gate.gate_record import AbstainedSlice, ConditionResult
from adverts.evaluation.report_content import Report
from adverts.evaluation.undecided import Undecided, undecided

_ROUNDING = 1e-12
_ADVICE = "judge a model that reads and answers these adverts, such as one for all their parts"


def coverage_results(
    name: str,
    asked: CoverageCondition,
    report: Report,
    abstained: Sequence[AbstainedSlice],
    weak: str | None = None,
) -> list[ConditionResult]:
    """Return the results of a coverage condition, on all judged adverts and on the positives.

    An advert is answered if the model can read it, its review band is not ``abstain``, for whatever
    reason, and this verdict does not leave its slice to people. A model that falls short only since
    no threshold decides its adverts, or since its slices lack evidence, could not be judged: what
    it lacks is labelled adverts. Against the champion, slices that this verdict leaves count as
    answered, since nobody knows which of them the champion deserves to answer. Nor could a model be
    judged where people left too many adverts without one answer, or without any: what they are sure
    of is easier.

    Args:
        name: Name of the condition.
        asked: The condition.
        report: The report on the model.
        abstained: Slices that this verdict leaves to people.
        weak: Which promise behind the answers is weaker than the gate asks for; None if none is.
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
    left = {f"{one.language}, {one.script}, {one.modality}" for one in abstained}
    return [
        *_undecided_by_people(name, asked, ours),
        *(
            _answered(
                ConditionResult(
                    name=name,
                    kind=asked.kind,
                    scope=f"{ours.task}, {what}",
                    outcome="passed",
                    wanted=_wanted(asked, against is not None),
                    found=_answer_counts(one, left)
                    + (f"; the champion {_answer_counts(other, ())}" if against else ""),
                ),
                asked,
                [one, other] if against else [one],
                undecided(report),
                left=left,
                weak=weak,
            )
            for what, one, other in pairs
        ),
    ]


def _undecided_by_people(
    name: str, asked: CoverageCondition, account: Account
) -> Iterator[ConditionResult]:
    """Yield a result if people decided nothing of more adverts than may be unanswered.

    A label that nobody reviewed is no person's answer: who chooses what is reviewed chooses what is
    judged.
    """
    numbers = (account.without_label, account.without_one_answer, account.not_reviewed)
    undecided = sum(numbers)
    whole = account.judged.adverts + undecided
    if undecided <= (1 - asked.at_least) * whole + _ROUNDING * whole:
        return
    without, split, alone = numbers
    counts = (
        f"{without:,} have no label",
        f"annotators are evenly split on {split:,}",
        f"nobody reviewed the label of {alone:,}",
    )
    told = " and ".join(one for one, n in zip(counts, numbers, strict=True) if n)
    yield ConditionResult(
        name=name,
        kind=asked.kind,
        scope=f"{account.task}, labels",
        outcome=without_evidence(asked),
        wanted=f"at least {asked.at_least:.0%} have one answer of people",
        found=f"{told}, of {whole:,} ({undecided / whole:.1%})",
        message="what people decided may be easier than the rest; let one more decide these",
    )


def _wanted(asked: CoverageCondition, has_champion: bool) -> str:
    bar = f"at least {asked.at_least:.0%} answered"
    points = f"{100 * asked.tolerated:g} points fewer than by the champion"
    return f"{bar}, at most {points}" if has_champion else bar


def _answered(
    base: ConditionResult,
    asked: CoverageCondition,
    both: Sequence[Answers | None],
    silent: Undecided | None,
    *,
    left: Collection[str],
    weak: str | None,
) -> ConditionResult:
    """Decide one scope.

    Args:
        base: The result if the scope passes.
        asked: The condition.
        both: Answers of the model, then of a champion if any.
        silent: Why no threshold decides some adverts; None where there are none.
        left: Slices that this verdict leaves to people.
        weak: Which promise is too weak for its answers to count; None if none is.
    """
    lacks = [_lack(one, who) for one, who in zip(both, ("model", "champion"), strict=False)]
    lack = next((one for one in lacks if one), None)
    if lack is not None:
        return replace(base, outcome=without_evidence(asked), message=lack)
    ours, theirs = (_share(one, decided=False) for one in (both[0], both[-1]))
    if _is_enough(asked, ours, theirs):
        if weak is not None:
            message = f"a weaker promise is no answer: {weak}"
            return replace(base, outcome=without_evidence(asked), message=message)
        if _share(both[0], decided=False, left=left) >= asked.at_least:
            return base
        told = f"{plural(len(left), 'slice')} with too little evidence"
        message = f"this verdict leaves {told} to people; bring labelled adverts of them"
        return replace(base, outcome=without_evidence(asked), message=message)
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


def _share(answers: Answers | None, *, decided: bool, left: Collection[str] = ()) -> float:
    """Return the share that is answered, or would be if thresholds decided every advert."""
    assert answers is not None, "asked only where it is known"
    assert answers.undecided is not None, "known where the answers are"
    given = _given(answers, left)
    assert given is not None, "asked only where it is known"
    return (given + (answers.undecided if decided else 0)) / answers.adverts


def _given(answers: Answers, left: Collection[str]) -> int | None:
    """Return how many are answered outside of slices that are left; None where it is unknown."""
    if answers.given is None or not left:
        return answers.given
    if answers.given_by_cell is None:  # all may be in these slices
        return 0
    return answers.given - sum(answers.given_by_cell.get(name, 0) for name in left)


def _answer_counts(answers: Answers | None, left: Collection[str]) -> str:
    if answers is None:
        return "not known"
    given = _given(answers, left)
    if given is None:
        return f"at most {answers.adverts - answers.unreadable:,} of {answers.adverts:,}"
    share = given / answers.adverts if answers.adverts else 0.0
    return f"{given:,} of {answers.adverts:,} ({share:.1%})"
