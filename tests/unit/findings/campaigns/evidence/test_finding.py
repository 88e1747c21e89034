import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_linking import Made, campaign, entrants, random_adverts, said, templates, token

from adverts.clusters.components import UnionFind
from adverts_findings.campaigns.edges import EDGE_KINDS
from adverts_findings.campaigns.evidence.drafts import components
from adverts_findings.campaigns.evidence.finding import find_edges
from adverts_findings.campaigns.found import FoundEvidence
from adverts_findings.campaigns.rules import LinkingRules

PHONE, OTHER_PHONE, HANDLE = token("PHONE", 0), token("PHONE", 1), token("HANDLE", 0)
PAGE = token("LINK", 0)
RULES = LinkingRules()
SILENT = 7 * RULES.silent_weeks


def find(adverts: Sequence[Made], rules: LinkingRules = RULES) -> FoundEvidence:
    return find_edges(entrants(adverts), templates(adverts), rules)


def edges_of(adverts: Sequence[Made], rules: LinkingRules = RULES) -> set[tuple[str, ...]]:
    return said(find(adverts, rules).edges, [one.id for one in adverts])


def joined(adverts: Sequence[Made], rules: LinkingRules = RULES) -> set[frozenset[str]]:
    """Return the sets of adverts that edges join."""
    edges = find(adverts, rules).edges
    joins = edges.of_status("joins")
    found = components(edges.first[joins], edges.second[joins], len(adverts))
    return {
        frozenset(one.id for one, of in zip(adverts, found.tolist(), strict=True) if of == number)
        for number in set(found.tolist())
    }


def test_adverts_that_show_one_contact_within_weeks_are_joined_in_the_order_of_time() -> None:
    adverts = [
        Made("late", 20, [PHONE]),
        Made("early", 0, [PHONE]),
        Made("between", 9, [PHONE]),
        Made("other", 9, [OTHER_PHONE]),
    ]
    assert edges_of(adverts) == {
        ("contact", "between", "early", "joins", ""),
        ("contact", "between", "late", "joins", ""),
    }


def test_an_edge_says_how_rare_what_it_shares_is_and_how_long_it_was_silent() -> None:
    adverts = [
        Made("a", 0, [PHONE], "one"),
        Made("b", 3, [PHONE], "two"),
        Made("c", 5.5, [PHONE], "two"),
        Made("d", 6, [PHONE]),
    ]
    edges = find(adverts).edges
    of_phone = edges.of_kind("contact")
    assert edges.silence[of_phone].tolist() == [3.0, 2.5, 0.5]
    assert set(edges.adverts[of_phone].tolist()) == {4}
    assert set(edges.accounts[of_phone].tolist()) == {2}
    assert not edges.across.any()


@pytest.mark.parametrize("shown", [{"contacts": [PHONE]}, {"contacts": [PAGE]}, {"account": "me"}])
def test_what_was_silent_for_longer_joins_nothing_by_itself(shown: dict[str, object]) -> None:
    (edge,) = edges_of(campaign("a", [0, SILENT + 1], **shown))
    assert edge[-2:] == ("rejected", "silent for 4 weeks, and nothing else in common")


def test_the_silence_that_is_allowed_is_inclusive() -> None:
    (edge,) = edges_of(campaign("a", [0, SILENT], contacts=[PHONE]))
    assert edge[-2:] == ("joins", "")


@pytest.mark.parametrize(
    "second",
    [
        {"contacts": [PHONE, HANDLE]},
        {"contacts": [PHONE, PAGE]},
        {"account": "me"},
        {"template": "t"},
        {"pictures": ["p"]},
    ],
)
def test_after_a_silence_a_second_kind_of_evidence_joins(second: dict[str, object]) -> None:
    shown = {"contacts": [PHONE], **second}
    assert joined(campaign("a", [0, 200], **shown)) == {frozenset({"a-000", "a-001"})}
    only_one = [*campaign("a", [0], **shown), *campaign("b", [200], contacts=[PHONE])]
    assert joined(only_one) == {frozenset({"a-000"}), frozenset({"b-000"})}


