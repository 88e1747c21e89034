"""The two parts into which a campaign would fall without its weakest places."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adverts_findings.campaigns.grouping.connected import component_roots
from adverts_findings.campaigns.pages.campaign_rows import AdvertRow, BridgeRow, EdgeRow
from adverts_findings.campaigns.pages.shown_values import moment, most_first, shortened

_MOST_NAMED = 5
_MOST_ADVERTS = 20


@dataclass(frozen=True, slots=True)
class WeakSide:
    """The adverts on one side of a weakest place.

    Attributes:
        end: Advert of the link that is on this side.
        adverts: Number of adverts.
        ids: Their ids, in order: at most 20.
        first_seen: Time of the first of them; None if no time is known.
        last_seen: Time of the last of them; None if no time is known.
        accounts: Their accounts, shortened, those of most adverts first: at most five.
        account_count: Number of their accounts.
        contacts: Contacts that they show, shortened, those of most adverts first: at most five.
        contact_count: Number of these contacts.
    """

    end: str
    adverts: int
    ids: tuple[str, ...]
    first_seen: str | None
    last_seen: str | None
    accounts: tuple[str, ...]
    account_count: int
    contacts: tuple[str, ...]
    contact_count: int


def weak_sides(
    adverts: Sequence[AdvertRow],
    joins: Sequence[EdgeRow],
    bridges: Sequence[BridgeRow],
    *,
    listed: frozenset[str],
) -> list[tuple[WeakSide, ...]]:
    """Return both sides of each weakest place, first that of the earlier advert of its edge.

    Args:
        adverts: Adverts of the campaign.
        joins: Edges that join them.
        bridges: The weakest places.
        listed: Contacts that join nothing, which are left out.

    Returns:
        Two sides for each place; none if the adverts hang together without the edges of the place,
        or its edge is not there.
    """
    if not bridges:
        return []
    place = {one["id"]: i for i, one in enumerate(adverts)}
    rows = {one["edge"]: i for i, one in enumerate(joins)}
    first = np.array([place[one["first"]] for one in joins], np.int64)
    second = np.array([place[one["second"]] for one in joins], np.int64)
    found: list[tuple[WeakSide, ...]] = []
    for bridge in bridges:
        at = rows.get(bridge["edge"])
        stays = np.ones(len(joins), np.bool_)
        stays[[rows[one] for one in (bridge["edge"], *bridge["others"]) if one in rows]] = False
        roots = component_roots(first[stays], second[stays], len(adverts))
        if at is None or roots[first[at]] == roots[second[at]]:
            found.append(())
            continue
        sides = []
        for end in (first[at], second[at]):
            members = [adverts[i] for i in np.flatnonzero(roots == roots[end]).tolist()]
            sides.append(_side(adverts[end]["id"], members, listed))
        found.append(tuple(sides))
    return found


def _side(end: str, adverts: Sequence[AdvertRow], listed: frozenset[str]) -> WeakSide:
    times = [one["posted_at"] for one in adverts if one["posted_at"] is not None]
    accounts = most_first(one["account"] for one in adverts if one["account"] is not None)
    shown = most_first(value for one in adverts for value in set(one["contacts"] or ()) - listed)
    return WeakSide(
        end=end,
        adverts=len(adverts),
        ids=tuple(heapq.nsmallest(_MOST_ADVERTS, (one["id"] for one in adverts))),
        first_seen=moment(min(times, default=None)),
        last_seen=moment(max(times, default=None)),
        accounts=tuple(map(shortened, list(accounts)[:_MOST_NAMED])),
        account_count=len(accounts),
        contacts=tuple(map(shortened, list(shown)[:_MOST_NAMED])),
        contact_count=len(shown),
    )
