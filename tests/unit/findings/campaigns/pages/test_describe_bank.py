"""What the page of a bank states: what joins, what joins nothing, and what a person must know."""

import json
from dataclasses import asdict

import pytest
from shown_bank import advert, bank, build, campaign, edge, phone, two_campaigns

from adverts.errors import IntegrityError
from adverts_findings.campaigns.pages.campaign_lines import campaign_lines
from adverts_findings.campaigns.pages.describe_bank import bank_record
from adverts_findings.campaigns.rules import LinkingRules


def record(rows=None, **rules):
    rows = two_campaigns() if rows is None else rows
    if rules:
        told = {"rules": asdict(LinkingRules(**rules))}
        rows = {**rows, "builds": [build(parameters=json.dumps(told))]}
    tables = bank(**rows)
    return bank_record(tables)


def chain(name, size, *, start=0):
    """Return adverts and edges of one campaign in a row."""
    ids = [f"{name}-{i}" for i in range(size)]
    edges = [edge(a, b, name) for a, b in zip(ids, ids[1:], strict=False)]
    return [advert(one, name, day=start) for one in ids], edges


def of_sizes(*sizes):
    """Return the rows of a bank with campaigns of some sizes."""
    found = [chain(f"c{i:06d}", size) for i, size in enumerate(sizes, 1)]
    return {
        "adverts": [one for adverts, _ in found for one in adverts],
        "edges": [one for _, edges in found for one in edges],
        "campaigns": [campaign(f"c{i:06d}") for i in range(1, len(sizes) + 1)],
    }


def test_every_number_is_counted():
    found = record()
    assert (found.adverts, found.in_campaigns, found.campaigns, found.closed) == (7, 6, 2, 2)
    assert (found.identities, found.templates, found.candidates) == (4, 3, 1)
    assert dict(found.judged_by) == {"review": 6, "dataset": 1}
    assert dict(found.edges) == {"joins": 4, "rejected": 2, "review": 1}
    assert found.judgements == 2


def test_an_empty_bank_has_a_page_too():
    found = record({})
    assert (found.adverts, found.campaigns, found.networks) == (0, 0, 0)
    assert found.giant is None
    assert {one.largest for one in found.thresholds} == {0}
    assert campaign_lines(bank()) == []


def test_the_last_build_is_the_one_of_the_highest_number():
    rows = two_campaigns()
    rows["builds"] = [build(11), build(2, counts=json.dumps({"x": 1})), build(3)]
    assert record(rows).last_build.build == 11


@pytest.mark.parametrize("text", ["", "[]", "{", "7", "null"])
def test_a_build_whose_record_is_damaged_is_named(text):
    rows = two_campaigns()
    rows["builds"] = [build(4, inputs=text)]
    with pytest.raises(IntegrityError, match="inputs of build 4"):
        record(rows)


@pytest.mark.parametrize(
    "told", [{}, {"rules": None}, {"rules": {"odd": 1}}, {"rules": {"join_at": 7}}]
)
def test_a_build_without_rules_that_are_known_is_refused(told):
    with pytest.raises(IntegrityError, match="build 1 has no rules that this version knows"):
        record({"builds": [build(parameters=json.dumps(told))]})


def test_parameters_are_there_without_the_weights_of_single_patterns():
    found = record().last_build
    assert found.parameters["rules"]["silent_weeks"] == 4.0
    assert "prior" in found.parameters["model"]
    assert "weights" not in found.parameters["model"]
    assert set(found.parameters) == {"rules", "calibration", "model", "counted"}
    assert dict(found.counts) == {"new": 2}


def test_a_count_that_is_no_number_is_none():
    rows = two_campaigns()
    rows["builds"] = [build(counts='{"x": NaN, "y": -Infinity, "z": 1}')]
    assert dict(record(rows).last_build.counts) == {"x": None, "y": None, "z": 1}


def test_a_bank_without_a_build_is_refused():
    with pytest.raises(IntegrityError, match="no build"):
        record({"builds": []})


@pytest.mark.parametrize(
    ("column", "value"), [("kind", "style"), ("status", "maybe"), ("first", "nobody")]
)
def test_an_edge_that_is_not_understood_is_named_and_not_left_out(column, value):
    rows = two_campaigns()
    rows["edges"] = [*rows["edges"], edge("a1", "b1") | {column: value}]
    with pytest.raises(IntegrityError, match=f"{column} '{value}'"):
        record(rows)


def test_judgements_that_do_not_hold_are_named():
    [found] = record().not_held
    assert (found.judgement, found.why) == ("j" + "2" * 16, "advert a9 left the bank")


def test_a_giant_campaign_is_named_with_its_share():
    found = record(of_sizes(60, 3, 2), large=20).giant
    assert found is not None
    assert (found.campaign, found.adverts, found.next_adverts) == ("c000001", 60, 3)
    assert found.share == pytest.approx(60 / 65)


def test_campaigns_of_like_sizes_are_no_giants():
    assert record(of_sizes(*[30] * 25), large=20).giant is None


def test_higher_thresholds_join_less_and_a_giant_is_told_at_each():
    rows = of_sizes(60, 3)
    weak = rows["edges"][30]["edge"]
    rows["edges"] = [
        one | {"probability": 0.75 if one["edge"] == weak else 0.97} for one in rows["edges"]
    ]
    found = {one.threshold: one for one in record(rows, large=40).thresholds}
    assert list(found) == [0.5, 0.8, 0.9, 0.95, 0.99]
    assert (found[0.5].largest, found[0.5].giant) == (60, True)
    assert (found[0.8].largest, found[0.8].giant) == (31, False)
    assert found[0.99].campaigns == 0


def test_reasons_are_counted_without_their_numbers():
    rows = of_sizes(2, 2)
    names = rows["adverts"][0]["id"], rows["adverts"][2]["id"]
    rows["edges"] += [
        edge(*names, value=phone(str(i)), status="rejected", reason=reason)
        for i, reason in enumerate(
            [
                "silent for 31 weeks, and nothing else in common",
                "silent for 7 weeks, and nothing else in common",
                "probability 0.31 is below 0.5",
                f"cut, since j{'a' * 16} says different",
            ]
        )
    ]
    found = {one.reason: one.edges for one in record(rows).reasons}
    assert found == {
        "silent for … weeks, and nothing else in common": 2,
        "probability … is below …": 1,
        "cut, since a judgement says different": 1,
    }


def test_values_that_join_nothing_are_listed_shortened():
    [found] = record().listed_values
    assert found.value == phone("helpline")[:14]
    assert dict(record().listed) == {"shown by many": 1}


def test_a_line_counts_each_campaign_by_its_adverts():
    first, second = campaign_lines(bank(**two_campaigns()))
    assert (first.campaign, first.adverts, first.accounts, first.templates) == ("c000001", 4, 2, 2)
    assert (dict(first.platforms), dict(first.languages)) == (
        {"site": 3, "other": 1},
        {"en": 3, "pl": 1},
    )
    assert (first.first_seen, first.last_seen) == ("2026-01-05T09:30:00Z", "2026-02-14T09:30:00Z")
    assert (first.identities, first.words, second.words) == (2, "highly likely (85 %)", "7 %")


def test_adverts_of_a_campaign_that_is_not_listed_are_refused():
    rows = two_campaigns()
    rows["campaigns"] = rows["campaigns"][1:]
    with pytest.raises(IntegrityError, match="'c000001' and lists no such campaign"):
        campaign_lines(bank(**rows))
