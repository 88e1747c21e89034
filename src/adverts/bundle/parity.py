"""Prove that a bundle computes what its checkpoint computes, or refuse it.

The reference scores each advert alone, so that a model in which padding or a neighbour matters
cannot agree with itself. Shape suffixes: ``N`` adverts, ``L`` labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Advert, Task
from adverts.bundle.facts import label_facts
from adverts.bundle.reference import Probabilities, Progress, Reference, no_progress
from adverts.errors import InputError, ParityError
from adverts.inputs.encoding import AdvertEncoder, EncodedAdvert, collate
from adverts.runtime.classifier import Classifier
from adverts.runtime.thresholds import Thresholds, label_scores

BATCH_SIZES = (1, 3, 32)
TIE = 1e-6
"""A reference closer to a threshold than this decides nothing in float32."""


@dataclass(frozen=True, slots=True)
class Parity:
    """What a proof found.

    Attributes:
        adverts: How many were compared.
        shortest: Tokens of the shortest advert.
        longest: Tokens of the longest.
        max_difference: Largest difference of a probability.
        spread: Largest standard deviation of a probability over the adverts; where it is tiny, the
            model says the same of everything and agreement means little.
    """

    adverts: int
    shortest: int
    longest: int
    max_difference: float
    spread: float


def prove_parity(
    reference: Reference,
    classifier: Classifier,
    adverts: Sequence[Advert],
    *,
    max_difference: float,
    progress: Progress = no_progress,
) -> Parity:
    """Compare a bundle, as it was read back from disk, with the checkpoint it was made from.

    Args:
        reference: The checkpoint.
        classifier: The bundle.
        adverts: At least one; their lengths and parts should differ.
        max_difference: Largest difference of a probability that is allowed.
        progress: Shows how far the proof is.

    Raises:
        ParityError: Tasks, labels, rules of decision, inputs, a probability or a decision differ.
        InputError: An advert cannot be read.
    """
    _compare_rules(reference, classifier)
    encoded, served = _encode(reference.encoder, adverts), _encode(classifier.encoder, adverts)
    expected = reference.probabilities(progress(encoded, "checkpoint", len(encoded)))
    comparison = _Comparison(reference, expected, [advert.id for advert in adverts])
    for rows in progress(list(_batches(len(adverts))), "bundle", 0):
        _compare_feeds(reference, classifier, encoded[rows], served[rows])
        logits = classifier.score_batch(served[rows])
        calibration = classifier.rules.calibration
        comparison.add(
            rows,
            {task.name: calibration.apply(task, logits[task.name]) for task in classifier.tasks},
        )
    comparison.add(slice(None), _predicted(classifier, adverts))
    comparison.judge(max_difference)
    lengths = [advert.length for advert in encoded]
    spread = max(float(values_NL.std(axis=0).max()) for values_NL in expected.values())
    return Parity(len(adverts), min(lengths), max(lengths), comparison.largest, spread)


def _compare_rules(reference: Reference, classifier: Classifier) -> None:
    if classifier.manifest.label_schema != reference.schema:
        raise ParityError("the bundle has other tasks or labels, or another order of them")
    if classifier.rules.calibration != reference.rules.calibration:
        raise ParityError("the bundle ships another calibration than was fitted")
    if classifier.rules.thresholds != reference.rules.thresholds:
        raise ParityError("the bundle ships other thresholds than were chosen")
    if classifier.label_facts != label_facts(reference.schema):
        raise ParityError("the bundle tells other groups or routes of its labels than the taxonomy")


def _encode(encoder: AdvertEncoder, adverts: Sequence[Advert]) -> list[EncodedAdvert]:
    encoded = []
    for advert in adverts:
        try:
            encoded.append(encoder.encode(advert))
        except InputError as error:
            raise InputError(f"advert {advert.id!r}: {error}") from error
    return encoded


def _batches(count: int) -> Iterator[slice]:
    for size in BATCH_SIZES:
        for start in range(0, count, size):
            yield slice(start, start + size)


def _compare_feeds(
    reference: Reference,
    classifier: Classifier,
    encoded: Sequence[EncodedAdvert],
    served: Sequence[EncodedAdvert],
) -> None:
    """Refuse a bundle that feeds its model anything else, even where the answer is the same."""
    wanted = collate(encoded, reference.encoder.spec)
    found = collate(served, classifier.encoder.spec)
    for name in wanted | found:
        if name not in wanted or name not in found or not np.array_equal(wanted[name], found[name]):
            raise ParityError(
                f"the bundle makes another {name} of an advert than the checkpoint: its prefix, "
                "tokens, padding or pixels differ"
            )


def _predicted(classifier: Classifier, adverts: Sequence[Advert]) -> Probabilities:
    """Score the way a service does: unsorted columns in, labelled probabilities out."""
    predictions = classifier.predict(
        texts=[advert.text for advert in adverts],
        images=[advert.images for advert in adverts],
        ocr=[advert.ocr_text for advert in adverts],
        qualities=[advert.ocr_quality for advert in adverts],
        ids=[advert.id for advert in adverts],
    )
    for prediction in predictions:
        if prediction.error is not None:
            raise ParityError(
                f"the bundle cannot read advert {prediction.id!r}: {prediction.error.message}"
            )
    return {
        task.name: np.array(
            [list(prediction.probabilities[task.name].values()) for prediction in predictions]
        )
        for task in classifier.tasks
    }


class _Comparison:
    """Gathers differences between probabilities, and decisions that flipped."""

    def __init__(self, reference: Reference, expected: Probabilities, ids: Sequence[str]) -> None:
        self._tasks, self._thresholds = reference.schema.tasks, reference.rules.thresholds
        self._expected, self._ids = expected, ids
        self._flipped: set[str] = set()
        self._not_a_number = False
        self.largest = 0.0

    def add(self, rows: slice, found: Probabilities) -> None:
        """Compare the probabilities of some of the adverts."""
        for task in self._tasks:
            expected_NL, found_NL = self._expected[task.name][rows], found[task.name]
            self._not_a_number |= not bool(np.isfinite(found_NL).all())
            self.largest = max(self.largest, float(np.abs(found_NL - expected_NL).max()))
            flipped_N = flips(task, expected_NL, found_NL, self._thresholds)
            self._flipped |= {self._ids[rows][int(row)] for row in np.flatnonzero(flipped_N)}

    def judge(self, allowed: float) -> None:
        """Raise ParityError where the bundle must be refused."""
        if self._not_a_number:
            raise ParityError("the bundle gives probabilities that are not numbers")
        if self.largest > allowed:
            raise ParityError(
                f"probabilities of the bundle differ from the checkpoint's by up to "
                f"{self.largest:.2g}, allowed is {allowed:.2g}"
            )
        if self._flipped:
            names = ", ".join(sorted(self._flipped)[:5])
            raise ParityError(f"{len(self._flipped)} decisions flipped, e.g. of {names}")


def flips(
    task: Task,
    expected_NL: NDArray[np.float64],
    found_NL: NDArray[np.float64],
    thresholds: Thresholds,
) -> NDArray[np.bool_]:
    """Say for which adverts a decision differs, where the expected one is no tie.

    Decided are each label at its shipped thresholds, those of all languages; besides, ``multi``
    decides each label at 0.5, and the other kinds take the most probable label.
    """
    flipped_N = np.zeros(len(expected_NL), dtype=bool)
    for one in thresholds.thresholds:
        if one.task == task.name and one.value is not None:
            expected_N = label_scores(task, expected_NL, one.label)
            found_N = label_scores(task, found_NL, one.label)
            flipped_N |= _crosses(expected_N, found_N, one.value)
    if task.kind == "multi":
        return flipped_N | _crosses(expected_NL, found_NL, 0.5).any(axis=1)
    ranked_NL = np.sort(expected_NL, axis=1)
    clear_N = ranked_NL[:, -1] - ranked_NL[:, -2] > TIE if task.num_labels > 1 else False
    other_N = expected_NL.argmax(axis=1) != found_NL.argmax(axis=1)
    return np.asarray(flipped_N | (other_N & clear_N))


def _crosses(
    expected: NDArray[np.float64], found: NDArray[np.float64], threshold: float
) -> NDArray[np.bool_]:
    differs = (expected >= threshold) != (found >= threshold)
    return np.asarray(differs & (np.abs(expected - threshold) > TIE))
