"""Edges: why two adverts may be of one advertiser, and what became of that."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Floats, Ints

EdgeKind = Literal["contact", "account", "link_target", "template", "judged"]
EDGE_KINDS: tuple[EdgeKind, ...] = get_args(EdgeKind)
"""What two adverts share.

``template`` is near-duplicate text or picture, which are one kind: whoever takes a text takes its
picture too. ``judged`` is a person's word.
"""
EdgeStatus = Literal["joins", "review", "rejected"]
EDGE_STATUSES: tuple[EdgeStatus, ...] = get_args(EdgeStatus)
"""``joins``: makes one campaign of its adverts; ``review``: is for people, and joins nothing;
``rejected``: joins nothing, and is kept with the reason."""


_COLUMNS = (
    *("first", "second", "kind", "adverts", "accounts", "silence", "across", "also"),
    *("weight", "probability", "status", "against"),
)
_NOTHING: Ints = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Edges between adverts, which are named by their row; ``E`` edges in columns.

    Attributes:
        first: Row of the earlier advert, ``(E,)``.
        second: Row of the later advert, ``(E,)``.
        kind: Index into :data:`EDGE_KINDS`, ``(E,)``.
        value: What they share: a token, or the name of a template; of ``judged`` the id of the
            judgement.
        adverts: Number of adverts that show the value, ``(E,)``: its rarity.
        accounts: Number of accounts that show it, ``(E,)``.
        silence: Days between the last advert before and the first after; NaN where a time is not
            known, ``(E,)``.
        across: Whether the two were posted on different platforms, ``(E,)``.
        also: Other, independent kinds of evidence that both sides show, as bits: bit ``k`` stands
            for ``EDGE_KINDS[k]``, ``(E,)``.
        weight: Base-2 logarithm of how many times likelier the evidence is for one advertiser than
            for two; NaN until it is weighed, ``(E,)``.
        probability: Probability that both are of one advertiser; NaN until it is weighed, ``(E,)``.
        status: Index into :data:`EDGE_STATUSES`, ``(E,)``.
        reason: Why it does not join; empty where it does.
        against: Other kinds of evidence that both sides show and in which they have nothing in
            common, as bits like those of ``also``, ``(E,)``. Zeros if it is left out.
    """

    first: Ints
    second: Ints
    kind: Ints
    value: tuple[str, ...]
    adverts: Ints
    accounts: Ints
    silence: Floats
    across: NDArray[np.bool_]
    also: Ints
    weight: Floats
    probability: Floats
    status: Ints
    reason: tuple[str, ...]
    against: Ints = field(default_factory=_NOTHING.copy)

    def __post_init__(self) -> None:
        if len(self.first) and not len(self.against):
            object.__setattr__(self, "against", np.zeros(len(self.first), np.int64))
        for name in (*_COLUMNS, "value", "reason"):
            if len(getattr(self, name)) != len(self.first):
                raise ValueError(f"{name} has {len(getattr(self, name))} of {len(self)} edges")

    def __len__(self) -> int:
        """Return the number of edges."""
        return len(self.first)

    def of_status(self, status: EdgeStatus) -> NDArray[np.bool_]:
        """Return which edges have a status, ``(E,)``."""
        return np.asarray(self.status == EDGE_STATUSES.index(status))

    def of_kind(self, kind: EdgeKind) -> NDArray[np.bool_]:
        """Return which edges are of a kind, ``(E,)``."""
        return np.asarray(self.kind == EDGE_KINDS.index(kind))

    def chosen(self, which: NDArray[np.bool_] | Ints) -> Edges:
        """Return the edges that a mask or an index selects, in its order."""
        places = np.flatnonzero(which) if which.dtype == np.bool_ else which
        columns = {name: getattr(self, name)[places] for name in _COLUMNS}
        told = places.tolist()
        return Edges(
            value=tuple(self.value[i] for i in told),
            reason=tuple(self.reason[i] for i in told),
            **columns,
        )

    def with_status(
        self, which: NDArray[np.bool_] | Ints, status: EdgeStatus, reason: str
    ) -> Edges:
        """Return the edges with another status and reason of some of them."""
        places = np.flatnonzero(which) if which.dtype == np.bool_ else which
        statuses = self.status.copy()
        statuses[places] = EDGE_STATUSES.index(status)
        reasons = list(self.reason)
        for place in places.tolist():
            reasons[place] = reason
        return replace(self, status=statuses, reason=tuple(reasons))

    def names(self, ids: Sequence[str]) -> list[str]:
        """Return the name of each edge: equal for the same kind, value and pair of adverts.

        Args:
            ids: Id of the advert of each row.
        """
        return [
            edge_name(EDGE_KINDS[kind], value, ids[one], ids[other])
            for kind, value, one, other in zip(
                self.kind.tolist(),
                self.value,
                self.first.tolist(),
                self.second.tolist(),
                strict=True,
            )
        ]


def edge_name(kind: EdgeKind, value: str, one: str, other: str) -> str:
    """Return the name of an edge, whichever of its adverts comes first."""
    told = "\0".join((kind, value, *sorted((one, other))))
    return "e" + hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def join_edges(parts: Sequence[Edges]) -> Edges:
    """Return all edges of several parts, in their order."""
    columns = {name: np.concatenate([getattr(one, name) for one in parts]) for name in _COLUMNS}
    values = tuple(value for one in parts for value in one.value)
    reasons = tuple(reason for one in parts for reason in one.reason)
    return Edges(value=values, reason=reasons, **columns)
