"""What the page of a campaign states: counted from rows, in parts that are never mixed."""

import dataclasses

import numpy as np
import pyarrow as pa
import pytest
from shown_bank import advert, at, bank, campaign, digits, edge, identity, replaced, two_campaigns

from adverts.errors import IntegrityError
from adverts_findings.campaigns.pages.describe_bank import bank_record
from adverts_findings.campaigns.pages.describe_edges import probability_words
from adverts_findings.campaigns.pages.former_ids import CampaignHistory
from adverts_findings.campaigns.pages.write_pages import campaign_records


def records(tables, *names):
    whole = bank_record(tables)
    return list(campaign_records(tables, names, CampaignHistory(tables["replaced"]), whole))


def record(rows, name="c000001"):
    [found] = records(bank(**rows), name)
    return found


def shuffled(tables, seed):
    """Return tables with their rows in another order and in two chunks each."""
    random = np.random.default_rng(seed)
    mixed = {name: one.take(random.permutation(len(one))) for name, one in tables.items()}
    return {
        name: one if name == "bridges" else pa.concat_tables([one.slice(0, 1), one.slice(1)])
        for name, one in {**mixed, "bridges": tables["bridges"]}.items()
    }


def test_facts_are_counted_from_the_adverts_alone():
    rows = two_campaigns()
    rows["campaigns"] = [campaign("c000001", adverts=99, accounts=99), *rows["campaigns"][1:]]
    fact = record(rows).fact
    assert (fact.adverts, fact.accounts, fact.templates) == (4, 2, 2)
    assert (fact.first_seen, fact.last_seen) == ("2026-01-05T09:30:00Z", "2026-02-14T09:30:00Z")
    assert dict(fact.platforms) == {"site": 3, "other": 1}
    assert [one.id for one in fact.shown] == ["a3", "a2", "a1", "a4"]
    assert [one.days for one in fact.silences] == [37.0]


def test_a_campaign_has_no_row_of_another_one():
    found = {one.campaign: one for one in records(bank(**two_campaigns()), "c000002", "c000001")}
    assert list(found) == ["c000002", "c000001"]
    assert {one.id for one in found["c000002"].fact.shown} == {"b1", "b2"}
    assert [one.identity for one in found["c000002"].fact.identities] == ["i000003"]
    assert found["c000002"].why.weakest == ()
    assert found["c000002"].standings["victim"] == ("i000003",)


def test_sources_say_who_judged_and_are_not_graded():
    posts, more = record(two_campaigns()).sources
    assert (posts.name, posts.adverts, posts.by_review, posts.by_dataset) == (
        "scores/posts",
        *(3, 2, 1),
    )
    assert more.name == "scores/more"
    assert posts.grading == more.grading == "not graded"


def test_an_uncalibrated_probability_has_no_word():
    rows = two_campaigns()
    rows["campaigns"] = [campaign("c000001", calibrated=False), *rows["campaigns"][1:]]
    found = record(rows)
    assert found.assessment.words == "85 %, uncalibrated"
    assert found.why.weakest[0].edge.probability_words == "97 %, uncalibrated"
    assert record(two_campaigns()).assessment.words == "highly likely (85 %)"


@pytest.mark.parametrize("probability", [None, float("nan")])
def test_a_probability_that_is_not_known_is_none_and_has_no_word(probability):
    rows = two_campaigns()
    rows["campaigns"] = [campaign("c000001", probability=probability), *rows["campaigns"][1:]]
    found = record(rows).assessment
    assert (found.probability, found.words) == (None, "not known")


@pytest.mark.parametrize(
    ("probability", "calibrated", "words"),
    [
        (1.0, True, "almost certain (more than 99 %)"),
        (0.9999, False, "more than 99 %, uncalibrated"),
        (0.994, True, "almost certain (99 %)"),
        (0.0, True, "remote chance (less than 1 %)"),
        (0.62, True, "likely or probable (62 %)"),
        (0.07, True, "7 %"),
        (None, True, "not known"),
    ],
)
def test_a_probability_is_never_said_to_be_certain(probability, calibrated, words):
    assert probability_words(probability, calibrated=calibrated) == words


