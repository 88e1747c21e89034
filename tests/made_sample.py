"""Sealed samples for tests: drawn from a made-up frame, or laid out by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from made_frame import SCHEMA, made_frame

from adverts_findings.survey.designs.strata import Stratum
from adverts_findings.survey.draw_sample import divide, draw, plan_strata
from adverts_findings.survey.labelled.answers import SampleAnswers
from adverts_findings.survey.labelled.labelled_sample import label_sample
from adverts_findings.survey.question import question_of
from adverts_findings.survey.sample import Draw, Group, Planted, Sample, SealedStratum


def drawn_sample(frame, budget, *, views=False, by=(), seed=0, **settings) -> Sample:
    """Return a sample drawn from a frame as the verb draws it; an item is named as its advert.

    Args:
        frame: The frame, see :func:`made_frame.made_frame`.
        budget: Labels.
        views: Whether a total of views is wanted.
        by: What divides the frame.
        seed: Seed of every draw.
        settings: Of :func:`sealed`; ``second_share`` and ``adjudicated_share`` are those of draws.
    """
    planned = plan_strata(frame, budget, divide_by=by, views=views)
    drawn = draw(
        frame,
        planned,
        seed=seed,
        second_share=settings.get("second_share", 0.0),
        adjudicated_share=settings.get("adjudicated_share", 0.0),
        names=frame.ids,
    )
    strata = tuple(one.sealed for one in planned)
    groups = divide(frame, planned)
    return sealed(strata, drawn.draws, groups, frame=frame.facts, seed=seed, **settings)


def sealed(
    strata,
    draws,
    groups=(),
    *,
    frame=None,
    seed=0,
    planted=(),
    name="w44",
    design="estimate",
    second_share=0.0,
    adjudicated_share=0.0,
    factor=3.0,
    question=None,
) -> Sample:
    """Return a sample of these strata and draws; ``planted`` maps items to their truth."""
    adverts = sum(one.stratum.adverts for one in strata)
    return Sample(
        name=name,
        design=design,
        sealed_at="2026-11-02T09:00:00+00:00",
        created_by="adverts of a test",
        seed=seed,
        frame=frame or made_frame(np.full(adverts, 0.1)).facts,
        labels=SCHEMA,
        question=question or question_of(SCHEMA),
        budget=sum(one.draws for one in strata),
        strata=tuple(strata),
        groups=tuple(groups),
        draws=tuple(draws),
        planted=tuple(Planted(item, positive) for item, positive in dict(planted).items()),
        second_share=second_share,
        adjudicated_share=adjudicated_share,
        factor=factor,
    )


def stratum(kind, adverts, draws, *, expected=0.0, lowest=False, name=None, views=None, most=1.0):
    """Return a stratum laid out by hand; adverts of a line are equally likely.

    Args:
        kind: ``line``, ``adverts`` or ``whole``.
        adverts: Number of its adverts.
        draws: Number of its draws.
        expected: Positives that calibration expects.
        lowest: Whether it is the lowest by score.
        name: Its name; that of its kind unless given.
        views: Total of its views, if views are known.
        most: Most views of one advert.
    """
    on_line = adverts if kind == "line" else 1.0
    totals, largest = {"adverts": float(adverts)}, {"adverts": float(on_line)}
    if views is not None:
        totals["views"], largest["views"] = float(views), float(on_line * most)
    inside = Stratum(name or kind, adverts, expected, adverts)
    return SealedStratum(inside, kind, lowest, draws, 0.0, 1.0, totals, largest)


def drawing(item, place, probability, *, times=1, predicted=0.1, views=None, **groups) -> Draw:
    """Return a draw laid out by hand; ``groups`` are its values of fields."""
    adjudicated = bool(groups.pop("adjudicated", False))
    return Draw(
        item=item,
        stratum=place,
        times=times,
        probability=probability,
        predicted=predicted,
        cluster=item,
        sizes={"adverts": 1.0} if views is None else {"adverts": 1.0, "views": float(views)},
        groups=groups,
        second=False,
        adjudicated=adjudicated,
    )


def group(field, value, adverts, *, expected=None, views=None) -> Group:
    """Return a group laid out by hand; ``adverts`` are its numbers of them by stratum."""
    totals = {"adverts": float(sum(adverts))}
    if views is not None:
        totals["views"] = float(views)
    return Group(field, value, totals, tuple(adverts), tuple(expected or [0.0] * len(adverts)))


def labelled(sample, positive=(), *, unsure=(), decided=None, **counts):
    """Return a sample whose reviewers called these items positive and all others negative.

    Args:
        sample: The sample.
        positive: Items called positive, planted ones too.
        unsure: Items that could not be judged.
        decided: The third person's word by item; the same as was said unless given.
        counts: Counts of :class:`Answers`.
    """
    asked = [one.item for one in (*sample.draws, *sample.planted)]
    said = {item: None if item in unsure else item in positive for item in asked}
    third = {one.item: said[one.item] for one in sample.draws if one.adjudicated}
    return label_sample(sample, SampleAnswers(said, {**third, **(decided or {})}, **counts))


@dataclass(frozen=True)
class Truth:
    """A frame with the hidden truth of each of its adverts.

    Attributes:
        frame: The frame.
        positive: Whether each advert is positive, ``(N,)``.
    """

    frame: object
    positive: np.ndarray

    @property
    def items(self):
        """Names of all positive adverts."""
        return {name for name, yes in zip(self.frame.ids, self.positive, strict=True) if yes}


def made_truth(adverts=5_000, share=0.02, *, seed=0, **fields) -> Truth:
    """Return a frame whose scores are calibrated, with clusters of about four adverts.

    Args:
        adverts: Number of adverts.
        share: Share of positives to expect.
        seed: Seed of everything in it.
        fields: Further arguments of :func:`made_frame.made_frame`.
    """
    rng = np.random.default_rng(seed)
    chance = rng.beta(share * 0.5, (1 - share) * 0.5, adverts)
    positive = rng.random(adverts) < chance
    clusters = fields.pop("clusters", rng.integers(0, adverts // 4, adverts))
    return Truth(made_frame(chance, clusters=clusters, **fields), positive)
