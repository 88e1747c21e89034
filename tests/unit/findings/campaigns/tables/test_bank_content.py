"""Tables of a build, from what it found."""

import datetime
import math

import numpy as np
import pyarrow as pa
from made_bank import advert, rows
from made_edges import Link, made_edges

from adverts_findings.campaigns.edges import EDGE_KINDS
from adverts_findings.campaigns.found import Bridge, FoundCampaigns, Identity
from adverts_findings.campaigns.tables.campaign_table import campaign_table
from adverts_findings.campaigns.tables.edge_table import bridge_table, edge_table
from adverts_findings.campaigns.tables.identity_table import identity_table

UNKNOWN = ["unknown"] * 4


def adverts(*given):
    return rows("adverts", [advert(f"a{place}", **one) for place, one in enumerate(given)])


def days(column):
    return [None if one is None else one.day for one in column.to_pylist()]


def identities(*shown, platform="site"):
    return [Identity("contact", f"v{place}", platform, one) for place, one in enumerate(shown)]


def test_an_identity_is_seen_from_its_first_to_its_last_known_time():
    of = adverts({"day": 4}, {"posted_at": None}, {"day": 2}, {"posted_at": None})
    found = identity_table(of, identities((1, 0, 2), (1, 3)), ["i1", "i2"], UNKNOWN[:2])
    assert days(found["first_seen"]) == [3, None]
    assert days(found["last_seen"]) == [5, None]


def test_an_identity_counts_known_accounts_once():
    of = adverts({"account": "x"}, {"account": "x"}, {"account": None}, {"account": "y"})
    found = identity_table(of, identities((0, 1, 2), (2,), (0, 3)), ["i1", "i2", "i3"], UNKNOWN[:3])
    assert found["accounts"].to_pylist() == [1, 0, 2]
    assert found["adverts"].to_pylist() == [3, 1, 2]
    assert found["shown_in"].to_pylist() == [["a0", "a1", "a2"], ["a2"], ["a0", "a3"]]


def test_an_identity_has_a_campaign_only_if_all_its_adverts_are_of_it():
    of = adverts({"campaign": "c1"}, {"campaign": "c1"}, {"campaign": "c2"}, {"campaign": None})
    shown = identities((0, 1), (1, 2), (0, 3), (3,))
    found = identity_table(of, shown, ["i1", "i2", "i3", "i4"], UNKNOWN)
    assert found["campaign"].to_pylist() == ["c1", None, None, None]


def test_an_identity_has_the_standing_that_people_gave_it():
    found = identity_table(adverts({}), identities((0,), (0,)), ["i2", "i1"], ["victim", "unknown"])
    assert found["standing"].to_pylist() == ["victim", "unknown"]


def test_a_build_without_identities_has_an_empty_table():
    assert len(identity_table(adverts({}), [], [], [])) == 0
    assert len(identity_table(adverts(), [], [], [])) == 0


def test_an_edge_says_what_both_adverts_are():
    of = adverts(
        {"day": 1, "source": "b", "campaign": "c1"},
        {"day": 2, "source": "a", "campaign": "c1"},
        {"day": 3, "source": "a", "campaign": None},
        {"day": 4, "source": "a", "campaign": None},
    )
    edges = made_edges([Link(0, 1), Link(1, 2, math.nan), Link(2, 3, silence=math.nan)])
    edges.also[:] = [0, 2 ** len(EDGE_KINDS) - 1, 2]
    found = edge_table(of, edges, ["e3", "e1", "e2"])
    assert found["edge"].to_pylist() == ["e1", "e2", "e3"]
    assert found["first"].to_pylist() == ["a1", "a2", "a0"]
    assert days(found["last_seen"]) == [4, 5, 3]
    assert found["origin"].to_pylist() == [["a"], ["a"], ["a", "b"]]
    assert found["campaign"].to_pylist() == [None, None, "c1"]
    assert found["also"].to_pylist() == [list(EDGE_KINDS), ["account"], []]
    assert found["probability"].to_pylist() == [None, 0.9, 0.9]
    assert found["silence_days"].to_pylist() == [1.0, None, 1.0]


