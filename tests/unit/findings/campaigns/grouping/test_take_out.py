from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from made_edges import NAN, Link, drawn_links, made_edges

from adverts_findings.campaigns.found import JudgementHeld
from adverts_findings.campaigns.grouping.find_campaigns import find_campaigns
from adverts_findings.campaigns.rules import LinkingRules

RULES = LinkingRules(resamples=1)
COUNT = 9


def find(links, *, count=COUNT, **words):
    words = {"same": (), "different": (), **words}
    return find_campaigns(made_edges(links), count, rules=RULES, **words)


def chain(rows, value="PHONE:a", **fields):
    return [Link(one, one + 1, value=value, **fields) for one in rows]


def test_one_advert_leaves_the_middle_of_a_chain_and_all_others_stay_together():
    found = find(chain(range(8)), alone=[(4, 5, "j")])
    assert found.roots.tolist() == [0, 0, 0, 0, 4, 0, 0, 0, 0]
    assert found.held == (JudgementHeld("j", True, ""),)
    assert found.edges.reason[3:5] == ("cut, since j says not this advert",) * 2


def test_the_edge_that_closes_the_gap_is_as_sure_as_the_less_sure_one():
    links = [
        Link(0, 1, 0.9, value="PHONE:a", silence=2.0),
        Link(1, 2, 0.8, value="PHONE:a", silence=3.0, across=True),
    ]
    edges = find(links, count=3, alone=[(1, 0, "j")]).edges
    closing = edges.chosen(edges.of_status("joins"))
    assert (closing.first.tolist(), closing.second.tolist()) == ([0], [2])
    assert closing.value == ("PHONE:a",)
    assert closing.probability.tolist() == [0.8]
    assert closing.silence.tolist() == [5.0]
    assert closing.across.tolist() == [True]


def test_an_edge_closed_over_one_that_is_not_weighed_is_not_weighed():
    links = [Link(0, 1, NAN, value="PHONE:a"), Link(1, 2, 0.8, value="PHONE:a")]
    edges = find(links, count=3, alone=[(1, 0, "j")]).edges
    assert np.isnan(edges.probability[edges.of_status("joins")]).tolist() == [True]


def test_several_may_leave_one_chain():
    found = find(chain(range(8)), alone=[(4, 5, "j"), (5, 6, "k"), (0, 8, "l")])
    assert found.roots.tolist() == [0, 1, 1, 1, 4, 5, 1, 1, 1]
    assert all(one.holds for one in found.held)


def test_different_values_close_no_gap_between_each_other():
    links = [Link(0, 1, value="PHONE:a"), Link(1, 2, value="PHONE:b")]
    assert find(links, count=3, alone=[(1, 0, "j")]).roots.tolist() == [0, 1, 1]


def test_shared_content_closes_no_gap():
    links = [Link(0, 1, kind="template", value="t"), Link(1, 2, kind="template", value="t")]
    assert find(links, count=3, alone=[(1, 0, "j")]).roots.tolist() == [0, 1, 1]


def test_what_only_the_advert_connects_leaves_with_it():
    links = [*chain(range(4)), Link(2, 6, value="PHONE:b"), Link(6, 7, value="PHONE:b")]
    found = find(links, alone=[(2, 3, "j")])
    assert found.roots.tolist() == [0, 0, 2, 0, 0, 5, 2, 2, 8]


def test_no_gap_is_closed_among_what_leaves_with_the_advert():
    links = [*chain(range(3)), Link(6, 2, value="PHONE:b"), Link(2, 7, value="PHONE:b")]
    found = find(links, alone=[(2, 3, "j")])
    joins = found.edges.chosen(found.edges.of_status("joins"))
    assert found.roots[6] == found.roots[7] == found.roots[2]
    assert sorted(zip(joins.first.tolist(), joins.second.tolist(), strict=True)) == [
        (0, 1),
        (1, 3),
        (2, 7),
        (6, 2),
    ]


def test_a_gap_is_closed_from_the_earlier_to_the_later_whatever_their_rows():
    links = [Link(5, 2, value="PHONE:a"), Link(2, 0, value="PHONE:a")]
    edges = find(links, alone=[(2, 0, "j")]).edges
    joins = edges.chosen(edges.of_status("joins"))
    assert (joins.first.tolist(), joins.second.tolist()) == ([5], [0])


def test_neighbours_in_a_chain_that_people_joined_leave_together():
    found = find(chain(range(8)), same=[(3, 4, "s")], alone=[(4, 8, "j")])
    assert found.roots.tolist() == [0, 0, 0, 3, 3, 0, 0, 0, 0]


def test_no_advert_is_joined_with_itself():
    links = [Link(0, 1, value="PHONE:a"), Link(0, 2, value="PHONE:a"), Link(0, 3)]
    edges = find(links, same=[(1, 2, "s")], alone=[(1, 3, "j")]).edges
    assert np.all(edges.first != edges.second)


def test_adverts_that_people_joined_leave_together():
    found = find(chain(range(8)), same=[(3, 5, "s")], alone=[(3, 8, "j")])
    assert found.roots.tolist() == [0, 0, 0, 3, 0, 3, 0, 0, 0]


def test_what_people_joined_with_the_campaign_does_not_leave_it():
    found = find(chain(range(8)), same=[(3, 8, "s")], alone=[(3, 8, "j")])
    assert set(found.roots.tolist()) == {0}
    assert found.held[-1] == JudgementHeld("j", False, "s says same")


def test_an_advert_of_another_campaign_need_not_leave():
    found = find(chain(range(3)), alone=[(6, 0, "j")])
    assert found.roots.tolist() == [0, 0, 0, 0, *range(4, 9)]
    assert found.edges.reason == ("", "", "", "j says different")


def without(links, leaver):
    """Return the links without an advert; those who share a value with it follow each other."""
    left = [link for link in links if leaver not in (link.first, link.second)]
    for value in {link.value for link in links}:
        ends = [
            sum(link[:2]) - leaver
            for link in links
            if link.value == value and link.kind == "contact" and leaver in link[:2]
        ]
        left += [Link(one, other) for one, other in pairwise(ends)]
    return left


LINKS = st.lists(
    drawn_links(
        st.integers(0, 7),
        st.integers(1, 8),
        st.sampled_from([0.6, 0.9]),
        st.just("joins"),
        st.sampled_from(["contact", "template"]),
        st.sampled_from(["PHONE:a", "PHONE:b", "PHONE:c"]),
    ).filter(lambda link: link.first < link.second),
    max_size=14,
)


@settings(deadline=None)
@given(LINKS, st.permutations(range(COUNT)))
def test_only_what_hangs_on_the_advert_leaves_with_it(links, order):
    leaver, stayer = order[:2]
    before = find(links)
    after = find(links, alone=[(leaver, stayer, "j")])
    pieces = find(without(links, leaver)).roots
    assert after.roots[leaver] != after.roots[stayer]
    if before.roots[leaver] == before.roots[stayer]:
        stays = pieces == pieces[stayer]
        left = (before.roots == before.roots[leaver]) & ~stays
        assert set(after.roots[stays].tolist()) == {after.roots[stayer]}
        assert set(after.roots[left].tolist()) == {after.roots[leaver]}
    others = before.roots != before.roots[leaver]
    assert np.array_equal(before.roots[others], after.roots[others])
