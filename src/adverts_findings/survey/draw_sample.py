"""Draw a sample for an estimate: strata by score, a budget, chances that are known and sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from adverts.arrays import Floats, Ints
from adverts.errors import InputError, plural
from adverts_findings.survey.designs.allocation import FEWEST_DRAWS, allocate
from adverts_findings.survey.designs.drawing import (
    draw_adverts,
    draw_on_line,
    line_order,
    mixed_sizes,
)
from adverts_findings.survey.designs.strata import Stratum, cut_by_score
from adverts_findings.survey.frame import Frame
from adverts_findings.survey.sample import FIELDS, Draw, Field, Group, SealedStratum, Unit

WHOLE_SHARE = 0.25
"""Share of the budget that takes the most seen adverts whole where views are counted."""
FEWEST_OF_PART = 200
"""Parts of a divided frame with fewer adverts are drawn from together."""
OTHERS = "all others"


@dataclass(frozen=True, slots=True, eq=False)
class PlannedStratum:
    """A stratum of a plan.

    Attributes:
        sealed: What is sealed of it.
        members: Its adverts, as places in the frame.
        chances: Probability of each of them in one draw of a line, or to be in the sample.
    """

    sealed: SealedStratum
    members: Ints
    chances: Floats


def plan_strata(
    frame: Frame,
    budget: int,
    *,
    strata: int = 4,
    divide_by: Sequence[Field] = (),
    views: bool = False,
) -> list[PlannedStratum]:
    """Return the strata of a frame with the draws in each; nothing is drawn yet.

    The lowest stratum is drawn on a line of clusters, the others as simple random samples. With
    ``views`` the most seen adverts are taken whole, and all others are drawn on lines that serve a
    count of adverts and a total of views alike. A frame that is divided, say by platform, has
    strata in each part, whose budgets are in proportion to the square root of its adverts.

    Source: :mod:`designs.drawing`, :mod:`designs.allocation`; Bankier, "Power allocations:
    determining sample sizes for subnational areas", 1988 (parts).

    Args:
        frame: The frame.
        budget: Labels, the same advert counted as often as it is drawn.
        strata: Strata by score in each part, at least 2.
        divide_by: What divides the frame; nothing is claimed of a part that was not asked for.
        views: Whether a total of views is wanted.

    Raises:
        InputError: The budget is too small, or the number of views of an advert is not known.
    """
    if views and "views" not in frame.sizes:
        raise InputError(
            "views=true, but the number of views of some adverts is not known; score them with "
            "data.columns.views, or leave out views"
        )
    budget = min(budget, len(frame))
    whole = _most_seen(frame, int(WHOLE_SHARE * budget)) if views else np.zeros(0, np.int64)
    rest = np.setdiff1d(np.arange(len(frame)), whole)
    found: list[PlannedStratum] = []
    parts = _parts(frame, rest, divide_by)
    budgets = _budgets([len(one) for _, one in parts], budget - len(whole), strata)
    for (name, members), labels in zip(parts, budgets, strict=True):
        found += _part_strata(frame, name, members, labels, strata=strata, views=views)
    if len(whole):
        found.append(_planned(frame, "the most seen", whole, "whole", len(whole), views=views))
    return found


def _most_seen(frame: Frame, number: int) -> Ints:
    order = np.argsort(-frame.sizes["views"], kind="stable")[:number]
    return np.sort(order).astype(np.int64)


def _parts(frame: Frame, rest: Ints, fields: Sequence[Field]) -> list[tuple[str, Ints]]:
    """Return the parts of the frame with their names; small ones together."""
    if not fields:
        return [("", rest)]
    codes = np.zeros(len(rest), np.int64)
    names = [""]
    for field in fields:
        divided = frame.fields[field]
        codes = codes * len(divided.values) + divided.codes[rest]
        names = [f"{one}{field} {value}, " for one in names for value in divided.values]
    sizes = np.bincount(codes, minlength=len(names))
    large = np.flatnonzero(sizes >= FEWEST_OF_PART)
    parts = [(names[code], rest[codes == code]) for code in large.tolist()]
    small = rest[~np.isin(codes, large)]
    return [*parts, (f"{OTHERS}, ", small)] if len(small) else parts


def _budgets(sizes: Sequence[int], budget: int, strata: int) -> list[int]:
    least = [min(size, FEWEST_DRAWS * strata) for size in sizes]
    if budget < sum(least):
        raise InputError(
            f"budget={budget} leaves too few labels for {plural(len(sizes), 'part')} of the frame "
            f"with {strata} strata each; want at least {sum(least)}, or fewer of by= and strata="
        )
    wish = np.sqrt(np.array(sizes, np.float64))
    given = np.array(least, np.float64)
    free, room = budget - given.sum(), np.array(sizes) - given
    while free > 0.5 and (room > 0).any():
        more = np.minimum(room, free * np.where(room > 0, wish, 0) / wish[room > 0].sum())
        given, room, free = given + more, room - more, free - more.sum()
    ends = np.round(np.cumsum(given)).astype(np.int64)
    return [int(one) for one in np.diff(ends, prepend=0)]


def _part_strata(
    frame: Frame, name: str, members: Ints, budget: int, *, strata: int, views: bool
) -> list[PlannedStratum]:
    of = cut_by_score(frame.probabilities[members], strata=strata)
    inside = [members[of == place] for place in range(int(of.max()) + 1)]
    labels = allocate([_stratum(frame, "", one) for one in inside], budget)
    found = []
    for place, (one, draws) in enumerate(zip(inside, labels.tolist(), strict=True)):
        told = f"{name}score {place + 1} of {len(inside)}"
        if draws == len(one):
            kind: Literal["line", "adverts", "whole"] = "whole"
        else:
            kind = "line" if views or place == 0 else "adverts"
        found.append(_planned(frame, told, one, kind, draws, views=views, lowest=place == 0))
    return found


def _stratum(frame: Frame, name: str, members: Ints) -> Stratum:
    expected = float(frame.probabilities[members].sum())
    clusters = len(np.unique(frame.clusters[members]))
    return Stratum(name, len(members), min(expected, float(len(members))), clusters)


def _planned(
    frame: Frame,
    name: str,
    members: Ints,
    kind: Literal["line", "adverts", "whole"],
    draws: int,
    *,
    views: bool,
    lowest: bool = False,
) -> PlannedStratum:
    sizes = {unit: one[members] for unit, one in frame.sizes.items()}
    if kind == "line":
        lengths = mixed_sizes(sizes["views"]) if views else np.full(len(members), 1 / len(members))
        chances = lengths / lengths.sum()
        largest = {unit: float((one / chances).max()) for unit, one in sizes.items()}
    else:
        chances = np.full(len(members), draws / len(members))
        largest = {unit: float(one.max()) for unit, one in sizes.items()}
    inside = frame.probabilities[members]
    sealed = SealedStratum(
        stratum=_stratum(frame, name, members),
        kind=kind,
        lowest=lowest,
        draws=draws,
        least_probable=float(inside.min()),
        most_probable=float(inside.max()),
        totals={unit: float(one.sum()) for unit, one in sizes.items()},
        largest=largest,
    )
    return PlannedStratum(sealed, members, chances)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Adverts that were drawn.

    Attributes:
        places: Their places in the frame, ``(n,)``, each once.
        draws: What is sealed of each, in the same order.
    """

    places: Ints
    draws: tuple[Draw, ...]


