"""Judge whether a bundle in one precision meets the requirement for shipping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from adverts.arrays import Ints
from adverts.bundle.parity.batch_neighbours import Neighbours, try_neighbours
from adverts.bundle.parity.bundle_agreement import BundleAgreement, Expected, compare, served
from adverts.bundle.parity.differences import flipped, gap_to_cut, largest_difference
from adverts.bundle.parity.figure_losses import describe_change, measure_losses
from adverts.bundle.parity.parity_record import Change, Trial
from adverts.bundle.parity.proof_adverts import Truth
from adverts.config import BundleConfig
from adverts.errors import ParityError
from adverts.runtime.manifest import MODEL_NAME
from adverts.runtime.predict.advert_facts import Facts
from adverts.runtime.predict.classifier import Classifier
from adverts.work.progress import Progress, no_progress

FIRST = 400
"""Adverts, in random order, on which the proof of fp32 rests in a split of twice as many or more.
An int8 bundle may be refused on them before the rest is scored."""
_NEAREST = 64


def judge_bundle(
    scheme: str,
    classifier: Classifier,
    expected: Expected,
    truth: Truth,
    *,
    requirement: BundleConfig,
    progress: Progress = no_progress,
) -> tuple[Trial, Mapping[int, Facts]]:
    """Compare a bundle with its checkpoint and return the findings, and any reasons to refuse it.

    Also return the facts of the adverts of the split, by their rows in its table. In a large split,
    fp32 is compared on :data:`FIRST` adverts and on those nearest to a threshold, since it differs
    by the last bits alone, and by more where an operator is wrong. An int8 bundle whose loss is
    clear on the first :data:`FIRST` adverts of such a split is refused on these.

    Args:
        scheme: Name of the scheme.
        classifier: The bundle, read back from disk.
        expected: Answers of the checkpoint.
        truth: Labels of the same adverts.
        requirement: What must be proved.
        progress: Shows how far the proof is.

    Raises:
        ParityError: The bundle is broken in any precision: its rules or inputs differ from the
            checkpoint's, it cannot read an advert, or a probability is not a number.
    """
    tie = requirement.max_probability_difference
    if classifier.manifest.precision == "int8" and len(truth.clusters) >= 2 * FIRST:
        refused = _clearly_refused(scheme, classifier, expected, truth, requirement)
        if refused is not None:
            return refused, {}
    places = _places(classifier, expected, truth)
    agreement = compare(expected, classifier, progress, places=places, tie=tie)
    neighbours = try_neighbours(
        classifier, expected.adverts, agreement.probabilities, tie=tie, places=places
    )
    manifest, whole = classifier.manifest, len(places) == len(expected.adverts)
    real = slice(0, len(truth.clusters) if whole else FIRST)
    changes = measure_losses(
        truth if whole else truth.first(FIRST),
        {name: values_NL[real] for name, values_NL in expected.probabilities.items()},
        {name: values_CL[real] for name, values_CL in agreement.probabilities.items()},
        flipped=agreement.flips.clear[real],
        allowance=requirement,
    )
    reasons = [*_company(neighbours, requirement)]
    if manifest.precision == "fp32":
        reasons += _unequal(agreement, expected, requirement)
    else:
        reasons += _lost(changes)
    trial = Trial(
        scheme=scheme,
        precision=manifest.precision,
        batching=manifest.batching,
        model_bytes=_model_bytes(classifier),
        max_difference=agreement.max_difference,
        flipped=int(agreement.flips.clear.sum()),
        ties=int(agreement.flips.ties.sum()),
        neighbour_adverts=neighbours.adverts,
        neighbour_difference=neighbours.max_difference,
        neighbour_flipped=neighbours.flipped,
        neighbour_ties=neighbours.ties,
        changes=changes,
        reasons=tuple(reasons),
        compared=len(places),
        drawn=None if whole else FIRST,
    )
    return trial, agreement.facts


def _places(classifier: Classifier, expected: Expected, truth: Truth) -> Ints:
    """Return the places of the adverts to compare, the first ones of the random order first."""
    count = len(truth.clusters)
    every = np.arange(len(expected.adverts))
    if classifier.manifest.precision == "int8" or count < 2 * FIRST or expected.logits is None:
        return every
    gaps_N = gap_to_cut(
        classifier.tasks,
        {name: values_NL[:count] for name, values_NL in expected.probabilities.items()},
        classifier.rules.thresholds,
    )
    nearest = np.argsort(gaps_N, kind="stable")[:_NEAREST]
    return np.union1d(np.r_[every[:FIRST], every[count:]], nearest)


def _clearly_refused(
    scheme: str,
    classifier: Classifier,
    expected: Expected,
    truth: Truth,
    requirement: BundleConfig,
) -> Trial | None:
    """Return the refusal of a bundle whose loss on the first adverts is beyond doubt, else None.

    It is where even the favourable end of the paired interval is a larger loss than is allowed. The
    order of a proof is random, so the first adverts are a fair sample of the split.
    """
    first = slice(0, FIRST)
    wanted = {name: values_NL[first] for name, values_NL in expected.probabilities.items()}
    found = served(classifier, expected.adverts.read(range(FIRST)))
    tasks, thresholds = classifier.tasks, classifier.rules.thresholds
    tie = requirement.max_probability_difference
    flips = flipped(tasks, wanted, found, thresholds, tie=tie)
    changes = measure_losses(
        truth.first(FIRST), wanted, found, flipped=flips.clear, allowance=requirement
    )
    clear = [one for one in changes if one.high is not None and one.high < -one.allowed]
    if not clear:
        return None
    return Trial(
        scheme=scheme,
        precision=classifier.manifest.precision,
        batching=classifier.manifest.batching,
        model_bytes=_model_bytes(classifier),
        max_difference=largest_difference(wanted, found),
        flipped=int(flips.clear.sum()),
        ties=int(flips.ties.sum()),
        neighbour_adverts=None,
        neighbour_difference=None,
        neighbour_flipped=None,
        changes=changes,
        reasons=tuple(
            f"on the first {FIRST} adverts, which settle it, {reason}" for reason in _lost(clear)
        ),
    )


def _model_bytes(classifier: Classifier) -> int:
    return (classifier.folder / MODEL_NAME).stat().st_size


def require_passed(trial: Trial) -> None:
    """Refuse a precision that did not pass.

    Raises:
        ParityError: It did not pass; the message has the reasons.
    """
    if not trial.passed:
        raise ParityError("; ".join(trial.reasons))


def _unequal(
    agreement: BundleAgreement, expected: Expected, requirement: BundleConfig
) -> Iterator[str]:
    allowed = requirement.max_probability_difference
    if agreement.max_difference > allowed:
        yield (
            "probabilities of the bundle differ from the checkpoint's by up to "
            f"{agreement.max_difference:.2g}; the limit is {allowed:.2g}: a larger "
            "bundle.max_probability_difference= is recorded in the bundle"
        )
    rows = np.flatnonzero(agreement.flips.clear)
    if len(rows):
        said = (expected.adverts.ids[place] for place in agreement.places[rows])
        names = ", ".join(sorted(said)[:5])
        yield f"{len(rows)} decisions flipped, e.g. of {names}"


def _company(found: Neighbours, requirement: BundleConfig) -> Iterator[str]:
    allowed = requirement.max_neighbour_difference
    if found.max_difference > allowed:
        yield (
            f"a score depends on the other adverts of its batch, by up to "
            f"{found.max_difference:.2g}; the limit is {allowed:.2g}: a larger "
            "bundle.max_neighbour_difference= is recorded in the bundle"
        )
    if found.flipped:
        yield (
            f"{found.flipped} of {found.adverts} decisions depend on the other adverts of the batch"
        )


def _lost(changes: Iterable[Change]) -> Iterator[str]:
    for one in changes:
        if one.verdict == "lower":
            yield (
                f"{one.figure} of {one.slice or 'all adverts'} changes by {describe_change(one)}; "
                f"the limit is {-one.allowed:g}"
            )