def test_a_second_kind_counts_wherever_in_the_spell_it_is_shown() -> None:
    before = campaign("a", range(0, 100, 10), contacts=[PHONE])
    after = campaign("b", range(300, 400, 10), contacts=[PHONE])
    before[2], after[7] = (replace(one, contacts=[PHONE, HANDLE]) for one in (before[2], after[7]))
    assert len(joined([*before, *after])) == 1
    edges = find([*before, *after]).edges
    far = {edges.value[at]: at for at in np.flatnonzero(edges.silence > SILENT).tolist()}
    assert {value: edges.silence[at] for value, at in far.items()} == {PHONE: 210, HANDLE: 350}
    assert set(edges.also[list(far.values())].tolist()) == {1 << EDGE_KINDS.index("contact")}
    assert not edges.against.any()


def test_on_another_platform_a_contact_joins_only_with_a_second_kind() -> None:
    shows = {"contacts": [PHONE]}
    (edge,) = edges_of(
        [*campaign("a", [0], **shows), *campaign("b", [1], platform="birch", **shows)]
    )
    assert edge[-2:] == ("rejected", "on another platform, and nothing else in common")
    (edge,) = edges_of([*campaign("a", [0], **shows), *campaign("b", [1], platform=None, **shows)])
    unknown = "on a platform that is not known, and nothing else in common"
    assert edge[-2:] == ("rejected", unknown)
    both = {"contacts": [PHONE], "template": "t"}
    adverts = [*campaign("a", [0], **both), *campaign("b", [1], platform="birch", **both)]
    edges = find(adverts).edges
    assert joined(adverts) == {frozenset({"a-000", "b-000"})}
    assert edges.across.all()


def test_a_platform_that_is_not_known_is_none_of_those_that_are() -> None:
    shows = {"contacts": [PHONE]}
    adverts = [*campaign("a", [0], **shows), *campaign("b", [1, 2], platform=None, **shows)]
    assert joined(adverts) == {frozenset({"a-000"}), frozenset({"b-000", "b-001"})}
    assert {one.platform for one in find(adverts).identities} == {"aster", None}


def test_the_time_of_collection_stands_for_an_unknown_time_of_posting() -> None:
    adverts = campaign("a", [0, 3, 9], contacts=[token("PHONE", "a")])
    timed = entrants(adverts)
    place = timed.column_names.index("posted_at")
    posted = timed["posted_at"]
    untimed = timed.set_column(place, "posted_at", pa.nulls(len(timed), posted.type))
    collected = untimed.set_column(
        untimed.column_names.index("collected_at"), "collected_at", posted
    )
    known = find_edges(timed, templates(adverts), LinkingRules()).edges
    found = find_edges(collected, templates(adverts), LinkingRules()).edges
    assert found.silence.tolist() == known.silence.tolist() != []
    assert found.of_status("joins").all()


def test_adverts_without_a_time_need_a_second_kind_even_with_each_other() -> None:
    adverts = [Made("a", None, [PHONE]), Made("b", None, [PHONE]), Made("c", 0, [PHONE])]
    assert {edge[-2:] for edge in edges_of(adverts)} == {
        ("rejected", "at an unknown time, and nothing else in common")
    }
    with_text = [replace(one, template="t") for one in adverts]
    assert joined(with_text) == {frozenset("abc")}


def test_a_document_number_is_no_contact_of_an_advertiser() -> None:
    assert not edges_of(campaign("a", [0, 1, 2], contacts=[token("DOCNO", 0)]))


def test_a_helpline_joins_nothing_even_where_only_one_advert_says_that_it_is_one() -> None:
    adverts = campaign("a", [0, 1, 2], contacts=[PHONE])
    adverts[1] = replace(adverts[1], public=[PHONE])
    found = find(adverts)
    assert len(found.edges) == 0
    assert [(one.value, one.reason, one.adverts) for one in found.listed] == [(PHONE, "public", 3)]
    assert found.identities == ()


