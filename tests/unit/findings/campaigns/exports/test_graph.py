"""The graph of an export: counts and ends of the bank, only what may be kept, and no contact."""

import datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shown_bank import advert, bank, digits, edge, identity, phone, two_campaigns

from adverts.inputs.contacts.plain_names import WITHHELD, plain_name
from adverts_findings.campaigns.exports.columns import ADDRESSES, BETWEEN, LINKS, NODES
from adverts_findings.campaigns.exports.graph import READ, graph_of
from adverts_findings.campaigns.exports.plain_values import plain_reason, plain_tokens
from adverts_findings.campaigns.networks.find_networks import find_networks

KEY = b"a key of sixteen bytes or more"
TODAY = datetime.date(2026, 7, 1)


def graph(rows=None, *, today=TODAY, key=KEY, **asked):
    tables = bank(**(two_campaigns() if rows is None else rows))
    read = {
        name: tables[name].select(columns or tables[name].column_names)
        for name, columns in READ.items()
    }
    return graph_of(read, key=key, today=today, **asked)


def rows_of(table):
    return {one["id"]: one for one in table.to_pylist()}


def test_counts_are_those_of_the_bank():
    rows = two_campaigns()
    found = graph(rows)
    assert {name: len(found.nodes[name]) for name in NODES} == {
        "campaigns": 2,
        "identities": 3,
        "templates": 3,
        "adverts": 7,
    }
    assert len(found.links["evidence"]) == len(rows["edges"])
    assert len(found.links["in_campaign"]) == 6
    assert len(found.links["in_template"]) == 7
    assert len(found.links["shows"]) == 6
    first = rows_of(found.nodes["campaigns"])["c000001"]
    assert (first["adverts"], first["accounts"], first["templates"], first["identities"]) == (
        4,
        2,
        2,
        2,
    )
    assert found.left_out == 0


def test_every_end_of_a_link_is_a_node_of_its_kind():
    found = graph()
    ids = {name: set(table["id"].to_pylist()) for name, table in found.nodes.items()}
    assert sum(map(len, ids.values())) == len(set().union(*ids.values()))
    for name, (first, second, _) in BETWEEN.items():
        table = found.links[name]
        assert set(table["source"].to_pylist()) <= ids[first], name
        assert set(table["target"].to_pylist()) <= ids[second], name


def test_columns_are_the_documented_ones():
    found = graph()
    assert {name: tuple(table.column_names) for name, table in found.nodes.items()} == {
        name: tuple(columns) for name, columns in NODES.items()
    }
    assert {name: tuple(table.column_names) for name, table in found.links.items()} == {
        name: tuple(columns) for name, columns in LINKS.items()
    }


def test_the_evidence_of_the_bank_is_unchanged():
    rows = two_campaigns()
    told = rows_of(graph(rows).links["evidence"])
    for one in rows["edges"]:
        mine = told[one["edge"]]
        for name in ("kind", "adverts", "accounts", "weight", "probability", "status", "reason"):
            assert mine[name] == one[name]
    assert sum(one["bridge"] for one in told.values()) == len(rows["bridges"])


def test_an_account_is_written_so_that_no_program_reads_a_number():
    found = graph()
    [shared] = [one for one in found.links["evidence"].to_pylist() if one["kind"] == "account"]
    assert shared["value"] == "account:" + digits("second")
    assert rows_of(found.nodes["identities"])["i000002"]["value"] == "account:" + digits("second")
    assert all(one.startswith("account:") for one in found.nodes["adverts"]["account"].to_pylist())


def test_a_hypothesis_lies_between_two_campaigns_that_evidence_does_not_join():
    [one] = graph().links["hypothesis"].to_pylist()
    assert one == {
        "source": "c000001",
        "target": "c000002",
        "links": 1,
        "kinds": ["template"],
        "probability": 0.3,
    }


ENDS = st.sampled_from(["a0", "a1", "b0", "b1", "c0", "lone"])
WEAK = st.builds(
    lambda ends, kind, status, probability: edge(
        *ends, None, kind=kind, value=f"{kind} 1", status=status, probability=probability
    ),
    st.tuples(ENDS, ENDS).filter(lambda ends: ends[0] < ends[1]),
    st.sampled_from(["contact", "template", "judged"]),
    st.sampled_from(["joins", "review", "rejected"]),
    st.sampled_from([None, 0.1, 0.4]),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(WEAK, max_size=8, unique_by=lambda one: one["edge"]))
def test_an_export_has_the_hypotheses_of_the_page_of_networks(edges):
    homes = {"a": "c000001", "b": "c000002", "c": "c000003"}
    adverts = [advert(one, homes[one[0]]) for one in ("a0", "a1", "b0", "b1", "c0")]
    rows = {"adverts": [*adverts, advert("lone", None)], "edges": edges}
    networks = find_networks(bank(**rows))
    assert {
        (one["source"], one["target"]): (one["links"], one["kinds"], one["probability"])
        for one in graph(rows).links["hypothesis"].to_pylist()
    } == {
        (link.first, link.second): (link.edges, sorted(link.kinds), link.shared[0].probability)
        for network in networks
        for link in network.links
    }


def test_campaigns_that_a_person_called_different_are_no_hypothesis():
    rows = two_campaigns()
    said = edge("a2", "b1", kind="judged", value="j" + "3" * 16, status="rejected", reason="said")
    rows["edges"] = [*rows["edges"], said]
    assert len(graph(rows).links["hypothesis"]) == 0


