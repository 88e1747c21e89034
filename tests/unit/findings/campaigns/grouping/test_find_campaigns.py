from dataclasses import replace
from itertools import zip_longest

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_edges import NAN, Link, drawn_links, made_edges

from adverts_findings.campaigns.found import JudgementHeld
from adverts_findings.campaigns.grouping.find_campaigns import find_campaigns
from adverts_findings.campaigns.rules import LinkingRules

RULES = LinkingRules(resamples=5)
COUNT = 8
ROWS = st.integers(0, COUNT - 1)
LINKS = st.lists(
    drawn_links(
        ROWS,
        ROWS,
        st.sampled_from([NAN, 0.2, 0.5, 0.7, 0.9, 0.99, 1.0]),
        st.sampled_from(["joins", "joins", "joins", "review", "rejected"]),
        st.sampled_from(["contact", "account", "template"]),
        st.sampled_from(["PHONE:a", "PHONE:b", "PHONE:c"]),
    ).filter(lambda link: link.first < link.second),
    max_size=14,
)


def judged(prefix):
    pairs = st.lists(st.tuples(ROWS, ROWS), max_size=4)
    return pairs.map(
        lambda found: [(*pair, f"{prefix}{place}") for place, pair in enumerate(found)]
    )


SAME, DIFFERENT, ALONE = judged("s"), judged("d"), judged("a")


def find(links, count=COUNT, *, same=(), different=(), alone=(), rules=RULES):
    return find_campaigns(
        made_edges(links), count, same=same, different=different, alone=alone, rules=rules
    )


def partition(roots):
    return {frozenset(np.flatnonzero(roots == root).tolist()) for root in np.unique(roots)}


def by_definition(links, count):
    groups = [{row} for row in range(count)]
    for link in links:
        if link.status == "joins" and not link.probability < RULES.join_at:
            both = [group for group in groups if link.first in group or link.second in group]
            groups = [group for group in groups if group not in both] + [set().union(*both)]
    return {frozenset(group) for group in groups}


def told(found):
    statuses = found.edges.status.tolist()
    return list(zip(statuses, found.edges.reason, strict=True))


@settings(deadline=None)
@given(LINKS)
def test_campaigns_are_what_likely_joining_edges_connect(links):
    found = find(links)
    assert partition(found.roots) == by_definition(links, COUNT)
    assert all(found.roots[row] <= row for row in range(COUNT))


@settings(deadline=None)
@given(LINKS, SAME, DIFFERENT, ALONE)
def test_each_judgement_holds_or_is_reported_with_a_reason(links, same, different, alone):
    found = find(links, same=same, different=different, alone=alone)
    said = {one.judgement: one for one in found.held}
    assert list(said) == [name for *_, name in [*same, *alone, *different]]
    for one, other, name in same:
        assert said[name].holds
        assert found.roots[one] == found.roots[other]
    for one, other, name in [*different, *alone]:
        assert said[name].holds == (found.roots[one] != found.roots[other])
        assert said[name].holds == (not said[name].why)


@settings(deadline=None)
@given(LINKS, SAME, DIFFERENT)
def test_only_a_contradiction_keeps_a_difference_from_holding(links, same, different):
    found = find(links, same=same, different=different)
    certain = find([], same=same)
    for (one, other, _), held in zip(different, found.held[len(same) :], strict=True):
        assert held.holds == (certain.roots[one] != certain.roots[other])


@settings(deadline=None)
@given(LINKS, SAME, DIFFERENT)
def test_a_difference_rejects_only_edges_between_what_it_parts(links, same, different):
    before = find(links, same=same)
    after = find(links, same=same, different=different)
    kept = len(before.edges)
    for place, (was, now) in enumerate(zip(told(before), told(after)[:kept], strict=True)):
        if was != now:
            first, second = after.edges.first[place], after.edges.second[place]
            assert after.roots[first] != after.roots[second]
            assert now[1].startswith("cut, since d")
    assert all(
        any(group <= whole for whole in partition(before.roots)) for group in partition(after.roots)
    )


@settings(deadline=None)
@given(LINKS, SAME, DIFFERENT, ALONE)
def test_words_change_no_campaign_of_which_they_do_not_speak(links, same, different, alone):
    named = {row for one, other, _ in [*same, *different, *alone] for row in (one, other)}
    before = find(links)
    after = find(links, same=same, different=different, alone=alone)
    for group in partition(before.roots):
        if not group & named:
            root = min(group)
            assert group in partition(after.roots)
            assert after.probability.get(root) == pytest.approx(
                before.probability.get(root), nan_ok=True
            )
            ours = [bridge for bridge in before.bridges if bridge.campaign == root]
            theirs = [bridge for bridge in after.bridges if bridge.campaign == root]
            assert [one.edge for one in ours] == [one.edge for one in theirs]


