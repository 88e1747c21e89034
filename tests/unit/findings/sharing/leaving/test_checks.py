"""Each rule refuses what it is for, and says why."""

import datetime
from dataclasses import replace

import pytest
from made_items import TODAY, at, item, order, out, recipient, reviewed, withdrawal

from adverts_findings.sharing.leaving.checks import check_items
from adverts_findings.sharing.leaving.item import Refusal

pytestmark = pytest.mark.promise

KINDS = ("notice", "hashes", "stix", "misp")


def day(number):
    return TODAY + datetime.timedelta(days=number)


def checked(one, asked=None, state=()):
    known = {f"R-{number}": each for number, each in enumerate(state)}
    return check_items([one], asked or order(kinds=KINDS), known, TODAY)


def why(one, asked=None, state=()):
    """Return the one reason why nothing of an advert leaves."""
    found = checked(one, asked, state)
    [refusal] = found.refusals
    assert not any(found.allowed.values())
    assert refusal.kind == "all"
    assert refusal.item == one.item
    return refusal.reason


def why_no(kind, one, asked=None, state=()):
    """Return the reason why an advert leaves as everything but one kind."""
    found = checked(one, asked, state)
    [refusal] = found.refusals
    assert refusal.kind == kind
    assert {name for name, items in found.allowed.items() if items == (one,)} == {*KINDS} - {kind}
    return refusal.reason


def test_what_a_person_reviewed_as_group_v_leaves_as_all_that_is_asked():
    found = checked(item())
    assert found.refusals == ()
    assert found.allowed == {kind: (item(),) for kind in KINDS}


def test_only_the_kinds_that_are_asked_are_answered_each_once():
    found = checked(item(), order(kinds=("hashes", "hashes")))
    assert found.allowed == {"hashes": (item(),)}


def test_without_adverts_nothing_leaves_and_nothing_is_refused():
    found = check_items([], order(), {}, TODAY)
    assert (found.allowed, found.refusals) == ({"notice": (), "hashes": ()}, ())


@pytest.mark.parametrize(
    ("group", "said"),
    [("A", "group A"), ("N", "group N"), ("U", "group U"), ("?", "disagree")],
)
def test_another_group_is_refused(group, said):
    assert said in why(item(reviewed=reviewed(group=group)))


@pytest.mark.parametrize(
    "nobody",
    [
        reviewed(group="?", reviewers=(), at=""),
        reviewed(group="?", at=""),
        reviewed(reviewers=()),
        reviewed(reviewers=("", "  ")),
        reviewed(at=""),
        reviewed(at="yesterday"),
    ],
)
def test_a_label_that_names_no_person_or_no_time_is_refused(nobody):
    assert why(item(reviewed=nobody)) == "no review names a person who judged it"


def test_a_review_of_the_future_is_refused_and_one_of_today_is_not():
    assert "after today" in why(item(reviewed=reviewed(at=at(1))))
    assert checked(item(reviewed=reviewed(at=at(0)))).refusals == ()


def test_an_open_signal_holds_an_advert_and_says_which_and_how_it_is_closed():
    held = item(reviewed=reviewed(safeguarding=("live_distress", "minor_present")))
    assert why(held) == "held for safeguarding: live_distress, minor_present"
    assert "closed" in checked(held).refusals[0].until


def test_an_open_signal_is_named_whatever_else_is_wrong():
    held = item(reviewed=reviewed(group="A", safeguarding=("unsure",)), licence="unstated")
    assert why(held) == "held for safeguarding: unsure"


@pytest.mark.parametrize("data", ["synthetic", "public", "research", "operational_restricted"])
@pytest.mark.parametrize("ceiling", ["synthetic", "public", "research", "operational_restricted"])
def test_data_above_the_ceiling_is_refused(data, ceiling):
    careful = ["synthetic", "public", "research", "operational_restricted"]
    asked = order(recipient(sensitivity_ceiling=ceiling), kinds=KINDS)
    refused = checked(item(sensitivity=data), asked).refusals
    assert bool(refused) == (careful.index(data) > careful.index(ceiling))


