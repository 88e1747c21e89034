"""Clusters that hold whole campaigns."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.data.dataset.campaign_clusters import by_campaign, joined_by

pytestmark = pytest.mark.promise

ADVERTS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from([None, None, "x", "y", "z"])), max_size=20
)


def split(adverts):
    return [one for one, _ in adverts], [one for _, one in adverts]


def of_their_own(adverts):
    """Maps each campaign to the clusters that only it is in."""
    inside, own = defaultdict(set), defaultdict(set)
    for cluster, campaign in adverts:
        inside[cluster] |= {campaign} - {None}
    for cluster, campaign in adverts:
        own[campaign] |= {cluster} if inside[cluster] == {campaign} else set()
    return own


@settings(max_examples=200, deadline=None)
@given(ADVERTS)
def test_a_campaign_is_one_piece_and_two_that_show_something_of_their_own_are_never_one(adverts):
    clusters, campaigns = split(adverts)
    own = of_their_own(adverts)
    pieces = defaultdict(set)
    for campaign, name in zip(campaigns, by_campaign(clusters, campaigns), strict=True):
        pieces[campaign].add(name)
    pieces.pop(None, None)
    assert all(len(names) == 1 for names in pieces.values())
    apart = [min(names) for campaign, names in pieces.items() if own[campaign]]
    assert len(apart) == len(set(apart))


@settings(max_examples=200, deadline=None)
@given(ADVERTS)
def test_names_of_campaigns_make_no_more_pieces_than_clusters_and_their_rest(adverts):
    clusters, campaigns = split(adverts)
    own = of_their_own(adverts)
    pieces = set(by_campaign(clusters, campaigns))
    with_own = {one for one in campaigns if one is not None and own[one]}
    assert len(pieces) <= len(with_own | set(clusters))


def test_copies_stay_one_piece_whatever_campaigns_they_are_given():
    texts = [f"text {i % 3}" for i in range(60)]
    assert len(set(by_campaign(texts, [str(i) for i in range(60)]))) == 3
    pairs = [str(i // 2) for i in range(60)]  # each "campaign" shows two of the texts
    assert len(set(by_campaign(texts, pairs))) == 1


def test_a_copy_beside_an_ordinary_post_of_its_own_is_still_a_copy():
    clusters = [one for i in range(30) for one in (f"text {i % 3}", f"filler {i}", f"filler {i}b")]
    campaigns = [str(i // 3) for i in range(90)]
    spam = [["spam"], [], []] * 30
    assert len(set(by_campaign(clusters, campaigns))) == 30
    assert len(set(by_campaign(clusters, campaigns, spam))) == 3
    with_own = [["spam"], ["spam"], []] * 30
    assert len(set(by_campaign(clusters, campaigns, with_own))) == 30
    two_tasks = [["spam", "danger"], ["spam"], []] * 30
    assert len(set(by_campaign(clusters, campaigns, two_tasks))) == 3


@settings(max_examples=200, deadline=None)
@given(ADVERTS)
def test_an_advert_in_no_campaign_stays_with_its_copies_or_follows_their_one_campaign(adverts):
    clusters, campaigns = split(adverts)
    found = by_campaign(clusters, campaigns)
    pieces = dict(zip(campaigns, found, strict=True))
    inside = defaultdict(set)
    for cluster, campaign in adverts:
        inside[cluster] |= {campaign} - {None}
    of_rest = defaultdict(set)
    for cluster, campaign, name in zip(clusters, campaigns, found, strict=True):
        if campaign is None and len(inside[cluster]) == 1:
            assert name == pieces[min(inside[cluster])]
        elif campaign is None:
            of_rest[cluster].add(name)
    assert all(len(names) == 1 for names in of_rest.values())


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
