"""Compare a bundle with its checkpoint on every advert of a proof, in batches of several shapes.

Shape suffixes: ``N`` adverts, ``L`` labels.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from adverts.advert import Advert
from adverts.bundle.parity.checkpoint_reference import CheckpointReference, Probabilities
from adverts.bundle.parity.differences import (
    Flips,
    KeptIds,
    compare_feeds,
    compare_rules,
    flipped,
    largest_difference,
)
from adverts.bundle.parity.proof_adverts import ProofAdverts
from adverts.errors import InputError, ParityError
from adverts.inputs.encoding import AdvertEncoder, EncodedAdvert
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.rules.probabilities import calibrated_probabilities
from adverts.work.progress import Progress, no_progress

BATCH_SIZES = (1, 3, 32)
_CUT_OUT = 1e-4
"""Largest difference of a logit of the n-grams, run alone and in the whole model."""


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Answers of the checkpoint for every advert of a proof.

    Attributes:
        reference: The checkpoint.
        adverts: The adverts that it scored.
        probabilities: Maps each task name to probabilities ``(N, L)``.
        lengths: Number of tokens of each advert.
        kept_ids: Old id of each new token id; None if the bundle's vocabulary is not trimmed.
    """

    reference: CheckpointReference
    adverts: ProofAdverts
    probabilities: Probabilities
    lengths: tuple[int, ...]
    kept_ids: KeptIds | None = None

    @property
    def spread(self) -> float:
        """Largest standard deviation of a probability over the adverts.

        If it is tiny, the model gives every advert the same answer and agreement means little.
        """
        return max(float(values_NL.std(axis=0).max()) for values_NL in self.probabilities.values())


@dataclass(frozen=True, slots=True, eq=False)
class BundleAgreement:
    """How far a bundle is from its checkpoint.

    Attributes:
        probabilities: Maps each task name to probabilities ``(N, L)``, as a service gets them.
        max_difference: Largest difference of a probability, in any shape of batch.
        flips: Which decisions differed, in any shape of batch.
        batch_sizes: Sizes of the raw batches, which are not sorted by length as a service's are.
    """

    probabilities: Probabilities
    max_difference: float
    flips: Flips
    batch_sizes: tuple[int, ...]


def ask_checkpoint(
    reference: CheckpointReference,
    adverts: ProofAdverts,
    *,
    kept_ids: KeptIds | None = None,
    progress: Progress = no_progress,
) -> Expected:
    """Score every advert with the checkpoint.

    Raises:
        InputError: An advert cannot be read.
    """
    parts: list[Probabilities] = []
    lengths: list[int] = []
    for places in adverts.windows():
        encoded = encode(reference.encoder, adverts.read(places))
        lengths += [advert.length for advert in encoded]
        parts.append(reference.probabilities_in_bulk(encoded, progress))
    said = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Expected(reference, adverts, said, tuple(lengths), kept_ids)


def compare(
    expected: Expected,
    classifier: Classifier,
    progress: Progress = no_progress,
    *,
    tie: float,
) -> BundleAgreement:
    """Compare a bundle that was read back from disk with the answers of its checkpoint.

    Every advert is scored as a service does, and again in a batch of mixed lengths. The sizes of
    these batches are :data:`BATCH_SIZES` in turn; the extremes are scored in batches of each size.
    A bundle that scores adverts one by one has only batches of one. A probability no further than
    ``tie`` from its threshold lies on it.

    Raises:
        ParityError: Tasks, labels, decision rules or inputs differ, the bundle cannot read an
            advert, a probability is not a number, or the n-grams alone judge otherwise than in the
            whole model.
        InputError: The checkpoint cannot read an advert.
    """
    compare_rules(expected.reference, classifier)
    sizes = BATCH_SIZES if classifier.manifest.batching == "padded" else (1,)
    comparison = _Comparison(expected, progress, tie)
    for places in expected.adverts.windows():
        comparison.serve(classifier, places, list(_cycled(places, sizes)))
    last = range(len(expected.adverts) - expected.adverts.num_extremes, len(expected.adverts))
    raw = [batch for size in sizes for batch in _cycled(last, (size,))]
    comparison.serve(classifier, last, raw)
    return BundleAgreement(comparison.said, comparison.largest, comparison.flips(), sizes)


def encode(encoder: AdvertEncoder, adverts: Sequence[Advert]) -> list[EncodedAdvert]:
    """Encode adverts.

    Raises:
        InputError: An advert cannot be read; the message has its id.
    """
    encoded = []
    for advert in adverts:
        try:
            encoded.append(encoder.encode(advert))
        except InputError as error:
            raise InputError(f"advert {advert.id!r}: {error}") from error
    return encoded


