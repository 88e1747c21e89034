import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts_findings.campaigns.evidence.content_owners import ContentOwners


def by_hand(places: list[int], components: list[int], place: int, days: np.ndarray) -> list[float]:
    """Return the days to the nearest advert of each component, the nearest first."""
    best: dict[int, float] = {}
    for other, component in zip(places, components, strict=True):
        apart = abs(days[other] - days[place])
        best[component] = min(best.get(component, np.inf), np.nan_to_num(apart, nan=np.inf))
    return sorted(best.values())


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 10**6), st.integers(1, 25), st.integers(1, 6), st.integers(0, 3))
def test_the_nearest_advert_of_each_component_is_found(
    seed: int, count: int, components: int, untimed: int
) -> None:
    rng = random.Random(seed)
    days = np.sort([float(rng.randrange(40)) for _ in range(count + 5)])
    days[len(days) - untimed :] = np.nan
    places = sorted(rng.sample(range(count + 5), count))
    of = [rng.randrange(components) for _ in places]
    place = rng.choice([one for one in range(count + 5) if one not in places])
    found = ContentOwners(places, of).nearest(place, days, 3)
    assert [one.apart for one in found] == by_hand(places, of, place, days)[:3]
    assert all(of[places.index(one.place)] == one.component for one in found)
    assert len({one.component for one in found}) == len(found)


def test_components_that_take_turns_for_very_long_hide_what_is_far() -> None:
    turns = [0, 1] * 5_000
    owners = ContentOwners(list(range(1, 10_002)), [*turns, 2])
    near = owners.nearest(0, np.arange(10_002.0), 3)
    assert [one.component for one in near] == [0, 1]
    assert len(owners) == 3


@pytest.mark.parametrize(("place", "wanted"), [(9, 6), (6, 2), (2, 2), (0, 2)])
def test_the_last_advert_of_a_component_before_a_place(place: int, wanted: int) -> None:
    owners = ContentOwners([1, 2, 4, 6, 8], [0, 1, 0, 1, 0])
    assert owners.last_before(1, place) == wanted
