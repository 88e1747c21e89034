"""What people said of pairs of adverts, applied to the edges that join."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adverts.arrays import Bools, Ints
from adverts_findings.campaigns.edges import EDGE_KINDS, EDGE_STATUSES, Edges, join_edges
from adverts_findings.campaigns.found import JudgementHeld
from adverts_findings.campaigns.grouping.cheapest_cut import cheapest_cut
from adverts_findings.campaigns.grouping.connected import (
    bits,
    component_roots,
    grouped,
    inside,
    whether_between,
)
from adverts_findings.campaigns.grouping.take_out import JudgedPair, take_out

_JUDGED = EDGE_KINDS.index("judged")
_JOINS, _REJECTED = EDGE_STATUSES.index("joins"), EDGE_STATUSES.index("rejected")


@dataclass(frozen=True, slots=True)
class Words:
    """What people say of pairs of adverts, in the order in which they said it.

    Attributes:
        same: Pairs that are of one advertiser.
        different: Pairs that are of two advertisers.
        alone: Pairs of an advert that is not of its campaign, and an advert that is.
    """

    same: Sequence[JudgedPair] = ()
    different: Sequence[JudgedPair] = ()
    alone: Sequence[JudgedPair] = ()


def apply_words(edges: Edges, count: int, words: Words) -> tuple[Edges, tuple[JudgementHeld, ...]]:
    """Return the edges after people's words, and what became of each judgement.

    A ``same`` adds an edge that joins. A ``different`` parts both adverts where edges connect
    them: the edges whose loss costs least are rejected, and no others change. An ``alone`` takes
    its first advert out and leaves the others together, see
    :func:`adverts_findings.campaigns.grouping.take_out.take_out`; these come first.

    An edge that a person said is never cut. So a ``different`` or ``alone`` does not hold where
    ``same`` judgements connect its two adverts; it is reported with their ids, and nothing is cut.
    Words are applied in the order given: a later ``different`` only parts what is left. Each word
    that adverts are of two is kept as a rejected edge.

    Args:
        edges: Edges between adverts.
        count: Number of adverts ``N``.
        words: What people say.

    Returns:
        The edges given, in their order; one for each pair that is ``same``; those that close a gap
        where an advert was taken out; one for each pair that is ``alone`` or ``different``. And one
        record for each judgement, in the order of ``same``, ``alone`` and ``different``.

    Raises:
        ValueError: A pair names a row outside ``0 … N - 1``.
    """
    apart = [*words.alone, *words.different]
    if not (words.same or apart):
        return edges, ()
    _check_rows([*words.same, *apart], count)
    certain = _Certain(words.same, count)
    against = {pair: certain.against(pair) for pair in apart}
    contrary = [pair for pair in apart if pair[0] != pair[1]]
    leaving = [pair for pair in words.alone if not against[pair]]
    joined = join_edges([edges, _judged_edges(words.same, "joins")])
    told = join_edges(
        [take_out(joined, leaving, certain.groups), _judged_edges(contrary, "rejected")]
    )
    parting = _Parting(told, count, words.different)
    for pair in words.different:
        if not against[pair]:
            parting.part(pair, certain.groups)
    said = [f"{pair[2]} says different" for pair in contrary]
    parting.reasons.update(enumerate(said, len(told) - len(contrary)))
    spoken = [(name, "") for *_, name in words.same] + [(pair[2], against[pair]) for pair in apart]
    return rejected(told, parting.reasons), _held(spoken)


def rejected(edges: Edges, reasons: Mapping[int, str]) -> Edges:
    """Return the edges with some of them rejected, by their places, each for its own reason."""
    status, words = edges.status.copy(), list(edges.reason)
    status[list(reasons)] = _REJECTED
    for place, reason in reasons.items():
        words[place] = reason
    return replace(edges, status=status, reason=tuple(words))


def _check_rows(pairs: Sequence[JudgedPair], count: int) -> None:
    for one, other, name in pairs:
        if not (0 <= one < count and 0 <= other < count):
            raise ValueError(f"{name} names rows {one} and {other}, wanted 0 to {count - 1}")


def _judged_edges(pairs: Sequence[JudgedPair], status: str) -> Edges:
    pairs = [pair for pair in pairs if pair[0] != pair[1]]
    rows = np.array([pair[:2] for pair in pairs], np.int64).reshape(-1, 2)
    none, size = np.zeros(len(pairs), np.int64), len(pairs)
    joins = status == "joins"
    return Edges(
        first=rows.min(axis=1),
        second=rows.max(axis=1),
        kind=np.full(size, _JUDGED, np.int64),
        value=tuple(name for *_, name in pairs),
        adverts=none,
        accounts=none,
        silence=np.full(size, np.nan),
        across=np.zeros(size, np.bool_),
        also=none,
        weight=np.full(size, np.nan),
        probability=np.full(size, 1.0 if joins else 0.0),
        status=np.full(size, _JOINS if joins else _REJECTED, np.int64),
        reason=("",) * size,
    )


class _Certain:
    """Adverts that ``same`` judgements connect, whatever the evidence says."""

    def __init__(self, same: Sequence[JudgedPair], count: int) -> None:
        self._beside: dict[int, list[tuple[int, str]]] = {}
        for one, other, name in sorted(same, key=lambda pair: (pair[2], pair[:2])):
            self._beside.setdefault(one, []).append((other, name))
            self._beside.setdefault(other, []).append((one, name))
        rows = np.array([pair[:2] for pair in same], np.int64).reshape(-1, 2)
        self.groups = component_roots(rows[:, 0], rows[:, 1], count)

    def against(self, pair: JudgedPair) -> str:
        """Return why a ``different`` cannot hold; empty where nothing speaks against it."""
        one, other, _ = pair
        if one == other:
            return "it names one advert twice"
        if self.groups[one] != self.groups[other]:
            return ""
        names = sorted(set(self._way(one, other)))
        return f"{' and '.join(names)} {'says' if len(names) == 1 else 'say'} same"

    def _way(self, one: int, other: int) -> list[str]:
        came: dict[int, tuple[int, str]] = {one: (one, "")}
        waiting = deque([one])
        while other not in came:
            row = waiting.popleft()
            for beside, name in self._beside[row]:
                if beside not in came:
                    came[beside] = (row, name)
                    waiting.append(beside)
        names, row = [], other
        while row != one:
            row, name = came[row]
            names.append(name)
        return names


@dataclass(slots=True)
class _Component:
    rows: Ints
    edges: Ints


class _Parting:
    """Components that hold both adverts of some ``different``, which are parted one by one."""

    def __init__(self, edges: Edges, count: int, different: Sequence[JudgedPair]) -> None:
        joins = np.flatnonzero(edges.of_status("joins"))
        self._edges, self._bits = edges, bits(edges.probability)
        self._roots = component_roots(edges.first[joins], edges.second[joins], count)
        rows = np.array([pair[:2] for pair in different], np.int64).reshape(-1, 2)
        ends = self._roots[rows]
        wanted = np.unique(ends[ends[:, 0] == ends[:, 1]])
        by_edge = grouped(self._roots[edges.first[joins]], wanted)
        self._components = {
            root: _Component(members, joins[by_edge[root]])
            for root, members in grouped(self._roots, wanted).items()
        }
        self.reasons: dict[int, str] = {}

    def part(self, pair: JudgedPair, groups: Ints) -> None:
        """Cut what connects both adverts of a pair, if anything does."""
        one, other, name = pair
        root = int(self._roots[one])
        if self._roots[other] != root:
            return
        whole = self._components.pop(root)
        side = self._side(whole, (one, other), groups)
        first, second = inside(whole.rows, *self._rows(whole.edges))
        cut = whether_between(side, first, second)
        for place in whole.edges[cut].tolist():
            self.reasons[place] = f"cut, since {name} says different"
        for which in (side, ~side):
            half = _Component(whole.rows[which], whole.edges[~cut & which[first]])
            self._roots[half.rows] = half.rows[0]
            self._components[int(half.rows[0])] = half

    def _rows(self, places: Ints) -> tuple[Ints, Ints]:
        return self._edges.first[places], self._edges.second[places]

    def _side(self, whole: _Component, ends: tuple[int, int], groups: Ints) -> Bools:
        names, nodes, sizes = np.unique(groups[whole.rows], return_inverse=True, return_counts=True)
        first, second = (nodes[rows] for rows in inside(whole.rows, *self._rows(whole.edges)))
        one, other = np.searchsorted(names, groups[list(ends)]).tolist()
        side = cheapest_cut(first, second, self._bits[whole.edges], sizes=sizes, ends=(one, other))
        return side[nodes]


def _held(words: Sequence[tuple[str, str]]) -> tuple[JudgementHeld, ...]:
    why: dict[str, list[str]] = {}
    for name, against in words:
        why.setdefault(name, []).extend([against] if against else [])
    return tuple(JudgementHeld(name, not said, "; ".join(said)) for name, said in why.items())