def served(
    classifier: Classifier, adverts: Sequence[Advert], *, batch_size: int = 32
) -> Probabilities:
    """Score adverts as a service does: from unsorted columns to labelled probabilities.

    The whole model scores each of them; none leaves early.

    Raises:
        ParityError: The bundle cannot read an advert.
    """
    answers = classifier.predict(
        texts=[advert.text for advert in adverts],
        images=[advert.images for advert in adverts],
        ocr=[advert.ocr_text for advert in adverts],
        qualities=[advert.ocr_quality for advert in adverts],
        ids=[advert.id for advert in adverts],
        batch_size=batch_size,
        early_exit=False,  # the checkpoint answers with the whole model too
    )
    for one in answers:
        if one.error is not None:
            raise ParityError(f"the bundle cannot read advert {one.id!r}: {one.error.message}")
    return {
        task.name: np.array(
            [[one.probabilities[task.name][label] for label in task.labels] for one in answers]
        )
        for task in classifier.tasks
    }


def require_equal_alone(
    classifier: Classifier, adverts: Sequence[Advert], encoded: Sequence[EncodedAdvert]
) -> None:
    """Refuse a bundle whose early exit is not by the n-grams of the whole model.

    Raises:
        ParityError: A logit of the n-grams is another when the network does not run.
    """
    whole, alone = classifier.score(adverts).branches["ngrams"], classifier.score_early(encoded)
    gap = float(np.max([np.abs(whole[name] - alone[name]).max() for name in whole]))
    if not gap <= _CUT_OUT:  # NaN is no agreement
        raise ParityError(
            f"the n-grams alone differ from those in the whole model by {gap:.1e}, so no "
            "advert may leave early by them; export without exit.max_loss, and report this"
        )


def _cycled(places: Sequence[int], sizes: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield consecutive batches of places, whose sizes are taken from ``sizes`` in turn."""
    start = 0
    for size in itertools.cycle(sizes):
        if start >= len(places):
            return
        yield places[start : start + size]
        start += size


class _Comparison:
    """Collects the differences between probabilities, and the decisions that flipped."""

    def __init__(self, expected: Expected, progress: Progress, tie: float) -> None:
        self._expected, self._progress, self._tie = expected, progress, tie
        self.said = {name: np.empty_like(v) for name, v in expected.probabilities.items()}
        self._clear_N, self._tied_N = np.zeros((2, len(expected.adverts)), dtype=bool)
        self.largest = 0.0

    def serve(
        self, classifier: Classifier, places: Sequence[int], batches: Sequence[Sequence[int]]
    ) -> None:
        """Score the adverts at some places in raw batches, then as a service does."""
        reference, adverts = self._expected.reference, self._expected.adverts.read(places)
        encoded = encode(reference.encoder, adverts)
        fed = encode(classifier.encoder, adverts)
        first = places[0] if len(places) else 0
        for batch in self._progress(batches, "bundle", "batches", len(batches)):
            rows = slice(batch[0] - first, batch[-1] - first + 1)
            compare_feeds(
                reference,
                classifier,
                encoded[rows],
                served=fed[rows],
                kept_ids=self._expected.kept_ids,
            )
            self._add(batch, self._calibrated(classifier, fed[rows]))
        if classifier.may_leave_early:
            require_equal_alone(classifier, adverts, fed)
        said = served(classifier, adverts)
        self._add(places, said)
        for name, values_NL in said.items():
            self.said[name][list(places)] = values_NL

    def _calibrated(self, classifier: Classifier, fed: Sequence[EncodedAdvert]) -> Probabilities:
        logits = classifier.score_batch(fed)
        calibration = classifier.rules.calibration
        return {
            task.name: calibrated_probabilities(task, logits[task.name], calibration)
            for task in classifier.tasks
        }

    def _add(self, places: Sequence[int], found: Probabilities) -> None:
        reference, rows = self._expected.reference, list(places)
        wanted = {name: v[rows] for name, v in self._expected.probabilities.items()}
        self.largest = max(self.largest, largest_difference(wanted, found))
        tasks, thresholds = reference.schema.tasks, reference.rules.thresholds
        flips = flipped(tasks, wanted, found, thresholds, tie=self._tie)
        self._clear_N[rows] |= flips.clear
        self._tied_N[rows] |= flips.ties

    def flips(self) -> Flips:
        """Return which decisions differed in any batch."""
        return Flips(self._clear_N, self._tied_N & ~self._clear_N)
