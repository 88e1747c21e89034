"""A sample has one final figure, and a record one revision, whoever is killed in between."""

import pytest

from adverts.errors import InputError, IntegrityError
from adverts_findings.survey.reports.finals import Final, add_final, read_finals, time_begun

AT = "2026-11-09T09:00:00+00:00"
FIRST = Final(("s",), "e44", None, "1" * 64, AT)
REVISION = Final(("s",), "e44-2", FIRST.id, "2" * 64, AT)
OTHER = Final(("t",), "e45", None, "3" * 64, AT)


@pytest.fixture
def listed(tmp_path):
    """A list with a final estimate and its revision."""
    path = tmp_path / "reviews" / "finals.jsonl"
    add_final(path, FIRST)
    add_final(path, REVISION)
    return path


def test_each_final_is_one_line_that_only_the_owner_reads(listed):
    add_final(listed, OTHER)
    assert read_finals(listed) == (FIRST, REVISION, OTHER)
    assert listed.stat().st_mode & 0o077 == 0


def test_the_same_final_is_not_added_twice(listed):
    before = listed.read_bytes()
    add_final(listed, FIRST)
    add_final(listed, REVISION)
    assert listed.read_bytes() == before


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Final(("s",), "again", None, "4" * 64, AT), r"final estimate of this sample: e44-2 \(22"),
        (Final(("s",), "e44", None, "4" * 64, AT), r"final estimate of this sample: e44-2 \(22"),
        (Final(("s",), "third", "9" * 64, "4" * 64, AT), "final estimate of this sample: e44-2"),
        (Final(("s",), "third", FIRST.id, "4" * 64, AT), "was revised already: e44-2"),
        (Final(("t",), "third", FIRST.id, "4" * 64, AT), "was revised already: e44-2"),
    ],
)
def test_a_second_final_and_a_second_revision_are_refused(listed, wanted, told):
    before = listed.read_bytes()
    with pytest.raises(InputError, match=told):
        add_final(listed, wanted)
    assert listed.read_bytes() == before


def test_the_latest_record_may_be_revised_even_from_another_sample(listed):
    moved = Final(("t",), "e44-3", REVISION.id, "4" * 64, AT)
    add_final(listed, moved)
    add_final(listed, Final(("s",), "e44-4", moved.id, "5" * 64, AT))
    assert len(read_finals(listed)) == 4


def test_a_final_that_was_begun_keeps_its_time(listed):
    begun = Final(("s",), "e44-2", FIRST.id)
    assert time_begun(listed, begun, final=True) == AT
    assert time_begun(listed, Final(("u",), "e46", None), final=True) is None
    assert time_begun(listed, Final(("s",), "e44-2", None), final=False) is None
    with pytest.raises(InputError, match="was revised already: e44-2"):
        time_begun(listed, begun, final=False)


def test_a_line_whose_writer_was_killed_is_none_and_is_written_over(listed):
    whole = listed.read_bytes()
    listed.write_bytes(whole[:-20])
    assert read_finals(listed) == (FIRST,)
    add_final(listed, REVISION)
    assert listed.read_bytes() == whole


def test_a_last_line_without_its_end_counts(listed):
    listed.write_bytes(listed.read_bytes()[:-1])
    add_final(listed, OTHER)
    assert read_finals(listed) == (FIRST, REVISION, OTHER)


def test_a_damaged_line_is_refused_and_named(listed):
    listed.write_bytes(b"{}\n" + listed.read_bytes())
    with pytest.raises(IntegrityError, match=r"finals.jsonl, line 1: "):
        read_finals(listed)


def test_no_list_holds_no_final(tmp_path):
    assert read_finals(tmp_path / "finals.jsonl") == ()
