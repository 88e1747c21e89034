"""The journal: what is whole counts, the rest is passed over."""

import stat

import pytest

from adverts.data.dataset.spool_journal import Kept, Refused, SpoolJournal

A, B, C = b"a" * 32, b"b" * 32, b"c" * 32
KEPT = Kept(0, 7, b"k" * 32, b"\0\n\xff")
LATER = Kept(7, 9, b"l" * 32, b"")
REFUSED = Refused("picture cannot be decoded: é")


def opened(path, rules="1"):
    journal = SpoolJournal(path, rules)
    journal.close()
    return journal.entries


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "journal"
    journal = SpoolJournal(path, "1")
    for source, entry in ((A, KEPT), (B, REFUSED), (C, LATER)):
        journal.add(source, entry)
    journal.close()
    return path


def test_entries_come_back_as_they_were_added(path):
    assert opened(path) == {A: KEPT, B: REFUSED, C: LATER}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_later_entry_of_the_same_file_counts(path):
    journal = SpoolJournal(path, "1")
    journal.add(A, LATER)
    journal.close()
    assert opened(path)[A] == LATER


def test_wherever_a_process_was_killed_only_whole_entries_count(path):
    data = path.read_bytes()
    ends = [i + 1 for i, byte in enumerate(data) if byte == ord("\n")]
    for length in range(len(data)):
        path.write_bytes(data[:length])
        entries = opened(path)
        assert list(entries) == [A, B, C][: max(sum(end <= length for end in ends) - 1, 0)]


def test_what_is_added_after_a_torn_line_is_read(path):
    path.write_bytes(path.read_bytes()[:-5])
    journal = SpoolJournal(path, "1")
    journal.add(C, REFUSED)
    journal.close()
    assert opened(path) == {A: KEPT, B: REFUSED, C: REFUSED}


def test_a_damaged_line_costs_that_line_alone(path):
    for place in range(path.stat().st_size):
        data = bytearray(path.read_bytes())
        data[place] ^= 4
        damaged = path.with_name("damaged")
        damaged.write_bytes(data)
        entries = opened(damaged)
        whole = {A: KEPT, B: REFUSED, C: LATER}
        assert len(entries) >= 1 or place < data.index(b"\n") + 1
        assert entries.items() <= whole.items()


def test_other_rules_forget_everything(path):
    assert opened(path, "2") == {}
    assert opened(path, "1") == {}


def test_rules_may_be_any_text(tmp_path):
    for expected in ({}, {A: KEPT}):
        journal = SpoolJournal(tmp_path / "journal", "1\né 2")
        assert journal.entries == expected
        journal.add(A, KEPT)
        journal.close()


def test_a_journal_is_not_followed_through_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        SpoolJournal(tmp_path / "link", "1")
