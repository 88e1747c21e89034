"""The verb `prepare`, from files to a prepared dataset, on everything that people bring."""

import io
import json
import os
import random
import re
import stat
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest
from composing import TASK
from PIL import Image, ImageDraw
from preparing import GIVEN, MADE, config, write_csv

from adverts.advert import ReadQuality
from adverts.data.dataset.dataset_manifest import read_manifest
from adverts.data.dataset.prepared import open_prepared
from adverts.errors import InputError, IntegrityError
from adverts.ocr.cache import OcrCache, sha256_of
from adverts.ocr.protocol import OcrLine, OcrResult, ReaderSpec
from adverts.prepare import prepare

WORDS = [
    "boat",
    "ferry",
    "coach",
    "seat",
    "ticket",
    "harbour",
    "evening",
    "morning",
    "family",
    "price",
]


def adverts(n=60):
    return [
        {
            "id": f"a{i}",
            "text": f"{WORDS[i % 10]} {i} from {WORDS[i // 10 % 10]}, call +44 7700 900{i:03d}",
            "label": "yes" if i % 3 == 0 else "no",
            "split": "test" if i % 5 == 0 else "train",
        }
        for i in range(n)
    ]


def picture(path, text):
    image = Image.new("RGB", (60, 30), "white")
    ImageDraw.Draw(image).text((3, 3), text, fill="black")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


class CountingReader:
    """Reads every picture as one line with a phone number."""

    def __init__(self):
        self.calls = 0
        parameters = {"languages": "en", "canvas_px": 640, "min_confidence": 0.25}
        self.spec = ReaderSpec("counting", "1", {"recogniser": "ab"}, parameters)

    def read(self, image):
        self.calls += 1
        assert image.shape == (30, 60, 3)
        line = OcrLine("write to @demo_fictional_07", ((0.0, 0.0),) * 4, 0.5, "counting")
        unread = OcrLine("", ((0.0, 9.0),) * 4, 0.1, "counting", row=1)
        return OcrResult((line, unread), 60, 30, ReadQuality(0.5, 12.0, 0.75, 2, 1))


def leftovers(tmp_path):
    folder = tmp_path / "prepared"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_rows_come_out_masked_split_and_counted(tmp_path, capsys):
    write_csv(tmp_path, adverts())
    dataset = prepare(config(tmp_path))
    table = open_prepared(dataset.path).split("all")
    assert table.ids == [f"a{i}" for i in range(60)]
    assert table.texts[3] == "seat 3 from boat, call <PHONE>"
    assert table.targets["refer"][0].tolist() == [0.0, 1.0]
    found = {split: counts.adverts for split, counts in dataset.manifest.counts.items()}
    assert found == pytest.approx({"train": 36, "validation": 12, "test": 12}, abs=1)
    assert dataset.manifest.counts["test"].labels["refer"]["yes"] == 4
    assert table.scripts[0] == "Latn"
    assert leftovers(tmp_path) == ["demo"]


def test_a_second_run_changes_nothing_and_any_change_of_input_does(tmp_path, capsys):
    write_csv(tmp_path, adverts())
    first = prepare(config(tmp_path))
    manifest = first.path / "manifest.json"
    before = manifest.stat().st_mtime_ns
    assert prepare(config(tmp_path)).data_hash == first.data_hash
    assert manifest.stat().st_mtime_ns == before
    assert "is up to date" in capsys.readouterr().out
    other = prepare(config(tmp_path, split=MADE | {"seed": 1}))
    assert other.data_hash != first.data_hash
    write_csv(tmp_path, adverts(59))
    assert prepare(config(tmp_path)).manifest.num_adverts == 59


def test_a_dataset_that_was_damaged_is_made_anew(tmp_path):
    write_csv(tmp_path, adverts())
    first = prepare(config(tmp_path))
    (first.path / "shard-00000.parquet").write_bytes(b"")
    prepare(config(tmp_path))
    assert open_prepared(first.path).data_hash == first.data_hash


def test_the_path_of_the_machine_plays_no_role(tmp_path):
    hashes = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_csv(tmp_path / name, adverts())
        manifest = prepare(config(tmp_path / name)).manifest
        hashes.append((manifest.data_hash, manifest.made.inputs_hash))
        text = (tmp_path / name / "prepared" / "demo" / "manifest.json").read_text()
        assert str(tmp_path) not in text
    assert hashes[0] == hashes[1]


