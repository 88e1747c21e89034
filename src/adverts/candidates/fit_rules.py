"""Calibration and thresholds of a candidate: shipped with it, or fitted on validation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from adverts.advert import Split
from adverts.arrays import Targets
from adverts.candidates.candidate import Candidate
from adverts.candidates.checkpoint_logits import ModelLogits
from adverts.candidates.choose_exit import choose_exit
from adverts.candidates.exit_evidence import exit_evidence
from adverts.candidates.predict import as_judged, predict, validation_logits
from adverts.candidates.record_looks import RULES, compared_with, name_of
from adverts.config import DecisionsConfig
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import PreparedDataset
from adverts.data.mapping.taxonomy import safeguarding_signals
from adverts.evaluation.decisions.calibrate import as_trained, fit_calibration
from adverts.evaluation.decisions.calibration_choice import CalibrationEvidence
from adverts.evaluation.decisions.choose_thresholds import Promise, choose_thresholds
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.predictions.stored_model import StoredModel
from adverts.evaluation.truth import align_targets, unjudged_where
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.rules.calibration import Calibration
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.training.runs.kept_logits import OUT_OF_FOLD

SPLIT: Split = "validation"
"""The only split on which thresholds may be chosen."""


def rules_of(
    candidate: Candidate,
    dataset: PreparedDataset,
    config: DecisionsConfig,
    ledger: Path | None,
    *,
    remember: bool = True,
) -> DecisionRules | None:
    """Return the rules frozen with a candidate, otherwise those fitted on validation.

    Return None for a candidate without frozen rules in three cases: only its predictions are known,
    it was trained on another dataset, or neither validation nor training calibrates it.

    Raises:
        InputError: A ledger cannot be read, or none can be written.
    """
    if candidate.rules is not None or candidate.stored is not None:
        return candidate.rules
    if candidate.facts.trained_on.data_hash != dataset.data_hash:
        return None
    return fit_rules(candidate, dataset, config, ledger, remember=remember)


def fit_rules(
    candidate: Candidate,
    dataset: PreparedDataset,
    config: DecisionsConfig,
    ledger: Path | None,
    *,
    remember: bool = True,
    max_loss: float | None = None,
    known: ModelLogits | None = None,
) -> DecisionRules | None:
    """Score the validation adverts and fit all rules on them.

    If none has a label, the calibration of training is kept; None if there is none. With
    ``max_loss``, also choose when adverts leave early.

    The thresholds promise for the best of all models compared on these adverts. Their number is
    the largest that the ledgers (``ledger`` and the one next to the dataset), the checkpoint or the
    configuration know. With ``remember``, add this model to the ledgers that do not hold it yet.
    ``known`` holds the logits of all validation adverts, if they are known.

    Raises:
        InputError: A ledger cannot be read, or none can be written; or no label of the headline
            task orders a queue that adverts could leave early.
    """
    if SPLIT not in dataset.manifest.counts:
        rules = _as_trained(candidate, config)
        return _leaving(candidate, dataset, rules, config, max_loss=max_loss)
    table = dataset.split(SPLIT)
    targets = align_targets(dataset.schema.tasks, candidate.facts.schema.tasks, table.targets)
    if not unjudged_where(~table.readable(candidate.facts.inputs), targets):
        rules = _as_trained(candidate, config)
        return _leaving(candidate, dataset, rules, config, max_loss=max_loss)
    gate = RULES if remember else None
    compared, _ = compared_with(dataset, name_of(candidate), ledger=ledger, gate=gate)
    compared = max(compared, config.models_compared, candidate.models_compared or 1)
    title = "score validation"
    scored = known or validation_logits(candidate, table, title=title)
    predictions = predict(candidate, dataset, table, title=title, known=scored)
    rules = fitted_rules(
        predictions,
        targets,
        config.model_copy(update={"models_compared": compared}),
        headline=candidate.facts.schema.headline,
        in_training=candidate.calibrated_on,
    )
    held_out = table, predictions
    return _leaving(candidate, dataset, rules, config, max_loss=max_loss, held_out=held_out)


def _leaving(
    candidate: Candidate,
    dataset: PreparedDataset,
    rules: DecisionRules | None,
    config: DecisionsConfig,
    *,
    max_loss: float | None,
    held_out: tuple[AdvertTable, Predictions] | None = None,
) -> DecisionRules | None:
    """Return the rules with those of the early exit, if that is asked for."""
    if max_loss is None:
        return rules
    known, checkpoint = rules or DecisionRules(), candidate.model
    assert not isinstance(checkpoint, (Classifier, StoredModel)), "rules are fitted at an export"
    out_of_fold = checkpoint.kept(OUT_OF_FOLD)
    rule = choose_exit(
        candidate.facts.schema,
        exit_evidence(candidate, dataset, held_out, out_of_fold),
        known,
        config,
        max_loss=max_loss,
        out_of_fold=out_of_fold is not None,
    )
    return replace(known, early_exit=rule)


def _as_trained(candidate: Candidate, config: DecisionsConfig) -> DecisionRules | None:
    """Return the rules of a model that training alone calibrated; None if it did not."""
    schema = candidate.facts.schema
    tasks = tuple(
        as_trained(
            schema.task(name),
            evidence,
            "no validation advert has a label",
            prevalence=config.operating_prevalence if name == schema.headline else None,
        )
        for name, evidence in candidate.calibrated_on.items()
    )
    about: dict[str, str | int] = {
        "split": "train",
        "data_hash": candidate.facts.trained_on.data_hash,
    }
    return DecisionRules(Calibration(tasks, about)) if tasks else None


def fitted_rules(
    predictions: Predictions,
    targets: Targets,
    config: DecisionsConfig,
    *,
    headline: str,
    in_training: Mapping[str, CalibrationEvidence] | None = None,
) -> DecisionRules:
    """Fit the calibration, then the thresholds on the calibrated probabilities.

    The operating prevalence of ``config`` is that of the task ``headline``. Adverts that the model
    cannot read are not used for the calibration; the thresholds count them as never flagged.
    ``in_training`` is what the calibration of training rests on for each task; where that is more
    than validation has, it may be kept.
    """
    calibration = fit_calibration(
        predictions,
        unjudged_where(predictions.unreadable, targets),
        prevalence=config.operating_prevalence,
        seed=config.seed,
        headline=headline,
        in_training=in_training or {},
    )
    thresholds = choose_thresholds(
        as_judged(predictions, calibration),
        targets,
        promise=Promise(
            precision=config.precision,
            recall=config.recall,
            operating_prevalence=config.operating_prevalence,
            confidence=config.confidence,
            models_compared=config.models_compared,
        ),
        safeguarding=safeguarding_signals(),
    )
    return DecisionRules(calibration, thresholds)


def prevalence_in_service(
    config: DecisionsConfig, rules: DecisionRules | None, headline: str
) -> float | None:
    """Return the share of positives where the model will be used; None if it is not stated.

    This is what the configuration states, otherwise the prevalence that the probabilities of the
    task ``headline`` were adapted to when the rules were frozen.
    """
    if config.operating_prevalence is not None or rules is None:
        return config.operating_prevalence
    return rules.calibration.of(headline).operating_prevalence
