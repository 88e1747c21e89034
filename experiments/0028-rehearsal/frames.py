"""Frames of real comments whose share of promotions is 1 %: the others are left out at random."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from adverts.advert import LabelSchema, Task
from adverts.arrays import Bools, Floats, Ints
from adverts_findings.survey.frame import Divided, Frame
from adverts_findings.survey.sample import FIELDS, UNKNOWN, FrameFacts

SHARE = 0.01
KINDS = ("known", "new")
CALIBRATIONS = ("as fitted", "re-calibrated")
LABELS = LabelSchema(
    "gambling",
    (Task("gambling", "single", ("ordinary", "promotion"), positive="promotion"),),
    "gambling",
)
_NAMES = [f"comment {place}" for place in range(20_000)]
_STEPS, _CLOSE = 1_000, 1e-10
Scores = Mapping[str, np.ndarray]
"""What ``scores.py`` wrote, by name; each ``(N,)``."""


@dataclass(frozen=True, slots=True, eq=False)
class Hidden:
    """One thinned collection, with what nobody knows of it.

    Attributes:
        frame: The collection as the estimate sees it.
        rows: Rows of its comments in the whole dataset, ``(N,)``.
        positive: Whether each promotes gambling.
    """

    frame: Frame
    rows: Ints
    positive: Bools

    @property
    def truth(self) -> int:
        """The total that labels should find."""
        return int(self.positive.sum())


def thinned(
    scores: Scores, kind: str, calibration: str, seed: int, *, share: float = SHARE
) -> Hidden:
    """Return a frame of all ordinary comments and as many promotions as the share allows.

    Clusters that hold a promotion stay or go as a whole, in random order; those whose promotions
    would be too many are passed over. One seed gives the same comments for all kinds of scores.
    """
    positive, cluster = scores["positive"].astype(bool), scores["cluster"]
    promotions = np.bincount(cluster, positive).astype(np.int64)
    others = int((~positive).sum())
    left = round(share / (1 - share) * others)
    stays = promotions == 0
    for one in np.random.default_rng([seed, 28]).permutation(np.flatnonzero(promotions)):
        if promotions[one] <= left:
            stays[one] = True
            left -= int(promotions[one])
    rows = np.flatnonzero(stays[cluster])
    said = scores[f"{kind}_probability"][rows]
    if calibration == "re-calibrated":
        said = recalibrated(said, float(positive.mean()))
    return Hidden(_frame(said, cluster[rows]), rows, positive[rows])


def _frame(said: Floats, cluster: Ints) -> Frame:
    names, of = np.unique(cluster, return_inverse=True)
    count, none = len(said), np.zeros(len(said), np.int64)
    return Frame(
        facts=FrameFacts(
            description="comments of which promotions were thinned to 1 %",
            scores="",
            hash="",
            bundle="",
            adverts=count,
            templates=len(names),
            accounts=None,
            views=None,
            first_collected=None,
            last_collected=None,
            unscored=0,
            unreadable=0,
            repeated=0,
            token_key_id="",
            expires="",
        ),
        labels=LABELS,
        ids=_NAMES[:count],
        units=none,
        files=[""] * count,
        rows=np.arange(count),
        probabilities=said,
        scored=np.ones(count, dtype=np.bool_),
        clusters=of.astype(np.int64),
        cluster_names=[str(one) for one in names],
        sizes={"adverts": np.ones(count)},
        fields={field: Divided((UNKNOWN,), none) for field in FIELDS},
        thresholds=(),
    )


def recalibrated(said: Floats, fitted_share: float) -> Floats:
    """Return probabilities for the share of positives at which they agree with themselves.

    Source: Saerens, Latinne and Decaestecker, "Adjusting the outputs of a classifier to new a
    priori probabilities", 2002, equations 2.4 and 2.9.

    Args:
        said: Probabilities of a model fitted where the share was another, ``(N,)``.
        fitted_share: That share.
    """
    share = fitted_share
    for _ in range(_STEPS):
        yes = said * share / fitted_share
        no = (1 - said) * (1 - share) / (1 - fitted_share)
        found = yes / (yes + no)
        if abs(float(found.mean()) - share) < _CLOSE:
            break
        share = float(found.mean())
    return np.asarray(found)
