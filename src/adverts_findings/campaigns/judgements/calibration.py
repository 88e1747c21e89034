"""Probabilities of edges, calibrated by the pairs that people judged.

Shape suffixes: ``E`` edges, ``L`` labelled edges.

Three quarters of the judged pairs were drawn where doubt is largest. Counted alike, they would
bend the fit towards what is special in them, such as bridges; counted by the inverse of their
chance alone, a few random ones would decide everything. Both were tried on made shapes of error
and on made worlds: labels that count by the inverse square root of their chance were near the best
for every shape. The error that is reported counts them by the inverse of their chance, without
bias.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adverts.arrays import Floats, Ints
from adverts_findings.campaigns.edges import EDGE_STATUSES, Edges
from adverts_findings.campaigns.judgements.labelled_edges import LabelledEdges
from adverts_findings.campaigns.judgements.probability_model import features, fit_model

LEAST_PAIRS, LEAST_RANDOM, LEAST_OF_EACH = 100, 25, 5
"""Judged pairs, those of them drawn at random, and those of each answer, from which on
probabilities are calibrated. Labels of one kind alone do not say what tells them apart."""
_FOLDS, _BINS, _RESAMPLES = 5, 5, 200


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """How far probabilities are from the shares that people found, on pairs not fitted on.

    Attributes:
        error: Mean gap over bins of equal weight, from 0 to 1; each pair counts by the inverse of
            the chance that it was drawn.
        standard_error: Standard deviation of ``error`` over resampled pairs.
        by_chance: Mean of ``error`` if the probabilities were exactly right: so many pairs show no
            smaller one.
    """

    error: float
    standard_error: float
    by_chance: float


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Probabilities, and what they rest on.

    Attributes:
        probability: Probability that both adverts are of one advertiser; NaN where the
            uncalibrated one is, ``(E,)``.
        calibrated: Whether enough pairs were judged; otherwise the probability is as it was.
        pairs: Number of judged pairs.
        at_random: Number of those that were drawn at random.
        unsure: Number of drawn pairs of which people were unsure.
        contradicted: Number of drawn pairs on which people disagree.
        error: The error of calibration by cross-fitting; None if nothing is calibrated.
    """

    probability: Floats
    calibrated: bool
    pairs: int
    at_random: int
    unsure: int
    contradicted: int
    error: CalibrationError | None


def calibrate(
    edges: Edges, uncalibrated: Floats, labelled: LabelledEdges, *, seed: int = 0
) -> Calibration:
    """Return calibrated probabilities, if enough pairs were judged.

    They are at least 100, 25 of them random ones, with five at least that are the same and five
    that are not.

    Args:
        edges: The edges.
        uncalibrated: Probability by the evidence alone, ``(E,)``.
        labelled: Edges whose pairs were judged.
        seed: Seed of the folds and resamples from which the error is found.
    """
    known = labelled.chosen(~np.isnan(uncalibrated[labelled.places]))
    of_each = min(len(np.unique(known.pairs[known.same == one])) for one in (True, False))
    enough = (
        known.num_pairs >= LEAST_PAIRS
        and known.num_random >= LEAST_RANDOM
        and of_each >= LEAST_OF_EACH
    )
    probability, error = uncalibrated, None
    if enough:
        probability = _probabilities(edges, uncalibrated, known)
        error = calibration_error(edges, uncalibrated, known, seed=seed)
    return Calibration(
        probability=probability,
        calibrated=enough,
        pairs=known.num_pairs,
        at_random=known.num_random,
        unsure=known.unsure,
        contradicted=known.contradicted,
        error=error,
    )


def _probabilities(edges: Edges, uncalibrated: Floats, labelled: LabelledEdges) -> Floats:
    found = np.full(len(edges), np.nan)
    places = np.flatnonzero(~np.isnan(uncalibrated))
    found[places] = _fitted(edges, uncalibrated, labelled, places)
    return found


def _fitted(edges: Edges, uncalibrated: Floats, labelled: LabelledEdges, places: Ints) -> Floats:
    """Return the probabilities of the edges at some places by a model of the labelled ones."""
    at = labelled.places
    seen_LD = features(uncalibrated[at], edges.kind[at], edges.status[at])
    model = fit_model(seen_LD, labelled.same.astype(np.float64), _label_weights(labelled))
    kind, status = edges.kind[places], edges.status[places]
    value, which = np.unique(uncalibrated[places], return_inverse=True)
    group = kind * len(EDGE_STATUSES) + status
    pattern = which * (int(group.max(initial=0)) + 1) + group
    _, first, back = np.unique(pattern, return_index=True, return_inverse=True)
    wanted = features(value[which[first]], kind[first], status[first])
    return model.probability(wanted)[back]


def _label_weights(labelled: LabelledEdges) -> Floats:
    """Return weights by the inverse root of the chance; they add up to the pairs, ``(L,)``."""
    plain = labelled.chance**-0.5
    return np.asarray(plain * (labelled.num_pairs / plain.sum()))


def calibration_error(
    edges: Edges, uncalibrated: Floats, labelled: LabelledEdges, *, seed: int
) -> CalibrationError:
    """Return the error of probabilities that are fitted without the pairs they are compared on.

    Args:
        edges: The edges.
        uncalibrated: Probability by the evidence alone, ``(E,)``.
        labelled: Edges whose pairs were judged; at least five pairs.
        seed: Seed of the folds and resamples.
    """
    rng = np.random.default_rng(seed)
    pairs, pair_L = np.unique(labelled.pairs, return_inverse=True)
    fold_L = (rng.permutation(len(pairs)) % _FOLDS)[pair_L]
    stated_L = np.zeros(len(pair_L))
    for fold in range(_FOLDS):
        others = labelled.chosen(fold_L != fold)
        held_out = labelled.places[fold_L == fold]
        stated_L[fold_L == fold] = _fitted(edges, uncalibrated, others, held_out)
    weight_L, same_L = 1 / labelled.chance, labelled.same.astype(np.float64)
    by_chance = [
        mean_gap(stated_L, (rng.random(len(pairs))[pair_L] < stated_L).astype(float), weight_L)
        for _ in range(_RESAMPLES)
    ]
    resampled = []
    for _ in range(_RESAMPLES):
        times = np.bincount(rng.integers(0, len(pairs), len(pairs)), minlength=len(pairs))
        resampled.append(mean_gap(stated_L, same_L, weight_L * times[pair_L]))
    return CalibrationError(
        error=mean_gap(stated_L, same_L, weight_L),
        standard_error=float(np.std(resampled, ddof=1)),
        by_chance=float(np.mean(by_chance)),
    )


def mean_gap(stated: Floats, same: Floats, weight: Floats) -> float:
    """Return the mean gap between probability and share over at most five bins of equal weight.

    Args:
        stated: Probabilities, ``(L,)``.
        same: 1 or 0, ``(L,)``.
        weight: Weights from 0, of which some is above 0, ``(L,)``.

    Source: M. P. Naeini, G. F. Cooper, M. Hauskrecht, "Obtaining well calibrated probabilities
    using Bayesian binning" (2015).
    """
    _, which = np.unique(stated, return_inverse=True)  # equal probabilities share a bin
    mass = np.bincount(which, weight)
    middle = (np.cumsum(mass) - mass / 2) / weight.sum()
    bins = np.minimum((_BINS * middle).astype(np.int64), _BINS - 1)[which]
    gaps = np.bincount(bins, weight * (stated - same))
    return float(np.abs(gaps).sum() / weight.sum())