def test_the_weakest_place_has_the_lines_that_split_and_confirm_it():
    [place] = record(two_campaigns()).why.weakest
    assert place.others == ()
    assert place.split == f"split,c000001,{place.edge.edge},,,"
    assert place.edge.same == "same,a2,a3,,,"
    assert place.edge.words.startswith("one phone number, shown by 3 accounts in 12 adverts")


def test_a_place_that_other_edges_hold_too_says_so():
    rows = two_campaigns()
    other = edge("a1", "a3", "c000001")
    rows["edges"] = [*rows["edges"], other]
    rows["bridges"] = [rows["bridges"][0] | {"others": [other["edge"]]}]
    [place] = record(rows).why.weakest
    assert place.others == (other["edge"],)


def test_evidence_is_counted_by_kind_with_its_rarest_value():
    rows = two_campaigns()
    rare = edge("a1", "a3", "c000001", value="PHONE:" + digits("rare"), adverts=2, accounts=1)
    rows["edges"] = [*rows["edges"], rare]
    contact, account = record(rows).why.kinds
    assert (contact.kind, contact.edges, contact.values) == ("contact", 3, 2)
    assert contact.rarest == "PHONE:" + digits("rare")[:8]
    assert (contact.rarest_adverts, contact.rarest_accounts) == (2, 1)
    assert (account.kind, account.edges) == ("account", 1)


def test_contrary_evidence_is_there_within_and_out_of_a_campaign_with_its_reasons():
    found = record(two_campaigns()).contrary
    assert dict(found.number) == {
        **{"outward, rejected": 1, "outward, review": 1},
        **{"within, rejected": 1},
    }
    assert [(one.first, one.second, one.reason) for one in found.within] == [
        ("a1", "a4", "a person says different")
    ]
    assert [(one.other, one.status) for one in found.outward] == [
        ("c000002", "review"),
        ("", "rejected"),
    ]
    [of_second] = records(bank(**two_campaigns()), "c000002")
    assert [one.other for one in of_second.contrary.outward] == ["c000001"]


def test_contrary_evidence_is_bounded_and_its_number_is_of_all():
    rows = two_campaigns()
    many = [
        edge("a1", "b1", value=f"PHONE:{digits(str(i))}", status="rejected", reason="x")
        for i in range(250)
    ]
    rows["edges"] = [*rows["edges"], *many]
    found = record(rows).contrary
    assert found.number["outward, rejected"] == 251
    assert len(found.outward) == 100
    assert found.outward[0].status == "review"


def test_a_standing_is_unknown_until_a_person_says_otherwise():
    rows = two_campaigns()
    said = ["suspect", "witness", None, "guilty", "Suspect"]
    rows["identities"] = [
        identity(f"i00000{i}", "c000001", standing=one) for i, one in enumerate(said)
    ]
    found = record(rows).standings
    assert found == {
        **{"suspect": ("i000000",), "victim": (), "witness": ("i000001",)},
        **{"unknown": ("i000002", "i000003", "i000004")},
    }


def test_contacts_of_who_gave_a_standing_and_why_are_masked():
    rows = two_campaigns()
    name = next(one["identity"] for one in rows["identities"] if one["campaign"] == "c000001")
    word = {"judgement": "j" + "0" * 16, "level": "identity", "name": name, "said": "victim"}
    who = {"by": "Ana +44 7700 900123", "why": "ask @demo_fictional_07"}
    rows["said"] = [word | who | {"at": "2026-11-01T00:00:00+00:00", "counts": True}]
    [shown] = record(rows).said
    assert (shown.by, shown.why) == ("Ana <PHONE>", "ask <HANDLE>")


