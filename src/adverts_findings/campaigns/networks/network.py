"""A hypothesis of a network, as a value: campaigns, and the evidence between each two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WeakEvidence:
    """One thing that adverts of two campaigns share and that joins neither to the other.

    Attributes:
        edge: Name of the most probable edge by it.
        kind: What is shared, a kind of edge such as ``contact``.
        value: What is shared: a token, or the name of a template.
        status: ``review`` or ``rejected``.
        reason: Why it does not join.
        first: Id of an advert of the first campaign: one end of the edge.
        second: Id of an advert of the second campaign: the other end.
        edges: Number of edges by it between the two campaigns.
        adverts: Number of adverts of the bank that show it.
        accounts: Number of accounts that show it.
        silence_days: Days in between without it; None if a time is not known.
        across: Whether both adverts are of different platforms; None if a platform is not known.
        probability: Probability that both are of one advertiser; None if it is not weighed.
    """

    edge: str
    kind: str
    value: str
    status: str
    reason: str
    first: str
    second: str
    edges: int
    adverts: int
    accounts: int
    silence_days: float | None
    across: bool | None
    probability: float | None


@dataclass(frozen=True, slots=True)
class NetworkLink:
    """Two campaigns that may belong together.

    Attributes:
        first: Name of a campaign.
        second: Name of the other one, which is the later in the order of names.
        edges: Number of edges between them, none of which joins.
        kinds: Number of these edges by kind, the most first.
        shared: What is shared, the most probable first: at most five things.
        shared_count: Number of things that are shared.
    """

    first: str
    second: str
    edges: int
    kinds: Mapping[str, int]
    shared: tuple[WeakEvidence, ...]
    shared_count: int

    def other(self, campaign: str) -> str:
        """Return the campaign at the other end."""
        return self.second if campaign == self.first else self.first


@dataclass(frozen=True, slots=True)
class NetworkHypothesis:
    """Campaigns that links connect: a lead for people, never a campaign.

    Attributes:
        campaigns: Their names, in order; at least two.
        links: The links between them, by the names of their campaigns.
    """

    campaigns: tuple[str, ...]
    links: tuple[NetworkLink, ...]

    @property
    def edges(self) -> int:
        """Number of edges between its campaigns."""
        return sum(one.edges for one in self.links)
