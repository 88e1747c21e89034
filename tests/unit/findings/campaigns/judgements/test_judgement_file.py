"""The file of judgements: kept through a kill, never doubled, damaged lines named."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from adverts.errors import InputError, IntegrityError
from adverts_findings.campaigns.judgements.judgement_file import append_judgements, read_judgements
from adverts_findings.campaigns.judgements.judgements import Judgement

pytestmark = pytest.mark.promise

CHAIN = ("number", "before", "hash")
FIRST = Judgement(
    said="same",
    first="a1",
    second="a2",
    anchors=(("a1", "a2"),),
    by="anna",
    at="2026-03-02T10:00:00+00:00",
    why="one line\nand another, “quoted”",
    drawn="random",
    chance=0.25,
    edge="e1",
)


def append(path, *judgements):
    return append_judgements(path, lambda known: judgements)


def test_judgements_come_back_as_they_were_said(tmp_path):
    path = tmp_path / "judgements.jsonl"
    undo = Judgement("undo", FIRST.id, "", (), "Björn", FIRST.at, "")
    assert append(path, FIRST, undo) == (FIRST, undo)
    assert read_judgements(path) == (FIRST, undo)


def test_a_file_that_is_not_there_yet_holds_no_judgement(tmp_path):
    assert read_judgements(tmp_path / "none.jsonl") == ()


def test_only_its_owner_reads_it(tmp_path):
    append(tmp_path / "bank" / "judgements.jsonl", FIRST)
    assert stat.S_IMODE((tmp_path / "bank" / "judgements.jsonl").stat().st_mode) == 0o600


def test_an_identical_judgement_is_not_added_twice(tmp_path):
    path = tmp_path / "judgements.jsonl"
    assert append(path, FIRST, FIRST) == (FIRST,)
    assert append(path, FIRST) == ()
    assert read_judgements(path) == (FIRST,)


def test_what_a_killed_writer_left_is_no_judgement_and_joins_no_later_line(tmp_path):
    path = tmp_path / "judgements.jsonl"
    append(path, FIRST)
    second = replace(FIRST, first="a3")
    with path.open("ab") as file:
        file.write(path.read_bytes()[:150])
    assert read_judgements(path) == (FIRST,)
    append(path, second)
    assert read_judgements(path) == (FIRST, second)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ('"said": "same"', '"said": "maybe"'),
        ('"chance": 0.25', '"chance": "0.25"'),
        ('"chance": 0.25', '"chance": NaN'),
        ('"drawn": "random"', '"drawn": "by hand"'),
        ('[["a1", "a2"]]', '[["a1"]]'),
        ('"why"', '"more": 1, "why"'),
        ('"by": "anna"', '"by": "anna", "by": "bob"'),
    ],
)
def test_a_line_with_another_value_is_named_and_nothing_is_appended(tmp_path, key, value):
    path = tmp_path / "judgements.jsonl"
    append(path, replace(FIRST, first="a0"), FIRST)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[1].replace(key, value), lines[0], ""]))
    damaged = path.read_bytes()
    with pytest.raises(IntegrityError, match=r"judgements.jsonl, line 2: .*; bring back the line"):
        read_judgements(path)
    with pytest.raises(IntegrityError, match="line 2"):
        append(path, replace(FIRST, first="a9"))
    assert path.read_bytes() == damaged


@pytest.mark.parametrize("at", ["soon", "2026-13-02", "10:00"])
def test_a_time_that_cannot_be_compared_is_named_whoever_wrote_it(tmp_path, at):
    path = tmp_path / "judgements.jsonl"
    append(path, FIRST)
    written = path.read_bytes()
    with pytest.raises(InputError, match="wanted a time such as"):
        append(path, replace(FIRST, first="a9", at=at))
    assert path.read_bytes() == written
    plain = {name: one for name, one in json.loads(written).items() if name not in CHAIN}
    path.write_text(json.dumps(plain | {"at": at}) + "\n")
    path.with_name("judgements_count.json").unlink()
    damaged = path.read_bytes()
    with pytest.raises(IntegrityError, match="wanted a time such as"):
        read_judgements(path)
    with pytest.raises(IntegrityError, match="wanted a time such as"):
        append(path, replace(FIRST, first="a9"))
    assert path.read_bytes() == damaged


def test_an_error_while_judgements_are_made_appends_nothing(tmp_path):
    path = tmp_path / "judgements.jsonl"
    append(path, FIRST)

    def fail(known):
        raise InputError("no")

    with pytest.raises(InputError, match="no"):
        append_judgements(path, fail)
    assert read_judgements(path) == (FIRST,)


def test_many_writers_lose_and_mix_no_line(tmp_path):
    path = tmp_path / "judgements.jsonl"
    writers = [
        threading.Thread(
            target=lambda i=i: [append(path, replace(FIRST, first=f"{i}.{k}")) for k in range(8)]
        )
        for i in range(5)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(set(read_judgements(path))) == len(read_judgements(path)) == 40


APPENDING = """
import sys, itertools
from dataclasses import replace
from pathlib import Path
from adverts_findings.campaigns.judgements.judgement_file import append_judgements, read_judgements
path = Path(sys.argv[1])
(first,) = read_judgements(path)
for i in itertools.count():
    append_judgements(path, lambda known: [replace(first, first=f"i{i}", why="n" * 100_000)])
    print(i, flush=True)