@pytest.mark.parametrize(
    ("until", "there"),
    [(TODAY, True), (TODAY - datetime.timedelta(days=1), False), (None, True)],
)
def test_an_advert_is_exported_until_the_end_of_its_last_day(until, there):
    rows = two_campaigns()
    rows["adverts"] = [
        one | {"retain_until": until} if one["id"] == "b1" else one for one in rows["adverts"]
    ]
    found = graph(rows)
    assert found.left_out == (0 if there else 1)
    assert rows_of(found.nodes["campaigns"])["c000002"]["adverts"] == (2 if there else 1)


def test_what_rests_on_adverts_that_may_be_kept_no_longer_is_not_exported():
    rows = two_campaigns()
    over = {"retain_until": TODAY - datetime.timedelta(days=1)}
    rows["adverts"] = [
        one | over if one["campaign"] == "c000002" else one for one in rows["adverts"]
    ]
    found = graph(rows)
    assert set(rows_of(found.nodes["campaigns"])) == {"c000001"}
    assert set(rows_of(found.nodes["identities"])) == {"i000001", "i000002"}
    assert "t000003" not in rows_of(found.nodes["templates"])
    assert len(found.links["evidence"]) == len(rows["edges"]) - 2
    assert len(found.links["hypothesis"]) == 0
    assert len(found.links["of_campaign"]) == 2


def test_the_day_of_deletion_is_the_earliest_of_what_is_exported():
    rows = two_campaigns()
    days = [
        TODAY - datetime.timedelta(days=1),
        datetime.date(2027, 1, 1),
        datetime.date(2026, 9, 1),
    ]
    rows["adverts"] = [
        one | {"retain_until": days[place] if place < 3 else None}
        for place, one in enumerate(rows["adverts"])
    ]
    assert graph(rows).delete_by == datetime.date(2026, 9, 1)
    assert graph().delete_by is None


def test_an_empty_bank_is_an_empty_graph():
    found = graph({})
    assert not any(map(len, [*found.nodes.values(), *found.links.values()]))
    assert {name: tuple(one.column_names) for name, one in found.links.items()} == {
        name: tuple(columns) for name, columns in LINKS.items()
    }


def test_restricted_adverts_candidates_and_barred_ones_are_not_even_read():
    assert not {"restricted", "candidates", "barred", "listed"} & set(READ)


def test_ids_of_the_source_and_addresses_are_left_out_unless_asked_for():
    rows = two_campaigns()
    rows["adverts"] = [
        one | {"platform_item_id": f"item of {one['id']}"} for one in rows["adverts"]
    ]
    plain, full = graph(rows), graph(rows, addresses=True)
    assert not set(ADDRESSES) & set(plain.nodes["adverts"].column_names)
    told = {one["source_id"]: one for one in full.nodes["adverts"].to_pylist()}
    assert set(told) == {one["id"] for one in rows["adverts"]}
    assert told["a1"]["url"] == "https://site.example/posts/a1"
    assert told["a1"]["platform_item_id"] == "item of a1"
    assert plain.nodes["adverts"]["id"] == full.nodes["adverts"]["id"]


def test_the_token_of_an_advert_depends_on_the_key():
    one, same, other = graph(), graph(), graph(key=b"another key of sixteen bytes")
    names = [set(found.nodes["adverts"]["id"].to_pylist()) for found in (one, same, other)]
    assert names[0] == names[1]
    assert not names[0] & names[2]


HOSTILE = "+44 7700 900123"


def test_a_contact_where_a_token_or_a_name_belongs_is_not_passed_on():
    rows = two_campaigns()
    rows["adverts"] = [
        one | {"platform": "t.me/demo_fictional_07", "language": HOSTILE, "account": HOSTILE}
        for one in rows["adverts"]
    ]
    rows["edges"] = [one | {"value": HOSTILE, "reason": f"call {HOSTILE}"} for one in rows["edges"]]
    rows["identities"] = [
        one | {"value": HOSTILE, "platform": "@demo_fictional_07"} for one in rows["identities"]
    ]
    found = graph(rows)
    told = str([one.to_pylist() for one in [*found.nodes.values(), *found.links.values()]])
    assert "900123" not in told
    assert "demo_fictional" not in told


@pytest.mark.parametrize("name", ["aster", "X (Twitter)", "vk.com", "4chan", "pt-BR", "فيسبوك"])
def test_ordinary_names_of_platforms_stay(name):
    assert plain_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "@demo_fictional_01",
        "+447700900123",
        "t.me/demo_fictional_01",
        "a" * 41,
        "٠٧٧٠٠٩٠٠١٢٣",
    ],
)
def test_what_may_be_more_than_a_name_is_withheld(name):
    assert plain_name(name) == WITHHELD


def test_reasons_keep_names_of_judgements():
    reason = f"cut, since j{'1' * 16} says different"
    assert plain_reason(reason) == reason
    assert plain_reason("shown by many (17)") == "shown by many (17)"


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=40))
def test_only_tokens_and_names_of_the_bank_pass_for_tokens(text):
    tokens = [phone("x"), "c000001", "j" + "1" * 16, "account:" + digits("x")]
    asked = [text, None, *tokens, tokens[0] + "\n", "+44 7700 900123 " + tokens[0]]
    found = plain_tokens(pa.chunked_array([pa.array(asked, pa.string())])).to_pylist()
    assert found == [WITHHELD, None, *tokens, WITHHELD, WITHHELD]


def test_an_identity_without_a_platform_is_exported():
    rows = two_campaigns()
    rows["identities"] = [
        *rows["identities"],
        identity("i000009", "c000001", platform=None, shown_in=["a1"]),
    ]
    rows["adverts"] = [
        *rows["adverts"],
        advert("z", None, template=None, account=None, platform=None),
    ]
    found = graph(rows)
    assert rows_of(found.nodes["identities"])["i000009"]["platform"] is None
    assert len(found.links["in_template"]) == 7