def test_ids_that_became_a_campaign_are_there_through_others_too():
    rows = two_campaigns()
    rows["replaced"] = [
        replaced("c000009", "c000003", 2, "merged"),
        replaced("c000003", "c000001", 3, "merged"),
        replaced("c000001", "c000002", 4, "split"),
        replaced("c000009", "t000001", 2, "merged", level="template"),
        replaced("c000007", "c000008", 2, "merged"),
    ]
    first, second = records(bank(**rows), "c000001", "c000002")
    assert [(one.old, one.new, one.how) for one in first.former] == [
        ("c000009", "c000003", "merged"),
        ("c000003", "c000001", "merged"),
        ("c000001", "c000002", "split"),
    ]
    assert [(one.old, one.how) for one in second.former] == [("c000001", "split")]


def test_a_circle_of_replaced_ids_ends():
    rows = two_campaigns()
    rows["replaced"] = [
        replaced("c000008", "c000009", 2, "merged"),
        replaced("c000009", "c000008", 3, "merged"),
        replaced("c000009", "c000001", 3, "merged"),
        replaced("c000001", "c000009", 4, "merged"),
    ]
    history = CampaignHistory(bank(**rows)["replaced"])
    assert len(history.of("c000001")) == 4
    assert history.current("c000008", frozenset({"c000002"})) is None


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_changes_nothing(seed):
    tables = bank(**two_campaigns())
    names = ("c000001", "c000002")
    assert records(shuffled(tables, seed), *names) == records(tables, *names)


def test_language_changes_the_context_and_nothing_else():
    rows = two_campaigns()
    plain = record(rows)
    rows["adverts"] = [one | {"language": "xx"} for one in rows["adverts"]]
    found = record(rows)
    assert dict(found.languages) == {"xx": 4}
    assert dataclasses.replace(found, languages=plain.languages) == plain


def test_an_advert_without_anything_is_shown_as_not_known():
    bare = advert("bare", "c000001", day=None) | dict.fromkeys(
        ("account", "platform", "url", "language", "collected_at", "contacts", "template")
    )
    found = record({"adverts": [bare], "campaigns": [campaign("c000001")]})
    [shown] = found.fact.shown
    assert (shown.url, shown.opens, shown.account, shown.posted_at) == (None, False, None, None)
    assert (found.fact.accounts, found.fact.first_seen) == (0, None)
    assert found.fact.timeline.without_time == 1


def test_a_bridge_that_the_bank_has_no_edge_of_is_refused():
    rows = two_campaigns()
    rows["bridges"] = [rows["bridges"][0] | {"edge": "e" + "9" * 16}]
    with pytest.raises(IntegrityError, match="e9999999999999999 a bridge of c000001"):
        record(rows)


def test_an_edge_of_an_advert_that_was_erased_is_refused():
    rows = two_campaigns()
    rows["adverts"] = [one for one in rows["adverts"] if one["id"] != "a2"]
    with pytest.raises(IntegrityError, match=r"the edge e[0-9a-f]{16} .*'a2'.*build it again"):
        record(rows)


def test_links_that_join_although_both_sides_differ_are_contrary_evidence():
    rows = two_campaigns()
    rows["edges"] = [
        one | {"against": ["template"]} if one["first"] in ("a1", "a2") else one
        for one in rows["edges"]
    ]
    found = record(rows).contrary
    assert found.number["within, differing"] == 2
    assert {one.status for one in found.differing} == {"joins"}
    assert all("both sides differ in their templates" in one.words for one in found.differing)


def test_a_piece_of_a_campaign_that_is_not_known_is_none():
    rows = two_campaigns()
    rows["campaigns"] = [campaign("c000001", largest_piece=None), *rows["campaigns"][1:]]
    assert record(rows).assessment.largest_piece is None
    assert record(two_campaigns()).assessment.largest_piece == 0.996


def test_a_time_without_adverts_is_not_drawn_as_one():
    rows = {
        "adverts": [advert("a1", "c000001", day=0), advert("a2", "c000001", day=100)],
        "campaigns": [campaign("c000001")],
    }
    assert record(rows).fact.timeline.rows == {"site": (1, *[0] * 13, 1)}
    assert at(100).month == 4
