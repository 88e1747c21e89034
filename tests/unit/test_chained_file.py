"""Files that form a chain: logs of earlier releases still hold, and lines may be of any length."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.chained_file import ChainedFile
from adverts.errors import InputError, IntegrityError
from adverts.formats.log_entry import COUNT, LOG
from adverts.record_chain import Personal, salted
from adverts_findings.campaigns.bank.access_log import erase_personal, verify_log

pytestmark = pytest.mark.promise

ZEROS = "0" * 64
FIRST = "6f5bec66e28f78ccc1e590d44dc86199b0fd663770fcf1b107ae080f88ad9f3c"
SECOND = "5912c4681254886b9c8146ca71cfba4fcfa215b7175f947ee287fe06a1923c40"


def _personal(salt, value):
    digest = hashlib.sha256(f"{salt}\0{value}".encode()).hexdigest()
    return {"digest": digest, "salt": salt, "value": value}


def _line(number, before, own, salts):
    """Return a line of a log as it was written before logs and ledgers shared their code."""
    who, asked, why = map(_personal, salts, ("Ana", "c12", "case 7"))
    plain = {"schema_version": 1, "number": number, "at": f"2026-03-01T12:0{number}:00+00:00",
             "act": "find", "build": number, "who": who, "asked": asked, "why": why,
             "before": before, "hash": own}  # fmt: skip
    return json.dumps(plain) + "\n"


def test_a_log_that_was_written_by_an_earlier_release_still_holds(tmp_path):
    salts = ("26beac1e7b1b3b566839eb9e7ceeb209", "68fed75528358d94f19ae5bd6bd73528",
             "09e901870bf45ba1253cb0c7331eb608")  # fmt: skip
    later = ("ce9df33f6ae2a170a962459cef3ea686", "9d9fcb8a4ffda3a4e05e93d12653d5ee",
             "34b173e050de112d7415dbbcc882e33a")  # fmt: skip
    lines = _line(1, ZEROS, FIRST, salts) + _line(2, FIRST, SECOND, later)
    (tmp_path / LOG).write_text(lines)
    (tmp_path / COUNT).write_text(json.dumps({"schema_version": 1, "number": 2, "hash": SECOND}))
    assert verify_log(tmp_path) == 2
    assert erase_personal(tmp_path, lambda _: True) == 2
    assert verify_log(tmp_path) == 2


@dataclass(frozen=True, slots=True)
class Record:
    """A record of tests."""

    number: int
    text: str
    who: Personal
    before: str = ""
    hash: str = ""


def file_at(folder):
    return ChainedFile(Record, 1, folder / "file", "file")


def add(file, text):
    return file.append(lambda _: Record(0, text, salted("me")))


def test_lines_longer_than_what_is_read_at_once_are_followed_by_others(tmp_path):
    file = file_at(tmp_path)
    for size in (0, 3 << 20, 1, (1 << 20) - 200, 5 << 20, 7):
        add(file, "a" * size)
    assert [len(one.text) for one in file.verified()] == [
        0, 3 << 20, 1, (1 << 20) - 200, 5 << 20, 7
    ]  # fmt: skip


def test_a_long_torn_line_is_written_over(tmp_path):
    file = file_at(tmp_path)
    add(file, "one")
    with file.path.open("ab") as torn:
        torn.write(b"x" * (3 << 20))
    assert add(file, "two").number == 2
    assert [one.text for one in file.verified()] == ["one", "two"]


def test_a_whole_line_that_lacks_only_its_end_and_was_not_counted_is_no_line(tmp_path):
    file = file_at(tmp_path)
    add(file, "one")
    data, count = file.path.read_bytes(), file.count_path.read_bytes()
    add(file, "two")
    file.count_path.write_bytes(count)
    os.truncate(file.path, file.path.stat().st_size - 1)
    assert len(file.verified()) == len(file.read()) == 1
    assert add(file, "other").number == 2
    assert file.path.read_bytes().startswith(data)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.text(max_size=5), max_size=4), st.data())
def test_a_change_of_any_byte_is_noticed(tmp_path_factory, texts, data):
    folder = tmp_path_factory.mktemp("chain")
    file = file_at(folder)
    for text in ("first", *texts):
        add(file, text)
    content = bytearray(file.path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda one: one != content[place]))
    before = [json.loads(line) for line in bytes(content).splitlines()]
    content[place] = other
    file.path.write_bytes(bytes(content))
    try:
        found = file.verified()
    except IntegrityError:
        return
    # Only space around values can differ, and says nothing.
    assert [(one.text, one.hash) for one in found] == [(one["text"], one["hash"]) for one in before]


def test_a_file_that_cannot_be_read_is_one_line(tmp_path):
    file = file_at(tmp_path)
    file.path.mkdir()
    for act in (file.verified, file.read, lambda: add(file, "one"), file.turn().__enter__):
        with pytest.raises(InputError, match="file is a folder, not a file"):
            act()


def test_erasing_through_a_link_leaves_nothing_behind_it(tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    add(file_at(real), "one")
    (tmp_path / "file").symlink_to(real / "file")
    (tmp_path / "file_count.json").symlink_to(real / "file_count.json")
    assert file_at(tmp_path).erase(lambda _: True, ("who",)) == 1
    assert b'"me"' not in (real / "file").read_bytes()
    assert (tmp_path / "file").is_symlink()