def test_copies_keep_to_one_side_of_a_split_that_we_make(tmp_path):
    rows = adverts(200)
    for i, row in enumerate(rows):
        row["text"] = f"{WORDS[i % 10]} to {WORDS[i % 7]}, call 01632 960{i:03d}".upper()
    write_csv(tmp_path, rows)
    table = prepare(config(tmp_path)).split("all")
    sides = {}
    for text, split in zip(table.texts, table.splits, strict=True):
        sides.setdefault(text, set()).add(split)
    assert len(sides) == 70
    assert all(len(found) == 1 for found in sides.values())


def test_a_given_split_is_kept_and_its_copies_are_told(tmp_path, capsys):
    rows = adverts()
    rows[0]["text"] = rows[1]["text"]  # test and train
    write_csv(tmp_path, rows)
    columns = {"id": "id", "text": "text", "split": "split"}
    dataset = prepare(config(tmp_path, columns, split=GIVEN))
    table = dataset.split("all")
    given = ["test" if i % 5 == 0 else "train" for i in range(60)]
    kept = [s if s == "test" else "train" for s in table.splits]
    assert kept == given
    assert dataset.manifest.counts["validation"].adverts == pytest.approx(12, abs=1)
    assert table.splits[1] == "train"
    assert dataset.manifest.made.split_overlap == {"test": 1}
    assert "1 of 12 test adverts have a copy, near-duplicate or quote" in capsys.readouterr().out


def test_files_can_be_splits(tmp_path):
    write_csv(tmp_path, adverts())
    later = tmp_path / "raw" / "later.csv"
    later.write_text("id,text,label\nb1,a bus at noon,no\nb2,a boat at night,yes\n")
    dataset = prepare(
        config(
            tmp_path,
            {"id": "id", "text": "text", "split": "source_file"},
            source={"kind": "csv", "paths": ["adverts.csv", "later.csv"]},
            split=GIVEN | {"names": {"adverts.csv": "train", "later.csv": "test"}},
        )
    )
    assert sorted(dataset.split("test").ids) == ["b1", "b2"]
    assert len(dataset.split("train")) + len(dataset.split("validation")) == 60


def leaking(tmp_path, leakage):
    rows = adverts()
    rows[0]["text"] = rows[1]["text"]  # test and train
    write_csv(tmp_path, rows)
    columns = {"id": "id", "text": "text", "split": "split"}
    return config(tmp_path, columns, split=GIVEN | {"leakage": leakage})


def test_a_given_split_that_leaks_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^1 test adverts have a copy .* leave 1 adverts out"):
        prepare(leaking(tmp_path, "fail"))
    assert not list(tmp_path.rglob("manifest.json"))


def test_what_leaks_can_be_left_out_of_train(tmp_path, capsys):
    dataset = prepare(leaking(tmp_path, "drop"))
    ids = [row["id"] for row in adverts()]
    assert set(ids) - set(dataset.split("all").ids) == {ids[1]}
    assert len(dataset.split("test")) == 12
    assert dataset.manifest.made.leaking_rows == 1
    assert dataset.manifest.made.split_overlap == {}
    assert "1 adverts were left out: they have a copy or near-duplicate" in capsys.readouterr().out


def test_near_duplicates_stay_together_and_the_evidence_is_kept(tmp_path):
    rows = adverts()
    template = "Two places left for {} at the old harbour, {} each, write to the skipper soon"
    for i in range(0, 60, 6):
        rows[i]["text"] = template.format(f"day {i}", 100 + i)
    write_csv(tmp_path, rows)
    dataset = prepare(config(tmp_path, {"id": "id", "text": "text"}))
    table = dataset.split("all")
    alike = {rows[i]["id"] for i in range(0, 60, 6)}
    held = {
        (cluster, split)
        for name, cluster, split in zip(table.ids, table.clusters, table.splits, strict=True)
        if name in alike
    }
    assert len(held) == 1
    links = pq.read_table(dataset.path / "links.parquet").to_pylist()
    found = [link for link in links if link["kind"] == "near_text"]
    assert {link[end] for link in found for end in ("first", "second")} == alike
    assert all(0.5 < link["similarity"] < 1 and link["joined"] for link in found)
    assert dataset.manifest.made.cluster_links["near_text"] == len(found)


