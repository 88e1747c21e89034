"""Who shows a template or a picture: components of adverts, and adverts that stand alone."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts_findings.campaigns.evidence.shown import CONTENT, Shown

_MOST_STEPS = 32
"""Adverts of other components that are looked at, one after another, from an advert in time."""


@dataclass(frozen=True, slots=True)
class Near:
    """The advert of a component that is nearest in time to another advert.

    Attributes:
        apart: Days between; infinity where they are not known.
        place: Its place.
        component: Its component.
    """

    apart: float
    place: int
    component: int


class ContentOwners:
    """The components that show one content, and their adverts by time.

    Attributes:
        first: Place of the first advert of each component, by component.
    """

    def __init__(self, places: Sequence[int], components: Sequence[int]) -> None:
        self._places, self._components = places, components
        self.first: dict[int, int] = {}
        for place, component in zip(places, components, strict=True):
            self.first.setdefault(component, place)
        self._before = _others_before(components)
        size = len(components)
        self._after = [size - 1 - one for one in _others_before(components[::-1])][::-1]

    def __len__(self) -> int:
        """Return the number of components."""
        return len(self.first)

    @property
    def adverts(self) -> int:
        """Number of their adverts that show it."""
        return len(self._places)

    def nearest(self, place: int, days: Floats, few: int) -> list[Near]:
        """Return the nearest adverts of different components, the nearest first.

        Args:
            place: Place of an advert.
            days: Time of the advert at each place.
            few: Most components. There may be fewer if two of them take turns for long.
        """
        after = bisect_left(self._places, place)
        before = after - 1
        found: dict[int, Near] = {}
        wanted = min(few, len(self))
        for _ in range(_MOST_STEPS):
            if len(found) == wanted or (before < 0 and after >= len(self._places)):
                break
            back, ahead = self._near(before, place, days), self._near(after, place, days)
            if ahead is None or (back is not None and back.apart <= ahead.apart):
                near, before = back, self._before[before]
            else:
                near, after = ahead, self._after[after]
            if near is not None:
                found.setdefault(near.component, near)
        return list(found.values())

    def last_before(self, component: int, place: int) -> int:
        """Return the last place of a component, which shows it, before another place.

        It is its first place if there is none, or if others take turns for long in between.
        """
        at = bisect_left(self._places, place) - 1
        for _ in range(_MOST_STEPS):
            if at < 0 or self._components[at] == component:
                break
            at = self._before[at]
        found = at >= 0 and self._components[at] == component
        return self._places[at] if found else self.first[component]

    def _near(self, at: int, place: int, days: Floats) -> Near | None:
        if not 0 <= at < len(self._places):
            return None
        other = self._places[at]
        apart = abs(float(days[other] - days[place]))
        return Near(math.inf if math.isnan(apart) else apart, other, self._components[at])


def _others_before(components: Sequence[int]) -> list[int]:
    """Return where the last advert of another component before each one is; -1 for none."""
    found: list[int] = []
    for at, component in enumerate(components):
        same = at > 0 and components[at - 1] == component
        found.append(found[at - 1] if same else at - 1)
    return found


def find_owners(
    shown: Shown, component: Ints, alone: Bools
) -> tuple[dict[int, ContentOwners], dict[int, list[int]]]:
    """Return who shows each content that several adverts show.

    Args:
        shown: What adverts show.
        component: Component of the advert at each place.
        alone: Whether it is the only one of its component.

    Returns:
        The components that show a content, and the places of the adverts that stand alone.
    """
    shared = (shown.kinds == CONTENT) & (shown.adverts >= 2)
    lines = np.flatnonzero(shared[shown.value])
    lone = alone[shown.place[lines]]
    owners = {
        value: ContentOwners(places, component[places].tolist())
        for value, places in _by_value(shown, lines[~lone]).items()
    }
    return owners, _by_value(shown, lines[lone])


def _by_value(shown: Shown, lines: Ints) -> dict[int, list[int]]:
    """Return the places of some lines by value, in ascending order of both."""
    values, starts = np.unique(shown.value[lines], return_index=True)
    bounds = [*starts.tolist(), len(lines)]
    places = shown.place[lines].tolist()
    return {
        value: places[begin:end]
        for value, begin, end in zip(values.tolist(), bounds, bounds[1:], strict=False)
    }