def test_a_helpline_is_no_second_kind_of_evidence() -> None:
    adverts = campaign("a", [0, 200], contacts=[PHONE, HANDLE], public=[HANDLE])
    assert len(joined(adverts)) == 2


def poisoned(owners: int) -> list[Made]:
    """Return advertisers who share nothing but one contact, which each shows once."""
    adverts = []
    for owner in range(owners):
        mine = campaign(f"owner-{owner:02}", range(12), contacts=[token("PHONE", f"of {owner}")])
        mine = [replace(one, account=f"of {one.id}") for one in mine]
        mine[3] = replace(mine[3], contacts=[*mine[3].contacts, HANDLE])
        adverts += mine
    return adverts


def test_a_contact_that_many_advertisers_show_by_the_way_joins_nothing_and_is_listed() -> None:
    adverts = poisoned(12)
    found = find(adverts)
    assert len(joined(adverts)) == 12
    assert [(one.value, one.reason, one.adverts, one.accounts) for one in found.listed] == [
        (HANDLE, "shown by many (12)", 12, 12)
    ]


def test_it_is_listed_too_where_no_account_is_known() -> None:
    adverts = [replace(one, account=None) for one in poisoned(12)]
    assert [one.reason for one in find(adverts).listed] == ["shown by many (12)"]


def test_it_is_no_second_kind_of_evidence_either() -> None:
    adverts = poisoned(12)
    again = [
        Made("owner-00-later", 300, [token("PHONE", "of 0"), HANDLE]),
        Made("owner-01-later", 301, [token("PHONE", "of 1"), HANDLE]),
    ]
    assert len(joined([*adverts, *again])) == 14


def test_the_contact_of_one_busy_advertiser_is_not_taken_for_that_of_many() -> None:
    adverts = [
        replace(one, account=f"of {one.id}") for one in campaign("a", range(200), contacts=[PHONE])
    ]
    assert len(joined(adverts)) == 1
    assert find(adverts).listed == ()


def test_a_contact_of_more_accounts_than_allowed_joins_nothing() -> None:
    rules = LinkingRules(most_accounts=20)
    adverts = [
        replace(one, account=f"of {one.id}") for one in campaign("a", range(21), contacts=[PHONE])
    ]
    assert len(joined(adverts, rules)) == 21
    assert [one.reason for one in find(adverts, rules).listed] == ["busy (21 accounts)"]
    assert len(joined(adverts[:20], rules)) == 1


def test_a_reassigned_contact_joins_neither_owner_with_the_other() -> None:
    before = campaign("before", range(0, 60, 5), contacts=[PHONE, token("PHONE", "b")])
    after = campaign("after", range(120, 180, 5), contacts=[PHONE, token("PHONE", "a")])
    before = [replace(one, template="b", account="b") for one in before]
    after = [replace(one, template="a", account="a") for one in after]
    assert len(joined([*before, *after])) == 2
    edges = find([*before, *after]).edges
    (refused,) = np.flatnonzero(edges.of_status("rejected")).tolist()
    kinds = ("contact", "account", "template")
    assert edges.against[refused] == sum(1 << EDGE_KINDS.index(kind) for kind in kinds)
    assert edges.also[refused] == 0


def test_a_copycat_with_text_and_picture_of_another_is_not_joined_with_it() -> None:
    stolen = {"template": "t", "pictures": ["p"]}
    victim = campaign("victim", range(10), contacts=[PHONE], **stolen)
    thief = campaign("thief", range(5, 15), contacts=[OTHER_PHONE], **stolen)
    adverts = [*victim, *thief]
    assert len(joined(adverts)) == 2
    review = {edge for edge in edges_of(adverts) if edge[3] == "review"}
    assert len(review) == 1
    ((*_, reason),) = review
    assert reason == "the same template, and no contact, account or target in common"


