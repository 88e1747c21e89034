"""Statements of pages that a reader once took for something else: each says no more than is so."""

import json
import re
from html.parser import HTMLParser

import pytest
from shown_bank import advert, bank, campaign, edge, identity, phone, two_campaigns

from adverts_findings.campaigns.pages.beside.beside import Beside
from adverts_findings.campaigns.pages.describe_edges import probability_words
from adverts_findings.campaigns.pages.shown_values import fine_share, shortened
from adverts_findings.campaigns.pages.write_pages import write_pages


class _Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.words = []

    def handle_data(self, data):
        self.words.append(data)


def pages(folder, rows, **more):
    """Return the page of ``c000001`` as HTML and as words, and its record."""
    write_pages(folder / "pages", bank(**rows), **more)
    html = (folder / "pages" / "c000001.html").read_text()
    record = json.loads((folder / "pages" / "c000001.json").read_text())
    return html, words_of(html), record


def words_of(html):
    text = _Text()
    text.feed(html.replace("\u00a0", " "))
    return " ".join(" ".join(text.words).split())


def test_identities_are_said_to_be_fewer_tokens(tmp_path):
    rows = two_campaigns()
    shown = {"value": phone("one"), "campaign": "c000001"}
    rows["identities"] = [
        identity("i000001", **shown),
        identity("i000002", **shown, platform="other"),
        identity("i000003", **shown, platform=None),
    ]
    _, words, record = pages(tmp_path, rows)
    assert record["fact"]["tokens"] == {"contact": 1}
    assert "1 contact, in 3 posting identities" in words


def test_a_campaign_that_ended_before_the_bank_is_said_to_be_silent_since(tmp_path):
    rows = two_campaigns()
    rows["adverts"] = [*rows["adverts"], advert("late", None, day=110)]
    _, words, record = pages(tmp_path, rows)
    assert record["fact"]["silent"] == {
        **{"last_week": "2026-W07", "bank_week": "2026-W17", "weeks": 10},
    }
    assert "is of 2026-W07, and the bank has adverts up to 2026-W17, 10 weeks later" in words


def test_a_campaign_of_the_last_week_is_not_called_silent(tmp_path):
    _, words, record = pages(tmp_path, two_campaigns())
    assert record["fact"]["silent"]["weeks"] == 0
    assert "the last week of the bank" in words
    assert "ilent since" not in words


def test_without_any_time_no_silence_is_said(tmp_path):
    rows = {
        "adverts": [advert("a", "c000001", day=None)],
        "campaigns": [campaign("c000001")],
    }
    _, words, record = pages(tmp_path, rows)
    assert record["fact"]["silent"] is None
    assert "ilent since" not in words


def test_the_chart_says_what_it_leaves_out(tmp_path):
    _, words, _ = pages(tmp_path, two_campaigns())
    assert "Not in this chart: 1 advert whose time is not known." in words
    assert "The time of 1 advert is not known: a4." in words


def test_addresses_are_announced_only_where_one_is_on_the_page(tmp_path):
    rows = two_campaigns()
    _, words, _ = pages(tmp_path / "with", rows)
    assert "Addresses of postings are on this page." in words
    rows["adverts"] = [one | {"url": None} for one in rows["adverts"]]
    html, words, _ = pages(tmp_path / "without", rows)
    assert "Addresses of postings" not in words
    assert ">Address<" not in html


@pytest.mark.parametrize(("platform", "said"), [(None, False), ("other", True)])
def test_two_platforms_are_not_said_of_an_advert_without_one(tmp_path, platform, said):
    rows = two_campaigns()
    rows["adverts"] = [
        one | {"platform": platform if one["id"] in ("a3", "a4") else one["platform"]}
        for one in rows["adverts"]
    ]
    rows["edges"] = [
        one | {"across": one["second"] in ("a3", "a4") or one["first"] == "a4"}
        for one in rows["edges"]
    ]
    write_pages(tmp_path / "pages", bank(**rows))
    networks = words_of((tmp_path / "pages" / "networks.html").read_text())
    page = words_of((tmp_path / "pages" / "c000001.html").read_text())
    for words in (page, networks):
        assert ("on two platforms" in words) is said
        assert ("on a platform that is not known" in words) is not said


