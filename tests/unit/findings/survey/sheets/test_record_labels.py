"""Sheets become reviews: what was read once changes nothing when it is read again."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from asked_sample import NOW, asked_sample, fill, name, said

from adverts.data.review.reviews import append_reviews, last_words, read_reviews
from adverts.errors import InputError, IntegrityError
from adverts_findings.survey.sheets.record_labels import (
    note_known,
    record_labels,
    require_all_known,
)
from adverts_findings.survey.sheets.sheet_csv import write_sheet

SAMPLE = asked_sample(draws=1, second=(), adjudicated=(), planted=())
AN_HOUR = 3_600
AT_TEN = 1_772_445_600.0
LATER = "2026-03-06T12:00:00+00:00"


@pytest.fixture
def sheets(tmp_path):
    """Two sheets without times: the second one, saved an hour later, corrects the first."""
    found = []
    for number, label in enumerate(("yes", "no")):
        path = tmp_path / f"{number}.csv"
        write_sheet(path, [name(0)], SAMPLE, 1)
        fill(path, {name(0): label})
        os.utime(path, times=(AT_TEN, AT_TEN + number * AN_HOUR))
        found.append(path)
    return found


def test_a_sheet_that_is_read_again_does_not_undo_a_correction(sheets, tmp_path):
    first, corrected = sheets
    path = tmp_path / "reviews.jsonl"
    record_labels(SAMPLE, [first], path, now=NOW)
    record_labels(SAMPLE, [corrected], path, now=NOW)
    record_labels(SAMPLE, [first, corrected], path, now=LATER)
    record_labels(SAMPLE, [first], path, now=LATER)
    assert [one.label for one in read_reviews(path)] == ["yes", "no"]
    assert [one.label for one in last_words(read_reviews(path))] == ["no"]


@pytest.mark.parametrize(("saved", "expected"), [(0.0, SAMPLE.sealed_at), (4e9, NOW)])
def test_a_sheet_with_the_time_of_another_clock_is_read(sheets, tmp_path, saved, expected):
    os.utime(sheets[0], times=(saved, saved))
    (found,) = record_labels(SAMPLE, sheets[:1], tmp_path / "reviews.jsonl", now=NOW)
    assert found.reviewed_at == expected


def test_a_correction_that_would_not_count_is_refused_until_its_time_is_cleared(sheets, tmp_path):
    first, corrected = sheets
    path = tmp_path / "reviews.jsonl"
    fill(first, {name(0): "yes"}, reviewed_at="2026-03-02T09:30:00Z")
    fill(corrected, {name(0): "no"}, reviewed_at="2026-03-02")  # a day without a time
    record_labels(SAMPLE, [first], path, now=NOW)
    with pytest.raises(InputError, match="said otherwise .* which counts"):
        record_labels(SAMPLE, [corrected], path, now=NOW)
    fill(corrected, {name(0): "no"}, reviewed_at="")
    record_labels(SAMPLE, [corrected], path, now=NOW)
    record_labels(SAMPLE, [first], path, now=NOW)
    assert [one.label for one in last_words(read_reviews(path))] == ["no"]


def test_reviews_older_than_those_that_a_sample_has_seen_are_refused(tmp_path):
    path, folder = tmp_path / "reviews.jsonl", tmp_path / "w44"
    folder.mkdir()
    require_all_known(folder, ())
    several = [said(SAMPLE, number, "yes", "anna") for number in (0, 1)]
    append_reviews(path, several[:1])
    note_known(folder, read_reviews(path))
    append_reviews(path, several[1:])
    require_all_known(folder, read_reviews(path))
    note_known(folder, read_reviews(path))
    for lost in ([], several[:1], [replace(several[0], label="no"), several[1]]):
        other = tmp_path / f"other-{len(lost)}-{bool(lost) and lost[0].label}.jsonl"
        append_reviews(other, lost)
        with pytest.raises(IntegrityError, match="bring back the file as it was"):
            require_all_known(folder, read_reviews(other))
    (folder / "reviews_known.json").write_text("{")
    with pytest.raises(IntegrityError, match="reviews_known.json is damaged"):
        require_all_known(folder, read_reviews(path))
