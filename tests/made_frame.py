"""A frame of adverts from arrays, whose truth is known to the test alone."""

from __future__ import annotations

import numpy as np

from adverts.advert import LabelSchema, Task
from adverts_findings.survey.frame import Divided, Frame
from adverts_findings.survey.sample import FrameFacts

SCHEMA = LabelSchema("made", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")


def made_frame(
    probabilities, *, clusters=None, views=None, platforms=None, languages=None, weeks=None
) -> Frame:
    """Return a frame; adverts are alone in their clusters and of one platform unless given."""
    chance = np.asarray(probabilities, dtype=np.float64)
    N = len(chance)
    of = np.arange(N) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    sizes = {"adverts": np.ones(N), "templates": 1 / np.bincount(of)[of]}
    if views is not None:
        sizes["views"] = np.asarray(views, dtype=np.float64)
    facts = FrameFacts(
        description="posts made up for a test",
        scores="made",
        hash="0" * 64,
        bundle="b" * 64,
        adverts=N,
        templates=int(of.max()) + 1,
        accounts=None,
        views=None if views is None else float(np.sum(views)),
        first_collected="2026-10-26T00:00:00+00:00",
        last_collected="2026-11-01T00:00:00+00:00",
        unscored=0,
        unreadable=0,
        repeated=0,
        token_key_id="k",
        expires="2999-01-01",
    )
    return Frame(
        facts=facts,
        labels=SCHEMA,
        ids=[f"a{i}" for i in range(N)],
        units=np.zeros(N, np.int64),
        files=["posts.csv"] * N,
        rows=np.arange(N),
        probabilities=chance,
        scored=np.ones(N, dtype=np.bool_),
        clusters=of.astype(np.int64),
        cluster_names=[f"c{i}" for i in range(int(of.max()) + 1)],
        sizes=sizes,
        fields={
            "language": _divided(languages, N, "en"),
            "platform": _divided(platforms, N, "x"),
            "week": _divided(weeks, N, "2026-W44"),
            "modality": _divided(None, N, "text"),
        },
        thresholds=(0.8, 0.3),
    )


def _divided(values, N: int, otherwise: str) -> Divided:
    names, codes = np.unique(
        np.array([otherwise] * N if values is None else values), return_inverse=True
    )
    return Divided(tuple(names.tolist()), codes.astype(np.int64))
