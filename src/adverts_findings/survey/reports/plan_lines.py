"""What a sample may be expected to tell, said before anyone has labelled anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from adverts.errors import plural
from adverts_findings.survey.designs.allocation import (
    budget_for_width,
    expected_interval,
    width_without_positive,
)
from adverts_findings.survey.designs.strata import StratumDraws, advert_draws
from adverts_findings.survey.estimators.by_design import FEWEST_LABELS, MOST_OF_ONE_DRAW
from adverts_findings.survey.estimators.reviewers import (
    Known,
    ReviewerError,
    estimate_total_with_errors,
)
from adverts_findings.survey.sample import FrameFacts, Group, SealedStratum
from adverts_findings.survey.sheets.planted import NEGATIVE

_WIDEST = 52
_DRAWS = 4_000


def frame_lines(facts: FrameFacts) -> Iterator[str]:
    """Yield the lines that say what the frame is."""
    counted = [plural(facts.adverts, "advert"), plural(facts.templates, "template")]
    if facts.accounts is not None:
        counted.append(plural(facts.accounts, "account"))
    if facts.views is not None:
        counted.append(f"{facts.views:,.0f} views")
    yield f"frame: {', '.join(counted)}; {facts.description}"
    left_out = [
        f"{plural(number, 'row')} {why}"
        for number, why in (
            (facts.unreadable, "with an error"),
            (facts.repeated, "with the id of an earlier one"),
        )
        if number
    ]
    if left_out:
        yield f"not in it: {' and '.join(left_out)}"
    if facts.unscored:
        yield f"{plural(facts.unscored, 'advert')} without a score: drawn as the mean advert is"


def strata_lines(strata: Sequence[SealedStratum]) -> Iterator[str]:
    """Yield a table of the strata."""
    names = [one.stratum.name[:_WIDEST] for one in strata]
    width = max(map(len, (*names, "stratum")))
    yield f"{'stratum':<{width}}  {'adverts':>12}  {'expected positive':>17}  {'labels':>7}"
    for name, one in zip(names, strata, strict=True):
        inside = one.stratum
        yield (
            f"{name:<{width}}  {inside.adverts:>12,}  {inside.expected_positives:>17,.1f}  "
            f"{one.draws:>7,}"
        )


def expected_lines(
    strata: Sequence[SealedStratum],
    groups: Sequence[Group],
    *,
    width: float | None,
    planted: int = 0,
) -> Iterator[str]:
    """Yield what interval to expect, for the whole and for each group, and the budget for a width.

    Args:
        strata: Strata with their draws.
        groups: Parts of the frame to say it for.
        width: Width of an interval, in adverts, whose budget is wanted; None: half of the width.
        planted: Number of adverts with known truth among those drawn.
    """
    inside, labels = [one.stratum for one in strata], [one.draws for one in strata]
    if all(one.kind == "whole" for one in strata):
        yield "the budget covers the whole frame: everything is labelled, and nothing is estimated"
        return
    expected = expected_interval(inside, labels)
    yield (
        f"if calibration is right: about {expected.total:,.0f} positive, 95 % interval from about "
        f"{expected.low:,.0f} to {expected.high:,.0f} ({expected.width:,.0f} wide)"
    )
    yield _reviewers_line(strata, planted)
    floor = width_without_positive(inside, labels)
    yield (
        f"if no label at all is positive: at most {floor:,.0f} positive (3.7 times the adverts for "
        "each label where labels are fewest)"
    )
    for group in groups:
        yield _group_line(strata, group)
    wanted = expected.width / 2 if width is None else width
    what = "halving the interval" if width is None else f"an interval of {wanted:,.0f} adverts"
    budget = budget_for_width(inside, wanted)
    yield (
        f"{what} needs about {budget:,} labels"
        if budget is not None
        else f"{what} needs labels for more than half of the frame"
    )


def _reviewers_line(strata: Sequence[SealedStratum], planted: int) -> str:
    """Return what knowing the reviewers by so few planted adverts adds to the width."""
    if not planted:
        return (
            "  this takes labels as true; planted= or adjudicated_share= shows how often reviewers "
            "err, and the interval pays for it"
        )
    negatives = NEGATIVE * planted // 4
    positives = planted - negatives
    faultless = ReviewerError(Known(positives, positives), Known(negatives, negatives))
    frame = float(sum(one.stratum.adverts for one in strata))
    draws = [_as_calibrated(one) for one in strata if one.draws]
    found = estimate_total_with_errors(draws, faultless, frame_total=frame, draws=_DRAWS)
    width = (found.high or 0.0) - (found.low or 0.0)
    return (
        f"  known by {positives:,} planted positives and {negatives:,} negatives, reviewers who "
        f"make no error would leave it about {width:,.0f} wide; plant more to narrow it"
    )


def _as_calibrated(one: SealedStratum) -> StratumDraws:
    """Return draws of a stratum with as many positives as calibration expects."""
    positives = round(one.draws * one.stratum.expected_share)
    labels = np.arange(one.draws) < positives
    return advert_draws(one.stratum.name, labels, one.stratum.adverts)


def _group_line(strata: Sequence[SealedStratum], group: Group) -> str:
    """Return what to expect of a group, by what calibration expects of it in each stratum."""
    name = f"  {group.field} {group.value[:_WIDEST]}"
    parts = [
        (one.stratum, one.draws, number, expected)
        for one, number, expected in zip(
            strata, group.adverts, group.expected_positives, strict=True
        )
        if number
    ]
    drawn = sum(draws * number / one.adverts for one, draws, number, _ in parts)
    if drawn < FEWEST_LABELS:
        return f"{name}: cannot say, about {drawn:,.0f} labels; {FEWEST_LABELS} are wanted"
    inside = [replace(one, expected_positives=expected) for one, _, _, expected in parts]
    found = expected_interval(inside, [draws for _, draws, _, _ in parts])
    high = min(found.high, float(sum(group.adverts)))
    return (
        f"{name}: about {found.total:,.0f} positive, from about {found.low:,.0f} to {high:,.0f}, "
        f"with about {drawn:,.0f} labels"
    )


def views_line(strata: Sequence[SealedStratum]) -> str | None:
    """Return why a total of views cannot be said, or None; known before anyone looks."""
    total = sum(one.totals.get("views", 0.0) for one in strata)
    if not total:
        return None
    most = max(
        (
            one.largest["views"] / one.draws * (1 if one.kind == "line" else one.stratum.adverts)
            for one in strata
            if one.kind != "whole" and one.draws
        ),
        default=0.0,
    )
    if most <= MOST_OF_ONE_DRAW * total:
        return None
    return (
        f"views: cannot say, since a single draw could stand for {most / total:.0%} of them; "
        "draw with views=true, which takes the most seen whole"
    )