def test_a_lone_advert_is_attached_to_the_one_campaign_that_shows_its_template() -> None:
    owner = campaign("owner", [0, 10, 20], contacts=[PHONE], template="t")
    adverts = [*owner, Made("lone", 12, template="t"), Made("other", 13, template="u")]
    assert ("template", "lone", "owner-001", "joins", "") in edges_of(adverts)
    assert joined(adverts) == {
        frozenset({"lone", *(one.id for one in owner)}),
        frozenset({"other"}),
    }


def test_an_equal_picture_attaches_a_lone_advert_too() -> None:
    owner = campaign("owner", [0, 10], contacts=[PHONE], pictures=["p"])
    adverts = [*owner, Made("lone", 1, pictures=["p"])]
    assert ("template", "lone", "owner-000", "joins", "") in edges_of(adverts)


def test_where_several_campaigns_show_a_template_a_lone_advert_is_for_people() -> None:
    owners = [
        one
        for n in range(5)
        for one in campaign(f"owner-{n}", [n, n + 1], contacts=[token("PHONE", n)], template="t")
    ]
    edges = {edge for edge in edges_of([*owners, Made("lone", 0, template="t")]) if "lone" in edge}
    assert len(edges) == 3
    assert {edge[-2:] for edge in edges} == {("review", "5 campaigns show this template")}


def test_adverts_that_share_a_template_and_nothing_else_are_not_joined() -> None:
    adverts = campaign("a", [0, 1, 2], template="t")
    assert edges_of(adverts) == {
        ("template", "a-000", "a-001", "review", "one template, and nothing else"),
        ("template", "a-001", "a-002", "review", "one template, and nothing else"),
    }


def test_every_value_of_every_advert_is_in_one_identity_of_its_spell() -> None:
    adverts = [
        *campaign("a", [0, 1, 200], contacts=[PHONE], account="me"),
        *campaign("b", [2], contacts=[PHONE, PAGE], platform="birch"),
    ]
    found = sorted(
        (one.kind, one.value, str(one.platform), one.rows) for one in find(adverts).identities
    )
    assert found == sorted(
        [
            ("account", "me", "aster", (0, 1)),
            ("account", "me", "aster", (2,)),
            ("contact", PHONE, "aster", (0, 1)),
            ("contact", PHONE, "aster", (2,)),
            ("contact", PHONE, "birch", (3,)),
            ("link_target", PAGE, "birch", (3,)),
        ]
    )


def test_nothing_is_found_where_nobody_enters() -> None:
    found = find([])
    assert (len(found.edges), found.identities, found.listed) == (0, (), ())


def test_nothing_is_found_where_adverts_show_nothing() -> None:
    assert not edges_of([Made("a", None, platform=None), Made("b", None, platform=None)])


def test_two_rows_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="an id of an advert occurs twice"):
        find([Made("a"), Made("a")])


def test_templates_of_other_adverts_are_refused() -> None:
    with pytest.raises(ValueError, match="1 templates of 2 adverts"):
        find_edges(entrants([Made("a"), Made("b")]), ["t"], RULES)


def facts(adverts: Sequence[Made]) -> list[tuple[object, ...]]:
    """Return all that is found, with ids in the place of rows."""
    found, ids = find(adverts), [one.id for one in adverts]
    edges = found.edges
    columns = (edges.kind, edges.adverts, edges.accounts, edges.also, edges.against, edges.status)
    numbers = zip(*(column.tolist() for column in columns), strict=True)
    rows = zip(edges.first.tolist(), edges.second.tolist(), edges.across.tolist(), strict=True)
    silences = np.nan_to_num(edges.silence, nan=-1.0).tolist()
    told: list[tuple[object, ...]] = [
        (ids[one], ids[other], across, silence, value, reason, *of)
        for (one, other, across), silence, value, reason, of in zip(
            rows, silences, edges.value, edges.reason, numbers, strict=True
        )
    ]
    told += [(one.value, one.platform, *(ids[row] for row in one.rows)) for one in found.identities]
    return [*told, *((one.value, one.reason, one.adverts) for one in found.listed)]


