"""The reviews: append-only, kept through a kill, never doubled, and damaged lines are named."""

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from adverts.data.review.reviews import (
    Review,
    append_reviews,
    item_name,
    last_words,
    person,
    read_reviews,
)
from adverts.errors import InputError, IntegrityError

pytestmark = pytest.mark.promise

FIRST = Review(
    item=item_name("a1"),
    task="refer",
    label="yes",
    reviewer="anna",
    reviewed_at="2026-03-02T10:00:00+00:00",
    blind=True,
    round=1,
    sample="5" * 64,
    design="estimate",
    codebook="codebook-1",
    note="one line\nand another, “quoted”",
)
LATER = "2026-03-02T11:00:00+00:00"


def test_reviews_come_back_as_they_were_said(tmp_path):
    path = tmp_path / "reviews.jsonl"
    reviews = (FIRST, replace(FIRST, item=item_name("a2"), label="unsure", reviewer="Björn"))
    assert append_reviews(path, reviews) == 2
    assert read_reviews(path) == reviews
    assert path.read_bytes().count(b"\n") == 2


def test_an_account_is_part_of_the_chain_and_older_lines_keep_their_hashes(tmp_path):
    path = tmp_path / "reviews.jsonl"
    append_reviews(path, [FIRST, replace(FIRST, item=item_name("a2"), account="anna@desk")])
    plain, known = path.read_bytes().splitlines(keepends=True)
    assert b"account" not in plain
    covered = {name: one for name, one in json.loads(plain).items() if name != "hash"}
    text = json.dumps(covered, sort_keys=True).encode()
    assert json.loads(plain)["hash"] == hashlib.sha256(text).hexdigest()
    assert [one.account for one in read_reviews(path)] == ["", "anna@desk"]
    path.write_bytes(plain + known.replace(b'"account": "anna@desk", ', b""))
    with pytest.raises(IntegrityError, match="line 2"):
        read_reviews(path)


def test_a_file_that_is_not_there_yet_holds_no_review(tmp_path):
    assert read_reviews(tmp_path / "none.jsonl") == ()


def test_only_its_owner_reads_it(tmp_path):
    append_reviews(tmp_path / "folder" / "reviews.jsonl", [FIRST])
    mode = (tmp_path / "folder" / "reviews.jsonl").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_an_identical_review_is_not_added_twice(tmp_path):
    path = tmp_path / "reviews.jsonl"
    assert append_reviews(path, [FIRST, FIRST]) == 1
    assert append_reviews(path, [FIRST]) == 0
    assert read_reviews(path) == (FIRST,)


def test_the_same_word_said_again_later_adds_nothing(tmp_path):
    path = tmp_path / "reviews.jsonl"
    append_reviews(path, [FIRST])
    assert append_reviews(path, [replace(FIRST, reviewed_at=LATER)]) == 0


def test_danger_that_is_seen_again_is_added_since_somebody_may_have_closed_it(tmp_path):
    path = tmp_path / "reviews.jsonl"
    seen = replace(FIRST, task="safeguarding", label="minor_present")
    append_reviews(path, [seen])
    assert append_reviews(path, [replace(seen, reviewed_at="2026-04-01T00:00:00+00:00")]) == 1
    assert append_reviews(path, [seen]) == 0


def test_a_changed_mind_is_added_even_if_it_goes_back(tmp_path):
    path = tmp_path / "reviews.jsonl"
    changed = replace(FIRST, label="no", reviewed_at=LATER)
    back = replace(FIRST, reviewed_at="2026-03-02T12:00:00+00:00")
    append_reviews(path, [FIRST])
    assert append_reviews(path, [back, changed]) == 2
    assert last_words(read_reviews(path)) == (back,)


def test_an_old_sheet_read_again_does_not_undo_a_correction(tmp_path):
    path = tmp_path / "reviews.jsonl"
    correction = replace(FIRST, label="no", reviewed_at=LATER)
    append_reviews(path, [FIRST, correction])
    assert append_reviews(path, [FIRST]) == 0
    assert last_words(read_reviews(path)) == (correction,)


def test_what_a_killed_writer_left_is_no_review_and_joins_no_later_line(tmp_path):
    path = tmp_path / "reviews.jsonl"
    append_reviews(path, [FIRST])
    second = replace(FIRST, item=item_name("a2"))
    with path.open("ab") as file:
        file.write(path.read_bytes()[:150])
    assert read_reviews(path) == (FIRST,)
    assert append_reviews(path, [second]) == 1
    assert read_reviews(path) == (FIRST, second)


