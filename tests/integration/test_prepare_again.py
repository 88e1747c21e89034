"""Preparing a dataset again, with more in it: what was there stays where it was."""

import datetime
import math
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from asked_sample import NOW, asked_sample, fill
from preparing import MADE, config, places, sentences, write_csv

from adverts.data.erasing.erasure import erase_adverts
from adverts.data.review.answer_sheet import read_answer_sheet, write_answer_sheet
from adverts.data.review.reviews import append_reviews, item_name
from adverts.errors import InputError
from adverts.ocr.cache import OcrCache
from adverts.prepare import erase, prepare


def weekly(rows, week):
    return [row | {"week": f"2026-W{week:02}"} for row in rows]


def test_through_three_refreshes_no_old_advert_moves_and_no_cluster_is_renamed(tmp_path):
    rows, seen = sentences(60, seed=0), {}
    for refresh in range(4):
        write_csv(tmp_path, rows)
        found = places(prepare(config(tmp_path)))
        assert {name: found[name] for name in seen} == seen
        assert len(found) == len(rows)
        seen = found
        copies = [
            row | {"id": f"{row['id']}'{refresh}", "text": row["text"] + " now"} for row in rows
        ]
        rows = copies[: 10 + refresh] + rows[::-1] + sentences(20, seed=refresh + 1)
    grown = {one.cluster for name, one in seen.items() if "'" in name}
    assert len(grown) <= 12
    assert {one.place for one in seen.values()} == {"train", "validation", "test"}


def test_an_advert_that_joins_two_splits_is_set_aside_and_listed(tmp_path, capsys):
    rows = [row | {"group": row["id"]} for row in sentences(60, seed=0)]
    columns = {"id": "id", "text": "text", "group": "group"}
    write_csv(tmp_path, rows)
    first = places(prepare(config(tmp_path, columns)))
    by_split = {first[row["id"]].place: row for row in rows}
    bridge = by_split["train"] | {"id": "new", "group": by_split["test"]["group"]}
    write_csv(tmp_path, [*rows, bridge])
    dataset = prepare(config(tmp_path, columns))
    second = places(dataset)
    assert second["new"].place == "bridge"
    assert {name: second[name] for name in first} == first
    assert "new" not in dataset.split("all").ids
    assert dataset.manifest.made.bridge_rows == 1
    assert "1 adverts were set aside as bridge" in capsys.readouterr().out


def test_another_seed_deals_anew_and_an_advert_that_comes_back_keeps_its_split(tmp_path):
    rows = sentences(60, seed=0)
    write_csv(tmp_path, rows)
    first = places(prepare(config(tmp_path)))
    write_csv(tmp_path, rows[:50])
    prepare(config(tmp_path))
    write_csv(tmp_path, rows)
    assert places(prepare(config(tmp_path))) == first
    again = places(prepare(config(tmp_path, split=MADE | {"seed": 1})))
    assert {name: one.place for name, one in again.items()} != {
        name: one.place for name, one in first.items()
    }
    assert {name: one.cluster for name, one in again.items()} == {
        name: one.cluster for name, one in first.items()
    }


def test_a_record_that_was_damaged_is_told_and_not_believed(tmp_path, capsys):
    rows = sentences(60, seed=0)
    write_csv(tmp_path, rows)
    dataset = prepare(config(tmp_path))
    path = dataset.path / "assignments.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    prepare(config(tmp_path))
    assert "splits are assigned anew" in capsys.readouterr().out


def test_the_test_split_can_be_what_came_later(tmp_path):
    rows = weekly(sentences(40, seed=0), 8) + weekly(sentences(20, seed=1), 12)
    rows.append(rows[0] | {"id": "again", "week": "2026-W13"})
    write_csv(tmp_path, rows)
    columns = {"id": "id", "text": "text", "posted_week": "week"}
    later = {"kind": "later", "test_from": "2026-W10", "validation_fraction": 0.25, "seed": 0}
    found = places(prepare(config(tmp_path, columns, split=later)))
    assert {name for name, one in found.items() if one.place == "test"} == {
        f"s1-{i}" for i in range(20)
    }
    assert found["again"] == found["s0-0"]


