"""Links of a hypothesis as pages show them: with shortened tokens and without any advert."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adverts_findings.campaigns.networks.network import NetworkHypothesis, NetworkLink, WeakEvidence
from adverts_findings.campaigns.networks.network_words import would_confirm, would_refute
from adverts_findings.campaigns.pages.describe_edges import probability_words
from adverts_findings.campaigns.pages.edge_words import evidence_words, judgement_line
from adverts_findings.campaigns.pages.shown_values import shortened


@dataclass(frozen=True, slots=True)
class ShownWeakEvidence:
    """One thing that two campaigns share and that joins neither to the other.

    Attributes:
        edge: Name of the most probable edge by it.
        kind: What is shared.
        value: What is shared, shortened.
        status: ``review`` or ``rejected``.
        reason: Why it does not join.
        edges: Number of edges by it between the two campaigns.
        words: The evidence in words.
        probability_words: The probability in words of the yardstick and in per cent.
    """

    edge: str
    kind: str
    value: str
    status: str
    reason: str
    edges: int
    words: str
    probability_words: str


@dataclass(frozen=True, slots=True)
class ShownLink:
    """Two campaigns that may belong together.

    Attributes:
        first: A campaign; on the page of a campaign it is that one.
        second: The other one.
        edges: Number of edges between them.
        shared: What they share, the most probable first: at most five things.
        shared_count: Number of things that they share.
        confirm: The one piece of evidence that would confirm it.
        refute: The one piece of evidence that would refute it.
        merge: Line of a CSV file of judgements that says that both are one advertiser's.
        different: Line that says of two of their adverts that they are not; empty on the page of
            all hypotheses, which names no advert.
        probability: Probability of the most probable edge; None if none is weighed.
    """

    first: str
    second: str
    edges: int
    shared: tuple[ShownWeakEvidence, ...]
    shared_count: int
    confirm: str
    refute: str
    merge: str
    different: str
    probability: float | None


def shown_link(link: NetworkLink, *, calibrated: bool, campaign: str = "") -> ShownLink:
    """Return a link as a page shows it.

    Args:
        link: The link.
        calibrated: Whether probabilities are calibrated.
        campaign: Campaign whose page it is; empty on the page of all hypotheses.
    """
    first, second, best = link.first, link.second, link.shared[0]
    different = judgement_line("different", best.first, best.second) if campaign else ""
    if campaign == second:
        first, second = second, first
    return ShownLink(
        first=first,
        second=second,
        edges=link.edges,
        shared=tuple(_shown(one, calibrated=calibrated) for one in link.shared),
        shared_count=link.shared_count,
        confirm=would_confirm(link),
        refute=would_refute(link),
        merge=judgement_line("merge", first, second),
        different=different,
        probability=best.probability,
    )


def links_by_campaign(
    found: Sequence[NetworkHypothesis],
) -> Mapping[str, Sequence[NetworkLink]]:
    """Return the links of each campaign, the most probable first."""
    links: dict[str, list[NetworkLink]] = defaultdict(list)
    for network in found:
        for link in network.links:
            links[link.first].append(link)
            links[link.second].append(link)
    for some in links.values():
        some.sort(key=lambda one: (-(one.shared[0].probability or 0.0), one.first, one.second))
    return links


def _shown(one: WeakEvidence, *, calibrated: bool) -> ShownWeakEvidence:
    return ShownWeakEvidence(
        edge=one.edge,
        kind=one.kind,
        value=shortened(one.value),
        status=one.status,
        reason=one.reason,
        edges=one.edges,
        words=evidence_words(
            one.kind,
            one.value,
            adverts=one.adverts,
            accounts=one.accounts,
            silence_days=one.silence_days,
            across=one.across,
            also=(),
            against=(),
        ),
        probability_words=probability_words(one.probability, calibrated=calibrated),
    )