def test_adverts_dealt_one_by_one_leak_and_it_is_told(tmp_path, capsys):
    rows = [
        row | {"text": f"Two places left at the old harbour for day {i // 6}, write soon"}
        for i, row in enumerate(adverts())
    ]
    write_csv(tmp_path, rows)
    folds = {"kind": "folds", "folds": 5, "fold": 2, "unit": "advert", "seed": 0}
    dataset = prepare(config(tmp_path, {"id": "id", "text": "text"}, split=folds))
    assert set(dataset.manifest.made.split_overlap) == {"test", "validation"}
    assert "copy, near-duplicate or quote in an earlier split" in capsys.readouterr().out


def test_evidence_that_was_changed_is_refused(tmp_path):
    write_csv(tmp_path, adverts())
    dataset = prepare(config(tmp_path, {"id": "id", "text": "text"}))
    with (dataset.path / "links.parquet").open("ab") as file:
        file.write(b"x")
    with pytest.raises(IntegrityError, match=r"links\.parquet was changed"):
        open_prepared(dataset.path)


def test_leaving_a_group_out_makes_it_the_test_split(tmp_path):
    rows = [row | {"video": f"v{i % 3}"} for i, row in enumerate(adverts())]
    write_csv(tmp_path, rows)
    split = {"kind": "leave_one_out", "group": "v2", "validation_fraction": 0.25, "seed": 0}
    columns = {"id": "id", "text": "text", "group": "video"}
    dataset = prepare(config(tmp_path, columns, split=split))
    assert dataset.split("test").ids == [f"a{i}" for i in range(60) if i % 3 == 2]
    assert dataset.manifest.counts["validation"].adverts == 10


def test_bad_rows_fail_the_run_and_are_listed_without_content(tmp_path):
    rows = adverts()
    rows[1]["label"], rows[4]["id"] = "Unmistakable", ""
    write_csv(tmp_path, rows)
    with pytest.raises(InputError) as error:
        prepare(config(tmp_path))
    assert "2 of 60 rows cannot be used" in str(error.value)
    assert "adverts.csv line 3 (record 2), label: value is not one of no, yes" in str(error.value)
    assert "data.on_error=quarantine" in str(error.value)
    assert leftovers(tmp_path) == ["demo.bad_rows.jsonl"]
    report = tmp_path / "prepared" / "demo.bad_rows.jsonl"
    assert "Unmistakable" not in str(error.value) + report.read_text()
    assert stat.S_IMODE(report.stat().st_mode) == 0o600


def test_bad_rows_may_be_set_aside(tmp_path, capsys):
    rows = adverts()
    rows[1]["label"] = "Unmistakable"
    write_csv(tmp_path, rows)
    dataset = prepare(config(tmp_path, on_error="quarantine"))
    assert dataset.manifest.num_adverts == 59
    assert dataset.manifest.made.bad_rows == 1
    listed = json.loads((dataset.path / "bad_rows.jsonl").read_text())
    assert (listed["row"], listed["field"]) == (3, "label")
    assert "1 bad rows were set aside" in capsys.readouterr().out


def test_nothing_but_bad_rows_is_an_error(tmp_path):
    write_csv(tmp_path, [{"id": "", "text": "x", "label": "no"}])
    with pytest.raises(InputError, match="is empty: of 1 rows 1 are bad"):
        prepare(config(tmp_path, on_error="quarantine"))


def test_a_header_without_rows_is_an_error(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "adverts.csv").write_text("id,text,label\n")
    with pytest.raises(InputError, match="dataset demo is empty: the source has no row"):
        prepare(config(tmp_path))


def test_one_label_only_is_told(tmp_path, capsys):
    write_csv(tmp_path, [row | {"label": "no"} for row in adverts()])
    prepare(config(tmp_path))
    assert "train has only one label of refer" in capsys.readouterr().out


