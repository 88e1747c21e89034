"""The page of a collection: every count, no script, and nothing that a source can break."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter

import pytest
from collected import collected, sample_of

from adverts.advert import Advert
from adverts.errors import IntegrityError
from adverts.runtime.predict.responses import NOTHING_TO_READ, Reading, Response, Versions
from adverts.scoring.collection_counts import CollectionCounts
from adverts.scoring.summary import grid_of, summary_page, write_summary

CELLS = {
    ("forum", "2026-W01", "en", "below"): 90,
    ("forum", "2026-W04", "ckb", "priority"): 7,
    ("board", "2026-W02", "en", "abstain"): 3,
    ("board", "(unknown)", "(unknown)", "review"): 1,
}


@pytest.fixture
def response():
    """Makes an answer to an advert in which something was read."""
    versions = Versions(*["1"] * 6, 1, 1, None, "labels", "fp32")
    return lambda reading: Response("x", "below", "", versions, reading=reading)


def page_of(collection):
    """Return the page of a collection."""
    return summary_page(collection, collection.drift)


def test_a_week_in_which_nothing_was_collected_is_seen(tmp_path):
    grid = grid_of(collected(tmp_path, [sample_of()], CELLS).counts)
    assert grid.weeks == ("2026-W01", "2026-W02", "2026-W03", "2026-W04")
    assert grid.rows == {"forum": (90, 0, 0, 7), "board": (0, 3, 0, 0)}
    assert grid.left_out == 1
    assert page_of(collected(tmp_path, [sample_of()], CELLS)).count('<td class="none">0') == 5


@pytest.mark.parametrize(
    "week", ["2026-W99", "2026-W00", "0000-W01", "9999-W52", "later", "", "2026-W1", "２０２６-W01"]
)
def test_a_week_that_is_none_breaks_nothing(tmp_path, week):
    grid = grid_of(collected(tmp_path, [sample_of()], {("a", week, "en", "below"): 4}).counts)
    assert len(grid.weeks) <= 1
    assert grid.left_out + sum(map(sum, grid.rows.values())) == 4


def test_weeks_centuries_apart_give_a_page_of_usual_width(tmp_path):
    cells = {("a", "1970-W01", "en", "below"): 4, ("a", "2900-W01", "en", "below"): 1}
    grid = grid_of(collected(tmp_path, [sample_of()], cells).counts)
    assert len(grid.weeks) == 24
    assert grid.left_out == 4


def test_what_a_source_names_is_escaped(tmp_path):
    cells = {
        ("<script>alert(1)</script>", "2026-W01", "en", "below"): 5,
        ("\u202eevil\x00\x1b[2J", "<b>", "ckb", "review"): 2,
    }
    page = page_of(collected(tmp_path, [sample_of()], cells))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not set(page) & {"\u202e", "\x00", "\x1b"}
    assert "default-src 'none'" in page


def test_the_page_says_what_counts_and_drift_are_not(tmp_path):
    page = page_of(collected(tmp_path, [sample_of()], CELLS))
    assert "not a count of harmful adverts" in page
    assert "what they mean" in page
    assert "<strong>Not drifted.</strong>" in page
    assert not re.search(r"<(script|link rel=.stylesheet|iframe|object|form)", page)


def test_drift_is_one_plain_sentence_a_fact(tmp_path):
    page = page_of(collected(tmp_path, [sample_of(sorani=430)], CELLS))
    assert "<strong>Drifted.</strong>" in page
    assert "43 % of the adverts are in the language ckb" in page


def test_a_bundle_without_facts_cannot_judge_drift(tmp_path):
    collection = collected(tmp_path, [sample_of()], CELLS, seen=None)
    assert collection.drift is None
    assert "Drift cannot be judged" in page_of(collection)


def test_a_collection_of_nothing_has_a_page(tmp_path):
    page = page_of(collected(tmp_path, []))
    assert "Scores of 0 adverts" in page
    assert "Cannot say" in page


def test_units_of_a_collection_add_up_in_any_order(tmp_path):
    rows = sample_of(sorani=430).rows
    parts = [
        {row: number for row, number in rows.items() if row[0] % 3 == part} for part in range(3)
    ]
    samples = []
    for part in parts:
        samples.append(sample_of(texts=0))
        samples[-1].rows = part
    whole = collected(tmp_path / "whole", [sample_of(sorani=430)], CELLS).drift
    assert collected(tmp_path / "parts", samples, CELLS).drift == whole
    assert collected(tmp_path / "back", samples[::-1], CELLS).drift == whole


def test_writing_twice_gives_the_same_files(tmp_path):
    collection = collected(tmp_path, [sample_of()], CELLS)
    write_summary(collection, collection.drift)
    first = {name: (tmp_path / name).read_bytes() for name in ("summary.html", "summary.json")}
    write_summary(collection, collection.drift)
    assert first == {name: (tmp_path / name).read_bytes() for name in first}
    record = json.loads(first["summary.json"])
    assert record["drift"]["verdict"] == "not drifted"
    assert "rows" not in json.dumps(record["counts"])


def test_a_damaged_receipt_is_named(tmp_path):
    collected(tmp_path, [sample_of()], CELLS)
    path = tmp_path / "receipts" / "000000.json"
    raw = json.loads(path.read_text())
    for damaged in ("sample", "cells"):
        path.write_text(json.dumps({**raw, "counts": {**raw["counts"], damaged: [[1, 2]]}}))
        from adverts.scoring.collection import open_collection
        from adverts.work.units.place import LocalPlace

        with pytest.raises(IntegrityError, match="000000.json is damaged"):
            open_collection(LocalPlace(tmp_path))


def test_a_collection_keeps_nothing_of_a_unit_but_what_is_as_long_for_each(tmp_path):
    from adverts.scoring.collection import open_collection
    from adverts.work.units.place import LocalPlace

    collected(tmp_path, [sample_of(), sample_of()], CELLS)
    collection = open_collection(LocalPlace(tmp_path))
    assert [receipt.counts for receipt in collection.receipts] == [{}, {}]
    assert collection.counts.cells


def test_the_table_of_the_terminal_is_short_and_says_what_it_is_not():
    counts = CollectionCounts(adverts=0)
    for number in range(50):
        counts._count(f"p{number}", "2026-W01", "en", "below", number + 1)
        counts.adverts += number + 1
    lines = list(counts.table())
    assert len(lines) == 9
    assert lines[1].split()[:3] == ["platform", "p49", "50"]
    assert "not a count of harmful adverts" in lines[-1]


def test_a_name_of_several_lines_is_one_line_of_a_terminal():
    counts = CollectionCounts(adverts=2)
    counts._count("a\nscored 0 adverts\x1b[2J", "2026-W01", "en", "below", 2)
    told = [line for line in counts.table() if "platform" in line]
    assert len(told) == 1
    assert told[0].startswith("platform a?scored 0 adverts?[2J")


def test_adverts_with_pictures_are_counted_by_what_was_read(response):
    counts = CollectionCounts()
    for reading, pictured in (
        (Reading(Advert("x", ocr_text="text"), (None, "text")), True),
        (Reading(Advert("x", ocr_text=""), (None, None)), True),
        (Reading(Advert("x", "caption"), ("caption", None)), True),
        (None, True),
        (Reading(Advert("x", "caption"), ("caption", None)), False),
    ):
        counts.add(response(reading), platform="a" * 1_000, week=None, pictured=pictured)
    assert (counts.pictures, counts.pictures_read, counts.pictures_without_text) == (4, 2, 1)
    assert {cell[0] for cell in counts.cells} == {"withheld"}


def test_a_contact_in_the_column_of_the_platform_is_in_no_count(response):
    counts = CollectionCounts()
    for platform in ("telegram", "call +44 7700 900123", "ann@mail.example", "a\nb"):
        reading = Reading(Advert("x", "caption"), ("caption", None))
        counts.add(response(reading), platform=platform, week=None, pictured=False)
    assert {cell[0] for cell in counts.cells} == {"telegram", "withheld"}


def lines_of(**counted):
    """Return the lines of a terminal for some counts."""
    counts = CollectionCounts(adverts=9, **counted)
    return "\n".join(counts.lines())


def test_what_cannot_be_used_is_a_line_of_its_own_and_only_if_there_is_any(tmp_path):
    abstained = Counter({NOTHING_TO_READ: 4, "letters": 3})
    told = lines_of(abstained=abstained, unusable_times=1_200, repeated_ids=1)
    assert "4 with nothing to read, left to a person" in told
    assert "3 need review by a person: letters" in told
    assert "1,200 unusable times: posted_at is not in ISO 8601" in told
    assert "1 repeated id within units" in told
    assert NOTHING_TO_READ not in told
    assert not any(word in lines_of() for word in ("nothing to read", "unusable", "repeated"))


def test_the_page_says_what_cannot_be_used_only_if_there_is_any(tmp_path):
    collection = collected(tmp_path, [sample_of()], CELLS)
    words = ("nothing to read", "unusable time", "repeated id", "Scored, but left to a person")
    assert not any(word in page_of(collection) for word in words)
    counts = collection.counts
    counts.abstained[NOTHING_TO_READ] = 4
    counts.unusable_times = counts.repeated_ids = 1_200
    page = page_of(collection)
    assert "4 with nothing to read (4.0 %): no text" in page
    assert "1,200 unusable times: " in page
    assert "1,200 repeated ids: these adverts have the id of an earlier one" in page
    assert "Scored, but left to a person" not in page
    counts.abstained["letters"] = 3
    assert "Scored, but left to a person" in page_of(collection)


def test_every_count_adds_up_and_survives_a_receipt():
    one = CollectionCounts(2, 1, Counter(a=1), Counter(b=1), Counter({("x", "y", "z", "below"): 2}))
    one.pictures, one.pictures_read, one.pictures_without_text = 3, 2, 1
    one.unusable_times, one.repeated_ids, one.evidence_faults = 5, 6, Counter(url=7)
    both = CollectionCounts.of_plain(json.loads(json.dumps(one.plain())))
    assert both == one
    both.merge(one)
    assert [both.unusable_times, both.repeated_ids, both.evidence_faults["url"]] == [10, 12, 14]
    assert both.plain().keys() == {name.name for name in dataclasses.fields(CollectionCounts)}


def test_the_last_weeks_are_shown_whatever_platform_they_are_of():
    counts = CollectionCounts()
    for week, platform in (("2026-W01", "b"), ("2026-W48", "a"), ("2026-W47", "b")):
        counts.cells[platform, week, "en", "below"] = 1
    for number in range(10, 16):
        counts.cells["c", f"2026-W{number}", "en", "below"] = 1
    weeks = [line.split()[1] for line in counts.table() if line.startswith("week")]
    assert weeks == ["2026-W13", "2026-W14", "2026-W15", "2026-W47", "2026-W48"]
