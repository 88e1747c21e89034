"""The drawing of a campaign: bounded, the same each time, and every advert is in it."""

import re

import numpy as np
import pytest
from shown_bank import advert, digits, identity, phone

from adverts_findings.campaigns.pages.drawing import (
    MOST_IN_COLUMN,
    Drawing,
    Node,
    drawing_of,
    drawn,
)


def small():
    """Return two accounts of which one shows a contact, and two templates."""
    adverts = [
        advert("a1", "c000001", template="t1"),
        advert("a2", "c000001", template="t2"),
        advert("a3", "c000001", template="t2"),
    ]
    identities = [
        identity("i1", "c000001", kind="account", value=digits("x"), shown_in=["a1", "a2"]),
        identity("i2", "c000001", kind="account", value=digits("y"), shown_in=["a3"]),
        identity("i3", "c000001", value=phone("p"), shown_in=["a1"]),
        identity("i4", "c000001", value=phone("p"), platform="other", shown_in=["a2"]),
    ]
    return adverts, identities


def wide(size):
    """Return adverts that each have an account, a contact and a template of their own."""
    adverts = [advert(f"a{i}", "c000001", template=f"t{i:06d}") for i in range(size)]
    identities = [
        identity(f"i{i}", "c000001", kind=kind, value=value(str(i)), shown_in=[f"a{i}"])
        for i in range(size)
        for kind, value in (("account", digits), ("link_target", phone))
    ]
    return adverts, identities


def test_one_token_is_one_node_on_all_platforms_and_an_advert_without_contact_passes_by():
    found = drawing_of(*small())
    x, y, p = digits("x")[:8], digits("y")[:8], phone("p")[:14]
    assert set(found.nodes) == {
        *(Node(0, x, 2), Node(0, y, 1), Node(1, p, 2)),
        *(Node(2, "t1", 1), Node(2, "t2", 2)),
    }
    named = {
        (found.nodes[one.first].label, found.nodes[one.second].label, one.adverts)
        for one in found.lines
    }
    assert named == {(x, p, 2), (p, "t1", 1), (p, "t2", 1), (y, "t2", 1)}


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_changes_nothing(seed):
    random = np.random.default_rng(seed)
    for adverts, identities in (small(), wide(40)):
        mixed = [[rows[i] for i in random.permutation(len(rows))] for rows in (adverts, identities)]
        assert drawing_of(*mixed) == drawing_of(adverts, identities)


def test_a_large_campaign_has_few_nodes_and_the_rest_is_counted():
    found = drawing_of(*wide(500))
    for column in range(3):
        nodes = [one for one in found.nodes if one.column == column]
        assert len(nodes) == MOST_IN_COLUMN + 1
        assert nodes[-1] == Node(column, "", 480, 480)
        assert sum(one.stands_for for one in nodes) == 500
    assert "480 others (480)" in drawn(found)


def test_a_rest_of_one_is_drawn_as_itself():
    found = drawing_of(*wide(MOST_IN_COLUMN + 1))
    assert all(one.label for one in found.nodes)


def test_every_line_leads_to_the_right_and_all_are_within_the_drawing():
    found = drawing_of(*wide(60))
    assert all(
        found.nodes[one.first].column < found.nodes[one.second].column for one in found.lines
    )
    width, height = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', drawn(found)).groups())
    for x, y in re.findall(r'cx="(\d+)" cy="(\d+)"', drawn(found)):
        assert 0 < int(x) < width
        assert 0 < int(y) < height


def test_nothing_gives_an_empty_drawing():
    assert drawing_of([], []) == Drawing((), ())
    assert "<circle" not in drawn(Drawing((), ()))


def test_a_hostile_template_is_only_ever_shown():
    adverts = [advert("a1", "c000001", template='<script>"&' + "x" * 500)]
    found = drawn(drawing_of(adverts, []))
    assert "<script" not in found
    assert "x" * 30 not in found


def test_a_drawing_holds_no_whole_token():
    shown = drawn(drawing_of(*small()))
    assert digits("x")[:9] not in shown
