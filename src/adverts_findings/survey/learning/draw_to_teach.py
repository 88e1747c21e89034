"""Draw the adverts of a frame whose labels teach most; their labels never make an estimate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from pathlib import Path

import numpy as np

from adverts.arrays import Bools, Ints
from adverts.data.dataset.prepared import open_prepared
from adverts.data.review.reviews import item_name
from adverts.errors import CannotJudgeError, InputError
from adverts_findings.survey.draw_sample import Drawn, sealed_draw
from adverts_findings.survey.frame import Frame
from adverts_findings.survey.learning.teaching import TeachingPool, choose_adverts


def draw_to_teach(
    frame: Frame, budget: int, *, names: Sequence[str], labelled: Container[str], seed: int
) -> tuple[Drawn, Counter[str]]:
    """Return adverts to label, at most one of a cluster, and how many were chosen for what.

    Args:
        frame: The frame.
        budget: Labels to ask for.
        names: Name of each advert of the frame on sheets.
        labelled: Names of adverts that have a label already; nothing of their clusters is drawn.
        seed: Seed of every draw.

    Raises:
        CannotJudgeError: Every cluster of the frame has a label.
    """
    pool = _pool(frame, np.array([one in labelled for one in names], dtype=np.bool_))
    thresholds = [one for one in frame.thresholds if 0 < one < 1]
    rng = np.random.default_rng([seed, 5])
    chosen = choose_adverts(pool, budget, rng, thresholds=thresholds)
    if not chosen:
        raise CannotJudgeError(
            "every template of the frame has a label, so there is nothing left to learn from it; "
            "score other adverts"
        )
    places = [one.place for one in chosen]
    draws = tuple(
        sealed_draw(frame, place, names[place], stratum=0, times=1, chance=0.0) for place in places
    )
    return Drawn(np.array(places, np.int64), draws), Counter(one.reason for one in chosen)


def labelled_items(prepared: Path, task: str) -> set[str]:
    """Return the names of the adverts of a prepared dataset that have a label of a task.

    Raises:
        InputError: The dataset lacks the task.
    """
    table = open_prepared(prepared).split("all")
    if task not in table.targets:
        raise InputError(
            f"prepared: {prepared} has no task {task}, which the bundle answers; give the dataset "
            "that it was trained on"
        )
    has_label = ~np.isnan(table.targets[task]).any(axis=1)
    return {item_name(table.ids[row]) for row in np.flatnonzero(has_label)}


def _pool(frame: Frame, has_label: Bools) -> TeachingPool:
    languages, modalities = frame.fields["language"], frame.fields["modality"]
    shape = (len(languages.values), len(modalities.values))
    is_labelled = np.zeros(len(frame.cluster_names), dtype=np.bool_)
    is_labelled[frame.clusters[has_label]] = True
    counts: Ints = np.zeros(shape, dtype=np.int64)
    np.add.at(counts, (languages.codes[has_label], modalities.codes[has_label]), 1)
    return TeachingPool(
        probabilities=np.where(frame.scored, frame.probabilities, np.nan),
        clusters=frame.clusters,
        languages=languages.codes,
        modalities=modalities.codes,
        is_labelled=is_labelled,
        labels_so_far=counts,
    )
