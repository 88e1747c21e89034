"""Since when a recipient has a thing, through shares, withdrawals and confirmations."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from made_outgoing import History, histories, shared_item

from adverts_findings.sharing.ledger.ledger_entry import SharedItem
from adverts_findings.sharing.outgoing import Outgoing
from adverts_findings.sharing.stix.stays import Stay, stays

A, B, C = shared_item(1), shared_item(2), shared_item(3)


def _campaigns(outgoing: Outgoing) -> tuple[Stay, ...]:
    return stays(outgoing, "stix", lambda one: (("campaign", one.campaign),))


def _members(stay: Stay) -> set[str]:
    return {one.out.item.reference for one in stay.members}


def test_what_is_shared_stays_until_its_last_advert_is_withdrawn() -> None:
    made = History()
    made.share(A, B)
    (one_left,) = _campaigns(made.withdraw(A.reference))
    (over,) = _campaigns(made.withdraw(B.reference))

    assert (one_left.is_over, _members(one_left)) == (False, {B.reference})
    assert (over.is_over, _members(over)) == (True, {B.reference})
    assert (over.root, over.since) == (one_left.root, one_left.since)


def test_what_is_over_is_told_until_every_advert_of_it_is_confirmed_as_gone() -> None:
    made = History()
    made.share(A, B)
    made.withdraw(A.reference)
    made.withdraw(B.reference)
    made.confirm(B.reference)
    assert [one.is_over for one in _campaigns(made.outgoing())] == [True]

    made.confirm(A.reference)
    assert _campaigns(made.outgoing()) == ()


def test_what_is_shared_again_after_it_was_over_is_another_stay() -> None:
    made = History()
    made.share(A)
    made.withdraw(A.reference)
    before, after = _campaigns(made.share(B))

    assert (before.is_over, after.is_over) == (True, False)
    assert before.root != after.root


def test_what_a_recipient_deleted_by_itself_is_no_longer_told() -> None:
    made = History()
    made.share(A)
    made.confirm(A.reference)
    assert _campaigns(made.outgoing()) == ()


def test_an_advert_that_moves_to_another_campaign_ends_its_first_one() -> None:
    made = History()
    made.share(A)
    before, after = _campaigns(made.share(replace(A, campaign="c000077")))

    assert (before.key[1], before.is_over) == ("c000012", True)
    assert (after.key[1], after.is_over) == ("c000077", False)


def test_what_left_as_another_kind_alone_is_not_counted() -> None:
    made = History()
    assert _campaigns(made.share(replace(A, kinds=("hashes",)))) == ()
    (found,) = _campaigns(made.share(A))
    assert found.since == found.changed


def test_a_change_is_a_second_later_even_if_the_clock_stands_still_or_goes_back() -> None:
    made = History()
    made.share(A)
    (still,) = _campaigns(made.share(B, hours=0))
    (back,) = _campaigns(made.withdraw(A.reference, hours=-48))

    assert (still.changed - still.since).total_seconds() == 1
    assert (back.changed - back.since).total_seconds() == 2


def test_a_history_that_does_not_end_with_what_is_sent_is_refused() -> None:
    made = History()
    sent = made.share(A)
    made.share(B)
    with pytest.raises(ValueError, match="does not end with its entry"):
        _campaigns(replace(sent, history=tuple(made.entries)))
    with pytest.raises(ValueError, match="does not end with its entry"):
        _campaigns(replace(sent, history=()))


def test_a_history_that_lacks_a_share_is_refused() -> None:
    made = History()
    made.share(A)
    sent = made.share(C)
    with pytest.raises(ValueError, match=A.reference):
        _campaigns(replace(sent, history=tuple(made.entries[1:])))


def _keys(one: SharedItem) -> tuple[tuple[str, ...], ...]:
    return tuple((signal.type, signal.value) for signal in one.signals)


@settings(deadline=None, max_examples=60)
@given(histories())
def test_stays_hold_exactly_what_is_out_and_what_is_not_confirmed(made: History) -> None:
    sent = made.outgoing()
    found = stays(sent, "stix", _keys)

    out = {
        (one.item.reference, *key)
        for one in (*sent.in_use("stix"), *sent.taken_back("stix"))
        if one.withdrawal is None
        for key in _keys(one.item)
    }
    held = {(name, *one.key) for one in found if not one.is_over for name in _members(one)}
    assert held == out
    gone = {key for one in sent.taken_back("stix") if one.withdrawal for key in _keys(one.item)}
    assert gone <= {one.key for one in found}


@settings(deadline=None, max_examples=60)
@given(histories())
def test_a_stay_that_is_over_never_comes_back_and_its_times_only_grow(made: History) -> None:
    over: set[tuple[object, ...]] = set()
    times: dict[tuple[object, ...], object] = {}
    for number in range(1, len(made.entries) + 1):
        part = replace(made, entries=made.entries[:number])
        for one in stays(part.outgoing(), "stix", _keys):
            name = (one.key, one.root)
            assert one.is_over or name not in over
            assert one.changed >= times.get(name, one.since)  # type: ignore[operator]
            times[name] = one.changed
            over |= {name} if one.is_over else set()
