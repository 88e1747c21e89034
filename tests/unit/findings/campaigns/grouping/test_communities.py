import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from made_edges import Link, drawn_links, made_edges

from adverts_findings.campaigns.grouping.communities import find_parts
from adverts_findings.campaigns.grouping.connected import component_roots
from adverts_findings.campaigns.rules import LinkingRules

ROWS = st.integers(0, 29)
LINKS = st.lists(
    drawn_links(
        ROWS,
        ROWS,
        st.sampled_from([0.5, 0.9, 1.0]),
        st.sampled_from(["joins", "joins", "joins", "review"]),
    ).filter(lambda link: link.first != link.second),
    max_size=60,
)


def parts_of(links, count, large=3, **rules):
    edges = made_edges(links)
    joins = edges.of_status("joins")
    roots = component_roots(edges.first[joins], edges.second[joins], count)
    return find_parts(edges, roots, LinkingRules(large=large, **rules)), roots


def chain(rows, value, **fields):
    return [
        Link(one, other, value=value, **fields) for one, other in zip(rows, rows[1:], strict=False)
    ]


@settings(deadline=None)
@given(LINKS)
def test_each_community_is_connected_by_edges_within_it(links):
    parts, roots = parts_of(links, 30)
    edges = made_edges(links)
    joins = edges.of_status("joins")
    first, second = edges.first[joins], edges.second[joins]
    within = parts[first] == parts[second]
    pieces = component_roots(first[within], second[within], 30)
    named = roots * 30 + parts
    assert len(np.unique(pieces)) == len(np.unique(named))


@settings(deadline=None)
@given(LINKS)
def test_communities_are_numbered_from_0_in_the_order_of_their_rows(links):
    parts, roots = parts_of(links, 30)
    for root in np.unique(roots):
        numbers = list(dict.fromkeys(parts[roots == root].tolist()))
        assert numbers == list(range(len(numbers)))


@settings(deadline=None)
@given(LINKS)
def test_a_second_run_finds_the_same_communities(links):
    assert np.array_equal(parts_of(links, 30)[0], parts_of(links, 30)[0])


def test_a_second_run_finds_the_same_communities_where_chance_decides():
    ends = np.random.default_rng(0).integers(0, 400, (700, 2)).tolist()
    links = [Link(one, other) for one, other in ends if one != other]
    found = {parts_of(links, 400)[0].tobytes() for _ in range(4)}
    assert len(found) == 1


def test_campaigns_up_to_large_have_no_communities():
    links = chain(range(20), "a") + chain(range(20, 40), "b") + [Link(0, 39, 0.6, silence=50.0)]
    assert set(parts_of(links, 40, large=40)[0].tolist()) == {0}
    assert set(parts_of(links, 40, large=39)[0].tolist()) == {0, 1}


def test_a_contact_that_all_share_is_one_community_though_its_edges_are_a_chain():
    links = chain(range(300), "a")
    assert set(parts_of(links, 300, large=200)[0].tolist()) == {0}


def test_two_spells_of_one_contact_are_two_communities():
    links = [
        *chain(range(150), "a"),
        *chain(range(150, 300), "a"),
        Link(149, 150, 0.6, value="a", silence=90.0),
    ]
    parts, _ = parts_of(links, 300, large=200)
    assert parts.tolist() == [0] * 150 + [1] * 150


def test_communities_may_alternate_in_time():
    one, other = list(range(0, 40, 2)), list(range(1, 40, 2))
    accounts = [*chain(one, "A", kind="account"), *chain(other, "B", kind="account")]
    third = [*chain(one, "C"), *chain(other, "D")]
    parts, _ = parts_of(accounts + third + [Link(0, 1, 0.6)], 40)
    assert parts.tolist() == [0, 1] * 20