seeds = st.integers(0, 10**6)


@settings(deadline=None, max_examples=60)
@given(seeds, st.integers(0, 40))
def test_the_order_of_the_rows_does_not_matter(seed: int, count: int) -> None:
    rng = random.Random(seed)
    adverts = random_adverts(rng, count)
    assert facts(rng.sample(adverts, count)) == facts(adverts)


@settings(deadline=None, max_examples=60)
@given(seeds, st.integers(1, 40))
def test_an_unrelated_advert_changes_nothing_of_others(seed: int, count: int) -> None:
    adverts = random_adverts(random.Random(seed), count)
    stranger = Made("000", 7, [token("PHONE", "new")], "new", "birch", pictures=["new"])
    added = [one for one in facts([stranger, *adverts]) if "000" not in one]
    assert added == facts(adverts)


@settings(deadline=None, max_examples=60)
@given(seeds, st.integers(0, 60))
def test_edges_have_ends_that_show_what_they_share_and_reasons_where_they_do_not_join(
    seed: int, count: int
) -> None:
    adverts = random_adverts(random.Random(seed), count)
    edges = find(adverts).edges
    for kind, one, other, value, joins, reason in zip(
        edges.kind.tolist(),
        edges.first.tolist(),
        edges.second.tolist(),
        edges.value,
        edges.of_status("joins").tolist(),
        edges.reason,
        strict=True,
    ):
        both = adverts[one], adverts[other]
        assert one != other
        assert joins == (reason == "")
        if EDGE_KINDS[kind] == "account":
            assert {end.account for end in both} == {value}
        elif EDGE_KINDS[kind] == "template":
            assert value.startswith("picture:") or {end.template for end in both} == {value}
        else:
            assert all(value in end.contacts for end in both)


def joined_by_hand(adverts: Sequence[Made]) -> set[frozenset[int]]:
    """Return what contacts, accounts and targets join, by comparing all pairs with all."""
    shows = [
        {*one.contacts, one.account, one.named_template, *one.pictures} - {None} for one in adverts
    ]
    counts = Counter(value for one in shows for value in one)
    spells: dict[object, list[list[int]]] = {}
    order = sorted(range(len(adverts)), key=lambda row: (_day(adverts[row]), adverts[row].id))
    for row in order:
        for value in {*adverts[row].contacts, adverts[row].account} - {None}:
            mine = spells.setdefault((value, adverts[row].platform), [])
            if mine and _day(adverts[row]) - _day(adverts[mine[-1][-1]]) <= SILENT:
                mine[-1].append(row)
            else:
                mine.append([row])
    sets = UnionFind(len(adverts))
    every = [(value, spell) for (value, _), some in spells.items() for spell in some]
    for at, (value, spell) in enumerate(every):
        for row in spell:
            sets.union(spell[0], row)
        for other, before in every[:at]:
            sides = (set().union(*(shows[row] for row in part)) for part in (spell, before))
            common = set.intersection(*sides) - {value}
            if value == other and any(counts[one] > 1 for one in common):
                sets.union(spell[0], before[0])
    roots = [sets.find(row) for row in range(len(adverts))]
    return {frozenset(row for row, of in enumerate(roots) if of == root) for root in roots}


def _day(advert: Made) -> float:
    return math.inf if advert.day is None else advert.day


@settings(deadline=None, max_examples=100)
@given(seeds, st.integers(0, 60))
def test_evidence_joins_what_comparing_all_with_all_joins(seed: int, count: int) -> None:
    adverts = random_adverts(random.Random(seed), count)
    edges = find(adverts, LinkingRules(many_owners=1_000)).edges
    which = edges.of_status("joins") & ~edges.of_kind("template")
    found = components(edges.first[which], edges.second[which], count).tolist()
    sets = {frozenset(row for row, of in enumerate(found) if of == one) for one in found}
    assert sets == joined_by_hand(adverts)


