"""Which two adverts a word binds that speaks of two campaigns."""

import datetime

import pytest

from adverts_findings.campaigns.judgements.anchors import KnownNames, anchors_of
from adverts_findings.campaigns.judgements.spoken_words import Word

MERGE = Word("row 2", "merge", "c1", "c2", "Ana", "", "", "", 0.0, "")


def bound(times, other_times):
    """Return the hours of the two adverts that are bound."""
    day = datetime.datetime(2026, 11, 2, tzinfo=datetime.UTC)
    hours = {
        f"{name}{hour}": hour for name, one in (("a", times), ("b", other_times)) for hour in one
    }
    known = KnownNames(
        posted_at={name: day + datetime.timedelta(hours=hour) for name, hour in hours.items()},
        campaign=lambda name: [one for one in hours if one[0] == {"c1": "a", "c2": "b"}[name]],
        edge=lambda _: None,
        neighbours=lambda _: (),
        identity=lambda _: None,
        sources=(),
    )
    ((first, second),) = anchors_of(MERGE, known)
    return hours[first], hours[second]


@pytest.mark.parametrize(
    ("times", "other_times", "closest"),
    [
        ([11], [10, 20], (11, 10)),
        ([19], [10, 20], (19, 20)),
        ([31], [10, 20, 30, 40], (31, 30)),
        ([3], [10, 20], (3, 10)),
        ([50, 60], [10, 20, 30], (50, 30)),
        ([1, 25, 99], [10, 22, 40], (25, 22)),
    ],
)
def test_two_campaigns_are_bound_by_the_adverts_closest_in_time(times, other_times, closest):
    assert bound(times, other_times) == closest
