import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts_findings.campaigns.found import Replaced
from adverts_findings.campaigns.grouping.lasting_ids import lasting_id, lasting_ids

MEMBERS = [f"a{number}" for number in range(9)]
PARTITIONS = st.dictionaries(st.sampled_from(MEMBERS), st.integers(0, 3), max_size=9).map(
    lambda group_of: [
        [member for member in sorted(group_of) if group_of[member] == group]
        for group in sorted(set(group_of.values()))
    ]
)


def ids_of(groups, old=None, used=0):
    return lasting_ids("campaign", old or {}, groups, used=used)


def as_old(groups, found):
    return dict(zip(found.ids, groups, strict=True))


def test_first_ids_follow_the_smallest_members():
    assert ids_of([["b"], ["c", "a"]]).ids == ("c000002", "c000001")


def test_ids_of_a_million_have_more_digits():
    assert lasting_id("template", 1_234_567) == "t1234567"


@settings(deadline=None)
@given(PARTITIONS, PARTITIONS)
def test_a_group_that_only_grows_keeps_its_id_whatever_else_happens(before, after):
    old = as_old(before, ids_of(before))
    found = ids_of(after, old, used=len(before))
    for name, members in old.items():
        home = [group for group in after if set(members) <= set(group)]
        others = {a for other in old if other != name for a in old[other]}
        if home and not others & set(home[0]):
            assert found.ids[after.index(home[0])] == name
            assert all(one.old != name for one in found.replaced)


@settings(deadline=None)
@given(st.lists(PARTITIONS, min_size=1, max_size=6))
def test_no_id_is_ever_used_again(builds):
    old, used, gone = {}, 0, set()
    for groups in builds:
        found = ids_of(groups, old, used)
        assert not gone & set(found.ids)
        assert len(set(found.ids)) == len(groups)
        gone |= set(old) - set(found.ids)
        old, used = as_old(groups, found), found.used


@settings(deadline=None)
@given(PARTITIONS, PARTITIONS)
def test_every_id_that_is_gone_says_what_became_of_it(before, after):
    old = as_old(before, ids_of(before))
    found = ids_of(after, old, used=len(before))
    new = as_old(after, found)
    for name, members in old.items():
        records = [one for one in found.replaced if one.old == name]
        homes = {other for other in new if set(new[other]) & set(members)}
        if not homes:
            assert records == [Replaced("campaign", name, "", "closed")]
        else:
            assert {one.new for one in records} == homes - {name}
            assert sum(one.how == "merged" for one in records) == (name not in new)
            assert all(one.how in ("merged", "split") for one in records)


@settings(deadline=None)
@given(PARTITIONS, PARTITIONS, st.integers(0, 99))
def test_no_order_matters(before, after, seed):
    old = as_old(before, ids_of(before))
    shuffled = random.Random(seed)
    other_old = dict(shuffled.sample(sorted(old.items()), len(old)))
    order = shuffled.sample(range(len(after)), len(after))
    other_after = [shuffled.sample(after[place], len(after[place])) for place in order]
    found = ids_of(after, old, used=9)
    other = ids_of(other_after, other_old, used=9)
    assert [found.ids[place] for place in order] == list(other.ids)
    assert (found.replaced, found.used) == (other.replaced, other.used)


@settings(deadline=None)
@given(PARTITIONS)
def test_a_second_run_changes_nothing(groups):
    first = ids_of(groups)
    again = ids_of(groups, as_old(groups, first), first.used)
    assert again.ids == first.ids
    assert again.replaced == ()
    assert again.used == first.used


def test_a_merger_keeps_the_id_of_the_largest_part():
    old = {"c000001": ["a"], "c000002": ["b", "c"]}
    found = ids_of([["a", "b", "c"]], old, used=7)
    assert found.ids == ("c000002",)
    assert found.replaced == (Replaced("campaign", "c000001", "c000002", "merged"),)
    assert found.used == 7


def test_a_merger_of_equal_parts_keeps_the_older_id():
    old = {"c1000000": ["a"], "c999999": ["b"]}
    assert ids_of([["a", "b"]], old, used=1_000_000).ids == ("c999999",)


def test_a_split_keeps_the_id_for_the_largest_part():
    found = ids_of([["a"], ["b", "c"], ["d"]], {"c000001": ["a", "b", "c", "d"]}, used=4)
    assert found.ids == ("c000005", "c000001", "c000006")
    assert found.replaced == (
        Replaced("campaign", "c000001", "c000005", "split"),
        Replaced("campaign", "c000001", "c000006", "split"),
    )


def test_a_group_whose_members_all_left_is_closed():
    found = ids_of([], {"c000001": ["a"]}, used=1)
    assert found.replaced == (Replaced("campaign", "c000001", "", "closed"),)


def test_members_that_come_back_after_a_closure_have_a_new_id():
    assert ids_of([["a"]], {}, used=1).ids == ("c000002",)


@pytest.mark.parametrize("name", ["t000001", "c1", "c000000", "c00000१", "c0000001", ""])
def test_an_old_id_that_is_none_of_the_level_is_refused(name):
    with pytest.raises(ValueError, match="is no id of a campaign, wanted one such as c000001"):
        ids_of([["a"]], {name: ["a"]}, used=9)


def test_an_old_id_above_the_highest_given_is_refused():
    with pytest.raises(ValueError, match="c000003 is in use, and 2 is the highest given"):
        ids_of([["a"]], {"c000003": ["a"]}, used=2)


def test_a_member_of_two_groups_is_refused():
    with pytest.raises(ValueError, match="'a' is in groups 0 and 1"):
        ids_of([["a"], ["a"]])


def test_a_member_with_two_old_ids_is_refused():
    with pytest.raises(ValueError, match="'a' has 2 old ids"):
        ids_of([["a"]], {"c000001": ["a"], "c000002": ["a"]}, used=2)


def test_a_group_without_members_is_refused():
    with pytest.raises(ValueError, match="group 0 has no members"):
        ids_of([[]])