def draw(
    frame: Frame,
    planned: Sequence[PlannedStratum],
    *,
    seed: int,
    second_share: float,
    adjudicated_share: float,
    names: Sequence[str],
) -> Drawn:
    """Draw the adverts of a plan; equal arguments give equal draws.

    Args:
        frame: The frame.
        planned: Its strata.
        seed: Seed of every draw.
        second_share: Share of the adverts drawn that a second reviewer sees in any case.
        adjudicated_share: Share of them that a third person decides in any case.
        names: Name of each advert of the frame on sheets.
    """
    rng = np.random.default_rng(seed)
    found: list[Draw] = []
    places: list[int] = []
    for number, one in enumerate(planned):
        at, times = _draw_stratum(frame, one, rng)
        for place, chance, often in zip(
            one.members[at].tolist(), one.chances[at].tolist(), times.tolist(), strict=True
        ):
            places.append(place)
            found.append(
                sealed_draw(frame, place, names[place], stratum=number, times=often, chance=chance)
            )
    second = _random_part(len(found), second_share, rng)
    adjudicated = _random_part(len(found), adjudicated_share, rng)
    draws = tuple(
        replace(one, second=i in second, adjudicated=i in adjudicated)
        for i, one in enumerate(found)
    )
    return Drawn(np.array(places, np.int64), draws)


def _draw_stratum(frame: Frame, one: PlannedStratum, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return the places within a stratum of what is drawn, each once, and how often it was."""
    size, draws = len(one.members), one.sealed.draws
    if one.sealed.kind == "whole":
        return np.arange(size), np.ones(size, np.int64)
    if one.sealed.kind == "adverts":
        return draw_adverts(size, draws, rng), np.ones(draws, np.int64)
    line = line_order(frame.clusters[one.members], rng)
    at = line[draw_on_line(one.chances[line], draws, rng)]
    places, times = np.unique(at, return_counts=True)
    return places, times.astype(np.int64)


def sealed_draw(
    frame: Frame, place: int, name: str, *, stratum: int, times: int, chance: float
) -> Draw:
    """Return what is sealed of an advert that was drawn, before second reviewers are chosen."""
    divisions = frame.fields
    return Draw(
        item=name,
        stratum=stratum,
        times=times,
        probability=chance,
        predicted=float(frame.probabilities[place]),
        cluster=frame.cluster_names[int(frame.clusters[place])],
        sizes={unit: float(one[place]) for unit, one in frame.sizes.items()},
        groups={name: one.values[int(one.codes[place])] for name, one in divisions.items()},
        second=False,
        adjudicated=False,
    )


def _random_part(number: int, share: float, rng: np.random.Generator) -> frozenset[int]:
    size = int(np.ceil(share * number))
    return frozenset(rng.choice(number, size=size, replace=False).tolist())


def divide(frame: Frame, planned: Sequence[PlannedStratum]) -> tuple[Group, ...]:
    """Return what is in each part of the frame, by each field, in the order of its size."""
    stratum = np.zeros(len(frame), np.int64)
    for number, one in enumerate(planned):
        stratum[one.members] = number
    found: list[Group] = []
    for field in FIELDS:
        divided, H = frame.fields[field], len(planned)
        V = len(divided.values)
        cell = divided.codes * H + stratum
        adverts = np.bincount(cell, minlength=V * H).reshape(V, H)
        expected = np.bincount(cell, frame.probabilities, V * H).reshape(V, H)
        totals: dict[Unit, Floats] = {
            unit: np.bincount(divided.codes, one, V).astype(np.float64)
            for unit, one in frame.sizes.items()
        }
        sizes = adverts.sum(axis=1)
        for code in np.argsort(-sizes, kind="stable")[: np.count_nonzero(sizes)].tolist():
            found.append(
                Group(
                    field=field,
                    value=divided.values[code],
                    totals={unit: float(one[code]) for unit, one in totals.items()},
                    adverts=tuple(adverts[code].tolist()),
                    expected_positives=tuple(expected[code].tolist()),
                )
            )
    return tuple(found)