"""


def test_a_writer_killed_at_work_loses_nothing_that_it_had_confirmed(tmp_path):
    path = tmp_path / "judgements.jsonl"
    append(path, FIRST)
    writer = subprocess.Popen([sys.executable, "-c", APPENDING, path], stdout=subprocess.PIPE)
    confirmed = [int(writer.stdout.readline()) for _ in range(5)]
    os.kill(writer.pid, signal.SIGKILL)
    confirmed += [int(line) for line in writer.communicate()[0].splitlines()]
    assert {f"i{i}" for i in confirmed} <= {one.first for one in read_judgements(path)}
    assert len(append(path, replace(FIRST, said="different"))) == 1


@pytest.mark.parametrize("place", ["a_file/judgements.jsonl", "a_folder"])
def test_judgements_that_cannot_be_written_say_what_to_do(tmp_path, place):
    (tmp_path / "a_file").write_text("")
    (tmp_path / "a_folder").mkdir()
    with pytest.raises(
        InputError,
        match="run the same command again|is a folder, not a file",
    ):
        append(tmp_path / place, FIRST)


def test_a_full_disk_is_reported_and_mended_by_appending_again(tmp_path, monkeypatch):
    path = tmp_path / "judgements.jsonl"
    append(path, FIRST)
    second = replace(FIRST, first="a7")
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:50]))
    with pytest.raises(InputError, match="the disk is full"):
        append(path, second)
    monkeypatch.undo()
    assert read_judgements(path) == (FIRST,)
    append(path, second)
    assert read_judgements(path) == (FIRST, second)


def test_a_line_of_an_earlier_release_is_read_and_keeps_its_name(tmp_path):
    path = tmp_path / "judgements.jsonl"
    append(path, FIRST)
    plain = json.loads(path.read_text())
    assert (plain.pop("about"), plain.pop("recorded_at")) == ([], "")
    assert [plain.pop(name) for name in CHAIN][0] == 1
    path.write_text(json.dumps(plain) + "\n")
    path.with_name("judgements_count.json").unlink()
    (read,) = read_judgements(path)
    assert (read, read.id) == (FIRST, "j6b8817525480c526")
    append(path, replace(FIRST, recorded_at="2026-03-02T11:00:00+00:00"))
    assert read_judgements(path) == (FIRST,)


def test_a_time_of_recording_that_cannot_be_compared_is_named(tmp_path):
    path = tmp_path / "judgements.jsonl"
    with pytest.raises(InputError, match="recorded_at: .*wanted a time such as"):
        append(path, replace(FIRST, recorded_at="today"))
