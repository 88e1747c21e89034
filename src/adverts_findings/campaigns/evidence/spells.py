"""Posting identities: values on one platform, in spells of activity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts_findings.campaigns.edges import EDGE_KINDS
from adverts_findings.campaigns.evidence.shown import CONTENT, Shown
from adverts_findings.campaigns.found import Identity


@dataclass(frozen=True, slots=True, eq=False)
class Spells:
    """``P`` spells of activity: each of one value on one platform.

    Attributes:
        place: Place of the advert of each line, ``(L,)``; lines of a spell follow each other by
            time, spells of a value on one platform too, and platforms of a value.
        spell: Spell of each line, ``(L,)``.
        starts: Line at which each spell begins, ``(P + 1,)``.
        value: Value of each spell, ``(P,)``.
        platform: Platform of each spell; -1 where it is not known, ``(P,)``.
    """

    place: Ints
    spell: Ints
    starts: Ints
    value: Ints
    platform: Ints

    def __len__(self) -> int:
        """Return the number of spells."""
        return len(self.value)

    @property
    def first_place(self) -> Ints:
        """Place of the first advert of each spell, ``(P,)``."""
        return self.place[self.starts[:-1]]

    @property
    def last_place(self) -> Ints:
        """Place of the last advert of each spell, ``(P,)``."""
        return self.place[self.starts[1:] - 1]

    def silence(self, days: Floats, one: Ints, other: Ints) -> Floats:
        """Return the days between spells of one value.

        Args:
            days: Time of the advert at each place.
            one: Spells.
            other: As many spells that did not begin earlier.

        Returns:
            0 where they overlap; NaN where a time is not known.
        """
        gap: Floats = days[self.first_place[other]] - days[self.last_place[one]]
        return np.maximum(gap, 0.0)


def find_spells(shown: Shown, ignored: Bools, *, silent_days: float) -> Spells:
    """Return the spells of all contacts, accounts and link targets.

    An advert without a time is a spell of its own: nobody knows how long the silence was.

    Args:
        shown: What adverts show.
        ignored: Values that are left out, ``(V,)``.
        silent_days: Longest silence within a spell.
    """
    lines = np.flatnonzero((shown.kinds[shown.value] != CONTENT) & ~ignored[shown.value])
    value, place = shown.value[lines], shown.place[lines]
    platform = shown.platforms[place]
    order = np.lexsort((place, platform, value))
    value, place, platform = value[order], place[order], platform[order]
    days = shown.days[place]
    fresh = np.isnan(days)
    if len(fresh):
        fresh[0] = True
    fresh[1:] |= (np.diff(value) != 0) | (np.diff(platform) != 0) | (np.diff(days) > silent_days)
    begins = np.flatnonzero(fresh)
    return Spells(
        place,
        np.cumsum(fresh) - 1,
        np.append(begins, len(place)),
        value[begins],
        platform[begins],
    )


def identities_of(shown: Shown, spells: Spells) -> tuple[Identity, ...]:
    """Return a posting identity for each spell."""
    rows = shown.rows[spells.place].tolist()
    platforms: tuple[str | None, ...] = (*shown.platform_names, None)
    bounds = spells.starts.tolist()
    return tuple(
        Identity(EDGE_KINDS[kind], shown.names[value], platforms[platform], tuple(rows[begin:end]))
        for kind, value, platform, begin, end in zip(
            shown.kinds[spells.value].tolist(),
            spells.value.tolist(),
            spells.platform.tolist(),
            bounds,
            bounds[1:],
            strict=False,
        )
    )
