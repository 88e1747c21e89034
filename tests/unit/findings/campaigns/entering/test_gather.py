"""A build's adverts: one row for each id, one key, and nobody whom a person barred."""

import datetime

import pyarrow as pa
import pytest

from adverts.data.dataset.tombstones import Tombstones
from adverts.data.review.reviews import item_name
from adverts.errors import InputError
from adverts.inputs.contacts.plain_names import WITHHELD
from adverts_findings.campaigns.bank.holds import Hold
from adverts_findings.campaigns.bank_tables import ENTRANTS, TABLES
from adverts_findings.campaigns.entering import gather as gathering
from adverts_findings.campaigns.entering.gather import Held
from adverts_findings.campaigns.entering.inputs import Input, candidates_table, entrants_table
from adverts_findings.campaigns.entering.words import Words

TODAY = datetime.date(2026, 11, 28)
LATER = TODAY + datetime.timedelta(days=30)


def rows(*ids, source="scores/a", until=LATER):
    columns = {one.name: pa.nulls(len(ids), one.type) for one in ENTRANTS}
    columns["id"] = pa.array(ids, pa.string())
    columns["source"] = pa.array([source] * len(ids), pa.string())
    columns["retain_until"] = pa.array([until] * len(ids), pa.date32())
    return pa.table(columns, schema=ENTRANTS)


def flagged(*ids, expires=LATER):
    schema = TABLES["candidates"]
    columns = {one.name: pa.nulls(len(ids), one.type) for one in schema}
    columns["id"] = pa.array(ids, pa.string())
    columns["expires"] = pa.array([expires] * len(ids), pa.date32())
    return pa.table(columns, schema=schema)


def brings(*ids, name="scores/a", key="k1", barred=(), candidates=None, until=LATER):
    return Input(
        name=name,
        hash="h",
        token_key_id=key,
        entrants=entrants_table([rows(*ids, source=name, until=until)]),
        candidates=candidates_table([] if candidates is None else [candidates]),
        barred=frozenset(barred),
        adverts=len(ids),
    )


def held(*ids, key="k1", candidates=None, before=None, holds=(), until=LATER, barred=None):
    waiting = candidates_table([] if candidates is None else [candidates])
    kept = TABLES["restricted"].empty_table() if before is None else before
    on = {one: Hold("advert", one, "Ana", "2027-01-01", "court", "2026-11-01") for one in holds}
    return Held(
        rows(*ids, source="scores/old", until=until),
        waiting,
        key,
        kept,
        on,
        TABLES["barred"].empty_table() if barred is None else barred,
    )


def gather(inputs, bank, words, *, today, erased=()):
    tombstones = Tombstones().and_of(erased)
    return gathering.gather(inputs, bank, words, erased=tombstones, today=today)


def ids(table):
    return table["id"].to_pylist()


def test_each_id_is_there_once_and_the_bank_keeps_its_own():
    found = gather(
        [brings("b", "a"), brings("b", "c", name="scores/b")], held("b"), Words(), today=TODAY
    )
    assert ids(found.entrants) == ["a", "b", "c"]
    assert found.entrants["source"].to_pylist() == ["scores/a", "scores/old", "scores/b"]
    assert found.new == 2


def test_the_order_of_inputs_changes_no_id():
    both = [brings("a", "b"), brings("c", name="scores/b")]
    first = gather(both, None, Words(), today=TODAY)
    second = gather(both[::-1], None, Words(), today=TODAY)
    assert first.entrants == second.entrants


def test_an_input_that_bars_an_advert_wins_over_one_that_brings_it():
    for order in ((0, 1), (1, 0)):
        inputs = [brings("a", "b"), brings(name="prepared/x", barred=["a"])]
        assert ids(gather([inputs[i] for i in order], None, Words(), today=TODAY).entrants) == ["b"]


def test_an_advert_leaves_the_bank_when_a_person_says_otherwise():
    words = Words(barred=frozenset({item_name("a")}))
    found = gather([], held("a", "b"), words, today=TODAY)
    assert (ids(found.entrants), found.barred) == (["b"], 1)


def test_an_advert_leaves_the_bank_after_its_last_day():
    last = gather([], held("a", until=TODAY), Words(), today=TODAY)
    assert ids(last.entrants) == ["a"]
    after = gather([], held("a", until=TODAY), Words(), today=TODAY + datetime.timedelta(days=1))
    assert (ids(after.entrants), after.expired) == ([], 1)


def test_an_expired_advert_does_not_come_back_with_its_input():
    yesterday = TODAY - datetime.timedelta(days=1)
    found = gather([brings("a", until=yesterday)], None, Words(), today=TODAY)
    assert ids(found.entrants) == []


