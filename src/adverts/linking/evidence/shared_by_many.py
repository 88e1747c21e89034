"""Values that join nothing: public, busy, or shown by many advertisers who share nothing else."""

from __future__ import annotations

import numpy as np

from adverts.arrays import Bools, Ints
from adverts.linking.edges import EDGE_KINDS
from adverts.linking.evidence.drafts import components
from adverts.linking.evidence.second_kinds import chain_edges, find_items, join_spells
from adverts.linking.evidence.shown import CONTACT, TARGET, Shown
from adverts.linking.evidence.spells import find_spells
from adverts.linking.found import Listed
from adverts.linking.rules import LinkingRules

_MANY_POSTERS = 10
"""Accounts above which a value may be one that many advertisers show."""
_CAMPAIGN = 5
"""Adverts from which a component says something of who shows a value, and who does not."""
_SMALL_SHARE = 0.2
"""Share of the adverts of a component up to which it shows a value by the way."""
_MOST_OF_IT = 0.5
"""Share of the adverts of a value from which those who show it by the way are most of it."""


def list_values(shown: Shown, rules: LinkingRules) -> tuple[Bools, tuple[Listed, ...]]:
    """Return which values join nothing, ``(V,)``, and a list of those that several adverts show.

    A value is shown by many if, without it, at least ``rules.many_owners`` components of five or
    more adverts show it in at most a fifth of theirs, and these are at least half of all that
    show it. The contact of an advertiser is most of what the advertiser shows; a contact that
    somebody added to the adverts of others is a small part of each.
    """
    accounts = shown.account_counts()
    shared = np.isin(shown.kinds, (CONTACT, TARGET))
    busy = shared & (accounts > rules.most_accounts) & ~shown.public
    reasons = dict.fromkeys(np.flatnonzero(shown.public).tolist(), "public")
    reasons |= {one: f"busy ({accounts[one]:,} accounts)" for one in np.flatnonzero(busy).tolist()}
    wide = shared & ~busy & ~shown.public & (_posters(shown, accounts) > _MANY_POSTERS)
    for value, owners in _strangers(shown, busy | wide, np.flatnonzero(wide), rules).items():
        reasons[value] = f"shown by many ({owners})"
    ignored = np.zeros(len(shown.names), np.bool_)
    ignored[list(reasons)] = True
    adverts = shown.adverts
    listed = tuple(
        Listed(
            EDGE_KINDS[shown.kinds[value]],
            shown.names[value],
            reasons[value],
            int(adverts[value]),
            int(accounts[value]),
        )
        for value in sorted(reasons)
        if adverts[value] > 1
    )
    return ignored, listed


def _posters(shown: Shown, accounts: Ints) -> Ints:
    """Return the number of accounts of each value; each advert without one counts as one more."""
    unknown = shown.accounts[shown.place] < 0
    return accounts + np.bincount(shown.value[unknown], minlength=len(shown.names))


def _strangers(shown: Shown, set_aside: Bools, wide: Ints, rules: LinkingRules) -> dict[int, int]:
    """Return how many advertisers, who share nothing else, show some values by the way."""
    if not len(wide):
        return {}
    without = _components_without(shown, set_aside | shown.public, rules)
    sizes = np.bincount(without)
    found = {}
    for value in wide.tolist():
        touched, shows = np.unique(without[shown.places_of(value)], return_counts=True)
        by_the_way = shows <= np.maximum(1, _SMALL_SHARE * sizes[touched])
        by_the_way &= sizes[touched] >= _CAMPAIGN
        owners, theirs = int(by_the_way.sum()), int(shows[by_the_way].sum())
        if owners >= rules.many_owners and theirs >= _MOST_OF_IT * shows.sum():
            found[value] = owners
    return found


def _components_without(shown: Shown, ignored: Bools, rules: LinkingRules) -> Ints:
    """Return the component of each advert when some values are left out."""
    spells = find_spells(shown, ignored, silent_days=7 * rules.silent_weeks)
    chain = chain_edges(shown, spells)
    joined = join_spells(shown, spells, find_items(shown, ignored)).edges
    first = np.concatenate([chain.first, joined.first])
    return components(first, np.concatenate([chain.second, joined.second]), len(shown))