def test_shared_contacts_join_clusters_where_there_is_a_key(tmp_path, monkeypatch, capsys):
    rows = sentences(60, seed=0)
    for i in (0, 1):
        rows[i]["text"] += " call +44 7700 900142"
    write_csv(tmp_path, rows)
    apart = places(prepare(config(tmp_path)))
    assert apart["s0-0"].cluster != apart["s0-1"].cluster
    assert "shared contacts join no adverts" in capsys.readouterr().out
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", "a key of sixteen bytes or more")
    dataset = prepare(config(tmp_path, name="keyed"))
    assert dataset.manifest.made.cluster_links["shared_contact"] == 1
    tokens = pq.read_table(dataset.path / "shard-00000.parquet")["contacts"].to_pylist()
    assert tokens[0] == tokens[1] != []
    assert tokens[0][0].startswith("PHONE:")


def test_a_filled_in_review_labels_near_duplicates_outside_test(tmp_path, capsys):
    rows = sentences(60, seed=0)
    copies = [
        row | {"id": f"{row['id']}'", "text": row["text"] + " now", "label": ""}
        for row in rows[:30]
    ]
    write_csv(tmp_path, rows + copies)
    place = places(prepare(config(tmp_path)))
    sheet = tmp_path / "review.csv"
    sheet.write_text(
        "part,cluster,example,adverts,reason,label.refer,note\n"
        + "".join(f"p{i},c,s0-{i},2,large,{rows[i]['label']},\n" for i in range(30))
        + "p99,c,gone,1,large,no,\n"
    )
    dataset = prepare(config(tmp_path, review=sheet))
    table = dataset.split("all")
    labelled = {
        name: not math.isnan(weights[0])
        for name, weights in zip(table.ids, table.targets["refer"], strict=True)
    }
    assert {name: labelled[name] for name in labelled if name.endswith("'")} == {
        row["id"]: place[row["id"]].place != "test" for row in copies
    }
    made = dataset.manifest.made
    assert (made.relabelled_rows, made.unmatched_reviews) == (30, 1)
    assert "the review gave 30 adverts their label" in capsys.readouterr().out
    marks = pq.read_table(dataset.path / "shard-00000.parquet")["propagated"].to_pylist()
    assert marks.count(["refer"]) == made.propagated_rows > 0
    assert made.propagated_rows == sum(labelled[row["id"]] for row in copies)


def test_labels_of_a_sample_reach_the_dataset_as_a_sheet_and_as_reviews(tmp_path, capsys):
    rows = [row | {"label": ""} for row in sentences(20, seed=0)] + sentences(60, seed=1)
    write_csv(tmp_path, rows)
    sample = asked_sample()
    items = [item_name(row["id"]) for row in rows[:20]]
    sheet, store = tmp_path / "labelled.csv", tmp_path / "reviews.jsonl"
    write_answer_sheet(sheet, items, task="refer", reason="sampled", sample=sample.seal, number=1)
    fill(sheet, {items[0]: "yes", items[1]: "no", items[2]: "unsure", items[3]: "yes"})
    first = [
        one.review(design="estimate", codebook="1", now=NOW) for one in read_answer_sheet(sheet)
    ]
    second = replace(first[3], label="no", reviewer="ben", round=2)
    append_reviews(store, [*[one for one in first if one.label], second])
    by_sheet = prepare(config(tmp_path, name="by_sheet", review=sheet))
    assert given(by_sheet) == {"s0-0": "yes", "s0-1": "no", "s0-3": "yes"}
    assert "1 label left out: the reviewers could not tell" in capsys.readouterr().out
    by_reviews = prepare(config(tmp_path, name="by_reviews", review=store))
    assert given(by_reviews) == {"s0-0": "yes", "s0-1": "no"}
    assert by_reviews.manifest.made.undecided_reviews == 1
    told = capsys.readouterr().out
    assert "1 label left out: reviewers disagree, and nobody has decided" in told
    assert "1 labels were not given or passed on, since people disagree" in told