def test_unlabelled_adverts_can_be_prepared(tmp_path):
    write_csv(tmp_path, [{"id": row["id"], "text": row["text"]} for row in adverts()])
    with pytest.raises(InputError, match="column of task refer='label' is not a column"):
        prepare(config(tmp_path))
    dataset = prepare(config(tmp_path, unlabelled=True))
    assert np.isnan(dataset.split("all").targets["refer"]).all()
    assert [task.name for task in dataset.schema.tasks] == ["refer"]


def test_annotators_give_weights_and_are_kept(tmp_path):
    (tmp_path / "raw").mkdir()
    lines = [{"id": i, "text": f"{WORDS[i]} x", "label": ["yes", "no", "yes"]} for i in range(9)]
    path = tmp_path / "raw" / "adverts.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    source = {"kind": "jsonl", "paths": ["adverts.jsonl"]}
    dataset = prepare(config(tmp_path, source=source))
    weights = dataset.split("all").targets["refer"]
    np.testing.assert_allclose(weights, [[1 / 3, 2 / 3]] * 9, rtol=1e-6)


def test_labels_that_are_too_rare_are_left_out_and_told(tmp_path, capsys):
    rows = [row | {"label": "rare" if i < 2 else f"c{i % 3}"} for i, row in enumerate(adverts())]
    write_csv(tmp_path, rows)
    task = TASK | {"labels": [], "positive": None}
    tasks = {"kind": "listed", "headline": "refer", "tasks": [task]}
    folds = {"kind": "folds", "folds": 5, "fold": 2, "unit": "cluster", "seed": 0}
    dataset = prepare(config(tmp_path, tasks=tasks, min_label_count=3, split=folds))
    assert dataset.schema.tasks[0].labels == ("c0", "c1", "c2")
    assert dataset.manifest.made.rare_label_rows == 2
    assert "2 adverts were left out" in capsys.readouterr().out


def test_the_taxonomy_makes_its_tasks_from_one_class(tmp_path):
    (tmp_path / "raw").mkdir()
    kinds = ["offer_crossing", "seek_service", "lawful_marine_trade", "unusable"]
    lines = [
        {"id": i, "text": f"{WORDS[i % 10]} {i}", "class": kinds[i % 4], "signals": ["dm_request"]}
        for i in range(40)
    ]
    path = tmp_path / "raw" / "adverts.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    tasks = {
        "kind": "taxonomy",
        "class_column": "class",
        "signals_column": "signals",
        "risk_column": None,
        "separator": None,
    }
    source = {"kind": "jsonl", "paths": ["adverts.jsonl"]}
    dataset = prepare(config(tmp_path, source=source, tasks=tasks))
    assert [t.name for t in dataset.schema.tasks] == ["refer", "coarse", "advert_class", "signals"]
    targets = dataset.split("all").targets
    np.testing.assert_array_equal(targets["refer"][:4], [[0, 1], [1, 0], [1, 0], [np.nan, np.nan]])
    assert targets["advert_class"].shape == (40, 21)
    assert targets["signals"].sum() == 40


