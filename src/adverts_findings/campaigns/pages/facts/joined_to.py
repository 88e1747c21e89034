"""By which evidence each advert of a campaign hangs on another one: a path between any two."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adverts_findings.campaigns.pages.campaign_rows import AdvertRow, EdgeRow
from adverts_findings.campaigns.pages.shown_values import known


@dataclass(frozen=True, slots=True)
class JoinedTo:
    """The evidence by which an advert hangs on the one before it on its path.

    Attributes:
        advert: Id of that advert.
        edge: The edge between the two.
    """

    advert: str
    edge: EdgeRow


def joined_to(adverts: Sequence[AdvertRow], joins: Sequence[EdgeRow]) -> Mapping[str, JoinedTo]:
    """Return for each advert the one that it hangs on, and by which edge.

    The path of an advert leads to the earliest advert. It goes along the surest edges: no other
    path has a weakest edge that is more probable. The earliest advert hangs on none.

    Args:
        adverts: Adverts of a campaign.
        joins: Edges that join them.

    Source: O. Borůvka (1926) and J. B. Kruskal, "On the shortest spanning subtree of a graph"
        (1956).
    """
    place = {one["id"]: i for i, one in enumerate(adverts)}
    above = list(range(len(adverts)))
    leads: dict[str, list[JoinedTo]] = defaultdict(list)
    for edge in sorted(joins, key=lambda one: (-(known(one["probability"]) or 0.0), one["edge"])):
        ends = edge["first"], edge["second"]
        if ends[0] not in place or ends[1] not in place:
            continue
        one, other = (_root(above, place[end]) for end in ends)
        if one == other:
            continue
        above[one] = other
        leads[ends[0]].append(JoinedTo(ends[1], edge))
        leads[ends[1]].append(JoinedTo(ends[0], edge))
    return _from_first(_by_time(adverts), leads)


def _from_first(
    ids: Sequence[str], leads: Mapping[str, Sequence[JoinedTo]]
) -> Mapping[str, JoinedTo]:
    found: dict[str, JoinedTo] = {}
    seen: set[str] = set()
    for start in ids:  # one start is enough where edges connect all
        if start in seen:
            continue
        seen.add(start)
        waiting = deque([start])
        while waiting:
            one = waiting.popleft()
            for lead in leads.get(one, ()):
                if lead.advert not in seen:
                    seen.add(lead.advert)
                    found[lead.advert] = JoinedTo(one, lead.edge)
                    waiting.append(lead.advert)
    return found


def _by_time(adverts: Sequence[AdvertRow]) -> list[str]:
    ordered = sorted(
        adverts,
        key=lambda one: (
            one["posted_at"] is None,
            0.0 if one["posted_at"] is None else one["posted_at"].timestamp(),
            one["id"],
        ),
    )
    return [one["id"] for one in ordered]


def _root(above: list[int], one: int) -> int:
    while above[one] != one:
        above[one] = above[above[one]]
        one = above[one]
    return one
