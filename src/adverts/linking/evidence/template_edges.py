"""Edges by templates and equal pictures, which join nothing but an advert that stands alone."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from adverts.arrays import Bools, Ints
from adverts.linking.evidence.drafts import Drafts, draft, join_drafts
from adverts.linking.evidence.shown import CONTENT, Shown

_FEW = 3
"""Most campaigns that an advert is held against, and most pairs of campaigns of one template."""
ONE_TEMPLATE = "one template, and nothing else"
MOSTLY_ALONE = "mostly adverts that stand alone show it"
STOLEN = "the same template, and no contact, account or target in common"
REFUSED = "the same template, and what else they share is rejected"
Owners = dict[int, dict[int, list[int]]]
"""Maps each content to the components that show it, by time, and each to its places."""


@dataclass(frozen=True, slots=True)
class _Found:
    """An edge: its ends, and the content that both show."""

    one: int
    other: int
    value: int


def template_edges(shown: Shown, component: Ints, refused: Drafts) -> Drafts:
    """Return the edges by content.

    Texts and pictures are stolen, so content never joins two components. An advert that nothing
    else joins is attached to the one component that shows its template; or, if none does, to the
    one that shows its picture. Where several do, and where mostly or only adverts that stand alone
    show it, the edges are for people.

    Args:
        shown: What adverts show.
        component: Component of the advert at each place, by contacts, accounts and link targets.
        refused: Rejected edges, which may lie between components that share a template.
    """
    sizes = np.bincount(component, minlength=1)
    alone = sizes[component] == 1
    owners, lone = _owners(shown, component, alone)
    contents = _contents(shown, alone)
    joining, doubtful = _attach(shown, contents, owners, lone)
    refusals = {_pair(component, *ends) for ends in _ends(refused)}
    shared = list(_between(shown, component, owners))
    reasons = [
        REFUSED if _pair(component, one.one, one.other) in refusals else STOLEN for one in shared
    ]
    chained = list(_chain(shown, lone, owners))
    return join_drafts(
        [
            _drafts(shown, joining, None),
            _drafts(shown, [edge for edge, _ in doubtful], [why for _, why in doubtful]),
            _drafts(shown, shared, reasons),
            _drafts(shown, chained, [ONE_TEMPLATE] * len(chained)),
        ]
    )


def _drafts(shown: Shown, found: Sequence[_Found], reasons: Sequence[str] | None) -> Drafts:
    one = np.array([edge.one for edge in found], np.int64)
    other = np.array([edge.other for edge in found], np.int64)
    value = np.array([edge.value for edge in found], np.int64)
    silence = np.abs(shown.days[other] - shown.days[one])
    return draft((one, other), value, silence, "joins" if reasons is None else "review", reasons)


def _owners(shown: Shown, component: Ints, alone: Bools) -> tuple[Owners, dict[int, list[int]]]:
    """Return which components show each content, and which adverts that stand alone."""
    lines = np.flatnonzero(
        (shown.kinds[shown.value] == CONTENT) & (shown.adverts >= 2)[shown.value]
    )
    owners: Owners = {}
    lone: dict[int, list[int]] = {}
    places = shown.place[lines]
    for value, place, of, single in zip(
        shown.value[lines].tolist(),
        places.tolist(),
        component[places].tolist(),
        alone[places].tolist(),
        strict=True,
    ):
        if single:
            lone.setdefault(value, []).append(place)
        else:
            owners.setdefault(value, {}).setdefault(of, []).append(place)
    return owners, lone


def _contents(shown: Shown, alone: Bools) -> dict[int, list[int]]:
    """Return what each advert that stands alone shows: its template, then its pictures."""
    found = {place: [int(shown.templates[place])] for place in np.flatnonzero(alone).tolist()}
    lines = np.flatnonzero((shown.kinds[shown.value] == CONTENT) & alone[shown.place])
    for value, place in zip(shown.value[lines].tolist(), shown.place[lines].tolist(), strict=True):
        if value != found[place][0]:
            found[place].append(value)
    return found


def _attach(
    shown: Shown, contents: dict[int, list[int]], owners: Owners, lone: dict[int, list[int]]
) -> tuple[list[_Found], list[tuple[_Found, str]]]:
    """Return the edges that attach adverts to the one component that shows their content.

    Returns:
        These, and those for people with the reason, where several components show it.
    """
    joining, doubtful = [], []
    for place, (template, *pictures) in contents.items():
        nearest = _nearest(shown, place, [template], owners)
        nearest = nearest or _nearest(shown, place, pictures, owners)
        if len(nearest) == 1 and _is_its_own(nearest[0], owners, lone):
            joining.append(nearest[0])
        elif len(nearest) == 1:
            doubtful.append((nearest[0], MOSTLY_ALONE))
        elif nearest:
            shows = "template" if nearest[0].value == template else "picture"
            reason = f"{len(nearest)} campaigns show this {shows}"
            doubtful += [(edge, reason) for edge in nearest[:_FEW]]
    return joining, doubtful


def _is_its_own(edge: _Found, owners: Owners, lone: dict[int, list[int]]) -> bool:
    """Return whether a campaign shows content at least as often as adverts that stand alone."""
    return len(lone[edge.value]) <= sum(map(len, owners[edge.value].values()))


def _nearest(shown: Shown, place: int, contents: Sequence[int], owners: Owners) -> list[_Found]:
    """Return an edge to the nearest advert of each component that shows some content.

    The edges are in the order of the time between.
    """
    best: dict[int, tuple[float, int, int]] = {}
    for value in contents:
        for component, places in owners.get(value, {}).items():
            other = _closest(shown, place, places)
            found = (_apart(shown, place, other), other, value)
            best[component] = min(best.get(component, found), found)
    return [_Found(place, other, value) for _, other, value in sorted(best.values())]


def _closest(shown: Shown, place: int, places: Sequence[int]) -> int:
    """Return the place nearest in time among places that ascend."""
    after = bisect_left(places, place)
    return min(places[max(after - 1, 0) : after + 1], key=lambda one: _apart(shown, place, one))


def _apart(shown: Shown, one: int, other: int) -> float:
    """Return the days between two adverts; infinity where they are not known."""
    apart = abs(float(shown.days[one] - shown.days[other]))
    return math.inf if math.isnan(apart) else apart


def _between(shown: Shown, component: Ints, owners: Owners) -> Iterator[_Found]:
    """Yield an edge for pairs of components that share content: one each, a few of a template."""
    seen = set()
    for value in sorted(owners):
        by_time = sorted(owners[value].values())
        for one, other in zip(by_time[:_FEW], by_time[1 : _FEW + 1], strict=False):
            pair = _pair(component, one[0], other[0])
            if pair not in seen:
                seen.add(pair)
                yield _Found(_closest(shown, other[0], one), other[0], value)


def _chain(shown: Shown, lone: dict[int, list[int]], owners: Owners) -> Iterator[_Found]:
    """Yield edges between adverts that stand alone, of content that nobody else shows."""
    seen = set()
    for value in sorted(lone):
        if value not in owners:
            for pair in zip(lone[value], lone[value][1:], strict=False):
                if pair not in seen:
                    seen.add(pair)
                    yield _Found(*pair, value)


def _pair(component: Ints, one: int, other: int) -> tuple[int, int]:
    first, second = sorted((int(component[one]), int(component[other])))
    return first, second


def _ends(drafts: Drafts) -> Iterable[tuple[int, int]]:
    return zip(drafts.first.tolist(), drafts.second.tolist(), strict=True)
