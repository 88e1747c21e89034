"""Compare a bundle with its checkpoint on every advert of a proof, in batches of several shapes.

Shape suffixes: ``N`` adverts, ``L`` labels.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adverts.advert import Advert
from adverts.arrays import Ints
from adverts.bundle.parity.checkpoint_reference import CheckpointReference, Logits, Probabilities
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
from adverts.runtime.predict.advert_facts import Facts, facts_of
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.predict.responses import Response
from adverts.runtime.predict.score_adverts import USUAL_BATCH
from adverts.runtime.rules.probabilities import calibrated_probabilities
from adverts.work.progress import Progress, no_progress

BATCH_SIZES = (1, 3, 32)
MIXED = 64
"""Adverts of a split that are also scored in batches of mixed lengths."""
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
        logits: Logits of the adverts of the split ``(N, K)`` by task; None: only their
            probabilities are known.
    """

    reference: CheckpointReference
    adverts: ProofAdverts
    probabilities: Probabilities
    lengths: tuple[int, ...]
    kept_ids: KeptIds | None = None
    logits: Logits | None = None

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
        places: Places of the adverts that were compared, in order; ``C`` of them.
        probabilities: Maps each task name to probabilities ``(C, L)``, as a service gets them.
        max_difference: Largest difference of a probability, in any shape of batch.
        flips: Which decisions differed, in any shape of batch, ``(C,)``.
        batch_sizes: Sizes of the raw batches, which are not sorted by length as a service's are.
        facts: Maps rows of the table of the split to the facts of what a service finds.
    """

    places: Ints
    probabilities: Probabilities
    max_difference: float
    flips: Flips
    batch_sizes: tuple[int, ...]
    facts: Mapping[int, Facts]


def ask_checkpoint(
    reference: CheckpointReference,
    adverts: ProofAdverts,
    *,
    kept_ids: KeptIds | None = None,
    known: Logits | None = None,
    progress: Progress = no_progress,
) -> Expected:
    """Score every advert with the checkpoint.

    Args:
        reference: The checkpoint.
        adverts: Adverts of the proof.
        kept_ids: Old id of each new token id; None if the bundle's vocabulary is not trimmed.
        known: Logits of the adverts of the split that are known, ``(N, K)`` by task, in the order
            of ``adverts.rows``; None: none are.
        progress: Shows how many batches are done.

    Raises:
        InputError: An advert cannot be read.
    """
    parts: list[Probabilities] = []
    lengths: list[int] = []
    for places in adverts.windows():
        encoded = encode(reference.encoder, adverts.read(places))
        lengths += [advert.length for advert in encoded]
        given = None if known is None else _given(known, places)
        parts.append(reference.probabilities_in_bulk(encoded, progress, known=given))
    said = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Expected(reference, adverts, said, tuple(lengths), kept_ids, known)


def _given(known: Logits, places: range) -> Logits:
    """Return the known logits of some places of a proof; NaN for the extremes."""
    rows = np.arange(places.start, places.stop)
    found = {}
    for name, values_NK in known.items():
        found[name] = np.full((len(rows), values_NK.shape[1]), np.nan, np.float32)
        inside = rows < len(values_NK)
        found[name][inside] = values_NK[rows[inside]]
    return found


def compare(
    expected: Expected,
    classifier: Classifier,
    progress: Progress = no_progress,
    *,
    places: Ints | None = None,
    tie: float,
) -> BundleAgreement:
    """Compare a bundle that was read back from disk with the answers of its checkpoint.

    Each of these adverts is scored as a service does, and those of the first :data:`MIXED` again in
    batches of mixed lengths. The sizes of these are :data:`BATCH_SIZES` in turn; the extremes are
    scored in batches of each size. A bundle that scores adverts one by one has only batches of one.
    A probability no further than ``tie`` from its threshold lies on it.

    Args:
        expected: Answers of the checkpoint.
        classifier: The bundle.
        progress: Shows how many batches are done.
        places: Places of the adverts to compare, in order; the logits of the others must be known.
            None: every advert.
        tie: The largest difference that is none.

    Raises:
        ParityError: Tasks, labels, decision rules or inputs differ, the bundle cannot read an
            advert, a probability is not a number, or the n-grams alone judge otherwise than in the
            whole model.
        InputError: The checkpoint cannot read an advert.
    """
    compare_rules(expected.reference, classifier)
    sizes = BATCH_SIZES if classifier.manifest.batching == "padded" else (1,)
    comparison = _Comparison(expected, classifier, progress, tie)
    count = len(expected.adverts.rows)
    if places is None:
        places = np.arange(len(expected.adverts))
    for window in expected.adverts.windows():
        inside = places[(window.start <= places) & (places < window.stop)]
        if len(inside):
            mixed = inside[inside < min(MIXED, count)]
            comparison.serve(inside, list(_cycled(range(len(mixed)), sizes)))
        comparison.tell_rest(np.setdiff1d(window, places))
    last = np.arange(count, len(expected.adverts))
    every = range(len(last))
    comparison.serve(last, [batch for size in sizes for batch in _cycled(every, (size,))])
    return comparison.found(places, sizes)


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
    classifier: Classifier, adverts: Sequence[Advert], *, batch_size: int = USUAL_BATCH
) -> Probabilities:
    """Score adverts as a service does: from unsorted columns to labelled probabilities.

    The whole model scores each of them; none leaves early.

    Raises:
        ParityError: The bundle cannot read an advert.
    """
    return _probabilities(classifier, answers(classifier, adverts, batch_size=batch_size))


def answers(
    classifier: Classifier,
    adverts: Sequence[Advert],
    *,
    batch_size: int = USUAL_BATCH,
    languages: Sequence[str | None] | None = None,
    readings: bool = False,
) -> list[Response]:
    """Return the answers of a service to adverts, of which none leaves early.

    Raises:
        ParityError: The bundle cannot read an advert.
    """
    found = classifier.predict(
        texts=[advert.text for advert in adverts],
        images=[advert.images for advert in adverts],
        ocr=[advert.ocr_text for advert in adverts],
        qualities=[advert.ocr_quality for advert in adverts],
        ids=[advert.id for advert in adverts],
        languages=languages,
        batch_size=batch_size,
        early_exit=False,  # the checkpoint answers with the whole model too
        readings=readings,
    )
    for one in found:
        if one.error is not None:
            raise ParityError(f"the bundle cannot read advert {one.id!r}: {one.error.message}")
    return found


def _probabilities(classifier: Classifier, said: Sequence[Response]) -> Probabilities:
    return {
        task.name: np.array(
            [[one.probabilities[task.name][label] for label in task.labels] for one in said]
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


def _cycled(places: range, sizes: Sequence[int]) -> Iterator[range]:
    """Yield consecutive batches of places, whose sizes are taken from ``sizes`` in turn."""
    start = 0
    for size in itertools.cycle(sizes):
        if start >= len(places):
            return
        yield places[start : start + size]
        start += size


class _Comparison:
    """Collects the differences between probabilities, and the decisions that flipped."""

    def __init__(
        self, expected: Expected, classifier: Classifier, progress: Progress, tie: float
    ) -> None:
        self._expected, self._classifier = expected, classifier
        self._progress, self._tie = progress, tie
        self._facts: dict[int, Facts] = {}
        self._modalities = expected.adverts.table.modalities()
        self._tell = facts_of(classifier)
        self.said = {name: np.empty_like(v) for name, v in expected.probabilities.items()}
        self._clear_N, self._tied_N = np.zeros((2, len(expected.adverts)), dtype=bool)
        self.largest = 0.0

    def serve(self, places: Ints, batches: Sequence[range]) -> None:
        """Score adverts at some places in raw batches of these, then all as a service does."""
        adverts, classifier = self._expected.adverts.read(places.tolist()), self._classifier
        encoded = encode(self._expected.reference.encoder, adverts)
        fed = encode(classifier.encoder, adverts)
        for batch in self._progress(batches, "bundle", "batches", len(batches)):
            rows = slice(batch.start, batch.stop)
            self._compare_feeds(encoded[rows], fed[rows])
            self._add(places[rows], self._calibrated(fed[rows]))
        for batch in _cycled(range(len(places)), (1, max(BATCH_SIZES))):
            rows = slice(batch.start, batch.stop)
            self._compare_feeds(encoded[rows], fed[rows])
        if classifier.may_leave_early:
            require_equal_alone(classifier, adverts, fed)
        said = self._served(places, adverts)
        self._add(places, said)
        for name, values_NL in said.items():
            self.said[name][places] = values_NL

    def tell_rest(self, places: Ints) -> None:
        """Keep the facts of adverts that are not compared, from what the checkpoint said."""
        places = places[places < len(self._expected.adverts.rows)]
        if not len(places):
            return
        logits = self._expected.logits
        assert logits is not None, "adverts are left out only where their logits are known"
        table, rows = self._expected.adverts.table, self._expected.adverts.rows
        said = self._classifier.respond(
            self._expected.adverts.read(places.tolist()),
            {name: values_NK[places] for name, values_NK in logits.items()},
            languages=[table.langs[rows[place]] for place in places],
        )
        self._keep_facts([rows[place] for place in places], said)

    def _keep_facts(self, rows: Sequence[int], said: Sequence[Response]) -> None:
        for row, one in zip(rows, said, strict=False):
            assert one.reading is not None, "readings were asked for"
            self._facts[row] = self._tell(one, one.reading, self._modalities[row])

    def _compare_feeds(
        self, encoded: Sequence[EncodedAdvert], fed: Sequence[EncodedAdvert]
    ) -> None:
        expected = self._expected
        compare_feeds(
            expected.reference, self._classifier, encoded, served=fed, kept_ids=expected.kept_ids
        )

    def _served(self, places: Ints, adverts: Sequence[Advert]) -> Probabilities:
        """Score adverts as a service does, and keep the facts of those of the split."""
        table, rows = self._expected.adverts.table, self._expected.adverts.rows
        real = [rows[place] for place in places if place < len(rows)]
        langs = [table.langs[row] for row in real]
        languages = [*langs, *[None] * (len(adverts) - len(real))]
        said = answers(self._classifier, adverts, languages=languages, readings=True)
        self._keep_facts(real, said)
        return _probabilities(self._classifier, said)

    def _calibrated(self, fed: Sequence[EncodedAdvert]) -> Probabilities:
        logits = self._classifier.score_batch(fed)
        calibration = self._classifier.rules.calibration
        return {
            task.name: calibrated_probabilities(task, logits[task.name], calibration)
            for task in self._classifier.tasks
        }

    def _add(self, rows: Ints, found: Probabilities) -> None:
        reference = self._expected.reference
        wanted = {name: v[rows] for name, v in self._expected.probabilities.items()}
        self.largest = max(self.largest, largest_difference(wanted, found))
        tasks, thresholds = reference.schema.tasks, reference.rules.thresholds
        flips = flipped(tasks, wanted, found, thresholds, tie=self._tie)
        self._clear_N[rows] |= flips.clear
        self._tied_N[rows] |= flips.ties

    def found(self, places: Ints, sizes: tuple[int, ...]) -> BundleAgreement:
        """Return what was found at these places in all batches, the raw ones of these sizes."""
        said = {name: values_NL[places] for name, values_NL in self.said.items()}
        clear_C, tied_C = self._clear_N[places], self._tied_N[places]
        flips = Flips(clear_C, tied_C & ~clear_C)
        return BundleAgreement(places, said, self.largest, flips, sizes, self._facts)
