"""What adverts may cost that no figure shows: without an answer, without a text, or left out."""

from __future__ import annotations

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts.data.dataset.dataset_manifest import DatasetManifest
from adverts.evaluation.statistics.metrics import average_precision
from adverts.evaluation.truth import NOT_JUDGED

_CUTS = 20
_BY_CHANCE = frozenset(("made", "folds"))  # kinds of splits that nobody can choose adverts for


def lost_by_unseen(
    scores: Floats, truth: Ints, unreadable: Bools, *, has_image: Bools, left_out: int
) -> float:
    """Return the average precision that is lost where what no figure shows is worst for the model.

    An advert without an answer of people has the label that fits its score least: of any two, the
    one that the model ranks first is the negative one. Adverts that were left out are negatives
    that the model cannot tell from positives, with scores as high as these have and no lower than
    the hardest negatives; or, where this costs more, positives that it ranks last. A negative
    advert that cannot be read counts as the former, too. With a picture, where text is often
    missing, it is one of the hardest negatives that can be read.

    It is 0 where no judged advert is positive, or every advert is seen.

    Args:
        scores: Score of each advert, ``(N,)``.
        truth: 1 or 0, or ``NOT_JUDGED`` where people did not decide, ``(N,)``.
        unreadable: Whether the model cannot read an advert, so that it has no score, ``(N,)``.
        has_image: Whether an advert has a picture, ``(N,)``.
        left_out: Number of adverts of the split that are not in the dataset.
    """
    scores = np.where(unreadable, -np.inf, scores)
    scores = np.maximum(scores, scores[np.isfinite(scores)].min(initial=0.0) - 1)
    open_ones, judged = scores[truth == NOT_JUDGED], scores[truth != NOT_JUDGED]
    positive = truth[truth != NOT_JUDGED] == 1
    unread = unreadable & (truth == 0)
    if not positive.any() or not len(open_ones) + unread.sum() + left_out:
        return 0.0
    pictures, blank = int((unread & has_image).sum()), int((unread & ~has_image).sum())
    negatives, positives = np.sort(judged[~positive])[::-1], np.sort(judged[positive])[::-1]
    sides = [(blank + left_out, 0), (blank, left_out)]
    cuts = [-np.inf, *np.quantile(open_ones, np.linspace(0, 1, _CUTS))] if len(open_ones) else [0.0]
    least = min(
        average_precision(
            np.r_[
                judged,
                open_ones,
                np.resize(negatives[:pictures], pictures),
                _hardest(negatives, positives, alike),
                np.full(last, judged.min() - 1),
            ],
            np.r_[
                positive,
                open_ones < cut,
                np.zeros(pictures + alike, np.bool_),
                np.ones(last, np.bool_),
            ],
        )
        for alike, last in sides
        for cut in cuts
    )
    return max(0.0, average_precision(judged, positive) - least)


def left_out_of(manifest: DatasetManifest, num_adverts: int) -> int:
    """Return how many adverts of a split may have been left out when its dataset was made.

    These are rows with an error in them, rows whose label is too rare, erased adverts, and those
    that join two splits. By chance, a split has its share of them; where splits are given, or
    chosen by date or by source, it may have all.

    Args:
        manifest: Manifest of the dataset.
        num_adverts: Number of adverts of the split.
    """
    made = manifest.made
    erased = max(made.erased_rows, sum(one.adverts for one in made.erasures))
    count = made.bad_rows + made.rare_label_rows + made.bridge_rows + erased
    split = made.config.get("split")
    if not isinstance(split, dict) or split.get("kind") not in _BY_CHANCE:
        return count
    return round(count * num_adverts / max(1, manifest.num_adverts))


def _hardest(negatives: Floats, positives: Floats, count: int) -> Floats:
    """Return scores of ``count`` negatives that look like positives, and no easier than the rest.

    Args:
        negatives: Scores of negatives, from the highest on.
        positives: Scores of positives, from the highest on.
        count: Number of scores.
    """
    alike = np.quantile(positives, 1 - (np.arange(count) + 0.5) / max(1, count))
    return np.maximum(alike, np.sort(np.resize(negatives[:count], count))[::-1])
