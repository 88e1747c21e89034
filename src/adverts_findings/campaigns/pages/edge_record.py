"""What a page states of evidence between adverts, for a campaign and against it, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adverts_findings.campaigns.pages.facts.weak_sides import WeakSide


@dataclass(frozen=True, slots=True)
class ShownEdge:
    """Evidence between two adverts.

    Attributes:
        edge: Its name, by which a judgement speaks of it.
        kind: What is shared: ``contact``, ``account``, ``link_target``, ``template`` or ``judged``.
        value: What is shared, shortened.
        first: Id of the earlier advert.
        second: Id of the later advert.
        status: ``joins``, ``review`` or ``rejected``.
        reason: Why it does not join; empty where it does.
        probability: Probability that both are of one advertiser; None if it is not weighed.
        words: The evidence in words.
        probability_words: The probability in words of the yardstick and in per cent.
        other: Campaign of the advert that is not of this one; empty where both are of this one, or
            the other advert is in none.
        same: Line of a CSV file of judgements that says that both are one advertiser's.
        different: Line that says that they are not.
    """

    edge: str
    kind: str
    value: str
    first: str
    second: str
    status: str
    reason: str
    probability: float | None
    words: str
    probability_words: str
    other: str
    same: str
    different: str


@dataclass(frozen=True, slots=True)
class KindOfEvidence:
    """Evidence of one kind that joins adverts of the campaign.

    Attributes:
        kind: What is shared.
        edges: Number of edges.
        values: Number of different values that are shared.
        rarest: The value that fewest adverts show, shortened.
        rarest_adverts: Number of adverts that show it.
        rarest_accounts: Number of accounts that show it.
    """

    kind: str
    edges: int
    values: int
    rarest: str
    rarest_adverts: int
    rarest_accounts: int


@dataclass(frozen=True, slots=True)
class WeakPlace:
    """An edge at which the campaign would fall into two parts.

    Attributes:
        edge: The edge.
        smaller_side: Number of adverts of the smaller part.
        larger_side: Number of adverts of the larger part.
        others: Names of the other edges that hold both parts together and would have to go too;
            none if nothing else does.
        sides: The part of the first advert of the edge and that of the second one; none if they
            are not known.
        split: Line of a CSV file of judgements that splits the campaign here.
    """

    edge: ShownEdge
    smaller_side: int
    larger_side: int
    others: tuple[str, ...]
    sides: tuple[WeakSide, ...]
    split: str


@dataclass(frozen=True, slots=True)
class Why:
    """Evidence for the campaign.

    Attributes:
        kinds: Evidence by kind, the most edges first.
        weakest: The weakest places, the weakest first.
        edges: Links that join, the least probable first; of many, those alone.
        edge_count: Number of links that join.
    """

    kinds: tuple[KindOfEvidence, ...]
    weakest: tuple[WeakPlace, ...]
    edges: tuple[ShownEdge, ...]
    edge_count: int


@dataclass(frozen=True, slots=True)
class Contrary:
    """Evidence that speaks against the campaign, or that leads out of it and joins nothing.

    Attributes:
        number: Number of edges by where they lie and their status, such as ``within, rejected``;
            ``within, differing`` are those of ``differing``.
        differing: Some edges that join adverts of the campaign although both sides differ in
            something else that both show, the least probable first.
        within: Some edges between adverts of the campaign that join nothing.
        outward: Some edges to other adverts that join nothing: those to campaigns first.
    """

    number: Mapping[str, int]
    differing: tuple[ShownEdge, ...]
    within: tuple[ShownEdge, ...]
    outward: tuple[ShownEdge, ...]


@dataclass(frozen=True, slots=True)
class ShownListed:
    """A value that several adverts show and that joins none of them.

    Attributes:
        kind: ``contact`` or ``link_target``.
        value: Its token, shortened.
        reason: Why it joins nothing.
        adverts: Number of adverts that show it.
        accounts: Number of accounts that show it.
        here: Number of adverts of the campaign whose page it is that show it; None on the page of
            the bank.
    """

    kind: str
    value: str
    reason: str
    adverts: int
    accounts: int
    here: int | None = None
