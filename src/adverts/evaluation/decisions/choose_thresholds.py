"""Choose thresholds on validation adverts, so that their promises hold where the model works."""

from __future__ import annotations

from dataclasses import dataclass, replace

from adverts.arrays import Targets
from adverts.errors import InputError
from adverts.evaluation.decisions.label_questions import Question, label_questions
from adverts.evaluation.decisions.threshold_search import ThresholdSearch
from adverts.evaluation.figures.evidence import MIN_CLUSTERS
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.runtime.rules.thresholds import (
    SAFEGUARDING_DEFAULT,
    SPLIT,
    Purpose,
    Threshold,
    Thresholds,
)

_SMALLEST_DOUBT = 1e-12  # rounding is a good deal smaller


@dataclass(frozen=True, slots=True)
class Promise:
    """What the chosen thresholds must achieve.

    Attributes:
        precision: Precision of a high-precision threshold, in (0, 1).
        recall: Recall of a high-recall threshold, in (0, 1).
        operating_prevalence: Share of the positive label where the model will work; None: as on
            validation. For labels other than a positive one, the share on validation is used.
        confidence: Confidence with which each promise holds, e.g. 0.95.
        models_compared: Number of models compared on these adverts, including this one.
    """

    precision: float
    recall: float
    operating_prevalence: float | None
    confidence: float
    models_compared: int = 1

    @property
    def corrected(self) -> float:
        """The confidence that each model must reach, so that the best of all keeps the promise.

        The allowed error probability is divided equally among the compared models. This is valid
        however similar they are and however the best was chosen, even if it is best by chance.

        Source: Bonferroni, "Teoria statistica delle classi e calcolo delle probabilità", 1936.
        """
        return 1 - (1 - self.confidence) / self.models_compared

    def __post_init__(self) -> None:
        """Reject promises that no number of adverts could show."""
        asked = (self.precision, self.recall, self.confidence, self.operating_prevalence or 0.5)
        if not all(0 < one < 1 for one in asked):
            raise InputError(
                "precision, recall, confidence and operating prevalence must be in (0, 1), got "
                f"{self.precision}, {self.recall}, {self.confidence}, {self.operating_prevalence}"
            )
        if self.models_compared < 1:
            raise InputError(
                f"at least 1 model is compared, this one; found {self.models_compared}"
            )
        if 1 - self.corrected < _SMALLEST_DOUBT:
            raise InputError(
                f"a promise with a confidence of {self.confidence} for the best of "
                f"{self.models_compared} models leaves no doubt at all, which no number of adverts "
                "can show; lower it, such as decisions.confidence=0.95"
            )


def choose_thresholds(
    predictions: Predictions,
    targets: Targets,
    *,
    promise: Promise,
    safeguarding: tuple[str, ...],
) -> Thresholds:
    """Return the thresholds of each label; where none keeps its promise, what is missing.

    A safeguarding label has only a recall threshold, which always has a value. With too little
    evidence it is a low default, and its ``caution`` gives the reason.

    Args:
        predictions: Calibrated predictions for validation adverts.
        targets: Maps each task name to ``(N, L)``, rows as in the predictions; NaN: not judged.
        promise: What the thresholds must achieve.
        safeguarding: Labels of ``multi`` tasks that are recall-first; unknown ones are left out.

    Raises:
        InputError: Not all adverts are of the split ``validation``, or there is no advert.
    """
    _require_validation(predictions)
    known = {label for task in predictions.tasks if task.kind == "multi" for label in task.labels}
    questions = label_questions(
        predictions, targets, prevalence=promise.operating_prevalence, safeguarding=safeguarding
    )
    return Thresholds(
        thresholds=tuple(
            _threshold(question, purpose, promise)
            for question in questions
            for purpose in _purposes(question)
        ),
        safeguarding=tuple(label for label in safeguarding if label in known),
        confidence=promise.confidence,
        split=SPLIT,
        data_hash=predictions.data_hash,
        models_compared=promise.models_compared,
    )


def _require_validation(predictions: Predictions) -> None:
    found = sorted(set(predictions.splits))
    if found != [SPLIT]:
        raise InputError(
            f"thresholds are chosen on the split {SPLIT} alone, found "
            f"{', '.join(found) or 'no advert'}; the split that is reported chooses nothing"
        )


def _purposes(question: Question) -> tuple[Purpose, ...]:
    return ("recall",) if question.recall_first else ("precision", "recall")


def _threshold(question: Question, purpose: Purpose, promise: Promise) -> Threshold:
    """Return the threshold of a label, or why there is none."""
    blank = Threshold(
        task=question.task,
        label=question.label,
        purpose=purpose,
        promised=promise.precision if purpose == "precision" else promise.recall,
        value=None,
        operating_prevalence=question.prevalence if purpose == "precision" else None,
        positive_clusters=question.holding(True),
        negative_clusters=question.holding(False),
    )
    lack = _too_few(blank)
    if lack is None:
        search = _search(question, promise)
        found = search.keeping(blank)
        if found is not None:
            return found
        lack = search.lack(blank)
    return (
        _fallback(question, promise, blank, lack)
        if question.recall_first
        else replace(blank, lack=lack)
    )


def _search(question: Question, promise: Promise) -> ThresholdSearch:
    return ThresholdSearch(
        question.scores, question.positive, question.clusters.tolist(), promise.corrected
    )


def _too_few(blank: Threshold) -> str | None:
    """Return why the label, or its absence, is too rare; None where both are frequent enough."""
    for kind, found in (
        ("hold the label", blank.positive_clusters),
        ("hold another", blank.negative_clusters),
    ):
        if found < MIN_CLUSTERS:
            return (
                f"{found} clusters {kind}, and with fewer than {MIN_CLUSTERS} nothing is promised: "
                f"at least {MIN_CLUSTERS - found} more are needed"
            )
    return None


def _fallback(question: Question, promise: Promise, blank: Threshold, lack: str) -> Threshold:
    """Return a low default threshold with a caution that its promise is not shown."""
    seen, value = blank, SAFEGUARDING_DEFAULT
    if blank.positive_clusters and blank.negative_clusters:
        search = _search(question, promise)
        value = min(search.at_lowest_positive(), SAFEGUARDING_DEFAULT)
        seen = search.at(blank, value)
    return replace(
        seen, value=value, caution=f"the promised recall is not shown, this is a default: {lack}"
    )