def test_a_value_that_everybody_shows_at_one_second_gives_edges_in_their_number() -> None:
    adverts = [
        Made(f"{n:05}", 1.0, [PHONE], f"account-{n % 50}", template="t") for n in range(10_000)
    ]
    assert len(find(adverts).edges) < 3 * len(adverts)


def test_ten_thousand_adverts_of_no_time_give_edges_in_their_number() -> None:
    adverts = [
        Made(f"{n:05}", None, [PHONE], platform=f"platform-{n}", template=f"t-{n // 2}")
        for n in range(10_000)
    ]
    assert len(find(adverts).edges) < 4 * len(adverts)


def owners_of(count: int) -> list[Made]:
    """Return advertisers of twelve adverts each, who share nothing with each other."""
    return [
        one
        for owner in range(count)
        for one in campaign(f"owner-{owner}", range(12), contacts=[token("PHONE", f"of {owner}")])
    ]


def test_an_account_that_posts_the_adverts_of_many_again_joins_none_of_them() -> None:
    adverts = [
        replace(one, account="again" if one.id.endswith(("003", "007")) else f"of {one.id}")
        for one in owners_of(8)
    ]
    found = find(adverts)
    assert len(joined(adverts)) == 8
    assert [(one.kind, one.reason) for one in found.listed] == [("account", "shown by many (8)")]


def test_an_account_of_one_advertiser_with_many_contacts_is_its_own() -> None:
    adverts = [replace(one, account="me") for one in owners_of(8)]
    assert len(joined(adverts)) == 1
    assert find(adverts).listed == ()


def test_an_advert_that_lists_the_contacts_of_many_makes_no_campaign_of_them() -> None:
    adverts = owners_of(6)
    listing = Made("list", 6.5, [token("PHONE", f"of {owner}") for owner in range(6)], "me")
    assert len(joined([*adverts, listing])) == 7
    edges = {edge for edge in edges_of([*adverts, listing]) if "list" in edge}
    assert {edge[-2:] for edge in edges} == {("rejected", "in a list of 6 advertisers")}
    assert {name for edge in edges for name in edge[1:3]} == {
        "list",
        *(f"owner-{owner}-006" for owner in range(6)),
    }
    assert edges_of(adverts) < edges_of([*adverts, listing])


def test_two_such_lists_by_one_account_are_joined_by_it_alone() -> None:
    adverts = owners_of(6)
    contacts = [token("PHONE", f"of {owner}") for owner in range(6)]
    lists = [Made("list-a", 5.5, contacts, "me"), Made("list-b", 6.5, contacts, "me")]
    assert frozenset({"list-a", "list-b"}) in joined([*adverts, *lists])
    assert len(joined([*adverts, *lists])) == 7


def test_an_advertiser_with_many_contacts_in_every_advert_is_no_list() -> None:
    contacts = [token("PHONE", n) for n in range(6)]
    assert len(joined(campaign("a", range(12), contacts=contacts))) == 1


def test_a_text_that_very_many_show_is_no_second_kind_of_evidence() -> None:
    shows = {"contacts": [PHONE], "template": "t"}
    before, after = campaign("before", [0, 1], **shows), campaign("after", [200, 201], **shows)
    others = [
        one
        for owner in range(8)
        for one in campaign(
            f"o-{owner}", [0, 1], contacts=[token("PHONE", f"of {owner}")], template="t"
        )
    ]
    assert len(joined([*before, *after])) == 1
    assert len(joined([*before, *after, *others[:8]])) == 5
    assert len(joined([*before, *after, *others])) == 10


def test_a_lone_advert_is_not_attached_where_mostly_lone_adverts_show_its_template() -> None:
    owner = campaign("owner", [0, 1], contacts=[PHONE], template="t")
    lone = campaign("lone", [0, 1, 2], template="t")
    assert len(joined([*owner, *lone[:2]])) == 1
    assert len(joined([*owner, *lone])) == 4
    reasons = {edge[-1] for edge in edges_of([*owner, *lone]) if edge[0] == "template"}
    assert reasons == {"mostly adverts that stand alone show it"}


