"""Choose when adverts leave early: on what a model says of adverts that it did not learn from.

Shape suffixes: ``N`` adverts, ``K`` logits of a task, ``L`` labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from adverts.advert import LabelSchema, Task
from adverts.arrays import Bools, Floats, Targets
from adverts.candidates.exit_evidence import ExitEvidence
from adverts.config import DecisionsConfig
from adverts.data.mapping.taxonomy import label_facts
from adverts.errors import InputError
from adverts.evaluation.decisions.exit_limits import exit_limit
from adverts.evaluation.figures.evidence import MIN_CLUSTERS
from adverts.evaluation.truth import label_truth
from adverts.runtime.rules.calibration import Calibration
from adverts.runtime.rules.coverage import UNKNOWN
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.early_exit import ExitLimit, ExitRule, label_odds
from adverts.runtime.rules.languages import Language
from adverts.runtime.rules.probabilities import calibrated_probabilities
from adverts.runtime.rules.routing import ORDER_ONLY
from adverts.runtime.rules.thresholds import SAFEGUARDING_DEFAULT, has_queue, label_scores

_OUT_OF_FOLD = "training adverts, out of fold, and validation adverts"
_VALIDATION = "validation adverts alone, since training kept no scores out of fold"


def choose_exit(
    schema: LabelSchema,
    evidence: ExitEvidence | None,
    rules: DecisionRules,
    config: DecisionsConfig,
    *,
    max_loss: float,
    out_of_fold: bool,
) -> ExitRule:
    """Return when an advert leaves early; where nothing is promised, what is missing.

    Args:
        schema: Label schema of the model.
        evidence: Adverts that the promise rests on; None without any.
        rules: Calibration and thresholds of the model.
        config: Its confidence is that of the promise, for the best of all models compared.
        max_loss: Share of positive clusters that may be lost.
        out_of_fold: Whether training kept scores out of fold.
    """
    compared = rules.thresholds.models_compared or config.models_compared
    confidence = 1 - (1 - config.confidence) / compared
    limits = tuple(
        _limit(task, label, evidence, rules, max_loss=max_loss, confidence=confidence)
        for task, label in _labels(schema, rules)
    )
    rule = ExitRule(
        max_loss=max_loss,
        confidence=config.confidence,
        limits=limits,
        evidence=_OUT_OF_FOLD if out_of_fold else _VALIDATION,
        adverts=0 if evidence is None else len(evidence),
        data_hash=rules.thresholds.data_hash,
        models_compared=compared,
    )
    if evidence is None or rule.lacks:
        return rule
    rule = _with_evidence(rule, schema, evidence)
    return replace(rule, share=_share(rule, schema, evidence, rules))


def _labels(schema: LabelSchema, rules: DecisionRules) -> Iterator[tuple[Task, str]]:
    """Yield the label of the queue, then every sign of danger, each with its task.

    Raises:
        InputError: No label of the headline task orders a queue.
    """
    task = schema.task(schema.headline)
    if not has_queue(task) or task.positive is None:
        raise InputError(
            f"exit.max_loss needs a positive label that orders a queue, and {task.name!r} has "
            "none; leave exit.max_loss out"
        )
    yield task, task.positive
    dangers = dict.fromkeys((*rules.thresholds.safeguarding, *label_facts(schema).safeguarding))
    for one in schema.tasks:
        yield from ((one, label) for label in one.labels if label in dangers)


def _limit(
    task: Task,
    label: str,
    evidence: ExitEvidence | None,
    rules: DecisionRules,
    *,
    max_loss: float,
    confidence: float,
) -> ExitLimit:
    """Return the limit of a label; without a recall threshold, why there is none."""
    reached_from = _reached_from(task, label, rules)
    odds_N, reaches_N, clusters = np.zeros(0), np.zeros(0, bool), list[str]()
    if evidence is not None and task.name in evidence.targets:
        rows = np.flatnonzero(_positive(task, label, evidence) & evidence.readable)
        odds_N = label_odds(task, evidence.ngrams[task.name], label)[rows]
        said_N = _stated(task, label, evidence.mean, rules.calibration)[rows]
        reaches_N = np.isnan(said_N) | (said_N >= (reached_from or 0.0))
        clusters = [evidence.clusters[row] for row in rows.tolist()]
    found = exit_limit(
        task.name, label, odds_N, reaches_N, clusters, max_loss=max_loss, confidence=confidence
    )
    if reached_from is not None:
        return found
    lack = ORDER_ONLY if found.lack is None else f"{ORDER_ONLY}; besides, {found.lack}"
    return ExitLimit(task.name, label, None, found.clusters, lack=lack)


def _reached_from(task: Task, label: str, rules: DecisionRules) -> float | None:
    """Return the probability from which a label counts; None where nothing may be left unread."""
    found = rules.thresholds.find(task.name, label, "recall")
    if found is not None and found.value is not None:
        return found.value
    return None if has_queue(task) else SAFEGUARDING_DEFAULT


def _positive(task: Task, label: str, evidence: ExitEvidence) -> Bools:
    return np.asarray(label_truth(task, evidence.targets[task.name], label) == 1)


def _stated(task: Task, label: str, logits: Targets, calibration: Calibration) -> Floats:
    """Return the probability of a label, ``(N,)``; NaN where a logit is unknown."""
    logits_NK = np.asarray(logits[task.name], dtype=np.float64)
    known_N = np.isfinite(logits_NK).all(axis=1)
    found = np.full(len(logits_NK), np.nan)
    said_NL = calibrated_probabilities(task, logits_NK[known_N], calibration)
    found[known_N] = label_scores(task, said_NL, label)
    return found


def _with_evidence(rule: ExitRule, schema: LabelSchema, evidence: ExitEvidence) -> ExitRule:
    """Add the languages, scripts and parts in which enough positive clusters were seen."""
    task = schema.task(schema.headline)
    assert task.positive is not None, "the label of the queue has a limit"
    rows = np.flatnonzero(_positive(task, task.positive, evidence)).tolist()

    def enough(values: Sequence[str | None]) -> tuple[str, ...]:
        clusters: dict[str, set[str]] = {}
        for row in rows:
            clusters.setdefault(values[row] or UNKNOWN, set()).add(evidence.clusters[row])
        return tuple(sorted(name for name, held in clusters.items() if len(held) >= MIN_CLUSTERS))

    return replace(
        rule,
        languages=enough(evidence.langs),
        scripts=enough(evidence.scripts),
        modalities=enough(evidence.modalities),
    )


def _share(
    rule: ExitRule, schema: LabelSchema, evidence: ExitEvidence, rules: DecisionRules
) -> float:
    """Return the share of the adverts of the evidence that would leave early."""
    task = schema.task(schema.headline)
    assert task.positive is not None, "the label of the queue has a limit"
    tasks = {one.name: one for one in schema.tasks}
    said_N = _stated(task, task.positive, evidence.ngrams, rules.calibration)
    below_N = said_N < (_reached_from(task, task.positive, rules) or 0.0)
    covered_N = np.array(
        [
            rule.has_evidence(Language(lang, script, identified=False), modality)
            for lang, script, modality in zip(
                evidence.langs, evidence.scripts, evidence.modalities, strict=True
            )
        ],
        bool,
    )
    under_N = rule.is_under(tasks, evidence.ngrams)
    return float((under_N & below_N & covered_N & evidence.readable).mean())
