"""Cells that evidence keeps, and those that it refuses."""

import datetime

import pytest

from adverts.scoring.evidence.evidence_cells import (
    item_id_of,
    platform_of,
    time_of,
    url_of,
    views_of,
)

UTC = datetime.UTC


@pytest.mark.parametrize("read", [item_id_of, platform_of, time_of, url_of, views_of])
@pytest.mark.parametrize("cell", [None, "", "  ", float("nan")])
def test_an_empty_cell_is_nothing(read, cell):
    assert read(cell) is None


@pytest.mark.parametrize("read", [item_id_of, platform_of, time_of, url_of, views_of])
@pytest.mark.parametrize("cell", [[], {}, b"x", ["2026-01-01"], "a\nb", "\ud800", "x" * 3_000])
def test_a_hostile_cell_is_refused(read, cell):
    with pytest.raises(ValueError, match=r".+"):
        read(cell)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("2026-05-01T10:00:00+02:00", datetime.datetime(2026, 5, 1, 8, tzinfo=UTC)),
        ("2026-05-01T10:00:00Z", datetime.datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01 10:00", datetime.datetime(2026, 5, 1, 10, tzinfo=UTC)),
        (datetime.date(2026, 5, 1), datetime.datetime(2026, 5, 1, tzinfo=UTC)),
        (datetime.datetime(2026, 5, 1, 10), datetime.datetime(2026, 5, 1, 10, tzinfo=UTC)),
    ],
)
def test_times_are_in_utc(cell, found):
    assert time_of(cell) == found


@pytest.mark.parametrize(
    "cell", ["yesterday", "01/05/2026", 1_700_000_000, "0001-01-01T00:00+14:00", True]
)
def test_what_is_no_time_is_refused(cell):
    with pytest.raises(ValueError, match=r".+"):
        time_of(cell)


def test_views_are_whole_numbers_of_64_bits():
    assert [views_of(cell) for cell in ("7", 7, 7.0, " 0 ", 2**63 - 1)] == [7, 7, 7, 0, 2**63 - 1]
    for cell in ("-1", "1.5", "1.2K", "1,000", 2**63, "9" * 30, float("inf"), True, "٧"):
        with pytest.raises(ValueError, match=r".+"):
            views_of(cell)


def test_a_text_is_neither_an_address_nor_an_id():
    assert url_of(" https://posts.example/ä?x=1 ") == "https://posts.example/ä?x=1"
    assert item_id_of(12) == "12"
    assert platform_of("Market place") == "Market place"
    assert platform_of("call +44 7700 900123") == "withheld"
    for cell in ("boat tonight https://posts.example", "posts.example/1", "https://"):
        with pytest.raises(ValueError, match="another form"):
            url_of(cell)
    with pytest.raises(ValueError, match="another form"):
        item_id_of("boat tonight")