def test_a_hold_keeps_what_would_leave_apart_from_all_else():
    words = Words(barred=frozenset({item_name("a")}))
    found = gather([], held("a", "b", holds=["a"]), words, today=TODAY)
    assert (ids(found.entrants), ids(found.restricted)) == (["b"], ["a"])
    assert found.restricted.to_pylist()[0]["held_by"] == "Ana"
    later = TODAY + datetime.timedelta(days=1)
    again = gather(
        [brings("a")], held("b", before=found.restricted, holds=["a"]), words, today=later
    )
    assert ids(again.entrants) == ["b"]
    assert again.restricted["since"].to_pylist() == [TODAY]


def test_what_was_restricted_leaves_when_its_hold_is_over():
    words = Words(barred=frozenset({item_name("a")}))
    kept = gather([], held("a", "b", holds=["a"]), words, today=TODAY).restricted
    assert ids(gather([], held("b", before=kept), words, today=TODAY).restricted) == []


def test_inputs_of_another_key_are_refused_by_name():
    with pytest.raises(InputError, match="tokens of scores/b were made with the key k2.*scores/a"):
        gather([brings("a"), brings("b", name="scores/b", key="k2")], None, Words(), today=TODAY)
    with pytest.raises(InputError, match="those of the bank with the key k1"):
        gather([brings("a", key="k2")], held("b"), Words(), today=TODAY)


def test_neither_bank_nor_input_is_told():
    with pytest.raises(InputError, match="there is no bank yet"):
        gather([], None, Words(), today=TODAY)


def test_candidates_wait_until_their_day_and_end_with_a_persons_word():
    words = Words(entering=frozenset({item_name("b")}))
    found = gather([brings("c", candidates=flagged("a", "b", "c"))], None, words, today=TODAY)
    assert ids(found.candidates) == ["a"]
    assert ids(found.entrants) == ["c"]
    later = LATER + datetime.timedelta(days=1)
    assert ids(gather([brings(candidates=flagged("a"))], None, words, today=later).candidates) == []


def test_reading_an_input_again_does_not_prolong_a_candidate():
    soon = TODAY + datetime.timedelta(days=3)
    found = gather(
        [brings(candidates=flagged("a", expires=LATER))],
        held(candidates=flagged("a", expires=soon)),
        Words(),
        today=TODAY,
    )
    assert found.candidates["expires"].to_pylist() == [soon]


def test_an_erased_advert_leaves_and_never_comes_back_with_its_input():
    found = gather(
        [brings("a", "b", candidates=flagged("c", "d"))],
        held("a", "x"),
        Words(),
        erased=["a", "c", "x"],
        today=TODAY,
    )
    assert (ids(found.entrants), ids(found.candidates)) == (["b"], ["d"])


def test_a_label_that_bars_is_not_forgotten_when_its_input_is_not_given_again():
    first = gather([brings(name="prepared/no", barred=["a"])], held("a", "b"), Words(), today=TODAY)
    assert ids(first.entrants) == ["b"]
    later = held("b", barred=first.forbidden)
    assert ids(gather([brings("a")], later, Words(), today=TODAY).entrants) == ["b"]
    again = gather([brings("a", name="prepared/no")], later, Words(), today=TODAY)
    assert ids(again.entrants) == ["a", "b"]


def test_what_an_advert_lacks_is_filled_from_another_input_in_any_order():
    timed = rows("a")
    place = timed.column_names.index("url")
    timed = timed.set_column(place, "url", pa.array(["https://x.example/1"]))
    one, other = brings("a", name="prepared/x"), brings("a", name="scores/x")
    other = Input(**{name: getattr(other, name) for name in other.__slots__} | {"entrants": timed})
    for inputs in ([one, other], [other, one]):
        found = gather(inputs, None, Words(), today=TODAY)
        assert found.entrants["url"].to_pylist() == ["https://x.example/1"]
    grown = gather([other], held("a"), Words(), today=TODAY)
    assert grown.entrants["url"].to_pylist() == ["https://x.example/1"]
    assert grown.entrants["source"].to_pylist() == ["scores/old"]


def named(platform, language):
    table = rows("a")
    for name, value in (("platform", platform), ("language", language)):
        table = table.set_column(ENTRANTS.get_field_index(name), name, pa.array([value]))
    return table


@pytest.mark.parametrize("hostile", ["+44 7700 900123", "@demo_fictional_07", "user@demo.example"])
def test_a_contact_in_the_place_of_a_platform_or_language_does_not_enter(hostile):
    [found] = entrants_table([named(hostile, hostile)]).to_pylist()
    assert (found["platform"], found["language"]) == (WITHHELD, WITHHELD)


def test_plain_and_missing_names_of_platforms_and_languages_enter_as_they_are():
    found = entrants_table([named("aster", "en"), rows("b")])
    assert found.schema == ENTRANTS
    assert found["platform"].to_pylist() == ["aster", None]
    assert found["language"].to_pylist() == ["en", None]
