"""What a build finds: posting identities, edges, campaigns, bridges, and what joins nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from adverts.arrays import Ints
from adverts_findings.campaigns.edges import EdgeKind, Edges


@dataclass(frozen=True, slots=True)
class Identity:
    """A contact, an account or a link target on one platform in one spell of activity.

    A token that was silent for long, or that is seen on another platform, is another identity: it
    may have changed hands.

    Attributes:
        kind: ``contact``, ``account`` or ``link_target``.
        value: Its token.
        platform: Platform of the postings; None where it is not known.
        rows: Rows of the adverts that show it, by time.
    """

    kind: EdgeKind
    value: str
    platform: str | None
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A value that several adverts show and that joins none of them.

    Attributes:
        kind: ``contact``, ``account`` or ``link_target``.
        value: Its token.
        reason: ``public``, ``shown by many`` or ``busy``, with a number where it says more.
        adverts: Number of adverts that show it.
        accounts: Number of accounts that show it.
    """

    kind: EdgeKind
    value: str
    reason: str
    adverts: int
    accounts: int


@dataclass(frozen=True, slots=True, eq=False)
class FoundEvidence:
    """Evidence between adverts before people's judgements.

    Attributes:
        identities: Posting identities.
        edges: Edges, not weighed yet.
        listed: Values that join nothing.
    """

    identities: tuple[Identity, ...]
    edges: Edges
    listed: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Bridge:
    """An edge without which a campaign falls into two parts.

    Attributes:
        edge: Place of the edge in the edges.
        campaign: Smallest row of the campaign.
        smaller_side: Number of adverts of the smaller part.
        larger_side: Number of adverts of the larger part.
        probability: Probability of the edge; NaN where it is not weighed.
        others: Places of the other edges that would have to go too; empty where the edge alone
            keeps both parts together.
    """

    edge: int
    campaign: int
    smaller_side: int
    larger_side: int
    probability: float
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgementHeld:
    """What became of a judgement in a build.

    Attributes:
        judgement: Its id.
        holds: Whether the campaigns are as it says.
        why: Why it does not hold; empty where it does.
    """

    judgement: str
    holds: bool
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class FoundCampaigns:
    """Campaigns of ``N`` adverts.

    Attributes:
        roots: Smallest row of the campaign of each advert, ``(N,)``; its own row if it is alone.
        parts: Number of the community of each advert within its campaign, ``(N,)``; 0 where the
            campaign is not large.
        edges: The edges, with the status that they ended with, judged ones among them.
        bridges: Weakest bridges, at most three of a campaign, the weakest first.
        probability: Probability that two adverts of a campaign, drawn at random, are of one
            advertiser, by the smallest row of the campaign.
        held: What became of each judgement.
        largest_piece: Share of the adverts of a campaign that stay in its largest piece when its
            edges are drawn anew, on average, by its smallest row.
    """

    roots: Ints
    parts: Ints
    edges: Edges
    bridges: tuple[Bridge, ...]
    probability: dict[int, float]
    held: tuple[JudgementHeld, ...]
    largest_piece: dict[int, float] = field(default_factory=dict)


Level = Literal["template", "identity", "campaign"]


@dataclass(frozen=True, slots=True)
class Replaced:
    """An id that is no longer used.

    Attributes:
        level: What it named.
        old: The id.
        new: What took its place; empty if nothing did.
        how: ``merged``, ``split`` or ``closed``.
    """

    level: Level
    old: str
    new: str
    how: Literal["merged", "split", "closed"]
