"""Preparing a dataset with given splits again: leaks show, and what was carved stays."""

import random

import pytest
from preparing import GIVEN, config, places, sentences, write_csv

from adverts.errors import InputError
from adverts.prepare import prepare

COLUMNS = {"id": "id", "text": "text", "split": "split", "group": "group"}
STRICT = GIVEN | {"leakage": "fail", "validation_fraction": 0}


def given(count, *, seed):
    return [
        row | {"group": row["id"], "split": "test" if i % 3 == 0 else "train"}
        for i, row in enumerate(sentences(count, seed=seed))
    ]


def prepared(tmp_path, rows, **split):
    write_csv(tmp_path, rows)
    return prepare(config(tmp_path, COLUMNS, split=GIVEN | split))


def test_a_new_advert_that_joins_train_to_test_is_a_leak(tmp_path):
    rows = given(60, seed=0)
    prepared(tmp_path, rows, **STRICT)
    between = rows[1] | {"id": "new", "group": rows[0]["group"]}
    with pytest.raises(InputError, match="1 test adverts have a copy"):
        prepared(tmp_path, [*rows, between], **STRICT)


def test_adverts_that_a_key_joins_later_are_a_leak(tmp_path, monkeypatch):
    rows = given(60, seed=0)
    for row in rows[:2]:
        row["text"] += " call +44 7700 900142"
    prepared(tmp_path, rows, **STRICT)
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", "a key of sixteen bytes or more")
    with pytest.raises(InputError, match="1 test adverts have a copy"):
        prepared(tmp_path, rows, **STRICT)


def test_what_was_carved_out_of_train_stays_when_a_copy_comes_into_test(tmp_path):
    rows = given(60, seed=0)
    first = places(prepared(tmp_path, rows))
    carved = [row for row in rows if first[row["id"]].place == "validation"]
    rows += [row | {"id": f"0{row['id']}", "split": "test"} for row in carved]
    prepared(tmp_path, rows)
    third = places(prepared(tmp_path, rows + given(3, seed=5)))
    assert {name: third[name].place for name in first} == {
        name: one.place for name, one in first.items()
    }


def test_an_advert_between_train_and_what_was_carved_out_of_it_is_left_out(tmp_path):
    rows = given(60, seed=0)
    first = places(prepared(tmp_path, rows))
    by_split = {first[row["id"]].place: row for row in rows}
    between = by_split["train"] | {"id": "new", "group": by_split["validation"]["group"]}
    for refresh in range(2):
        found = places(prepared(tmp_path, [*rows, between, *given(refresh, seed=7)]))
        assert found["new"].place == "left_out"
        assert {name: found[name] for name in first} == first


def halves(words):
    return [words[: len(words) // 2], words[len(words) // 2 :]]


def as_a_stemmer_leaves_them(words):
    return [[word[:-1] if len(word) > 3 else word for word in reversed(words)]]


def test_a_test_advert_that_stands_in_set_phrases_of_train_is_a_leak(tmp_path):
    draw = random.Random(9)
    rows = given(60, seed=0)
    long = ["".join(draw.choices("abcdefghijklmnoprstuvz", k=7)) for _ in range(24)]
    pieces = [" ".join(long[place : place + 6]) for place in range(0, 24, 6)]
    noise = (" ".join("".join(draw.choices("aeioudnrst", k=6)) for _ in range(12)) for _ in rows)
    phrases = [
        rows[1] | {"id": f"p{i}", "group": f"p{i}", "text": f"{text} {pieces[i % 4]}"}
        for i, text in enumerate(noise)
    ]
    held = rows[0] | {"id": "held", "group": "held", "text": " ".join(long)}
    assert (held["split"], phrases[0]["split"]) == ("test", "train")
    with pytest.raises(InputError, match="1 test adverts have a copy"):
        prepared(tmp_path, [*rows, held, *phrases], **STRICT)


@pytest.mark.parametrize("change", [halves, as_a_stemmer_leaves_them])
def test_words_of_test_adverts_that_come_into_train_are_a_leak_and_set_aside(tmp_path, change):
    rows = given(60, seed=0)
    prepared(tmp_path, rows, **STRICT)
    quoted = next(row for row in rows if row["split"] == "test")
    parts = [
        {**quoted, "id": f"part{i}", "group": f"part{i}", "split": "train", "text": " ".join(text)}
        for i, text in enumerate(change(quoted["text"].split()))
    ]
    with pytest.raises(InputError, match="1 test adverts have a copy"):
        prepared(tmp_path, [*rows, *parts], **STRICT)
    dataset = prepared(tmp_path, [*rows, *parts], **(STRICT | {"leakage": "report"}))
    table = dataset.split("test")
    seen = dataset.seen.of(table.ids)
    assert [name for name, leaks in zip(table.ids, seen.seen, strict=True) if leaks] == [
        quoted["id"]
    ]
    of_train = set(dataset.split("train").clusters)
    assert not of_train & set(table.clusters), "what quotes joins no cluster"