@pytest.mark.parametrize("licence", ["unstated", "", " ", "Unstated", "UNSTATED "])
def test_a_licence_that_is_not_stated_never_passes_even_if_it_is_listed(licence):
    asked = order(recipient(licences=[licence, "unstated"]), kinds=KINDS)
    assert why(item(licence=licence), asked) == "its data states no licence"


@pytest.mark.parametrize("licences", [[], ["own"], ["mit"], ["MIT-0"]])
def test_a_licence_that_is_not_listed_as_it_is_written_is_refused(licences):
    assert "its licence, MIT" in why(item(), order(recipient(licences=licences), kinds=KINDS))


@pytest.mark.parametrize("name", ["Ada Demo", "ada demo", "ADA  DEMO", "\uff21da Demo"])
def test_who_reviewed_an_advert_does_not_approve_that_it_leaves(name):
    seen = item(reviewed=reviewed(reviewers=("Cleo Demo", name)))
    assert why(seen) == "the person who approves the share reviewed it"


def test_who_reviewed_an_advert_does_not_approve_it_under_another_name_from_their_account():
    mine, theirs = (
        reviewed(accounts=frozenset({"ada@desk"})),
        reviewed(accounts=frozenset({"cleo@desk"})),
    )
    assert "under another name" in why(item(reviewed=mine))
    assert checked(item(reviewed=theirs)).refusals == ()


def test_a_share_does_not_outlive_what_it_is_of():
    assert "may be kept until" in why(item(retain_until=day(29)))
    assert checked(item(retain_until=day(30))).refusals == ()
    [late] = checked(item(retain_until=day(29))).refusals
    [over] = checked(item(retain_until=day(0))).refusals
    assert (late.until, over.until) == (f"expires={day(29)} or before", "")


@pytest.mark.parametrize("reviewed_on", [-10, -4])
def test_what_was_withdrawn_is_not_shared_again_without_a_new_review(reviewed_on):
    again = item(reviewed=reviewed(at=at(reviewed_on)))
    assert "withdrawn" in why(again, state=[out(withdrawal=withdrawal(-4))])


def test_a_later_review_lets_what_was_withdrawn_leave_again():
    again = item(reviewed=reviewed(at=at(-3)))
    assert checked(again, state=[out(withdrawal=withdrawal(-4))]).refusals == ()


def test_each_withdrawal_needs_a_later_review():
    state = [out(withdrawal=withdrawal(-4)), out(withdrawal=withdrawal(-2))]
    assert "withdrawn" in why(item(reviewed=reviewed(at=at(-3))), state=state)
    assert "withdrawn" in why(item(reviewed=reviewed(at=at(-3))), state=state[::-1])


def test_a_withdrawal_that_was_confirmed_still_needs_a_new_review():
    gone = out(withdrawal=withdrawal(-4), confirmed_at=at(-3))
    assert "withdrawn" in why(item(), state=[gone])


@pytest.mark.parametrize(
    "cause", ["asked", "erased", "reviewed anew", "judged apart", "appeal upheld", "left the bank"]
)
def test_what_was_taken_back_from_one_recipient_goes_to_no_other_without_a_new_review(cause):
    state = [out(recipient="birch", withdrawal=replace(withdrawal(-4), cause=cause))]
    told = why(item(), state=state)
    assert "withdrawn from birch on" in told
    assert cause in told
    assert checked(item(reviewed=reviewed(at=at(-3))), state=state).refusals == ()


def test_what_another_recipient_or_another_advert_went_through_is_not_counted():
    state = [
        out(recipient="birch", kinds=KINDS),
        out(recipient="birch", withdrawal=replace(withdrawal(-1), cause="expired")),
        out("a2", kinds=KINDS),
        out("a2", withdrawal=withdrawal(-1)),
    ]
    assert checked(item(), state=state).refusals == ()


def test_what_is_out_is_not_shared_twice_and_its_reference_is_named():
    same = out(expires=str(order().expires))
    reason = why_no("hashes", item(), state=[same])
    assert reason == f"aster has it as hashes since {at(-5)[:10]} (R-{'0' * 16})"


