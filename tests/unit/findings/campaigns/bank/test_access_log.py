from __future__ import annotations

import errno
import json
import os
import random
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_bank import token

from adverts.chained_file import ChainedFile
from adverts.errors import InputError, IntegrityError
from adverts.formats.log_entry import COUNT, LOG
from adverts_findings.campaigns.bank.access_log import (
    erase_personal,
    read_log,
    record_access,
    verify_log,
)
from adverts_findings.campaigns.bank.bank_files import Pointer, write_pointer

pytestmark = pytest.mark.promise

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _record(folder, number=0, *, who="analyst one", asked="", why="case 7"):
    at = NOW + timedelta(minutes=number)
    return record_access(folder, "find", build=3, who=who, asked=asked, why=why, at=at)


@pytest.fixture
def log(tmp_path):
    for number in range(5):
        _record(tmp_path, number, who=f"analyst {number}", asked=token(str(number)))
    return tmp_path


def _lines(folder):
    return (folder / LOG).read_bytes().splitlines(keepends=True)


def test_each_line_says_who_when_what_and_why(tmp_path):
    entry = record_access(
        tmp_path,
        "export",
        build=4,
        who="analyst one",
        asked="c12",
        why="asked by the court",
        at=datetime(2026, 3, 1, 14, tzinfo=timezone(timedelta(hours=2))),
    )
    assert read_log(tmp_path) == (entry,)
    assert (entry.number, entry.act, entry.build) == (1, "export", 4)
    assert entry.at == "2026-03-01T12:00:00+00:00"
    said = [one.value for one in (entry.who, entry.asked, entry.why)]
    assert said == ["analyst one", "c12", "asked by the court"]


def test_the_chain_of_an_untouched_log_holds_and_is_counted(log):
    assert verify_log(log) == 5


def test_a_bank_without_a_log_has_no_lines_and_none_is_made(tmp_path):
    assert verify_log(tmp_path) == 0
    assert read_log(tmp_path) == ()
    assert erase_personal(tmp_path, lambda _: True) == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("field", ["number", "at", "act", "build", "before", "hash"])
@pytest.mark.parametrize("line", [1, 3, 5])
def test_a_changed_field_of_any_line_is_named(log, field, line):
    other = {"number": 9, "at": "2026", "act": "page", "build": 8, "before": "f" * 64, "hash": "e"}
    _change(log, line, lambda plain: plain | {field: other[field]})
    with pytest.raises(IntegrityError, match=rf"{LOG}, line {line}: it is not what was written"):
        verify_log(log)


@pytest.mark.parametrize("field", ["who", "asked", "why"])
@pytest.mark.parametrize("part", ["value", "salt", "digest"])
def test_a_changed_personal_field_is_named(log, field, part):
    _change(log, 2, lambda plain: plain | {field: plain[field] | {part: "somebody else"}})
    with pytest.raises(IntegrityError, match=f"{LOG}, line 2: it is not what was written"):
        verify_log(log)


def test_a_value_put_where_one_was_erased_is_named(log):
    erase_personal(log, lambda one: one.number == 2)
    _change(log, 2, lambda plain: plain | {"who": plain["who"] | {"value": "somebody else"}})
    with pytest.raises(IntegrityError, match="line 2"):
        verify_log(log)


def _change(folder, line, change):
    lines = _lines(folder)
    lines[line - 1] = json.dumps(change(json.loads(lines[line - 1]))).encode() + b"\n"
    (folder / LOG).write_bytes(b"".join(lines))


@pytest.mark.parametrize(
    ("order", "named"),
    [((1, 2, 3, 4), 1), ((0, 1, 3, 4), 3), ((0, 2, 1, 3, 4), 2), ((0, 1, 1, 2, 3, 4), 3)],
)
def test_a_line_that_was_removed_moved_or_repeated_is_named(log, order, named):
    lines = _lines(log)
    (log / LOG).write_bytes(b"".join(lines[place] for place in order))
    with pytest.raises(IntegrityError, match=f"line {named}: it is not what was written"):
        verify_log(log)


@pytest.mark.parametrize("kept", [0, 1, 4])
def test_an_end_that_was_cut_off_is_noticed_by_a_check_and_by_the_next_line(log, kept):
    (log / LOG).write_bytes(b"".join(_lines(log)[:kept]))
    for act in (verify_log, _record):
        with pytest.raises(IntegrityError, match=f"ends at line {kept} of 5: its end was cut off"):
            act(log)


def test_a_removed_log_is_noticed(log):
    (log / LOG).unlink()
    with pytest.raises(IntegrityError, match="ends at line 0 of 5"):
        verify_log(log)


def _built(folder, lines):
    write_pointer(folder, Pointer(3, "0" * 64, 9, log_lines=lines))