def test_adverts_whose_lists_are_not_known_show_nothing() -> None:
    table = entrants([Made("a", 0, [PHONE]), Made("b", 0, [PHONE])])
    for name in ("contacts", "public_contacts", "picture_sha256"):
        place = table.schema.get_field_index(name)
        field = table.schema.field(place)
        table = table.set_column(place, field, pa.nulls(2, field.type))
    assert len(find_edges(table, ["a", "b"], RULES).edges) == 0


def test_tables_in_pieces_give_the_same_as_whole_ones() -> None:
    adverts = random_adverts(random.Random(3), 40)
    pieces = pa.concat_tables([entrants(adverts[:13]), entrants([]), entrants(adverts[13:])])
    found = find_edges(pieces, templates(adverts), RULES)
    ids = [one.id for one in adverts]
    assert said(found.edges, ids) == edges_of(adverts)


@settings(deadline=None, max_examples=60)
@given(seeds, st.integers(0, 60))
def test_no_two_edges_have_one_name(seed: int, count: int) -> None:
    adverts = random_adverts(random.Random(seed), count)
    names = find(adverts).edges.names([one.id for one in adverts])
    assert len(set(names)) == len(names)


@settings(deadline=None, max_examples=60)
@given(seeds, st.integers(1, 60))
def test_edges_are_linear_in_what_adverts_show(seed: int, count: int) -> None:
    adverts = random_adverts(random.Random(seed), count)
    lines = sum(len(one.contacts) + len(one.pictures) + 2 for one in adverts)
    assert len(find(adverts).edges) <= 6 * lines


def test_a_text_that_thousands_show_gives_edges_in_the_number_of_adverts() -> None:
    adverts = [
        one
        for n in range(1_000)
        for one in campaign(
            f"o-{n}", [n % 90, n % 90 + 1], contacts=[token("PHONE", n)], template="t"
        )
    ]
    lone = [Made(f"lone-{n}", n % 90, template="t") for n in range(5_000)]
    assert len(find([*adverts, *lone]).edges) <= 3 * (len(adverts) + len(lone))


def test_adverts_with_very_many_contacts_give_edges_in_the_number_of_contacts() -> None:
    contacts = [token("PHONE", n) for n in range(300)]
    assert len(find(campaign("a", range(60), contacts=contacts)).edges) <= 300 * 60


def test_a_contact_that_was_pasted_into_the_adverts_of_many_stays_with_its_owner() -> None:
    contact = token("PHONE", "of 0")
    adverts = owners_of(6) + campaign("owner-0-more", range(12, 30), contacts=[contact])
    adverts = [
        replace(one, contacts=[*one.contacts, contact]) if one.id.endswith("-005") else one
        for one in adverts
    ]
    assert len(joined(adverts)) == 6
    refused = {edge for edge in edges_of(adverts) if edge[3] == "rejected"}
    assert len(refused) == 5
    assert {edge[-1] for edge in refused} == {"shown by the way, as 5 advertisers do"}
    assert find(adverts).listed == ()


def test_a_contact_that_few_others_show_still_joins() -> None:
    contact = token("PHONE", "of 0")
    adverts = owners_of(2) + campaign("owner-0-more", range(12, 30), contacts=[contact])
    adverts = [
        replace(one, contacts=[*one.contacts, contact]) if one.id == "owner-1-005" else one
        for one in adverts
    ]
    assert len(joined(adverts)) == 1


def test_lists_do_not_hide_that_a_contact_is_shown_by_many() -> None:
    adverts = poisoned(12)
    listing = Made("list", 6.5, [token("PHONE", f"of {owner}") for owner in range(12)])
    assert [one.reason for one in find([*adverts, listing]).listed] == ["shown by many (12)"]
    assert len(joined([*adverts, listing])) == 13