def with_pictures(tmp_path, n=12):
    rows = adverts(n)
    for i, row in enumerate(rows):
        row["image"] = f"pictures/{i // 2}.png" if i < 8 else ""
        if row["image"]:
            picture(tmp_path / "raw" / row["image"], str(i // 2))
    write_csv(tmp_path, rows)
    return {"id": "id", "text": "text", "image": "image"}


def test_equal_pictures_are_one_cluster_and_come_back_by_row(tmp_path, capsys):
    columns = with_pictures(tmp_path)
    dataset = prepare(config(tmp_path, columns))
    table = dataset.split("all")
    assert table.has_image.tolist() == [True] * 8 + [False] * 4
    assert [table.clusters[i] == table.clusters[i + 1] for i in (0, 2, 4, 6)] == [True] * 4
    assert len(set(table.clusters)) == 8
    opened = Image.open(io.BytesIO(table.images(3)[0]))
    raw = Image.open(tmp_path / "raw" / "pictures" / "1.png")
    np.testing.assert_array_equal(np.asarray(opened), np.asarray(raw))
    assert table.ocr_texts == [None] * 12
    assert "pictures were not read" in capsys.readouterr().out


def test_each_picture_is_read_once_ever(tmp_path, monkeypatch):
    reader = CountingReader()
    monkeypatch.setattr("adverts.data.preparing.preparation.build_reader", lambda _: reader)
    columns = with_pictures(tmp_path)
    dataset = prepare(config(tmp_path, columns))
    assert reader.calls == 4
    table = dataset.split("all")
    assert table.ocr_texts == ["write to <HANDLE>"] * 8 + [None] * 4
    assert table.ocr_qualities == [ReadQuality(0.5, 12.0, 0.75, 2, 1)] * 8 + [None] * 4
    made = read_manifest(dataset.path).made
    assert made.ocr == {
        "engine": "counting",
        "version": "1",
        "weights": {"recogniser": "ab"},
        "parameters": {"languages": "en", "canvas_px": 640, "min_confidence": 0.25},
        "key": reader.spec.key,
    }
    assert made.ocr_key == reader.spec.key
    prepare(config(tmp_path, columns, split=MADE | {"seed": 5}))
    assert reader.calls == 4


def test_another_picture_under_the_same_name_is_another_input(tmp_path):
    columns = with_pictures(tmp_path)
    first = prepare(config(tmp_path, columns))
    picture(tmp_path / "raw" / "pictures" / "0.png", "other")
    assert prepare(config(tmp_path, columns)).data_hash != first.data_hash


def test_a_damaged_picture_is_a_bad_row(tmp_path):
    columns = with_pictures(tmp_path)
    (tmp_path / "raw" / "pictures" / "0.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"adverts\.csv line 2 \(record 1\), image: not a picture"):
        prepare(config(tmp_path, columns))
    dataset = prepare(config(tmp_path, columns, on_error="quarantine"))
    assert dataset.manifest.made.bad_rows == 2
    assert dataset.split("all").ids[0] == "a2"


def test_a_script_is_what_the_letters_show_and_a_column_tells_it_only_without_letters(tmp_path):
    rows = [row | {"script": "Latn"} for row in adverts()]
    for row in rows[:10]:
        row["text"] = f"лодка завтра утром место {row['id'][1:]}"
    rows[10]["text"] = "2 + 2 = 4 !!!"
    write_csv(tmp_path, rows)
    table = prepare(config(tmp_path, {"id": "id", "text": "text", "script": "script"})).split("all")
    assert table.scripts == ["Cyrl"] * 10 + ["Latn"] * 50


def test_languages_that_nobody_gave_are_marked_as_predicted(tmp_path):
    words = re.findall(
        r"\w+",
        "the ferry leaves every morning with many families who were waiting at harbour since "
        "yesterday because weather has been too rough for small boats and nobody wanted anything "
        "except another cup of tea before they could finally walk home again through our town",
    )
    draw = random.Random(0)
    rows = [row | {"text": " ".join(draw.sample(words, 12)), "lang": ""} for row in adverts()]
    for row in rows[:20]:
        row["lang"] = "fr"
    write_csv(tmp_path, rows)
    given = prepare(config(tmp_path, {"id": "id", "text": "text", "lang": "lang"})).split("all")
    assert given.langs == ["fr"] * 20 + ["en"] * 40
    assert given.lang_predicted.tolist() == [False] * 20 + [True] * 40
    assert given.script_predicted.all()
    missing = prepare(config(tmp_path, {"id": "id", "text": "text"})).split("all")
    assert set(missing.langs) == {"en"}
    assert missing.lang_predicted.all()


def hub_source(tmp_path, **splits):
    """A dataset as ``datasets`` saves it, with these splits."""
    from datasets import Dataset, DatasetDict

    saved = {name: Dataset.from_list(rows) for name, rows in splits.items()}
    DatasetDict(saved).save_to_disk(tmp_path / "raw" / "saved")
    return {
        "kind": "hub",
        "id": "saved",
        "revision": None,
        "subset": None,
        "splits": sorted(splits),
    }


def without_split(rows):
    return [{name: value for name, value in row.items() if name != "split"} for row in rows]


def test_the_splits_of_a_saved_dataset_can_be_kept(tmp_path):
    rows = without_split(adverts())
    source = hub_source(tmp_path, train=rows[:40], test=rows[40:])
    columns = {"id": "id", "text": "text", "split": "split"}
    table = prepare(config(tmp_path, columns, source=source, split=GIVEN)).split("all")
    splits = dict(zip(table.ids, table.splits, strict=True))
    assert {splits[f"a{i}"] for i in range(40, 60)} == {"test"}
    assert {splits[f"a{i}"] for i in range(40)} == {"train", "validation"}


def test_a_split_column_of_the_dataset_itself_stays(tmp_path):
    source = hub_source(tmp_path, train=adverts())
    columns = {"id": "id", "text": "text", "split": "split"}
    table = prepare(config(tmp_path, columns, source=source, split=GIVEN)).split("test")
    assert sorted(table.ids) == sorted(f"a{i}" for i in range(0, 60, 5))


def test_the_readings_of_an_advert_are_purged_by_its_id(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "adverts.data.preparing.preparation.build_reader", lambda _: CountingReader()
    )
    dataset = prepare(config(tmp_path, with_pictures(tmp_path)))
    cache, table = OcrCache(tmp_path / "ocr"), dataset.split("all")
    removed = [cache.purge(sha256_of(p)) for p in table.images(table.ids.index("a3"))]
    assert removed == [1]
    assert len(list((tmp_path / "ocr").rglob("*.json"))) == 3


def test_a_folder_of_pictures_is_a_dataset(tmp_path):
    for i in range(20):
        name = f"{('no', 'yes')[i % 2]}/{i}.png"
        picture(tmp_path / "raw" / "pictures" / name, str(i))
    source = {"kind": "image_folder", "path": "pictures", "task": "refer"}
    table = prepare(config(tmp_path, {}, source=source)).split("all")
    assert len(table) == 20
    assert table.ids[0] == "no/0.png"
    assert table.targets["refer"].sum(axis=0).tolist() == [10, 10]
    assert table.has_image.all()


def test_what_others_put_in_the_place_is_not_touched(tmp_path):
    write_csv(tmp_path, adverts())
    place = tmp_path / "prepared" / "demo"
    place.mkdir(parents=True)
    (place / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="did not write"):
        prepare(config(tmp_path))
    assert (place / "thesis.txt").exists()


def test_accounts_are_stored_as_tokens_or_not_at_all(tmp_path, monkeypatch, capsys):
    import pyarrow.parquet as pq

    write_csv(tmp_path, [row | {"account": "someone"} for row in adverts()])
    columns = {"id": "id", "text": "text", "account": "account"}
    monkeypatch.delenv("ADVERTS_TOKEN_KEY", raising=False)
    first = prepare(config(tmp_path, columns))
    assert pq.read_table(first.path / "shard-00000.parquet")["account"].null_count == 60
    assert "accounts were left out" in capsys.readouterr().out
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", "a key of sixteen bytes or more")
    second = prepare(config(tmp_path, columns))
    tokens = pq.read_table(second.path / "shard-00000.parquet")["account"].unique().to_pylist()
    assert len(tokens) == 1
    assert len(tokens[0]) == 32


def test_no_advert_is_printed(tmp_path, capsys):
    rows = adverts()
    rows[7]["label"] = "wrong"
    write_csv(tmp_path, rows)
    prepare(config(tmp_path, on_error="quarantine"))
    printed = capsys.readouterr()
    assert not any(word in printed.out + printed.err for word in ("coach", "harbour", "7700"))


@pytest.mark.slow
def test_the_command_line_prepares_the_users_own_csv(tmp_path):
    write_csv(tmp_path, adverts())
    command = [sys.executable, "-m", "adverts.prepare", "data=csv", "data.name=mine"]
    command += [f"data.root={tmp_path / 'raw'}", f"prepared={tmp_path / 'out'}"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert "validation" in done.stdout
    assert open_prepared(tmp_path / "out").manifest.name == "mine"
    again = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert "is up to date" in again.stdout
    wrong = [*command, "data.columns.text=txt"]
    failed = subprocess.run(wrong, capture_output=True, text=True, env=environment, check=False)
    assert failed.returncode == 2
    assert "did you mean 'text'?" in failed.stderr
    assert "Traceback" not in failed.stderr