def given(dataset):
    """Return the label of each advert that had none in its source."""
    table = dataset.split("all")
    weights = dict(zip(table.ids, table.targets["refer"], strict=True))
    return {
        name: ("no", "yes")[int(weights[name][1])]
        for name in table.ids
        if name.startswith("s0-") and not math.isnan(weights[name][0])
    }


def test_a_review_that_is_not_there_or_wrong_is_told_before_anything_is_written(tmp_path):
    write_csv(tmp_path, sentences(60, seed=0))
    with pytest.raises(InputError, match="there is no file"):
        prepare(config(tmp_path, review=tmp_path / "none.csv"))
    sheet = tmp_path / "review.csv"
    sheet.write_text(
        "part,cluster,example,adverts,reason,label.refer,note\np1,c,s0-1,1,large,maybe,\n"
    )
    with pytest.raises(InputError, match="row 2: label.refer: no such label 'maybe'"):
        prepare(config(tmp_path, review=sheet))
    assert not (tmp_path / "prepared" / "demo").exists()


def test_old_adverts_that_a_key_joins_over_two_splits_stay_and_are_told(
    tmp_path, monkeypatch, capsys
):
    rows = sentences(60, seed=0)
    write_csv(tmp_path, rows)
    first = places(prepare(config(tmp_path)))
    by_split = {first[row["id"]].place: row for row in rows}
    for split in ("train", "test"):
        by_split[split]["text"] += " call +44 7700 900142"
    write_csv(tmp_path, rows)
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", "a key of sixteen bytes or more")
    dataset = prepare(config(tmp_path))
    assert places(dataset) == first
    assert dataset.manifest.made.split_overlap == {"test": 1}
    assert "1 of 12 test adverts have a copy" in capsys.readouterr().out
    other = next(row["id"] for row in rows if row not in by_split.values())
    erased = erase_adverts(
        dataset.path, [other], cache=OcrCache(tmp_path / "ocr"), today=datetime.date(2026, 1, 1)
    )
    assert erased.dataset.manifest.made.split_overlap == {"test": 1}


def test_adverts_without_a_column_of_ids_stay_when_rows_come_and_change_places(tmp_path):
    columns, rows = {"text": "text"}, sentences(60, seed=0)
    write_csv(tmp_path, [*rows, rows[3]])
    first = places(prepare(config(tmp_path, columns)))
    rows[5]["label"] = "yes"
    write_csv(tmp_path, [*sentences(2, seed=1), rows[3], *reversed(rows)])
    later = places(prepare(config(tmp_path, columns)))
    assert len(first) == 61
    assert {name: later[name] for name in first} == first


def test_an_erased_advert_without_a_column_of_ids_stays_erased_when_its_row_moves(tmp_path):
    columns, rows = {"text": "text"}, sentences(60, seed=0)
    write_csv(tmp_path, [*rows, rows[3]])
    table = prepare(config(tmp_path, columns)).split("all")
    ids = [
        name for name, text in zip(table.ids, table.texts, strict=True) if text == rows[3]["text"]
    ]
    (tmp_path / "ids.txt").write_text("\n".join(ids))
    erase(config(tmp_path, columns), tmp_path / "ids.txt", tell=list)
    write_csv(tmp_path, [*sentences(2, seed=1), *rows, rows[3]])
    later = prepare(config(tmp_path, columns))
    assert later.manifest.made.erased_rows == len(ids) == 2
    assert rows[3]["text"] not in later.split("all").texts


def test_a_leak_between_old_adverts_is_told_though_a_bridge_stands_between_them(tmp_path):
    rows = sentences(60, seed=0)
    write_csv(tmp_path, rows)
    first = places(prepare(config(tmp_path)))
    by_split = {first[row["id"]].place: row for row in rows}
    by_split["train"]["text"] = by_split["test"]["text"]
    write_csv(tmp_path, [*rows, by_split["test"] | {"id": "a new one"}])
    dataset = prepare(config(tmp_path))
    assert places(dataset)["a new one"].place == "bridge"
    assert dataset.manifest.made.split_overlap == {"test": 1}
    table = dataset.split("test")
    assert dataset.seen.of(table.ids).seen.sum() == 1
