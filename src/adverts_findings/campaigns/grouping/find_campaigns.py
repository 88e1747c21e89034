"""From edges and people's words to campaigns."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from adverts_findings.campaigns.edges import Edges
from adverts_findings.campaigns.found import FoundCampaigns
from adverts_findings.campaigns.grouping.apply_words import Words, apply_words, rejected
from adverts_findings.campaigns.grouping.communities import find_parts
from adverts_findings.campaigns.grouping.connected import component_roots
from adverts_findings.campaigns.grouping.holding import hold_together
from adverts_findings.campaigns.grouping.take_out import JudgedPair
from adverts_findings.campaigns.grouping.weakest_bridges import weakest_bridges
from adverts_findings.campaigns.rules import LinkingRules


def find_campaigns(
    edges: Edges,
    count: int,
    *,
    same: Sequence[JudgedPair],
    different: Sequence[JudgedPair],
    alone: Sequence[JudgedPair] = (),
    rules: LinkingRules,
) -> FoundCampaigns:
    """Return the campaigns of ``count`` adverts.

    Edges that join, whose probability is known and below ``rules.join_at``, are rejected. Then
    people's words are applied (see
    :func:`adverts_findings.campaigns.grouping.apply_words.apply_words`), and adverts that joining
    edges connect are one campaign. What is found for a campaign depends on its own edges alone, in
    their order, and on the words that speak of its adverts.

    Args:
        edges: Edges between adverts; a joining edge whose probability is not known joins.
        count: Number of adverts ``N``.
        same: Pairs of rows that a judgement says are of one advertiser.
        different: Pairs of rows that a judgement says are of two.
        alone: Pairs of a row that a judgement says is not of its campaign, and a row that is.
        rules: What joins, which campaigns are large, and the seed.

    Raises:
        ValueError: An edge or a pair names a row outside ``0 … N - 1``.
    """
    likely = _reject_unlikely(edges, rules.join_at)
    judged, held = apply_words(likely, count, Words(same, different, alone))
    joins = np.flatnonzero(judged.of_status("joins"))
    roots = component_roots(judged.first[joins], judged.second[joins], count)
    parts = find_parts(judged, roots, rules)
    holding = hold_together(judged, roots, resamples=rules.resamples, seed=rules.seed)
    bridges = weakest_bridges(judged, roots, parts)
    return FoundCampaigns(
        roots, parts, judged, bridges, holding.probability, held, holding.largest_piece
    )


def _reject_unlikely(edges: Edges, join_at: float) -> Edges:
    unlikely = np.flatnonzero(edges.of_status("joins") & (edges.probability < join_at))
    probabilities = edges.probability[unlikely].tolist()
    return rejected(
        edges,
        {
            place: f"probability {math.floor(100 * probability) / 100:.2f} is below {join_at:g}"
            for place, probability in zip(unlikely.tolist(), probabilities, strict=True)
        },
    )
