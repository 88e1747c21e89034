"""Test whether separate thresholds for languages narrow the worst gap in recall between them.

The test uses held-out folds: thresholds are chosen on four fifths of the clusters and applied to
the remaining fifth. So a language gains nothing by fitting its own noise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Bools, Floats, Ints
from adverts.evaluation.statistics.bootstrap import estimate, resample
from adverts.runtime.rules.thresholds import LanguageComparison

Objects = NDArray[np.object_]
ValueOf = Callable[[Ints], float | None]
FOLDS = 5
_RESAMPLES = 1000
_SEED = 0


def compare_languages(
    scores: Floats,
    positive: Bools,
    clusters: Objects,
    langs: Objects,
    *,
    value_of: ValueOf,
    min_clusters: int,
) -> LanguageComparison | None:
    """Return the worst gap in recall with one threshold for all and with one for each language.

    Args:
        scores: Probability of the label, ``(N,)``.
        positive: Whether each advert has the label, ``(N,)``.
        clusters: Cluster of each advert, ``(N,)``.
        langs: Language of each advert, ``(N,)``; None where it is unknown.
        value_of: Returns the threshold chosen on some rows; None where none keeps its promise.
        min_clusters: Positive clusters, and other ones, that a language needs to be compared.

    Returns:
        None where fewer than two languages have enough clusters, or a fold gives no threshold.
    """
    taking_part = [
        lang
        for lang in sorted({lang for lang in langs if lang is not None})
        if all(
            len(set(clusters[(langs == lang) & (positive == kind)])) >= min_clusters
            for kind in (True, False)
        )
    ]
    if len(taking_part) < 2:
        return None
    flagged = _held_out(scores, clusters, langs, taking_part, value_of)
    if flagged is None:
        return None
    gaps = _Gaps(flagged, positive, langs, taking_part)
    found = resample([gaps], clusters.tolist(), resamples=_RESAMPLES, seed=_SEED)[0]
    one, own = found.point.tolist()
    narrowed = estimate(one - own, found.samples[:, 0] - found.samples[:, 1])
    return LanguageComparison(
        task="",
        label="",
        purpose="precision",
        languages=tuple(taking_part),
        gap_one=one,
        gap_own=own,
        narrowed_low=narrowed.low,
        narrowed_high=narrowed.high,
    )


class _Gaps:
    """Worst gap in recall between languages, with one threshold and with separate ones."""

    def __init__(
        self, flagged_2N: Bools, positive: Bools, langs: Objects, languages: Sequence[str]
    ) -> None:
        of_language = np.stack([(langs == lang) & positive for lang in languages])
        self._positives_NL = of_language.T.astype(np.float32)
        self._found = [(of_language & flagged).T.astype(np.float32) for flagged in flagged_2N]

    def __call__(self, weights_RN: NDArray[np.float32]) -> Floats:
        """Return both gaps of each weighting, ``(R, 2)``; NaN if a language has no positive."""
        positives_RL = (weights_RN @ self._positives_NL).astype(np.float64)
        positives_RL[positives_RL == 0] = np.nan
        gaps = []
        for found_NL in self._found:
            recall_RL = (weights_RN @ found_NL) / positives_RL
            gaps.append(recall_RL.max(axis=1) - recall_RL.min(axis=1))
        return np.stack(gaps, axis=1)


def _held_out(
    scores: Floats, clusters: Objects, langs: Objects, languages: Sequence[str], value_of: ValueOf
) -> Bools | None:
    """Return which held-out adverts one threshold, and separate ones, flag, ``(2, N)``."""
    fold_of = {name: _fold(str(name)) for name in set(clusters)}
    folds = np.array([fold_of[name] for name in clusters])
    flagged = np.zeros((2, len(scores)), dtype=bool)
    for fold in range(FOLDS):
        held, rest = folds == fold, folds != fold
        one = value_of(np.flatnonzero(rest))
        if one is None:
            return None
        flagged[:, held] = scores[held] >= one
        for lang in languages:
            own = value_of(np.flatnonzero(rest & (langs == lang)))
            if own is not None:
                there = held & (langs == lang)
                flagged[1, there] = scores[there] >= own
    return flagged


def _fold(cluster: str) -> int:
    """Return the fold of a cluster by its name, so that the order of adverts changes nothing."""
    return int.from_bytes(hashlib.sha256(cluster.encode()).digest()[:4], "big") % FOLDS
