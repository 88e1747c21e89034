"""Differences between a bundle and its checkpoint in rules, inputs, probabilities and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Bools, Floats
from adverts.bundle.parity.checkpoint_reference import CheckpointReference, Probabilities
from adverts.data.mapping.taxonomy import label_facts
from adverts.errors import ParityError
from adverts.inputs.encoding import EncodedAdvert, collate
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.rules.thresholds import Thresholds, label_scores

KeptIds = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Flips:
    """Which adverts are decided otherwise, each ``(N,)``.

    Attributes:
        clear: A decision differs, and the expected probability was clear of its threshold.
        ties: A decision differs, and only where the expected probability lay on its threshold.
    """

    clear: Bools
    ties: Bools


def compare_rules(reference: CheckpointReference, classifier: Classifier) -> None:
    """Compare labels, calibration and thresholds.

    Raises:
        ParityError: One of them differs.
    """
    if classifier.manifest.label_schema != reference.schema:
        raise ParityError(
            "the tasks or labels of the bundle, or their order, differ from the checkpoint's"
        )
    if classifier.rules.calibration != reference.rules.calibration:
        raise ParityError("the calibration in the bundle differs from the fitted one")
    if classifier.rules.thresholds != reference.rules.thresholds:
        raise ParityError("the thresholds in the bundle differ from the chosen ones")
    if classifier.label_facts != label_facts(reference.schema):
        raise ParityError(
            "groups or routes of labels in the bundle differ from those of the taxonomy"
        )


def compare_feeds(
    reference: CheckpointReference,
    classifier: Classifier,
    encoded: Sequence[EncodedAdvert],
    *,
    served: Sequence[EncodedAdvert],
    kept_ids: KeptIds | None = None,
) -> None:
    """Compare the feeds that both make from the same adverts.

    Args:
        reference: The checkpoint.
        classifier: The bundle.
        encoded: Adverts as the checkpoint encodes them.
        served: The same adverts as the bundle encodes them.
        kept_ids: Old id of each new token id of a trimmed vocabulary; None: ids are the same.

    Raises:
        ParityError: A feed differs, even if the answer is the same.
    """
    wanted = collate(encoded, reference.encoder.spec)
    found = collate(served, classifier.encoder.spec)
    if kept_ids is not None and "input_ids" in found:
        found["input_ids"] = kept_ids[found["input_ids"]]
    for name in wanted | found:
        if name not in wanted or name not in found or not np.array_equal(wanted[name], found[name]):
            raise ParityError(
                f"bundle and checkpoint make a different {name} from an advert: the prefix, "
                "tokens, padding or pixels differ"
            )


class NotANumberError(ParityError):
    """A bundle gives a probability that is not a number."""


def largest_difference(expected: Probabilities, found: Probabilities) -> float:
    """Return the largest difference of a probability.

    Raises:
        NotANumberError: A probability in ``found`` is not a number.
    """
    if not all(np.isfinite(values_NL).all() for values_NL in found.values()):
        raise NotANumberError("the bundle gives probabilities that are not numbers")
    return max(float(np.abs(found[name] - expected[name]).max()) for name in expected)


def flipped(
    tasks: Sequence[Task],
    expected: Probabilities,
    found: Probabilities,
    thresholds: Thresholds,
    *,
    tie: float,
) -> Flips:
    """Return which adverts are decided otherwise in any task.

    A probability no further than ``tie`` from its threshold lies on it: float sums in another order
    decide it otherwise, and neither decision is the right one.
    """
    clear_N, any_N = (
        np.any(
            [flips(one, expected[one.name], found[one.name], thresholds, tie=t) for one in tasks],
            axis=0,
        )
        for t in (tie, -np.inf)  # each that differs
    )
    return Flips(clear_N, any_N & ~clear_N)


def flips(
    task: Task, expected_NL: Floats, found_NL: Floats, thresholds: Thresholds, *, tie: float
) -> Bools:
    """Return for which adverts a decision differs, unless the expected one is a tie, ``(N,)``.

    The decisions are each label at its shipped thresholds, those of every language. In addition,
    ``multi`` decides each label at 0.5, and the other kinds take the most probable label.
    """
    flipped_N = np.zeros(len(expected_NL), dtype=bool)
    for one in thresholds.thresholds:
        if one.task == task.name and one.value is not None:
            expected_N = label_scores(task, expected_NL, one.label)
            found_N = label_scores(task, found_NL, one.label)
            flipped_N |= _crosses(expected_N, found_N, one.value, tie)
    if task.kind == "multi":
        return flipped_N | _crosses(expected_NL, found_NL, 0.5, tie).any(axis=1)
    if task.num_labels == 1:
        return flipped_N
    ranked_NL = np.sort(expected_NL, axis=1)
    clear_N = ranked_NL[:, -1] - ranked_NL[:, -2] > 2 * tie  # both probabilities may move
    other_N = expected_NL.argmax(axis=1) != found_NL.argmax(axis=1)
    return np.asarray(flipped_N | (other_N & clear_N))


def gap_to_cut(tasks: Sequence[Task], found: Probabilities, thresholds: Thresholds) -> Floats:
    """Return how far each advert is from its nearest other decision in any task, ``(N,)``.

    The decisions are those of :func:`flips`. An advert that nothing decides has infinity.
    """
    gaps_N = np.full(len(found[tasks[0].name]), np.inf)
    for task in tasks:
        found_NL = found[task.name]
        for one in thresholds.thresholds:
            if one.task == task.name and one.value is not None:
                distance_N = np.abs(label_scores(task, found_NL, one.label) - one.value)
                gaps_N = np.minimum(gaps_N, distance_N)
        if task.kind == "multi":
            gaps_N = np.minimum(gaps_N, np.abs(found_NL - 0.5).min(axis=1))
        elif task.num_labels > 1:
            ranked_NL = np.sort(found_NL, axis=1)
            gaps_N = np.minimum(gaps_N, (ranked_NL[:, -1] - ranked_NL[:, -2]) / 2)
    return gaps_N


def _crosses(expected: Floats, found: Floats, threshold: float, tie: float) -> Bools:
    differs = (expected >= threshold) != (found >= threshold)
    return np.asarray(differs & (np.abs(expected - threshold) > tie))
