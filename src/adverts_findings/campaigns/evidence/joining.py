"""All that joins by contact, account and link target: within spells, and between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adverts.arrays import Bools
from adverts_findings.campaigns.evidence.drafts import Drafts, components, join_drafts
from adverts_findings.campaigns.evidence.second_kinds import (
    Items,
    Joined,
    chain_edges,
    find_items,
    join_spells,
)
from adverts_findings.campaigns.evidence.shown import CONTENT, Shown, distinct
from adverts_findings.campaigns.evidence.spells import Spells
from adverts_findings.campaigns.rules import LinkingRules


@dataclass(frozen=True, slots=True, eq=False)
class Joins:
    """Edges that join, before content is looked at.

    Attributes:
        edges: All of them.
        between: Those between spells of one value.
    """

    edges: Drafts
    between: Joined


def find_joins(shown: Shown, spells: Spells, items: Items) -> Joins:
    """Return the edges within spells, and those between spells that a second kind joins."""
    between = join_spells(shown, spells, items)
    return Joins(join_drafts([chain_edges(shown, spells), between.edges]), between)


def stock_content(shown: Shown, spells: Spells, ignored: Bools, rules: LinkingRules) -> Bools:
    """Return which content so many show that it is no second kind of evidence, ``(V,)``.

    That is content which at least twice ``rules.many_owners`` components show that are not joined
    without content: twice, since one advertiser may be in several of them.

    Args:
        shown: What adverts show.
        spells: Posting identities.
        ignored: Values that join nothing, ``(V,)``.
        rules: What may join adverts.
    """
    content = shown.kinds == CONTENT
    joins = find_joins(shown, spells, find_items(shown, ignored | content)).edges
    component = components(joins.first, joins.second, len(shown))
    lines = np.flatnonzero(content[shown.value])
    lines = lines[np.bincount(component)[component[shown.place[lines]]] > 1]
    width = max(len(shown), 1)
    owners = distinct(shown.value[lines] * width + component[shown.place[lines]]) // width
    counts = np.bincount(owners, minlength=len(shown.names))
    return np.asarray(counts >= 2 * rules.many_owners)
