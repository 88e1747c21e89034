"""Claims about shipped thresholds: each keeps its promise, and spares harmless look-alikes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from adverts.config.gate import LeastPromises, LookAlikeRates, Promises
from adverts.errors import plural
from adverts.evaluation.decisions.operating_points import OperatingPoint
from adverts.evaluation.figures import wording
from adverts.evaluation.figures.look_alikes import GroupRate
from adverts.evaluation.gate.claims import Claim, against_bar
from adverts.evaluation.gate.gate_facts import GateFacts
from adverts.evaluation.report_content import Report
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.runtime.rules.decision_rules import DecisionRules


def promise_claims(
    name: str,
    asked: Promises,
    report: Report,
    facts: GateFacts,
    least: LeastPromises | None = None,
) -> Iterator[Claim]:
    """Yield the claim that each shipped threshold keeps its promise.

    A promise that is weaker than the gate asks for, or was made for the best of fewer models than
    are compared now, or of nobody knows how many, cannot be judged. It is a different promise,
    whatever the gate sets for missing evidence.
    """
    task = report.evaluation.headline
    summary = report.task(None)
    rules = report.rules.thresholds.thresholds if report.rules else ()
    unpaid = weak_promise(report.rules, task, least) or _unpaid(report, facts)
    for purpose in asked.purposes:
        scope = f"{task}, high-{purpose} threshold"
        wanted = f"a threshold that promises {purpose}, and keeps it"
        base = Claim(name, asked, scope, wanted, "")
        own = [one for one in rules if one.task == task and one.purpose == purpose]
        points = [
            one
            for one in report.operating
            if one.threshold.task == task and one.threshold.purpose == purpose
        ]
        if not points or summary is None:
            why = next((one.lack for one in own if one.lack), None)
            yield replace(base, lack=why or "the model ships no such threshold")
            continue
        for point in points:
            promised = point.threshold.promised
            claim = against_bar(
                replace(base, scope=_of_language(scope, point), measured=_kept(point)),
                promised,
                low_is_good=False,
                independent=point.independent or summary.evidence.independent,
                must_see=asked.must_see,
                adverts=point.adverts,
            )
            claim = replace(claim, wanted=f"{purpose} of {wording.number(promised)} as promised")
            if unpaid:
                strict = asked.model_copy(update={"if_insufficient": "fail"})
                claim = replace(claim, condition=strict, lack=unpaid)
            yield claim


def weak_promise(rules: DecisionRules | None, task: str, least: LeastPromises | None) -> str | None:
    """Say which threshold of a task promises less than a gate asks for; None if none does.

    Args:
        rules: Rules of the judged model; None where it has none.
        task: Name of the task.
        least: What the gate asks for at least; None: nothing.
    """
    if rules is None or least is None:
        return None
    wanted = {"precision": least.precision, "recall": least.recall}
    shipped = [
        one for one in rules.thresholds.thresholds if one.task == task and one.value is not None
    ]
    weak = next((one for one in shipped if one.promised < wanted[one.purpose]), None)
    if weak is not None:
        bar = f"{wanted[weak.purpose]:g}"
        return (
            f"a threshold promises {weak.purpose} {weak.promised:g}, and the gate asks for {bar}; "
            f"export with decisions.{weak.purpose}={bar}"
        )
    confidence = rules.thresholds.confidence
    if shipped and confidence < least.confidence:
        return (
            f"the confidence of its thresholds is {confidence:g}, and the gate asks for "
            f"{least.confidence:g}; export with decisions.confidence={least.confidence:g}"
        )
    return None


def _unpaid(report: Report, facts: GateFacts) -> str | None:
    """Say why promises may not allow for all models that were compared; None if they do."""
    if facts.training_lost:
        return (
            "no ledger records the training of this model, so for the best of how many models the "
            "promise must hold is not known; bring the ledger back, or name it with ledger="
        )
    fewer = promised_for_fewer(report.rules, facts.models_compared)
    return fewer and f"the promise holds {fewer}; export the bundle again"


def promised_for_fewer(rules: DecisionRules | None, compared: int | None) -> str | None:
    """Say for how many models promises hold, if more are compared now; otherwise return None.

    Args:
        rules: Rules with the thresholds that promise; None where the model ships none.
        compared: Models now known to be compared on the validation adverts; None: unknown.
    """
    paid = (rules.thresholds.models_compared or 1) if rules else None
    if paid is None or compared is None or compared <= paid:
        return None
    return (
        f"only for the best of {plural(paid, 'model')}, and {compared:,} are now compared on these "
        "validation adverts"
    )


def look_alike_claims(name: str, asked: LookAlikeRates, report: Report) -> Iterator[Claim]:
    """Yield the claim on each group of harmless look-alikes, at each threshold of the purpose."""
    wanted = f"upper bound of the false-positive rate at most {wording.number(asked.at_most)}"
    task = report.evaluation.headline
    points = [
        one
        for one in report.operating
        if one.threshold.task == task and one.threshold.purpose == asked.purpose
    ]
    groups = [(point, one) for point in points for one in point.groups if one.kind == "look_alike"]
    if not groups:
        why = f"no high-{asked.purpose} threshold" if not points else "no look-alike is labelled"
        yield Claim(name, asked, f"{task}, look-alikes", wanted, "", lack=why)
    for point, one in groups:
        scope = _of_language(f"{task}, {one.group}", point)
        yield _group(Claim(name, asked, scope, wanted, ""), one, asked.at_most)


def _group(base: Claim, one: GroupRate, bar: float) -> Claim:
    """Return the claim on one group, tested exactly by clusters, since copies are dependent."""
    from scipy.stats import binomtest

    if one.rate is None or one.high is None:
        return replace(base, lack="the group has no advert here")
    found = f"{one.flagged} of {one.adverts} flagged, at most {wording.number(one.high)}"
    measured = Estimate(one.rate, one.low, one.high)
    refuted = binomtest(one.flagged_clusters, one.clusters, bar, alternative="greater").pvalue
    lack = None
    if one.high > bar:
        lack = f"{plural(one.clusters, 'cluster')} of this group are too few to rule out more"
    return replace(
        base,
        found=found,
        measured=measured,
        p_value=float(refuted),
        lack=lack,
        adverts=one.adverts,
    )


def _kept(point: OperatingPoint) -> Estimate:
    """Return the figure that a threshold promised, as measured on the judged adverts."""
    if point.threshold.purpose == "recall":
        return point.recall
    return point.precision_at_prevalence or point.precision


def _of_language(scope: str, point: OperatingPoint) -> str:
    language = point.threshold.language
    return scope if language is None else f"{scope}, language {language}"