@pytest.mark.parametrize("lines", [1, 5])
def test_a_log_that_was_removed_with_its_count_is_missed_by_a_bank_that_logged_its_build(
    log, lines
):
    _built(log, lines)
    assert verify_log(log) == 5
    (log / LOG).unlink()
    (log / COUNT).unlink()
    missed = rf"{LOG} has 0 lines, and had {lines} when the bank was built; bring back the log"
    for act in (verify_log, _record, lambda folder: erase_personal(folder, bool)):
        with pytest.raises(IntegrityError, match=missed):
            act(log)
    assert not (log / COUNT).exists()


def test_a_log_and_a_count_of_before_the_build_are_noticed(log):
    old = {name: (log / name).read_bytes() for name in (LOG, COUNT)}
    _record(log)
    _built(log, 6)
    assert verify_log(log) == 6
    for name, content in old.items():
        (log / name).write_bytes(content)
    for act in (verify_log, _record):
        with pytest.raises(IntegrityError, match="has 5 lines, and had 6 when the bank was built"):
            act(log)


def test_a_bank_whose_builds_were_not_logged_may_have_no_log(tmp_path):
    _built(tmp_path, 0)
    pointer = json.loads((tmp_path / "bank.json").read_text())
    del pointer["log_lines"]
    (tmp_path / "bank.json").write_text(json.dumps(pointer))
    assert verify_log(tmp_path) == 0
    assert _record(tmp_path).number == 1
    assert verify_log(tmp_path) == 1


def test_a_counted_line_that_lost_its_end_is_not_written_over(log):
    os.truncate(log / LOG, (log / LOG).stat().st_size - 1)
    with pytest.raises(IntegrityError, match="ends at line 4 of 5"):
        _record(log)


def test_a_removed_or_damaged_count_is_noticed(log):
    (log / COUNT).unlink()
    with pytest.raises(IntegrityError, match=f"{COUNT} counts 0 of 5 lines"):
        verify_log(log)
    (log / COUNT).write_text("[]")
    with pytest.raises(IntegrityError, match=f"{COUNT} is damaged"):
        verify_log(log)


