"""What a service would be told of each advert by a candidate with its decision rules."""

from __future__ import annotations

from adverts.advert import LabelSchema
from adverts.data.mapping.taxonomy import label_facts
from adverts.errors import IntegrityError
from adverts.evaluation.figures.judged_adverts import ServedAnswer
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.label_facts import LabelFacts
from adverts.runtime.rules.routing import UNUSABLE, Decision, RoutingFacts, route

_LEFT = {
    "abstained": "the bundle leaves such adverts to people",
    "unreadable": "it holds nothing that the model reads",
}


def decisions(said: Predictions, rules: DecisionRules, schema: LabelSchema) -> list[Decision]:
    """Return the decision on each advert, as a bundle with these rules would serve it.

    Args:
        said: Calibrated predictions.
        rules: Rules that are frozen, or would be frozen, with the model.
        schema: The tasks of the model.
    """
    facts = _facts(schema)
    return [
        route(
            _named(said, row),
            rules.thresholds,
            facts,
            language=said.langs[row],
            abstained=_LEFT.get(answer or ""),
        )
        for row, answer in enumerate(said.answers)
    ]


def served_answers(
    said: Predictions, rules: DecisionRules | None, schema: LabelSchema
) -> list[ServedAnswer | None]:
    """Return whether each advert gets an answer, or is left to people by its review band.

    None where it is unknown, as for every readable advert of a model without rules: which
    thresholds its bundle would ship is not known.

    Args:
        said: Calibrated predictions.
        rules: Rules that are frozen, or would be frozen, with the model; None where it has none.
        schema: The tasks of the model.
    """
    if rules is None:
        return [None if answer == "given" else answer for answer in said.answers]
    decided = decisions(said, rules, schema)
    return [
        _served(one) if answer == "given" else answer
        for answer, one in zip(said.answers, decided, strict=True)
    ]


def _served(decision: Decision) -> ServedAnswer:
    if decision.review_band != "abstain":
        return "given"
    return "abstained" if decision.reason == UNUSABLE else "undecided"


def _named(said: Predictions, row: int) -> dict[str, dict[str, float]]:
    return {
        task.name: {
            label: min(max(float(one), 0.0), 1.0)
            for label, one in zip(task.labels, said.probabilities[task.name][row], strict=True)
        }
        for task in said.tasks
    }


def _facts(schema: LabelSchema) -> RoutingFacts:
    """Return what the taxonomy says of a schema; without routes where it does not know a class."""
    found = label_facts(schema)
    try:
        found.check(schema)
    except IntegrityError:
        found = LabelFacts((), found.safeguarding)
    return found.routing(schema)
