"""What moves, in lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adverts_findings.campaigns.judgements.preview import moves, said_moves

pytestmark = pytest.mark.promise


def test_what_moves_is_said_with_numbers_the_largest_first():
    before = {"c1": ["a", "b", "c", "d"], "c2": ["e"], "c3": ["f", "g"]}
    after = {"c1": ["a"], "c4": ["b", "c", "d"], "c3": ["e", "f", "h"]}
    assert moves(before, after) == (
        "3 adverts of c1 become c4",
        "1 advert of no campaign becomes c3",
        "1 advert of c2 becomes c3",
        "1 advert of c3 is then in no campaign",
        "nothing is left of c2",
        "c4 is new",
    )


def test_that_nothing_moves_is_said():
    assert moves({"c1": ["a"]}, {"c1": ["a"]}) == moves({}, {}) == ("nothing moves",)


CAMPAIGNS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["c1", "c2", "c3"])).map(
    lambda of: {name: {one for one in of if of[one] == name} for name in sorted(of.values())}
)


@given(CAMPAIGNS, CAMPAIGNS)
def test_every_advert_that_moves_is_counted_once(before, after):
    was = {advert: name for name, adverts in before.items() for advert in adverts}
    becomes = {advert: name for name, adverts in after.items() for advert in adverts}
    moved = sum(was.get(one) != becomes.get(one) for one in "abcdef")
    counted = [line for line in moves(before, after) if " advert" in line]
    assert sum(int(line.split()[0]) for line in counted) == moved


def said(name, what, *, level="identity", counts=True):
    return {"level": level, "name": name, "said": what, "counts": counts}


def test_what_people_say_then_of_identities_and_sources_is_told():
    before = [said("i000001", "suspect"), said("i000002", "victim"), said("i000003", "witness")]
    after = [
        said("i000001", "suspect", counts=False),
        said("i000001", "victim", counts=False),
        said("i000003", "witness"),
        said("scores/posts", "2B", level="source"),
    ]
    assert said_moves(before, after) == (
        "identity i000001 becomes unknown",
        "identity i000002 becomes unknown",
        "source scores/posts becomes 2B",
    )
    assert said_moves(after, after) == ()