def test_a_weakest_place_says_into_what_the_campaign_falls_and_who_is_where(tmp_path):
    html, words, record = pages(tmp_path, two_campaigns())
    [place] = record["why"]["weakest"]
    assert [one["ids"] for one in place["sides"]] == [["a1", "a2"], ["a3", "a4"]]
    assert "without this link, they are two campaigns" in words
    assert "One side 2 adverts from 2026-01-05 to 2026-01-08" in words
    assert "Other side 2 adverts of 2026-02-14" in words
    ids = set(re.findall(r' id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= ids


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.97, "97 %"),
        (0.9849, "98 %"),
        (0.992, "99.2 %"),
        (0.99961, "99.96 %"),
        (0.99967, "99.97 %"),
        (0.99999, "more than 99.99 %"),
        (1.0, "100 %"),
    ],
)
def test_near_probabilities_of_links_can_be_told_apart(share, words):
    assert fine_share(share) == words
    assert "100 %" not in probability_words(share, calibrated=False, fine=True)


def test_evidence_against_is_apart_from_what_was_not_joined_and_names_the_token(tmp_path):
    _, words, record = pages(tmp_path, two_campaigns())
    against = words[words.index("Against this campaign") : words.index("Not joined to others")]
    outward = words[words.index("Not joined to others") : words.index("Hypotheses: what it may")]
    assert "a person says different" in against
    assert "silent for 31 weeks" not in against
    assert "silent for 31 weeks" in outward
    for one in record["contrary"]["outward"]:
        assert one["value"] in outward


def test_without_evidence_against_it_none_is_said_though_links_lead_out(tmp_path):
    rows = two_campaigns()
    rows["edges"] = [one for one in rows["edges"] if one["kind"] != "judged"]
    _, words, _ = pages(tmp_path, rows)
    assert "No link between its adverts was rejected" in words


def test_a_listed_contact_says_how_many_adverts_of_the_campaign_show_it(tmp_path):
    rows = two_campaigns()
    rows["adverts"] = [
        one | {"contacts": [*one["contacts"], phone("helpline")]}
        if one["id"] in ("a1", "a4")
        else one
        for one in rows["adverts"]
    ]
    _, words, record = pages(tmp_path, rows)
    [listed] = record["not_counted"]
    assert (listed["here"], listed["adverts"]) == (2, 300)
    assert f"{shortened(phone('helpline'))} Contact shown by many (17) 2 300 120" in words


@pytest.mark.parametrize(
    ("exports", "said"),
    [
        (None, "the log was not read"),
        ((), "the log shows no export"),
        ((), "Whether anybody copied anything by hand"),
    ],
)
def test_nothing_is_said_to_be_shared_where_nothing_was(tmp_path, exports, said):
    _, words, _ = pages(tmp_path, two_campaigns(), beside=Beside(exports=exports))
    assert said in words
    assert "With whom" not in words


def test_another_campaign_is_drawn_with_its_own_number_of_adverts(tmp_path):
    _, _, record = pages(tmp_path, two_campaigns())
    outside = [one for one in record["graph"]["graph"]["nodes"] if one["outside"]]
    assert [(one["label"], one["adverts"]) for one in outside] == [("c000002", 2)]


def test_an_edge_that_only_one_platform_of_is_known_is_not_across_in_a_hypothesis(tmp_path):
    rows = two_campaigns()
    rows["adverts"] = [
        one | ({"platform": None} if one["id"] == "b1" else {}) for one in rows["adverts"]
    ]
    rows["edges"] = [*rows["edges"], edge("a4", "b1", status="rejected", reason="x", across=True)]
    _, words, _ = pages(tmp_path, rows)
    assert "on two platforms" not in words
