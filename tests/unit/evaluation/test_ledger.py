"""The ledger of looks: nothing is lost, nothing damaged stops it, nobody else reads it."""

import os
import threading

import pytest

from adverts.errors import InputError
from adverts.evaluation.ledger import (
    Look,
    add_look,
    ledger_beside,
    looks_of_others,
    read_ledger,
)


def look(**changes):
    facts = {
        "when": "2026-01-02T03:04:05+00:00",
        "who": "demo",
        "model": "m1",
        "name": "text",
        "data_hash": "ab" * 32,
        "split": "test",
        "gate": "release",
        "report": "open",
        "commit": "c0ffee",
    }
    return Look(**{**facts, **changes})


def test_a_look_is_read_back(tmp_path):
    path = tmp_path / "looks.jsonl"
    add_look(path, look())
    add_look(path, look(model="m2", who="åsa"))
    assert read_ledger(path).looks == (look(), look(model="m2", who="åsa"))
    assert path.read_bytes().count(b"\n") == 2


def test_a_ledger_that_is_not_there_yet_is_empty(tmp_path):
    assert read_ledger(tmp_path / "none.jsonl").looks == ()


def test_only_its_owner_reads_it(tmp_path):
    add_look(tmp_path / "looks.jsonl", look())
    assert (tmp_path / "looks.jsonl").stat().st_mode & 0o077 == 0


def test_it_stands_beside_the_dataset(tmp_path):
    assert ledger_beside(tmp_path / "a.b") == tmp_path / "a.b.looks.jsonl"


def test_damaged_lines_are_told_and_the_others_count(tmp_path):
    path = tmp_path / "looks.jsonl"
    add_look(path, look())
    with path.open("ab") as file:
        file.write(b'{"half": \n\xff\xfe\n[]\n{"schema_version": 1, "who": 3}\n\n')
    add_look(path, look(model="m2"))
    ledger = read_ledger(path)
    assert [one.model for one in ledger.looks] == ["m1", "m2"]
    assert ledger.damaged == (2, 3, 4, 5)


def test_a_line_that_a_writer_left_half_costs_no_later_one(tmp_path):
    path = tmp_path / "looks.jsonl"
    path.write_bytes(b'{"schema_version": 1, "wh')
    add_look(path, look())
    assert read_ledger(path).looks == (look(),)
    assert read_ledger(path).damaged == (1,)


def test_many_writers_lose_no_line(tmp_path):
    path = tmp_path / "looks.jsonl"
    writers = [
        threading.Thread(
            target=lambda i=i: [add_look(path, look(model=f"{i}.{k}")) for k in range(20)]
        )
        for i in range(8)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    ledger = read_ledger(path)
    assert len({one.model for one in ledger.looks}) == 160
    assert ledger.damaged == ()


@pytest.mark.parametrize("place", ["a_file/looks.jsonl", "a_folder"])
def test_a_ledger_that_cannot_be_written_says_what_to_do(tmp_path, place):
    (tmp_path / "a_file").write_text("")
    (tmp_path / "a_folder").mkdir()
    with pytest.raises(InputError, match="cannot be written .* give ledger="):
        add_look(tmp_path / place, look())


@pytest.mark.skipif(os.getuid() == 0, reason="root reads everything")
def test_a_ledger_that_cannot_be_read_is_named(tmp_path):
    path = tmp_path / "looks.jsonl"
    path.touch(mode=0o000)
    with pytest.raises(InputError, match="cannot be read"):
        read_ledger(path)


def test_only_other_models_at_the_same_adverts_count(tmp_path):
    path = tmp_path / "looks.jsonl"
    for one in (
        look(),
        look(model="m2"),
        look(model="m2", split="all"),
        look(model="m3", data_hash="cd" * 32),
    ):
        add_look(path, one)
    assert looks_of_others(read_ledger(path), look()) == 2
    assert looks_of_others(read_ledger(path), look(model="m2")) == 1
    assert looks_of_others(read_ledger(path), look(split="all")) == 2