def test_a_build_without_edges_has_an_empty_table():
    assert len(edge_table(adverts({}), made_edges([]), [])) == 0


def test_a_bridge_names_its_edges_and_a_weight_that_is_not_known_is_missing():
    bridges = [Bridge(1, 0, 1, 2, math.nan, (0,)), Bridge(0, 0, 1, 1, 0.5)]
    found = bridge_table(bridges, ["c1"], ["e1", "e2"]).to_pylist()
    assert [(one["edge"], one["probability"], one["others"]) for one in found] == [
        ("e2", None, ["e1"]),
        ("e1", 0.5, []),
    ]


def found_campaigns(roots, parts):
    return FoundCampaigns(
        roots=np.array(roots, np.int64),
        parts=np.array(parts, np.int64),
        edges=made_edges([]),
        bridges=(),
        probability={1: math.nan, 0: 0.75},
        held=(),
        largest_piece={0: 0.5, 1: 1.0},
    )


def campaigns(of, found, before, shown=()):
    told = campaign_table(of, shown, found, build=7, calibrated=True, before=before)
    return {one["campaign"]: one for one in told.to_pylist()}


def test_a_campaign_is_counted_from_its_adverts():
    of = adverts(
        {"campaign": "c2", "account": "x", "template": "t1", "day": 3},
        {"campaign": "c1", "account": "y", "template": "t2", "posted_at": None},
        {"campaign": "c2", "account": None, "template": "t1", "day": 1},
        {"campaign": None, "account": "x", "template": "t1"},
        {"campaign": "c1", "account": "y", "template": "t3", "day": 8},
    )
    shown = identities((0, 2), (0, 1), (3,))
    found = campaigns(of, found_campaigns([0, 1, 0, 3, 1], [0, 0, 2, 0, 0]), {}, shown)
    assert list(found) == ["c1", "c2"]
    one, other = found["c2"], found["c1"]
    assert [one[name] for name in ("adverts", "accounts", "templates")] == [2, 1, 1]
    assert (one["identities"], other["identities"]) == (2, 1)
    assert (one["part_count"], other["part_count"]) == (3, 1)
    assert (one["probability"], other["probability"]) == (0.75, None)
    assert (one["largest_piece"], other["largest_piece"]) == (0.5, 1.0)
    assert (one["first_seen"].day, one["last_seen"].day) == (2, 4)
    assert (one["opened_build"], one["closed_build"], one["calibrated"]) == (7, None, True)


def test_a_campaign_stays_with_the_build_that_opened_it_and_the_one_that_closed_it():
    before = {
        "campaigns": rows(
            "campaigns",
            [
                {"campaign": "c1", "opened_build": 2, "adverts": 3},
                {"campaign": "c3", "opened_build": 3, "adverts": 4},
                {"campaign": "c4", "opened_build": 1, "closed_build": 5, "adverts": 6},
            ],
        )
    }
    of = adverts(*[{"campaign": "c1"}] * 2, *[{"campaign": "c9"}] * 2)
    found = campaigns(of, found_campaigns([0, 0, 2, 2], [0] * 4), before)
    told = {name: (one["opened_build"], one["closed_build"]) for name, one in found.items()}
    assert told == {"c1": (2, None), "c3": (3, 7), "c4": (1, 5), "c9": (7, None)}
    assert [found[name]["adverts"] for name in ("c1", "c3", "c4")] == [2, 4, 6]


def test_a_build_without_campaigns_keeps_those_that_are_closed():
    before = {"campaigns": rows("campaigns", [{"campaign": "c1", "opened_build": 2}])}
    found = campaigns(adverts({}), found_campaigns([0], [0]), before)
    assert found["c1"]["closed_build"] == 7


def test_times_of_a_column_in_pieces_are_read():
    pieces = [adverts({"day": 1}), adverts({"day": 5})]
    found = identity_table(pa.concat_tables(pieces), identities((0, 1)), ["i1"], UNKNOWN[:1])
    assert found["last_seen"].to_pylist()[0] - found["first_seen"].to_pylist()[0] == (
        datetime.timedelta(days=4)
    )
