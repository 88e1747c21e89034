"""Counts of what inputs held: every advert once, in its week, platform and language."""

from __future__ import annotations

import datetime
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.inputs.contacts.plain_names import WITHHELD
from adverts_findings.campaigns.entering.collected import SCHEMA, count_adverts, sum_counts, week_of

MONDAY = datetime.date(2026, 10, 26)
HOSTILE = ("+44 7700 900123", "@demo_fictional_07", "user@demo.example")


def counted(rows, source="scores/a"):
    weeks, platforms, languages, judged = zip(*rows, strict=True) if rows else ((), (), (), ())
    return count_adverts(
        pa.array(weeks, pa.date32()),
        pa.array(platforms, pa.string()),
        pa.array(languages, pa.string()),
        pa.array(judged, pa.bool_()),
        source=source,
    )


def plain(table):
    return {
        (one["week"], one["platform"], one["language"]): (one["adverts"], one["judged"])
        for one in table.to_pylist()
    }


CELLS = st.tuples(
    st.sampled_from([None, MONDAY, MONDAY + datetime.timedelta(weeks=1)]),
    st.sampled_from([None, "aster", "birch"]),
    st.sampled_from([None, "en", "sq"]),
    st.booleans(),
)


@settings(deadline=None, max_examples=50)
@given(st.lists(CELLS, max_size=30), st.integers(1, 5))
def test_every_advert_is_counted_once_however_the_input_is_divided(rows, pieces):
    parts = [counted(rows[i::pieces]) for i in range(pieces)]
    found = sum_counts(parts, source="scores/a")
    assert found.schema == SCHEMA
    adverts, judged = Counter(), Counter()
    for *cell, is_judged in rows:
        adverts[tuple(cell)] += 1
        judged[tuple(cell)] += is_judged
    assert plain(found) == {cell: (adverts[cell], judged[cell]) for cell in adverts}
    assert set(found["source"].to_pylist()) <= {"scores/a"}


def test_a_week_begins_on_monday_in_utc():
    moments = [
        "2026-10-25T23:59:59.999999+00:00",
        "2026-10-26T00:00:00+00:00",
        "2026-11-01T23:59:59+00:00",
        "2026-11-02T01:30:00+02:00",
        "1969-12-30T12:00:00+00:00",
    ]
    times = pa.array(
        [*map(datetime.datetime.fromisoformat, moments), None], pa.timestamp("us", "UTC")
    )
    assert week_of(times).to_pylist() == [
        datetime.date(2026, 10, 19),
        MONDAY,
        MONDAY,
        MONDAY,
        datetime.date(1969, 12, 29),
        None,
    ]


def test_a_column_that_is_no_name_of_a_platform_makes_no_large_table():
    rows = [(MONDAY, f"https://site.example/{i}", "en", True) for i in range(2_000)]
    rows += [(MONDAY, "aster", "en", False)] * 5
    found = sum_counts([counted(rows)], source="scores/a")
    assert len(found) <= 301
    assert sum(found["adverts"].to_pylist()) == 2_005
    assert plain(found)[MONDAY, "aster", "en"] == (5, 0)


def test_no_advert_is_no_row():
    assert len(sum_counts([], source="x")) == len(sum_counts([counted([])], source="x")) == 0


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_contact_in_the_place_of_a_platform_or_language_is_counted_and_not_kept(hostile):
    found = counted([(MONDAY, hostile, hostile, True), (MONDAY, "aster", "en", False)])
    assert plain(found) == {
        (MONDAY, WITHHELD, WITHHELD): (1, 1),
        (MONDAY, "aster", "en"): (1, 0),
    }


def test_what_is_withheld_of_several_platforms_is_counted_together():
    found = counted([(MONDAY, one, "en", False) for one in HOSTILE])
    assert plain(found) == {(MONDAY, WITHHELD, "en"): (len(HOSTILE), 0)}


def test_names_of_a_dictionary_in_several_chunks_are_counted_as_they_are():
    names = pa.chunked_array(
        [pa.array(["aster", None]).dictionary_encode(), pa.array(["birch"]).dictionary_encode()]
    )
    weeks = pa.array([MONDAY] * 3, pa.date32())
    judged = pa.array([False] * 3)
    found = count_adverts(weeks, names, pa.array(["en"] * 3), judged, source="scores/a")
    assert {one["platform"] for one in found.to_pylist()} == {"aster", None, "birch"}
