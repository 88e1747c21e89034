"""The two parts into which a campaign would fall without its weakest places."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adverts.linking.pages.campaign_rows import AdvertRow, BridgeRow, EdgeRow
from adverts.linking.pages.shown_values import moment, most_first, shortened

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
    bridge: BridgeRow,
    *,
    listed: frozenset[str],
) -> tuple[WeakSide, ...]:
    """Return both sides of a weakest place, first that of the earlier advert of its edge.

    Args:
        adverts: Adverts of the campaign.
        joins: Edges that join them.
        bridge: The weakest place.
        listed: Contacts that join nothing, which are left out.

    Returns:
        Two sides; none if the adverts hang together without the edges of the place, as they may
        where a bank looks back.
    """
    gone = {bridge["edge"], *bridge["others"]}
    leads: Mapping[str, list[str]] = defaultdict(list)
    ends: tuple[str, str] | None = None
    for edge in joins:
        if edge["edge"] == bridge["edge"]:
            ends = edge["first"], edge["second"]
        if edge["edge"] not in gone:
            leads[edge["first"]].append(edge["second"])
            leads[edge["second"]].append(edge["first"])
    if ends is None:
        return ()
    reached = [_reached(end, leads) for end in ends]
    if ends[1] in reached[0]:
        return ()
    return tuple(
        _side(end, [one for one in adverts if one["id"] in found], listed)
        for end, found in zip(ends, reached, strict=True)
    )


def _reached(start: str, leads: Mapping[str, Sequence[str]]) -> frozenset[str]:
    seen, waiting = {start}, deque([start])
    while waiting:
        for one in leads.get(waiting.popleft(), ()):
            if one not in seen:
                seen.add(one)
                waiting.append(one)
    return frozenset(seen)


def _side(end: str, adverts: Sequence[AdvertRow], listed: frozenset[str]) -> WeakSide:
    times = [one["posted_at"] for one in adverts if one["posted_at"] is not None]
    accounts = most_first(one["account"] for one in adverts if one["account"] is not None)
    shown = most_first(value for one in adverts for value in set(one["contacts"] or ()) - listed)
    return WeakSide(
        end=end,
        adverts=len(adverts),
        ids=tuple(sorted(one["id"] for one in adverts)[:_MOST_ADVERTS]),
        first_seen=moment(min(times, default=None)),
        last_seen=moment(max(times, default=None)),
        accounts=tuple(map(shortened, list(accounts)[:_MOST_NAMED])),
        account_count=len(accounts),
        contacts=tuple(map(shortened, list(shown)[:_MOST_NAMED])),
        contact_count=len(shown),
    )
