"""What stands beside the tables: judgements that concern a campaign, and exports of the log."""

import pytest
from shown_bank import bank, two_campaigns

from adverts.formats.log_entry import LogEntry
from adverts.record_chain import salted, without
from adverts_findings.campaigns.judgements.judgements import Judgement
from adverts_findings.campaigns.pages.beside.exports import (
    ERASED,
    exported_since,
    logged_exports,
    share_words,
)
from adverts_findings.campaigns.pages.beside.judged import LEFT, NOT_BUILT, JudgedCampaigns


def judgement(said="same", first="a1", second="a2", anchors=(("a1", "a2"),), **more):
    plain = {"by": "Ana", "at": "2026-11-01T00:00:00+00:00", "why": "call +44 7700 900123"}
    return Judgement(said, first, second, anchors, **(plain | more))


TABLES = bank(**(two_campaigns() | {"judged": []}))


def tables(*held):
    return bank(**(two_campaigns() | {"judged": list(held)}))


def test_a_judgement_is_shown_with_who_and_why_and_without_a_contact():
    one = judgement()
    held = {"judgement": one.id, "holds": True, "why": ""}
    [found] = JudgedCampaigns([one], tables(held)).of(["a2"])
    assert (found.said, found.by, found.holds) == ("same", "Ana", True)
    assert found.why == "call <PHONE>"


def test_one_that_no_build_has_counted_does_not_hold_yet():
    [found] = JudgedCampaigns([judgement()], TABLES).of(["a1"])
    assert (found.holds, found.why_not) == (False, NOT_BUILT)


def test_judgements_of_other_adverts_are_not_shown_and_none_is_shown_twice():
    own = judgement("merge", "c000001", "c000002", (("a1", "b1"),))
    other = judgement(first="x", second="y", anchors=(("x", "y"),))
    found = JudgedCampaigns([own, other, own], TABLES).of(["c000001", "a1", "b1"])
    assert [one.judgement for one in found] == [own.id]


def test_what_takes_a_judgement_back_is_shown_where_that_one_is():
    first = judgement()
    undo = judgement("undo", first.id, "", (), at="2026-11-02T00:00:00+00:00", why="mistaken")
    found = JudgedCampaigns([first, undo], TABLES).of(["a1"])
    assert [one.said for one in found] == ["undo", "same"]


@pytest.mark.parametrize("said", ["same", "different", "unsure"])
def test_an_advert_that_left_the_bank_is_not_named_in_a_judgement(said):
    one = judgement(said, "a1", "gone", (("a1", "gone"),))
    [found] = JudgedCampaigns([one], TABLES).of(["a1"])
    assert (found.first, found.second) == ("a1", LEFT)
    assert "gone" not in repr(found)


def test_of_an_advert_that_is_not_of_a_campaign_only_the_campaign_is_named_once_it_left():
    one = judgement("not this advert", "c000001", "gone", (("a1", "gone"),))
    [found] = JudgedCampaigns([one], TABLES).of(["c000001"])
    assert (found.first, found.second) == ("c000001", LEFT)


def test_what_is_no_advert_is_named_though_no_advert_has_its_name():
    words = [
        judgement("merge", "c000001", "c000002", (("a1", "b1"),)),
        judgement("split", "c000001", "e" + "0" * 16, (("a1", "a2"),)),
    ]
    found = JudgedCampaigns(words, TABLES).of(["c000001"])
    assert LEFT not in {name for one in found for name in (one.first, one.second)}


def test_a_contact_in_the_name_of_who_judged_is_masked():
    [found] = JudgedCampaigns([judgement(by="Ana +44 7700 900123")], TABLES).of(["a1"])
    assert found.by == "Ana <PHONE>"


def entry(number, act, asked, build=1):
    at = "2026-11-01T00:00:00+00:00"
    said = salted("Ana"), salted(asked), salted("why")
    return LogEntry(number, at, act, build, *said, before="", hash="")


def test_exports_of_the_log_are_shown_without_who_and_why():
    found = logged_exports([entry(1, "find", "PHONE:x"), entry(2, "export", "graphml", 3)])
    assert [(one.line, one.build, one.what) for one in found] == [(2, 3, "graphml")]
    assert "Ana" not in repr(found)


def test_what_was_erased_from_the_log_counts_as_an_export():
    erased = without(entry(1, "export", "csv", 2), ("asked",))
    found = logged_exports([erased])
    assert found[0].what == ERASED
    assert exported_since(found, ["c000001"], 1) is True


@pytest.mark.parametrize(
    ("asked", "build", "opened", "exported"),
    [("csv", 2, 2, True), ("csv", 2, 3, False), ("sheet of 8 pairs", 2, 1, False)],
)
def test_a_campaign_was_exported_by_what_was_made_after_it_was_opened(
    asked, build, opened, exported
):
    found = logged_exports([entry(1, "export", asked, build)])
    assert exported_since(found, ["c000001"], opened) is exported


def test_without_a_log_it_is_not_known():
    assert exported_since(None, ["c000001"], 1) is None
    assert exported_since((), ["c000001"], 1) is False


def test_a_share_says_with_whom_and_concerns_its_campaigns_alone():
    asked = share_words("S-0a1b", "demo-platform", ["notice", "hashes"], ["c000001", "c000003"])
    [found] = logged_exports([entry(1, "share", asked, 2)])
    assert (found.what, found.recipient) == ("S-0a1b: notice, hashes", "demo-platform")
    assert exported_since([found], ["c000003"], 9) is True
    assert exported_since([found], ["c000007", "c000001"], 1) is True
    assert exported_since([found], ["c000002"], 1) is False


def test_a_share_whose_words_were_erased_may_concern_every_campaign():
    erased = without(entry(1, "share", "S-0a with x: stix of c000001", 2), ("asked",))
    assert exported_since(logged_exports([erased]), ["c000002"], 1) is True
