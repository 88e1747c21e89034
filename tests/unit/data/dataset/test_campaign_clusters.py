"""Clusters that hold whole campaigns."""

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.data.dataset.campaign_clusters import by_campaign, joined_by

ADVERTS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from([None, None, "x", "y", "z"])), max_size=20
)


def split(adverts):
    return [one for one, _ in adverts], [one for _, one in adverts]


@settings(max_examples=200, deadline=None)
@given(ADVERTS)
def test_a_campaign_is_one_cluster_and_two_campaigns_are_never_one(adverts):
    clusters, campaigns = split(adverts)
    found = by_campaign(clusters, campaigns)
    named = {(one, name) for one, name in zip(campaigns, found, strict=True) if one is not None}
    assert len(named) == len({one for one, _ in named}) == len({name for _, name in named})


@settings(max_examples=200, deadline=None)
@given(ADVERTS)
def test_an_advert_in_no_campaign_stays_with_its_copies_or_follows_their_one_campaign(adverts):
    clusters, campaigns = split(adverts)
    of_cluster = defaultdict(set)
    for cluster, campaign in adverts:
        of_cluster[cluster] |= {campaign} - {None}
    names = dict(zip(campaigns, by_campaign(clusters, campaigns), strict=True))
    for cluster, campaign, name in zip(
        clusters, campaigns, by_campaign(clusters, campaigns), strict=True
    ):
        if campaign is None:
            one = of_cluster[cluster]
            assert name == (names[min(one)] if len(one) == 1 else cluster)


@given(ADVERTS)
def test_without_campaigns_nothing_changes(adverts):
    clusters, _ = split(adverts)
    assert by_campaign(clusters, [None] * len(clusters)) == clusters


def test_a_campaign_with_the_name_of_a_cluster_is_not_that_cluster():
    assert len(set(by_campaign(["a", "b"], ["b", None]))) == 2


@settings(max_examples=200, deadline=None)
@given(ADVERTS)
def test_what_any_division_holds_together_is_joined_and_nothing_else(adverts):
    first, second = split(adverts)
    found = joined_by(first, second)
    reached = list(range(len(adverts)))
    for _ in adverts:
        for i, one in enumerate(adverts):
            for j, other in enumerate(adverts):
                if one[0] == other[0] or (one[1] is not None and one[1] == other[1]):
                    reached[i] = reached[j] = min(reached[i], reached[j])
    assert [found.index(one) for one in found] == [reached.index(one) for one in reached]