@pytest.mark.parametrize(("owners", "campaigns"), [(3, 1), (4, 4)])
def test_many_begins_at_the_number_of_the_rules(owners: int, campaigns: int) -> None:
    assert len(joined(poisoned(owners))) == campaigns
    contacts = [token("PHONE", f"of {owner}") for owner in range(owners)]
    lists = 0 if campaigns == 1 else 1
    adverts = [*owners_of(owners), Made("list", 6.5, contacts)]
    assert len(joined(adverts)) == campaigns + lists


def test_many_who_show_a_contact_less_often_than_their_own_are_not_joined_by_it() -> None:
    adverts = [
        replace(one, contacts=[*one.contacts, HANDLE]) if int(one.id[-3:]) % 3 == 0 else one
        for one in owners_of(6)
    ]
    (listed,) = find(adverts).listed
    assert listed.reason == "shown by many (6)"
    assert len(joined(adverts)) == 6


def test_a_contact_that_is_shown_more_often_than_any_other_joins_those_who_show_it() -> None:
    adverts = [
        one if int(one.id[-3:]) % 3 == 0 else replace(one, contacts=[HANDLE])
        for one in owners_of(6)
    ]
    adverts = [replace(one, contacts=[*one.contacts, HANDLE]) for one in adverts]
    assert find(adverts).listed == ()
    assert len(joined(adverts)) == 1


def test_few_adverts_of_each_of_many_advertisers_are_enough_to_see_what_all_show() -> None:
    adverts = [
        Made(f"{owner}-{i}", i, contacts=[token("PHONE", str(owner)), HANDLE][: 2 - i])
        for owner in range(50)
        for i in range(2)
    ]
    (listed,) = find(adverts).listed
    assert listed.reason == "shown by many (50)"
    assert max(map(len, joined(adverts))) == 2


def test_who_shows_a_contact_of_their_own_is_not_joined_by_a_text() -> None:
    victim = campaign("victim", range(10), contacts=[PHONE], template="t")
    thief = Made("thief", 4, contacts=[token("PHONE", "thief")], account="thief", template="t")
    edges = find([*victim, thief]).edges
    content = edges.chosen(edges.of_kind("template"))
    assert len(content) == 1
    assert not content.of_status("joins").any()
    assert max(map(len, joined([*victim, thief]))) == 10


def test_a_side_is_an_advert_and_the_two_next_to_it_away_from_the_other_end() -> None:
    """The handle is shown two adverts before the first end, and two after the second one."""
    adverts = campaign("a", range(8), contacts=[PHONE])
    shows = [replace(one, contacts=[PHONE, HANDLE]) for one in (adverts[1], adverts[6])]
    adverts = [adverts[0], shows[0], *adverts[2:6], shows[1], adverts[7]]
    edges = find(adverts).edges
    bit = 1 << EDGE_KINDS.index("contact")
    also = {
        (one, other): bits
        for one, other, value, bits in zip(
            edges.first.tolist(),
            edges.second.tolist(),
            edges.value,
            edges.also.tolist(),
            strict=True,
        )
        if value == PHONE
    }
    assert also == {(one, one + 1): bit if (one, one + 1) == (3, 4) else 0 for one in range(7)}


def test_text_and_picture_do_not_speak_for_each_other() -> None:
    both = {"template": "t", "pictures": ["p"]}
    owner = campaign("owner", [0, 1], contacts=[PHONE], **both)
    edges = find([*owner, Made("lone", 2, **both)]).edges
    assert edges.also[edges.of_kind("template")].tolist() == [0]
    assert edges.against[edges.of_kind("template")].tolist() == [0]


def test_who_shows_the_template_goes_before_who_shows_the_picture() -> None:
    by_text = campaign("text", [0, 1], contacts=[PHONE], template="t")
    by_picture = campaign("picture", [0, 1], contacts=[OTHER_PHONE], pictures=["p"])
    lone = Made("lone", 1, template="t", pictures=["p"])
    assert frozenset({"lone", "text-000", "text-001"}) in joined([*by_text, *by_picture, lone])
