"""The ledger of looks: nothing is lost, nothing damaged stops it, nobody else reads it."""

import json
import os
import threading

import pytest

from adverts.errors import InputError
from adverts.evaluation.predictions.advert_set import AdvertSet, advert_set, content_key
from adverts.evaluation.predictions.look_ledger import (
    Ledger,
    Look,
    add_look,
    joined,
    ledger_beside,
    looks_of_others,
    models_compared,
    read_ledger,
)

pytestmark = pytest.mark.promise

OLD_FIELDS = (
    "when",
    "who",
    "model",
    "name",
    "data_hash",
    "split",
    "gate",
    "report",
    "commit",
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


ADVERTS = advert_set(content_key(f"text {i}", ()) for i in range(300))


def of(numbers, prefix="text"):
    return advert_set(content_key(f"{prefix} {i}", ()) for i in numbers)


def ledger_of(tmp_path, *looks):
    for one in looks:
        add_look(tmp_path / "looks.jsonl", one)
    return read_ledger(tmp_path / "looks.jsonl")


def tried(model="m1", adverts=ADVERTS, **changes):
    return look(**{"model": model, "adverts": adverts, "split": "validation", **changes})


def test_content_is_read_back(tmp_path):
    assert ledger_of(tmp_path, tried(training="t1")).looks == (tried(training="t1"),)


def test_a_ledger_of_before_still_counts(tmp_path):
    path = tmp_path / "looks.jsonl"
    facts = {name: getattr(look(), name) for name in OLD_FIELDS}
    path.write_text(json.dumps({"schema_version": 1, **facts}) + "\n")
    assert read_ledger(path) == Ledger((look(),), ())
    assert looks_of_others(read_ledger(path), look(model="m2", adverts=ADVERTS)) == 1


def test_another_name_or_preparation_of_the_same_adverts_does_not_begin_anew(tmp_path):
    elsewhere = tried(model="m2", data_hash="cd" * 32)
    assert models_compared(ledger_of(tmp_path, elsewhere), tried()) == 2
    assert looks_of_others(read_ledger(tmp_path / "looks.jsonl"), tried()) == 1


@pytest.mark.parametrize("kept", [range(0, 300, 2), range(30, 330), range(90)])
def test_a_part_of_the_adverts_or_more_of_them_are_the_same_adverts(tmp_path, kept):
    ledger = ledger_of(tmp_path, tried(model="m2", adverts=of(kept), data_hash="cd" * 32))
    assert models_compared(ledger, tried()) == 2


@pytest.mark.parametrize("others", [of(range(300), "other"), of(range(300, 600)), of(())])
def test_other_adverts_do_not_count(tmp_path, others):
    ledger = ledger_of(tmp_path, tried(model="m2", adverts=others, data_hash="cd" * 32))
    assert models_compared(ledger, tried()) == 1
    assert looks_of_others(ledger, tried()) == 0


def test_a_look_at_everything_is_one_at_a_small_split_of_it(tmp_path):
    everything = of(range(2400))
    ledger = ledger_of(tmp_path, tried(model="m2", adverts=everything, data_hash="cd" * 32))
    assert models_compared(ledger, tried()) == 2


def test_a_model_counts_once_under_all_its_names(tmp_path):
    ledger = ledger_of(
        tmp_path,
        tried(model="", training="t1"),
        tried(model="checkpoint", training="t1"),
        tried(model="bundle", training="t1"),
        tried(model="bundle"),
        tried(model="other"),
    )
    assert models_compared(ledger, tried(model="copy", training="t1")) == 2
    assert looks_of_others(ledger, tried(model="bundle", training="t1")) == 1


def test_a_sweep_counts_each_of_its_models(tmp_path):
    ledger = ledger_of(tmp_path, *(tried(model="", training=f"t{i}") for i in range(12)))
    assert models_compared(ledger, tried(model="best", training="t3")) == 12
    assert models_compared(ledger, tried(model="new", training="new")) == 13


def test_a_line_that_cannot_be_read_counts_as_one_more_model(tmp_path):
    (tmp_path / "looks.jsonl").write_text("half a li\n")
    assert models_compared(ledger_of(tmp_path, tried()), tried()) == 2


@pytest.mark.parametrize(
    "adverts",
    [
        {"sha256": "a", "count": 1, "sketch": ["b", "a"]},
        {"sha256": "a", "count": 0, "sketch": ["a"]},
        {"sha256": "a", "count": 5, "sketch": []},
        {"sha256": "a", "count": 1000, "sketch": [f"{i:03}" for i in range(127)]},
        {"sha256": "a", "count": 1, "sketch": [1]},
        {"sha256": "a", "count": 1},
        "a",
    ],
)
def test_a_line_with_a_damaged_sketch_is_damaged(tmp_path, adverts):
    facts = {name: getattr(look(), name) for name in (*OLD_FIELDS, "training")}
    line = json.dumps({"schema_version": 2, **facts, "adverts": adverts})
    (tmp_path / "looks.jsonl").write_text(line + "\n")
    assert read_ledger(tmp_path / "looks.jsonl") == Ledger((), (1,))


def test_what_two_ledgers_hold_counts_once_and_what_one_lost_is_in_the_other():
    one, two, three = tried("m1"), tried("m2"), tried("m3")
    both = joined([Ledger((one, two, two), (4,)), Ledger((two, three), ())])
    assert sorted(look.model for look in both.looks) == ["m1", "m2", "m2", "m3"]
    assert both.damaged == (4,)


def test_space_and_upper_case_do_not_make_another_advert_and_pictures_do():
    assert content_key("Boat  for\nsale ", ()) == content_key("boat for sale", ())
    assert content_key("boat", (b"a",)) != content_key("boat", ())
    assert content_key("boat", (b"a", b"b")) != content_key("boat", (b"ab",))


def test_a_hundredth_of_a_set_is_seen_in_it():
    keys = [content_key(f"advert {i}", ()) for i in range(10_000)]
    whole, part = advert_set(keys), advert_set(keys[:100])
    assert whole.shares(part)
    assert part.shares(whole)
    assert not whole.shares(advert_set(content_key(f"other {i}", ()) for i in range(100)))


def test_a_small_set_beyond_the_sketch_of_a_large_one_shares_nothing_that_is_seen():
    large, small = AdvertSet("a", 1000, ("01", "02")), AdvertSet("b", 2, ("50", "60"))
    assert not large.shares(small)
    assert not small.shares(large)


def test_the_files_of_a_training_and_of_an_export_are_no_further_looks(tmp_path):
    path = tmp_path / "looks.jsonl"
    for gate, model in (("train", ""), ("train", "files"), ("export", "bundle")):
        add_look(path, look(gate=gate, model=model, training="t9", adverts=ADVERTS))
    ledger = read_ledger(path)
    assert looks_of_others(ledger, look(model="m2", training="t1", adverts=ADVERTS)) == 1
    assert models_compared(ledger, look(model="m2", training="t1", adverts=ADVERTS)) == 2
