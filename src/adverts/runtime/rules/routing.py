"""Decide from probabilities what happens to an advert: its review band, routes and danger signs.

Three things hold whatever a model says. A sign of danger to a person is reported, whatever class,
abstention or workload say. An advert of a class without an officer's route, such as one by a person
who asks for help, never gets one, however high its score. An advert on which the model abstains is
left to a person: it is never called harmless.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from adverts.errors import InputError
from adverts.runtime.rules.thresholds import SAFEGUARDING_DEFAULT, Threshold, Thresholds

ReviewBand = Literal["priority", "review", "below", "abstain"]
Probabilities = Mapping[str, Mapping[str, float]]
OFFICER_ROUTES = ("refer_review", "intel_review")
SAFEGUARDING_ROUTE = "safeguarding"
NO_ACTION = "no_action"
UNUSABLE_GROUP = "U"
UNUSABLE = "it contains nothing that can be judged"
"""Reason of an abstention because of the likeliest class."""
_FOR_REVIEW = (*OFFICER_ROUTES, "legal_review")
_WITHOUT_CLASSES = OFFICER_ROUTES[:1]  # of a model that answers one question alone


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """What the taxonomy says about a class.

    Attributes:
        group: ``V`` may violate, ``A`` depends on context, ``N`` does not, ``U`` is unusable.
        routes: What a service may do with an advert of the class.
    """

    group: str
    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoutingFacts:
    """What routing needs to know about a label schema; see ``LabelFacts.routing``.

    Attributes:
        task: Name of the headline task.
        positive: Label of that task that orders the queue; None where it has no such label.
        class_task: Name of the task whose labels are the classes; None where there is none.
        classes: Maps each class to its facts; empty where there is no task of classes.
        safeguarding: Signals that are reported even where no threshold names them.
    """

    task: str
    positive: str | None
    class_task: str | None = None
    classes: Mapping[str, ClassFacts] = field(default_factory=dict)
    safeguarding: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SafeguardingSignal:
    """A sign of danger to a person.

    Attributes:
        label: Label of the signal.
        probability: Probability of the signal.
    """

    label: str
    probability: float


ORDER_ONLY = "there is no recall threshold, so no advert may be left unread"
"""Reason of an abstention: the score orders the queue, and no threshold promises anything."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to an advert. Nothing here removes it: each route ends at a person.

    Attributes:
        review_band: ``priority``: at or above the high-precision threshold. ``review``: at or above
            the high-recall one, or above both but of a class without an officer's route.
            ``below``: under both; where recall thresholds are withheld, under the first only.
            ``abstain``: left to a person, since the model cannot judge.
        routes: What a service may do with it, in the order of the taxonomy.
        safeguarding: Signs of danger that are reported, likeliest first.
        reason: Sentence on why the advert is in this band.
    """

    review_band: ReviewBand
    routes: tuple[str, ...]
    safeguarding: tuple[SafeguardingSignal, ...]
    reason: str


def route(
    probabilities: Probabilities,
    thresholds: Thresholds,
    facts: RoutingFacts,
    *,
    language: str | None = None,
    abstained: str | None = None,
) -> Decision:
    """Return the decision on one advert; without a label that orders a queue it abstains.

    Args:
        probabilities: Maps each task and label to a calibrated probability.
        thresholds: Thresholds frozen with the model.
        facts: Facts of the model's label schema.
        language: BCP-47 tag of the advert; None where not known.
        abstained: Why the model must not judge this advert; None where it may.

    Raises:
        InputError: The task of the queue, its positive label or a safeguarding signal has no
            probability, a probability is outside [0, 1], or the likeliest class has no facts.
    """
    _check(probabilities, thresholds, facts)
    signals = _signals(probabilities, thresholds, facts, language)
    likeliest = _likeliest(probabilities, facts)
    band, reason = _band(probabilities, thresholds, facts, language)
    allowed = likeliest.routes if likeliest else _WITHOUT_CLASSES if not facts.classes else ()
    allowed = () if reason == ORDER_ONLY else allowed
    if abstained is not None:
        band, reason = "abstain", abstained
    elif likeliest and likeliest.group == UNUSABLE_GROUP:
        band, reason = "abstain", UNUSABLE
    elif band == "priority" and likeliest and not set(OFFICER_ROUTES) & set(allowed):
        band, reason = "review", f"{reason}, but its class has no officer's route"
    routes = _routes(band, allowed, bool(signals))
    if "recall" in thresholds.withheld:  # it is not given below which score an advert may be left
        routes = tuple(one for one in routes if one != NO_ACTION)
    return Decision(band, routes, signals, reason)


def _band(
    probabilities: Probabilities, thresholds: Thresholds, facts: RoutingFacts, language: str | None
) -> tuple[ReviewBand, str]:
    if facts.positive is None:
        return "abstain", f"task {facts.task!r} has no positive label, so nothing orders a queue"
    score = probabilities[facts.task][facts.positive]
    precise = thresholds.find(facts.task, facts.positive, "precision", language)
    complete = thresholds.find(facts.task, facts.positive, "recall", language)
    if precise and precise.value is not None and score >= precise.value:
        return "priority", f"{score:.3g} is at least {precise.value:.3g}, the precision threshold"
    if _withheld(complete, thresholds) and precise and precise.value is not None:
        told = f"{score:.3g} is under {precise.value:.3g}, the precision threshold"
        return "below", f"{told}; the recall threshold is withheld"
    if complete is None or complete.value is None:
        return "abstain", ORDER_ONLY
    if score >= complete.value:
        return "review", f"{score:.3g} is at least {complete.value:.3g}, the recall threshold"
    return "below", f"{score:.3g} is under {complete.value:.3g}, the recall threshold"


def _withheld(complete: Threshold | None, thresholds: Thresholds) -> bool:
    """Return whether a recall threshold is withheld; one that lacks evidence is not."""
    return complete is None and "recall" in thresholds.withheld


def _routes(band: ReviewBand, allowed: tuple[str, ...], in_danger: bool) -> tuple[str, ...]:
    """Return the routes of a class that suit a band; danger adds its own route to any band."""
    flagged = band in ("priority", "review")
    kept = [
        one
        for one in allowed
        if (flagged or one not in _FOR_REVIEW) and (band == "below" or one != NO_ACTION)
    ]
    if band == "below" and not kept:
        kept = [NO_ACTION]
    if in_danger:
        kept = [one for one in kept if one not in (NO_ACTION, SAFEGUARDING_ROUTE)]
        kept.insert(0, SAFEGUARDING_ROUTE)
    return tuple(kept)


def _signals(
    probabilities: Probabilities, thresholds: Thresholds, facts: RoutingFacts, language: str | None
) -> tuple[SafeguardingSignal, ...]:
    told = [
        SafeguardingSignal(label, said[label])
        for label in dangers(thresholds, facts)
        for task, said in probabilities.items()
        if label in said and said[label] >= _reported_from(thresholds, task, label, language)
    ]
    return tuple(sorted(told, key=lambda one: -one.probability))


def dangers(thresholds: Thresholds, facts: RoutingFacts) -> tuple[str, ...]:
    """Return the labels that are signs of danger to a person, which are always reported."""
    return tuple(dict.fromkeys((*thresholds.safeguarding, *facts.safeguarding)))


def _reported_from(thresholds: Thresholds, task: str, label: str, language: str | None) -> float:
    """Return the probability from which a danger is reported; there always is one."""
    found = thresholds.find(task, label, "recall", language)
    return SAFEGUARDING_DEFAULT if found is None or found.value is None else found.value


def _likeliest(probabilities: Probabilities, facts: RoutingFacts) -> ClassFacts | None:
    """Return the facts of the likeliest class; the first of equally likely ones."""
    if facts.class_task is None or facts.class_task not in probabilities or not facts.classes:
        return None
    said = probabilities[facts.class_task]
    name = max(said, key=lambda one: said[one])
    if name not in facts.classes:
        raise InputError(f"class {name!r} has no routes; known classes: {', '.join(facts.classes)}")
    return facts.classes[name]


def _check(probabilities: Probabilities, thresholds: Thresholds, facts: RoutingFacts) -> None:
    if facts.positive is not None and facts.positive not in probabilities.get(facts.task, {}):
        raise InputError(
            f"label {facts.positive!r} of task {facts.task!r} orders the queue but has no "
            f"probability; found the tasks {', '.join(probabilities) or 'none'}"
        )
    answered = {label for said in probabilities.values() for label in said}
    untold = [label for label in dangers(thresholds, facts) if label not in answered]
    if untold:
        raise InputError(
            f"safeguarding signal {untold[0]!r} has no probability; give one for every signal"
        )
    for task, said in probabilities.items():
        for label, one in said.items():
            if not 0 <= one <= 1:
                raise InputError(f"{task}, {label}: probability {one}, wanted one in [0, 1]")
