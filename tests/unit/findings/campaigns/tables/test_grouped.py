"""Groups as arrays: a group is as before only if it has exactly the same members."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts_findings.campaigns.found import Identity
from adverts_findings.campaigns.tables.grouped import (
    Grouped,
    compare_groups,
    group_by_code,
    identity_rows,
)

CODES = st.lists(st.integers(-1, 3), max_size=8)


def grouped(*groups):
    members = np.array([member for group in groups for member in group], np.int64)
    return Grouped(members, np.array([len(group) for group in groups], np.int64))


def of_codes(codes):
    groups = [[row for row, code in enumerate(codes) if code == one] for one in range(4)]
    return [group for group in groups if group]


@settings(deadline=None)
@given(CODES, CODES)
def test_a_group_is_as_before_only_if_its_members_are(now, before):
    groups, former = of_codes(now), of_codes(before)
    found = compare_groups(grouped(*groups), grouped(*former))
    wanted = [former.index(group) if group in former else -1 for group in groups]
    assert found.same.tolist() == wanted
    known = {member for group in former for member in group}
    assert found.is_new.tolist() == [not known & set(group) for group in groups]


def test_the_order_of_members_does_not_matter():
    assert compare_groups(grouped([3, 1]), grouped([0], [1, 3])).same.tolist() == [1]


def test_a_member_that_comes_twice_makes_no_group_as_before():
    found = compare_groups(grouped([1, 1], [2]), grouped([1, 3], [2]))
    assert found.same.tolist() == [-1, -1]
    assert not found.is_new.any()


def test_a_member_with_two_former_groups_makes_no_group_as_before():
    assert compare_groups(grouped([1]), grouped([1], [1])).same.tolist() == [-1]


def test_an_empty_group_makes_no_group_as_before():
    assert compare_groups(grouped([], [1]), grouped([1])).same.tolist() == [-1, -1]


@settings(deadline=None)
@given(CODES)
def test_members_are_grouped_by_their_codes_in_their_order(codes):
    found = group_by_code(np.arange(len(codes)), np.array(codes, np.int64), 4)
    wanted = [[row for row, code in enumerate(codes) if code == one] for one in range(4)]
    assert found.of(np.arange(4)) == wanted
    assert found.groups.tolist() == sorted(code for code in codes if code >= 0)


def test_rows_of_identities_are_in_their_order():
    found = identity_rows(
        [Identity("contact", "v", None, (4, 2)), Identity("account", "w", "", (0,))]
    )
    assert found.of(np.array([1, 0])) == [[0], [4, 2]]
    assert len(identity_rows([])) == 0