def test_a_log_written_anew_with_another_chain_does_not_fit_the_count(log, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    for number in range(5):
        _record(other, number)
    (log / LOG).write_bytes((other / LOG).read_bytes())
    with pytest.raises(IntegrityError, match="line 5: it is not what was written"):
        verify_log(log)
    with pytest.raises(IntegrityError, match="line 5: it is not what was written"):
        _record(log)


def test_a_line_torn_by_a_kill_is_written_over(log):
    with (log / LOG).open("ab") as file:
        file.write(b'{"schema_version": 1, "number": 6, "at"')
    assert verify_log(log) == 5
    assert _record(log).number == 6
    assert verify_log(log) == 6


class _Killed(BaseException):
    """Stands for a SIGKILL."""


def test_any_number_of_kills_between_line_and_count_is_mended(log, monkeypatch):
    real = ChainedFile._write_count
    for killed_at in (6, 7, 8):

        def until_killed(file, entry, killed_at=killed_at):
            if entry.number == killed_at:
                raise _Killed
            real(file, entry)

        monkeypatch.setattr(ChainedFile, "_write_count", until_killed)
        with pytest.raises(_Killed):
            _record(log)
        assert verify_log(log) == killed_at
    monkeypatch.undo()
    assert _record(log).number == 9
    assert verify_log(log) == 9


@pytest.mark.slow
def test_lines_of_many_processes_at_once_make_one_chain(tmp_path):
    program = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from adverts_findings.campaigns.bank.access_log import record_access\n"
        "for i in range(10): record_access(Path(sys.argv[1]), 'find', build=1, who='me',"
        " asked='', why='test', at=datetime.now(UTC))\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    running = [subprocess.Popen(command) for _ in range(3)]
    assert [one.wait() for one in running] == [0, 0, 0]
    assert verify_log(tmp_path) == 30


def test_after_sigkill_at_random_moments_the_chain_holds_and_goes_on(tmp_path):
    program = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from adverts_findings.campaigns.bank.access_log import erase_personal, record_access\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    record_access(Path(sys.argv[1]), 'find', build=1, who='me', asked='', why='test',"
        " at=datetime.now(UTC))\n"
        "    erase_personal(Path(sys.argv[1]), lambda one: one.number % 7 == 0)\n"
    )
    draw, lines = random.Random(3), 0
    for _ in range(3):
        command = [sys.executable, "-c", program, str(tmp_path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(draw.uniform(0.05, 0.3))
        process.kill()
        process.wait()
        assert verify_log(tmp_path) >= lines
        lines = _record(tmp_path).number
        assert verify_log(tmp_path) == lines
    assert lines > 3


def test_erased_fields_are_nowhere_and_the_chain_still_holds(log):
    assert erase_personal(log, lambda one: one.who.value == "analyst 2") == 1
    assert verify_log(log) == 5
    erased = read_log(log)[2]
    assert (erased.who.value, erased.who.salt, erased.asked.value, erased.why.value) == ("",) * 4
    assert erased.who.is_erased
    content = b"".join(path.read_bytes() for path in log.iterdir())
    assert b"analyst 2" not in content
    assert token("2").encode() not in content
    assert _record(log).number == 6
    assert verify_log(log) == 6


def test_only_the_named_fields_of_the_named_lines_are_erased_and_only_once(log):
    asked = token("3")
    assert erase_personal(log, lambda one: one.asked.value == asked, fields=("asked",)) == 1
    assert erase_personal(log, lambda one: one.number == 4, fields=("asked",)) == 0
    entries = read_log(log)
    assert [one.asked.is_erased for one in entries] == [False, False, False, True, False]
    assert [one.who.is_erased for one in entries] == [False] * 5


def test_equal_values_leave_different_hashes_so_that_erased_ones_cannot_be_guessed(tmp_path):
    digests = {_record(tmp_path, number).who.digest for number in range(4)}
    assert len(digests) == 4


def test_nothing_is_erased_from_a_log_that_was_changed(log):
    _change(log, 2, lambda plain: plain | {"build": 9})
    before = (log / LOG).read_bytes()
    with pytest.raises(IntegrityError, match="line 2"):
        erase_personal(log, lambda _: True)
    assert (log / LOG).read_bytes() == before


@pytest.mark.parametrize(("field", "value"), [("who", ""), ("who", " \n"), ("why", "")])
def test_nobody_and_no_reason_are_refused(tmp_path, field, value):
    with pytest.raises(InputError, match=f"needs to know {field}; give {field}=…"):
        _record(tmp_path, **{field: value})
    assert not (tmp_path / LOG).exists()


def test_a_text_too_long_is_refused(tmp_path):
    with pytest.raises(InputError, match="why has 10,001 letters, at most 10,000"):
        _record(tmp_path, why="a" * 10_001)


def test_a_full_disk_is_one_line_and_the_log_goes_on_afterwards(log, monkeypatch):
    def fail(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        with pytest.raises(InputError, match="log.jsonl cannot be written"):
            _record(log)
    assert _record(log).number in (6, 7)
    verify_log(log)


def test_only_the_owner_can_read_the_log(log):
    erase_personal(log, lambda one: one.number == 1)
    assert {stat.S_IMODE((log / name).stat().st_mode) for name in (LOG, COUNT)} == {0o600}


@settings(deadline=None, max_examples=30)
@given(
    st.text(min_size=1, max_size=20).filter(str.strip),
    st.text(max_size=20),
    st.text(min_size=1, max_size=20).filter(str.strip),
)
def test_whatever_is_said_comes_back_and_keeps_the_chain(tmp_path_factory, who, asked, why):
    folder = tmp_path_factory.mktemp("log")
    _record(folder, who=who, asked=asked, why=why)
    _record(folder, who=who, asked=asked, why=why)
    assert verify_log(folder) == 2
    assert [one.asked.value for one in read_log(folder)] == [asked, asked]


def test_the_longest_texts_of_the_widest_letters_keep_the_chain(tmp_path):
    wide = "\U0001f4a1" * 10_000
    for _ in range(3):
        _record(tmp_path, who=wide, asked="\0" * 10_000, why="\ud800" * 10_000)
    assert verify_log(tmp_path) == 3


@pytest.mark.parametrize("line", ["{}", "[]", "\0", "{" * 1000])
def test_a_last_line_that_is_none_is_named(log, line):
    with (log / LOG).open("a") as file:
        file.write(line + "\n")
    with pytest.raises(IntegrityError, match=f"{LOG}, last line"):
        _record(log)
    with pytest.raises(IntegrityError, match=f"{LOG}, line 6"):
        verify_log(log)


def test_a_log_of_another_chain_with_one_line_more_does_not_fit_the_count(log, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    for number in range(6):
        _record(other, number)
    (log / LOG).write_bytes((other / LOG).read_bytes())
    with pytest.raises(IntegrityError, match="line 5: it is not what was written"):
        verify_log(log)


def test_a_log_that_cannot_be_read_is_one_line(tmp_path):
    (tmp_path / LOG).mkdir()
    for act in (verify_log, read_log, _record, lambda folder: erase_personal(folder, bool)):
        with pytest.raises(InputError, match=f"{LOG} is a folder, not a file"):
            act(tmp_path)


def test_which_ledger_the_bank_knows_stays_when_who_and_why_are_erased(log):
    said = "ledger of the shares"
    record_access(log, "ledger", build=1, who="Ana", asked=said, why="shared.jsonl", at=NOW)
    assert erase_personal(log, lambda _: True) == 6
    last = read_log(log)[-1]
    assert (last.who.value, last.asked.value, last.why.value) == ("", said, "")
    assert all(not one.asked.value for one in read_log(log)[:-1])
    assert verify_log(log) == 6
    assert erase_personal(log, lambda _: True) == 0