@pytest.mark.parametrize(
    "damage",
    [
        b'{"half": \n',
        b"\xff\xfe\n",
        b"[]\n",
        b'{"schema_version": 2}\n',
        b'{"schema_version": 1, "item": "i1"}\n',
        b"[" * 100_000 + b"\n",
    ],
)
def test_a_damaged_line_is_named_and_nothing_is_appended(tmp_path, damage):
    path = tmp_path / "reviews.jsonl"
    append_reviews(path, [FIRST])
    line = path.read_bytes()
    path.write_bytes(line + damage + line)
    with pytest.raises(IntegrityError, match=r"reviews.jsonl, line 2: .*; bring back the line"):
        read_reviews(path)
    with pytest.raises(IntegrityError, match="line 2"):
        append_reviews(path, [replace(FIRST, label="no")])
    assert path.read_bytes() == line + damage + line


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ('"round": 1', '"round": 4'),
        ('"round": 1', '"round": "1"'),
        ('"blind": true', '"blind": "no"'),
        ('"design": "estimate"', '"design": "guess"'),
        ('"note"', '"more": 1, "note"'),
        ('"label": "yes"', '"label": "yes", "label": "no"'),
    ],
)
def test_a_line_with_another_value_is_damaged(tmp_path, key, value):
    path = tmp_path / "reviews.jsonl"
    append_reviews(path, [FIRST])
    path.write_text(path.read_text().replace(key, value))
    with pytest.raises(IntegrityError, match="line 1"):
        read_reviews(path)


def test_many_writers_lose_and_mix_no_line(tmp_path):
    path = tmp_path / "reviews.jsonl"
    writers = [
        threading.Thread(
            target=lambda i=i: [
                append_reviews(path, [replace(FIRST, item=item_name(f"{i}.{k}"))])
                for k in range(10)
            ]
        )
        for i in range(6)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(set(read_reviews(path))) == len(read_reviews(path)) == 60


APPENDING = """
import sys, itertools
from dataclasses import replace
from pathlib import Path
from adverts.data.review.reviews import append_reviews, read_reviews
path = Path(sys.argv[1])
(first,) = read_reviews(path)
for i in itertools.count():
    append_reviews(path, [replace(first, item=f"i{i}", note="n" * 100_000)])
    print(i, flush=True)
"""


def test_a_writer_killed_at_work_loses_nothing_that_it_had_confirmed(tmp_path):
    path = tmp_path / "reviews.jsonl"
    append_reviews(path, [FIRST])
    writer = subprocess.Popen([sys.executable, "-c", APPENDING, path], stdout=subprocess.PIPE)
    confirmed = [int(writer.stdout.readline()) for _ in range(5)]
    os.kill(writer.pid, signal.SIGKILL)
    confirmed += [int(line) for line in writer.communicate()[0].splitlines()]
    assert {f"i{i}" for i in confirmed} <= {one.item for one in read_reviews(path)}
    assert append_reviews(path, [replace(FIRST, label="no")]) == 1


@pytest.mark.parametrize("place", ["a_file/reviews.jsonl", "a_folder"])
def test_reviews_that_cannot_be_written_say_what_to_do(tmp_path, place):
    (tmp_path / "a_file").write_text("")
    (tmp_path / "a_folder").mkdir()
    with pytest.raises(
        InputError,
        match="run the same command again|is a folder, not a file",
    ):
        append_reviews(tmp_path / place, [FIRST])


def test_a_full_disk_is_reported_and_mended_by_appending_again(tmp_path, monkeypatch):
    path = tmp_path / "reviews.jsonl"
    append_reviews(path, [FIRST])
    second = replace(FIRST, item=item_name("a2"))
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:50]))
    with pytest.raises(InputError, match="the disk is full"):
        append_reviews(path, [second])
    monkeypatch.undo()
    assert read_reviews(path) == (FIRST,)
    append_reviews(path, [second])
    assert read_reviews(path) == (FIRST, second)


@pytest.mark.parametrize("other", ["Anna", " anna ", "ＡＮＮＡ", "anna"])
def test_a_name_is_the_same_person_however_it_is_spelt(other):
    assert person(other) == person("anna")


def test_an_item_name_shows_no_id_and_is_no_number_in_a_spreadsheet():
    assert item_name("a1") == item_name("a1") != item_name("a2")
    assert item_name("\udc80").startswith("i")