def test_what_has_expired_is_withdrawn_before_it_may_be_shared_again():
    [refusal] = checked(item(), state=[out(expires=str(day(-1)))]).refusals
    assert (refusal.kind, "expired on" in refusal.reason) == ("all", True)
    told = withdrawal(-1)
    anew = item(reviewed=reviewed(at=at(-1, 13)))
    assert checked(anew, state=[out(expires=str(day(-2)), withdrawal=told)]).refusals == ()


@pytest.mark.parametrize(
    "one",
    [
        item(platform="birch"),
        item(platform="Aster"),
        item(platform=""),
        item(url="", platform_item_id=""),
        item(url=" ", platform_item_id=" "),
    ],
)
def test_a_notice_goes_only_to_the_platform_of_an_advert_that_it_can_find(one):
    why_no("notice", one)


def test_a_posting_without_an_address_says_where_one_would_come_from():
    [refusal] = checked(item(url="", platform_item_id="")).refusals
    assert "scores" in refusal.until
    assert "data.columns.url" in refusal.until


@pytest.mark.parametrize("one", [item(url=""), item(platform_item_id="")])
def test_an_address_or_an_id_is_enough_for_a_notice(one):
    assert checked(one).refusals == ()


def test_a_recipient_without_platforms_gets_no_notice():
    why_no("notice", item(), order(recipient(platforms=[]), kinds=KINDS))
    why_no("notice", item(platform=""), order(recipient(platforms=[""]), kinds=KINDS))


def test_a_notice_without_a_law_is_refused_with_the_reason():
    asked = order(recipient(laws=["french"]), kinds=KINDS)
    assert "no law of GB" in why_no("notice", item(), asked)


def test_a_notice_without_good_faith_is_refused_and_hashes_are_not():
    asked = order(recipient(regime="dsa_16", laws=["union"]), kinds=KINDS, good_faith="")
    assert "good_faith=" in why_no("notice", item(), asked)


def test_refusals_are_in_the_order_of_the_adverts_and_name_no_person_and_no_address():
    asked = order(kinds=KINDS)
    several = [item("a3", licence=""), item("a1"), item("a2", platform="")]
    several.append(item("a4", reviewed=reviewed(reviewers=("Ada Demo",))))
    found = check_items(several, asked, {}, TODAY)
    assert [one.item for one in found.refusals] == [several[place].item for place in (0, 2, 3)]
    assert found.allowed["notice"] == (several[1],)
    assert found.allowed["hashes"] == (several[1], several[2])
    assert "Demo" not in str(found.refusals)
    assert "example" not in str(found.refusals)


def test_the_audience_of_the_bundle_decides_nothing():
    for audience in ("internal", "partner", ""):
        assert checked(item(audience=audience)).refusals == ()


def test_adverts_without_hashes_are_taken_from_some_kinds_and_stay_in_others():
    first, second = item("a1"), item("a2")
    found = check_items([first, second], order(kinds=KINDS), {}, TODAY)
    lacks = Refusal(first.item, "all", "none of its hashes may leave")
    fewer = found.without(("hashes", "stix"), [lacks])
    assert fewer.allowed["hashes"] == fewer.allowed["stix"] == (second,)
    assert fewer.allowed["notice"] == fewer.allowed["misp"] == (first, second)
    assert fewer.refusals == (lacks,)
    assert found.allowed["hashes"] == (first, second)


def test_an_advert_that_did_not_leave_anyway_is_not_refused_twice():
    found = checked(item(licence=""))
    fewer = found.without(KINDS, [Refusal(item().item, "all", "none of its hashes may leave")])
    assert fewer == found


def test_a_kind_that_nobody_asked_for_takes_nothing_away():
    found = checked(item(), order(kinds=("notice",)))
    lacks = Refusal(item().item, "all", "none of its hashes may leave")
    assert found.without(("hashes", "stix", "misp"), [lacks]) == found


def test_what_is_allowed_is_the_advert_as_it_was_given():
    one = replace(item(), text="words")
    assert checked(one).allowed["stix"][0] is one