@settings(deadline=None)
@given(LINKS, SAME, DIFFERENT, ROWS, ROWS)
@pytest.mark.slow
def test_one_more_difference_only_parts_further(links, same, different, one, other):
    before = find(links, same=same, different=different)
    after = find(links, same=same, different=[*different, (one, other, "d")])
    assert all(
        any(group <= whole for whole in partition(before.roots)) for group in partition(after.roots)
    )
    assert after.held[:-1] == before.held


@settings(deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(LINKS, LINKS, SAME, DIFFERENT, ALONE)
def test_adverts_that_enter_beside_a_campaign_change_nothing_of_it(
    links, others, same, different, alone
):
    """Rows of the campaigns move apart, and other adverts with edges of their own come between."""
    rules = replace(RULES, large=2)
    before = find(links, same=same, different=different, alone=alone, rules=rules)
    mixed = [
        moved(link, offset)
        for pair in zip_longest(others, links)
        for offset, link in zip((1, 0), pair, strict=True)
        if link
    ]
    words = {
        name: [(2 * one, 2 * other, said) for one, other, said in pairs]
        for name, pairs in (("same", same), ("different", different), ("alone", alone))
    }
    after = find(mixed, count=2 * COUNT, rules=rules, **words)
    assert np.array_equal(after.roots[::2], 2 * before.roots)
    assert np.array_equal(after.parts[::2], before.parts)
    assert after.held == before.held
    assert in_words(after, 2) == in_words(before, 1)


def moved(link, offset):
    return link._replace(first=2 * link.first + offset, second=2 * link.second + offset)


def in_words(found, scale):
    """Return probabilities and bridges of the campaigns whose rows are multiples of the scale."""
    ends = found.edges.first // scale, found.edges.second // scale
    return (
        [
            str((found.probability[root], found.largest_piece[root]))
            for root in found.probability
            if root % scale == 0
        ],
        [
            [bridge.campaign // scale, bridge.smaller_side, bridge.larger_side]
            + [(int(ends[0][edge]), int(ends[1][edge])) for edge in (bridge.edge, *bridge.others)]
            for bridge in found.bridges
            if bridge.campaign % scale == 0
        ],
    )


@settings(deadline=None)
@given(LINKS, SAME)
@pytest.mark.slow
def test_the_same_word_said_twice_changes_nothing_more(links, same):
    once = find(links, same=same)
    twice = find(links, same=[*same, *((*pair, name + "again") for *pair, name in same)])
    assert np.array_equal(once.roots, twice.roots)


@settings(deadline=None)
@given(LINKS, SAME, DIFFERENT, ALONE)
@pytest.mark.slow
def test_a_second_run_finds_the_same(links, same, different, alone):
    one, other = (find(links, same=same, different=different, alone=alone) for _ in range(2))
    assert np.array_equal(one.roots, other.roots)
    assert told(one) == told(other)
    assert str(one.bridges) == str(other.bridges)
    assert str(one.probability) == str(other.probability)


def test_an_unlikely_edge_is_rejected_and_says_so_without_rounding_up():
    found = find([Link(0, 1, 0.4999), Link(1, 2, 0.5)])
    assert found.edges.reason == ("probability 0.49 is below 0.5", "")
    assert found.roots.tolist() == [0, 1, 1, *range(3, COUNT)]


def test_an_edge_that_is_not_weighed_joins():
    assert find([Link(0, 1, NAN)]).roots[1] == 0


def test_edges_for_review_or_rejected_stay_as_they_are():
    found = find([Link(0, 1, 0.1, "review"), Link(1, 2, 0.9, "rejected")])
    assert found.edges.reason == ("made so", "made so")
    assert found.roots.tolist() == list(range(COUNT))


def test_a_component_is_cut_at_its_cheapest_edge_alone():
    chain = [Link(0, 1, 0.99), Link(1, 2, 0.7), Link(2, 3, 0.99), Link(4, 5, 0.6)]
    found = find(chain, different=[(0, 3, "d")])
    assert found.edges.reason[:4] == ("", "cut, since d says different", "", "")
    assert found.roots.tolist() == [0, 0, 2, 2, 4, 4, 6, 7]
    assert found.held == (JudgementHeld("d", True, ""),)


def test_parallel_edges_cost_more_than_one_sure_edge():
    links = [Link(0, 1, 0.9), Link(0, 1, 0.9), Link(1, 2, 0.98)]
    found = find(links, different=[(0, 2, "d")])
    assert found.edges.reason[:3] == ("", "", "cut, since d says different")


def test_a_judged_edge_is_never_cut_however_sure_the_rest():
    sure = [Link(0, 1, 1.0), Link(2, 3, 1.0)] * 30
    found = find(sure, same=[(1, 2, "s")], different=[(0, 3, "d")])
    assert found.roots[1] == found.roots[2]
    assert found.roots[0] != found.roots[3]
    assert all(one.holds for one in found.held)


def test_a_contradiction_guesses_nothing_and_names_what_contradicts():
    same = [(0, 1, "s1"), (1, 2, "s2"), (4, 5, "s3")]
    found = find([], same=same, different=[(2, 0, "d")])
    assert found.roots.tolist() == [0, 0, 0, 3, 4, 4, 6, 7]
    assert found.held[-1] == JudgementHeld("d", False, "s1 and s2 say same")
    assert [one.holds for one in found.held] == [True, True, True, False]


def test_two_people_who_disagree_on_a_pair_leave_it_joined_and_reported():
    found = find([], same=[(0, 1, "s")], different=[(1, 0, "d")])
    assert found.held[-1] == JudgementHeld("d", False, "s says same")


def test_a_judgement_of_several_pairs_holds_only_if_all_of_them_hold():
    found = find([], same=[(0, 1, "s")], different=[(0, 2, "d"), (0, 1, "d")])
    assert found.held == (JudgementHeld("s", True, ""), JudgementHeld("d", False, "s says same"))


def test_one_advert_cannot_differ_from_itself():
    found = find([], same=[(1, 1, "s")], different=[(0, 0, "d")])
    assert found.held[1] == JudgementHeld("d", False, "it names one advert twice")
    assert len(found.edges) == 0


def test_words_are_kept_as_edges_of_their_own():
    found = find([], same=[(3, 1, "s")], different=[(5, 4, "d")])
    assert found.edges.value == ("s", "d")
    assert found.edges.first.tolist() == [1, 4]
    assert found.edges.probability.tolist() == [1.0, 0.0]
    assert found.edges.reason == ("", "d says different")


def test_a_word_joins_adverts_that_no_edge_connects():
    assert find([], same=[(2, 7, "s")]).roots[7] == 2


@pytest.mark.parametrize("pair", [(0, COUNT), (-1, 0)])
@pytest.mark.parametrize("said", ["same", "different"])
def test_a_word_on_a_row_that_is_not_there_is_refused(pair, said):
    with pytest.raises(ValueError, match="s names rows"):
        find([], **{said: [(*pair, "s")]})


def test_an_edge_to_a_row_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="edges name rows 0 to 8, wanted 0 to 7"):
        find([Link(0, 8)])


def test_no_adverts_have_no_campaigns():
    found = find([], count=0)
    assert len(found.roots) == len(found.parts) == len(found.edges) == 0
    assert found.probability == {}


def test_both_halves_of_a_cut_can_be_cut_again():
    links = [Link(row, row + 1, 0.6 if row == 2 else 0.9 - row / 100) for row in range(5)]
    for turned in (links, [link._replace(first=link.second, second=link.first) for link in links]):
        found = find(turned, different=[(0, 5, "d"), (0, 2, "e"), (5, 3, "f")])
        assert found.roots.tolist() == [0, 0, 2, 3, 3, 5, 6, 7]
        assert found.edges.reason[:5] == (
            "",
            "cut, since e says different",
            "cut, since d says different",
            "",
            "cut, since f says different",
        )


def test_many_differences_in_one_component_all_hold():
    links = [Link(row, row + 1, 0.6 + 0.3 * (row % 7) / 7) for row in range(299)]
    different = [(row, row + 30, f"d{row}") for row in range(0, 270, 10)]
    found = find(links, count=300, different=different)
    assert all(one.holds for one in found.held)


def test_a_large_campaign_has_parts_and_a_small_one_has_none():
    triples = [
        Link(base + one, base + other)
        for base in range(0, 12, 3)
        for one, other in ((0, 1), (1, 2), (0, 2))
    ]
    links = [*triples, Link(2, 3, 0.6), Link(8, 9, 0.6)]
    found = find(links, count=12, rules=replace(RULES, large=5))
    assert found.parts.tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1]
    assert set(find(links, count=12).parts.tolist()) == {0}
