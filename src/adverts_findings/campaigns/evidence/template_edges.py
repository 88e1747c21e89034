"""Edges by templates and equal pictures, which join nothing but an advert that stands alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adverts.arrays import Bools, Ints
from adverts_findings.campaigns.evidence.content_owners import ContentOwners, Near, find_owners
from adverts_findings.campaigns.evidence.drafts import Drafts, draft, join_drafts
from adverts_findings.campaigns.evidence.shown import CONTACT, CONTENT, TARGET, Shown

_FEW = 3
"""Most campaigns that an advert is held against, and most pairs of campaigns of one template."""
ONE_TEMPLATE = "one template, and nothing else"
MOSTLY_ALONE = "mostly adverts that stand alone show it"
OWN_CONTACT = "it shows a contact or link target that the campaign does not"
STOLEN = "the same template, and no contact, account or target in common"
REFUSED = "the same template, and what else they share is rejected"
Owners = Mapping[int, ContentOwners]
Lone = Mapping[int, Sequence[int]]
"""Maps each content to the places of the adverts that show it and stand alone."""


@dataclass(frozen=True, slots=True)
class _Found:
    """An edge: its ends, the content that both show, and why it does not join."""

    one: int
    other: int
    value: int
    reason: str = ""


def template_edges(shown: Shown, component: Ints, refused: Drafts) -> Drafts:
    """Return the edges by content.

    Texts and pictures are stolen, so content never joins two components. An advert that nothing
    else joins and that shows no contact is attached to the one component that shows its template;
    or, if none does, to the one that shows its picture. Where several do, and where mostly or only
    adverts that stand alone show it, the edges are for people.

    Args:
        shown: What adverts show.
        component: Component of the advert at each place, by contacts, accounts and link targets.
        refused: Rejected edges, which may lie between components that share a template.
    """
    alone = np.bincount(component, minlength=1)[component] == 1
    owners, lone = find_owners(shown, component, alone)
    refusals = {_pair(component, *ends) for ends in _ends(refused)}
    found = [
        *_attach(shown, alone, owners, lone),
        *_between(shown, component, owners, refusals),
        *_chain(lone, owners),
    ]
    joining = [edge for edge in found if not edge.reason]
    doubtful = [edge for edge in found if edge.reason]
    return join_drafts([_drafts(shown, joining), _drafts(shown, doubtful)])


def _drafts(shown: Shown, found: Sequence[_Found]) -> Drafts:
    """Return edges, of which all join or none."""
    one = np.array([edge.one for edge in found], np.int64)
    other = np.array([edge.other for edge in found], np.int64)
    value = np.array([edge.value for edge in found], np.int64)
    silence = np.abs(shown.days[other] - shown.days[one])
    reasons = [edge.reason for edge in found]
    if not any(reasons):
        return draft((one, other), value, silence, "joins")
    return draft((one, other), value, silence, "review", reasons)


def _attach(shown: Shown, alone: Bools, owners: Owners, lone: Lone) -> Iterator[_Found]:
    """Yield the edges from adverts that stand alone to components that show their content."""
    own = _show_contacts(shown)
    for place, (template, *pictures) in _contents(shown, alone).items():
        by_template = [template] if template in owners else []
        contents = by_template or [one for one in pictures if one in owners]
        nearest = _nearest(shown, place, contents, owners)
        count = max(len(nearest), *(len(owners[one]) for one in contents), 0)
        for near, value in nearest:
            reason = f"{count} campaigns show this {'template' if by_template else 'picture'}"
            if count == 1:
                mostly = len(lone[value]) > owners[value].adverts
                reason = OWN_CONTACT if own[place] else MOSTLY_ALONE if mostly else ""
            yield _Found(place, near.place, value, reason)


def _show_contacts(shown: Shown) -> Bools:
    """Return which adverts show a contact or link target that is not public, ``(N,)``."""
    told = np.isin(shown.kinds, (CONTACT, TARGET)) & ~shown.public
    found = np.zeros(len(shown), np.bool_)
    found[shown.place[told[shown.value]]] = True
    return found


def _contents(shown: Shown, alone: Bools) -> dict[int, list[int]]:
    """Return what each advert that stands alone shows: its template, then its pictures."""
    found = {place: [int(shown.templates[place])] for place in np.flatnonzero(alone).tolist()}
    lines = np.flatnonzero((shown.kinds[shown.value] == CONTENT) & alone[shown.place])
    for value, place in zip(shown.value[lines].tolist(), shown.place[lines].tolist(), strict=True):
        if value != found[place][0]:
            found[place].append(value)
    return found


def _nearest(
    shown: Shown, place: int, contents: Sequence[int], owners: Owners
) -> list[tuple[Near, int]]:
    """Return the nearest adverts of a few components that show some content, and the content."""
    best: dict[int, tuple[Near, int]] = {}
    for value in contents:
        for near in owners[value].nearest(place, shown.days, _FEW):
            held = best.get(near.component)
            if held is None or near.apart < held[0].apart:
                best[near.component] = near, value
    return sorted(best.values(), key=lambda one: (one[0].apart, one[0].place))[:_FEW]


def _between(
    shown: Shown, component: Ints, owners: Owners, refusals: set[tuple[int, int]]
) -> Iterator[_Found]:
    """Yield an edge for pairs of components that share content: one each, a few of a template."""
    seen = set()
    for value, some in owners.items():
        by_time = sorted(some.first.values())
        for one, other in zip(by_time[:_FEW], by_time[1 : _FEW + 1], strict=False):
            pair = _pair(component, one, other)
            if pair not in seen:
                seen.add(pair)
                near = some.last_before(int(component[one]), other)
                yield _Found(near, other, value, REFUSED if pair in refusals else STOLEN)


def _chain(lone: Lone, owners: Owners) -> Iterator[_Found]:
    """Yield edges between adverts that stand alone, of content that nobody else shows."""
    seen = set()
    for value, places in lone.items():
        if value not in owners:
            for pair in zip(places, places[1:], strict=False):
                if pair not in seen:
                    seen.add(pair)
                    yield _Found(*pair, value, ONE_TEMPLATE)


def _pair(component: Ints, one: int, other: int) -> tuple[int, int]:
    first, second = sorted((int(component[one]), int(component[other])))
    return first, second


def _ends(drafts: Drafts) -> Iterable[tuple[int, int]]:
    return zip(drafts.first.tolist(), drafts.second.tolist(), strict=True)
