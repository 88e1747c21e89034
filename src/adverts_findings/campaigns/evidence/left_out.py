"""Lines that join nothing, although what they show joins others: kept as rejected edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adverts.arrays import Bools, Ints
from adverts_findings.campaigns.evidence.drafts import Drafts, draft
from adverts_findings.campaigns.evidence.shown import CONTACT, TARGET, Shown
from adverts_findings.campaigns.rules import LinkingRules


def listing_lines(shown: Shown, ignored: Bools, rules: LinkingRules) -> Ints:
    """Return the lines of contacts and link targets of adverts that show very many.

    These are at least ``rules.many_owners``, so that the advert could be a list of the contacts
    of as many advertisers.
    """
    lines = np.flatnonzero(np.isin(shown.kinds[shown.value], (CONTACT, TARGET)))
    lines = lines[~ignored[shown.value[lines]]]
    many = np.bincount(shown.place[lines], minlength=len(shown)) >= rules.many_owners
    return lines[many[shown.place[lines]]]


def reject_lines(shown: Shown, lines: Ints, left: Shown, reasons: Sequence[str]) -> Drafts:
    """Return an edge from the advert of each line to the nearest one that shows the same.

    Args:
        shown: What adverts show.
        lines: Lines that are left out.
        left: What is left, without these lines.
        reasons: Why each is left out.
    """
    ends: list[tuple[int, int, int]] = []
    told: list[str] = []
    values, places = shown.value[lines].tolist(), shown.place[lines].tolist()
    for value, place, reason in zip(values, places, reasons, strict=True):
        shows = left.places_of(value)
        if len(shows):
            after = int(np.searchsorted(shows, place))
            near = shows[max(after - 1, 0) : after + 1]
            gaps = np.nan_to_num(np.abs(shown.days[near] - shown.days[place]), nan=np.inf)
            ends.append((value, place, int(near[np.argmin(gaps)])))
            told.append(reason)
    of, one, other = np.array(ends, np.int64).reshape(-1, 3).T
    silence = np.abs(shown.days[one] - shown.days[other])
    return draft((one, other), of, silence, "rejected", told)
