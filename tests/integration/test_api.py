"""The verbs as functions: from a DataFrame to scores, inside a program that is not disturbed."""

from __future__ import annotations

import importlib
import json
import os
import random
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tiny_adverts import tiny_rows

from adverts import api
from adverts.errors import CannotJudgeError, GateFailedError, InputError, IntegrityError

pytestmark = pytest.mark.usefixtures("two_folds")
QUIET = {"progress": False}
POST, SPAM = "it's a ${post}, = [x]", ("spam", "?")
EASY = {"tracking": "none", "min_positive_clusters": 10, "bootstrap_resamples": 200}


def frame_of(rows):
    return pd.DataFrame(
        {
            POST: [row.text for row in rows],
            SPAM: np.array([row.targets["refer"] == (0.0, 1.0) for row in rows]),
            "part": pd.Categorical([row.split for row in rows]),
            "name": [row.id for row in rows],
        },
        index=[f"row {number % 50}" for number in range(len(rows))],
    )


FRAME = frame_of(tiny_rows())
MINE = {"text": POST, "labels": SPAM, "split": "part", "id": "name", **QUIET}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("my 'own' folder, = [1]")


@pytest.fixture(scope="module")
def data(folder):
    return api.prepare(FRAME, folder / "prepared", **MINE)


@pytest.fixture(scope="module")
def run(folder, data):
    return api.train(
        data, model="tfidf", run_dir=folder / "run", overrides=["tracking=none"], **QUIET
    )


@pytest.fixture(scope="module")
def report(run):
    return api.evaluate(run, overrides=EASY, **QUIET)


@pytest.fixture(scope="module")
def bundle(run, data):
    return api.export(run, prepared=data, overrides=["tracking=none"], **QUIET)


def test_a_frame_is_prepared_with_its_splits_ids_and_labels(data):
    counts = {name: one.adverts for name, one in data.manifest.counts.items()}
    assert counts == {"train": 280, "validation": 60, "test": 60}
    (task,) = data.manifest.label_schema.tasks
    assert (task.name, task.labels, task.positive) == ("refer", ("false", "true"), "true")


def test_the_rows_of_a_frame_are_not_left_beside_the_dataset(data):
    assert [one.name for one in data.path.parent.iterdir() if "rows" in one.name] == []
    kept = [one for one in data.path.rglob("*") if one.is_file()]
    assert all(not one.stat().st_mode & stat.S_IRWXO for one in kept if one.suffix == ".parquet")


def test_the_same_frame_has_the_same_hash_and_is_not_prepared_again(data, tmp_path):
    before = (data.path / "manifest.json").stat().st_mtime_ns
    again = api.prepare(FRAME, data.path, **MINE)
    other = api.prepare(FRAME.copy(), tmp_path / "another place", name="prepared", **MINE)
    assert (data.path / "manifest.json").stat().st_mtime_ns == before
    assert again.data_hash == other.data_hash == data.data_hash
    changed = api.prepare(FRAME.iloc[::-1], tmp_path / "reversed", name="prepared", **MINE)
    assert changed.data_hash != data.data_hash


def test_a_run_tells_its_record_and_every_setting(run, data):
    assert run.record.finished
    assert run.record.data_hash == data.data_hash
    assert run.config["model"]["name"] == "tfidf"
    assert run.prepared == data.path


def test_a_report_tells_figures_with_intervals(report):
    found = report.figures["average_precision"]
    assert found.low <= found.value <= found.high
    with pytest.raises(KeyError, match="no figure 'ap'; did you mean 'average_precision'"):
        report.figures["ap"]
    with pytest.raises(KeyError, match="no figure 'macro_f2'; did you mean 'macro_f1'"):
        report.figures["macro_f2"]
    assert report.figures.get("ap") is None
    assert report.path.name == "report"
    assert report.report["evaluation"]["headline"] == "refer"
    with pytest.raises(InputError, match="no advert was judged on task 'x'; judged: .'refer'."):
        report.figures_of("x")


def test_predictions_are_a_frame_with_labels_and_without_texts(report, data):
    found = report.predictions
    assert len(found) == 60
    assert set(found.columns) == {
        *("id", "split", "lang", "answer", "review_band", "reason"),
        *("predicted.refer", "label.refer"),
        *("probability.refer.false", "probability.refer.true"),
    }
    assert (
        found["probability.refer.false"].add(found["probability.refer.true"]).round(6).eq(1).all()
    )
    truth = FRAME.set_index("name")[SPAM].loc[found["id"]]
    assert (found["label.refer"] == truth.map({True: "true", False: "false"}).to_numpy()).all()
    assert not found.astype(str).apply(lambda column: column.str.contains("word").any()).any()
    unlabelled = api.predictions(report.path)
    assert "label.refer" not in unlabelled
    assert unlabelled.equals(found[unlabelled.columns])


def test_adverts_that_no_threshold_decides_are_counted_and_explained(run, tmp_path, capsys):
    place = tmp_path / "judged"
    found = api.evaluate(run, run_dir=place, overrides={**EASY, "decisions.recall": 0.9999})
    said = capsys.readouterr().out
    abstains = found.predictions["review_band"] == "abstain"
    assert set(found.predictions.loc[abstains, "reason"]) == {
        "there is no recall threshold, so no advert may be left unread"
    }
    judged = found.report["account"]["judged"]["adverts"]
    assert abstains.all()
    page = (place / "report.md").read_text()
    (row,) = [one for one in page.splitlines() if "(band abstain): no threshold" in one]
    assert row.endswith(f"| {judged} |")
    assert "leaves to people (band abstain), whatever their score | 0 |" in page
    assert f"review band: {judged} of {judged} judged adverts are marked abstain" in said


def test_predictions_of_another_dataset_are_refused(report, tmp_path):
    other = api.prepare(FRAME.iloc[:300], tmp_path / "other", **{**MINE, "split": None})
    with pytest.raises(InputError, match="name the dataset that was judged"):
        api.predictions(report, prepared=other)


def test_results_of_an_earlier_session_open_again(data, run, report, bundle):
    assert api.open_prepared(str(data.path)).data_hash == data.data_hash
    assert api.open_run(run.path).record == run.record
    again = api.open_report(report.path, prepared=data)
    assert again.figures == report.figures
    assert again.predictions.equals(report.predictions)
    assert api.open_bundle(bundle.path).manifest == bundle.manifest
    for opened in (api.open_prepared, api.open_run, api.open_report, api.open_bundle):
        with pytest.raises(InputError):
            opened(run.path.parent / "nothing")


def test_scores_of_a_frame_keep_its_index_and_order(bundle):
    found = api.score(bundle, FRAME, text=POST, id="name", **QUIET)
    assert found.index.equals(FRAME.index)
    assert list(found["id"]) == list(FRAME["name"])
    turned = api.score(bundle, FRAME.iloc[::-1], text=POST, id="name", **QUIET)
    pd.testing.assert_frame_equal(turned.iloc[::-1], found)
    assert found["score"].equals(found["probability.refer.true"].rename("score"))


def test_scores_of_a_frame_are_those_of_the_verb(bundle, tmp_path):
    from adverts.scoring.collection import open_collection
    from adverts.work.units.place import open_place

    FRAME.rename(columns={POST: "text", "name": "id"})[["id", "text"]].to_csv(
        tmp_path / "po sts.csv", index=False
    )
    scored = api.score(
        bundle,
        tmp_path / "po sts.csv",
        scores=tmp_path / "scores",
        overrides=["executor.processes=1", f"ocr_cache={tmp_path / 'cache'}"],
        **QUIET,
    )
    assert (scored.counts.adverts, open_collection(open_place(scored.path)).left) == (400, ())
    (answers,) = (tmp_path / "scores").rglob("*.parquet")
    verb = pd.read_parquet(answers).set_index("id")
    ours = api.score(bundle, FRAME, text=POST, id="name", **QUIET).set_index("id").loc[verb.index]
    written = ours["score"].astype("float32")  # as files of answers hold it
    np.testing.assert_array_equal(written, verb["score"].astype("float32"))
    for name in ("review_band", "reason", "language", "script", "exited"):
        left, right = (
            [None if pd.isna(one) else one for one in frame[name]] for frame in (ours, verb)
        )
        assert left == right, name


def test_columns_of_the_data_are_those_of_the_scores_unless_named(bundle):
    named = api.score(bundle, FRAME, text=POST, **QUIET)
    pd.testing.assert_frame_equal(api.score(bundle, FRAME, **QUIET), named)
    with pytest.raises(InputError, match="no column is called text or image; name one with text="):
        api.score(bundle.path, FRAME, **QUIET)
    with pytest.raises(InputError, match="text='nam' is not a column; did you mean 'name'"):
        api.score(bundle, FRAME, text="nam", **QUIET)


def test_a_bundle_of_an_earlier_session_takes_the_only_column_named_as_captions(bundle, capsys):
    frame = FRAME.rename(columns={POST: "Comment"})[["name", "Comment"]]
    found = api.score(str(bundle.path), frame)
    assert "text: column 'Comment', by its name" in capsys.readouterr().err
    pd.testing.assert_frame_equal(found, api.score(bundle, FRAME, text=POST, **QUIET))
    with pytest.raises(InputError, match="no column is called text or image; name one with text="):
        api.score(bundle.path, frame.assign(title="what?"), **QUIET)


@pytest.mark.parametrize("word", ["fail_on_drift=true", "evidence=restricted", "part=1/2"])
def test_a_setting_that_does_nothing_for_a_table_is_refused(bundle, word):
    with pytest.raises(InputError, match=f"{word}: does nothing where a table is scored"):
        api.score(bundle, FRAME, text=POST, overrides=[word], **QUIET)
    found = api.score(bundle, FRAME[:5], text=POST, overrides={"batch_size": 2}, **QUIET)
    assert len(found) == 5


def test_a_table_without_a_column_that_the_data_had_is_scored_and_it_is_said(bundle, capsys):
    held = api.Bundle(bundle.path, {"text": "text", "image": "photo"})
    assert len(api.score(held, pd.DataFrame({"text": ["word1"]}))) == 1
    assert "no column 'photo', so the adverts are scored without image" in capsys.readouterr().err


def test_the_report_on_a_bundle_leaves_that_on_its_run(run, bundle, report):
    before = (report.path / "report.json").read_bytes()
    found = api.evaluate(bundle, overrides=EASY, **QUIET)
    assert found.path == run.path / "bundle-report"
    assert (report.path / "report.json").read_bytes() == before


def test_rows_without_text_and_a_frame_without_rows_are_answered(bundle):
    gaps = pd.DataFrame({"text": ["word1 word2", None, "", np.nan]}, index=[4, 4, 2, 0])
    found = api.score(bundle, gaps, **QUIET)
    assert list(found.index) == [4, 4, 2, 0]
    assert list(found["score"].isna()) == [False, True, True, True]
    empty = api.score(bundle, gaps.iloc[:0], **QUIET)
    assert (len(empty), list(empty.columns)) == (0, list(found.columns))


def test_a_gate_that_cannot_judge_or_fails_is_an_error_and_the_report_stays(run, tmp_path):
    place = tmp_path / "judged"
    with pytest.raises((CannotJudgeError, GateFailedError)):
        api.evaluate(run, gate="first", run_dir=place, overrides=EASY, **QUIET)
    assert api.open_report(place).report["gate"]["verdict"] in ("could not judge", "failed")


def test_another_split_has_a_folder_of_its_own(run):
    found = api.evaluate(run, split="validation", overrides=EASY, **QUIET)
    assert found.path.name == "report-validation"
    assert set(found.predictions["split"]) == {"validation"}


def test_a_changed_dataset_is_an_integrity_error(data, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(data.path, copy)
    shard = next(copy.glob("*.parquet"))
    shard.write_bytes(shard.read_bytes()[:-9] + b"123456789")
    with pytest.raises(IntegrityError):
        api.train(copy, model="tfidf", run_dir=tmp_path / "run", **QUIET)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"text": "pots"}, "text='pots' is not a column"),
        ({"labels": "spum"}, "labels='spum' is not a column"),
        ({"labels": {"Spam": SPAM}}, "a task is named 'Spam'"),
        ({"labels": {"spam": {"colum": SPAM}}}, "give column, and maybe kind"),
        ({"split": SPAM}, "row 1, split: found '(true|false)'; wanted train, validation or test"),
        ({"text": None}, "text= is missing: name the column of captions, such as text=\"it's a"),
        ({"overrides": ["data.columns.text=x"]}, "the call sets text=; give it as a keyword"),
        ({"overrides": ["data.colums.url=x"]}, "data.colums: no such key; nearest key: columns"),
        ({"positive": "maybe"}, "maybe"),
        ({"name": "My Data"}, "data.name: found 'My Data'"),
    ],
)
def test_a_mistake_is_an_input_error_that_leaves_nothing(tmp_path, given, message):
    with pytest.raises(InputError, match=message):
        api.prepare(FRAME, tmp_path / "prepared", **{**MINE, **given})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([True] * 8, "holds true ×8; 2 to 50 labels are needed"),
        ([None] * 8, "label"),
    ],
)
def test_labels_of_one_class_or_none_are_refused(tmp_path, labels, message):
    frame = pd.DataFrame({"text": [f"post {n}" for n in range(8)], "spam": labels})
    with pytest.raises(InputError, match=message):
        api.prepare(frame, tmp_path / "prepared", text="text", labels="spam", **QUIET)


@pytest.mark.parametrize(
    "labels",
    [
        [0, 1] * 20,
        np.array([0, 1] * 20, dtype=np.int8),
        [0.0, 1.0, np.nan, 1.0] * 10,
        pd.Categorical(["0", "1"] * 20),
        pd.array([0, 1, None, 1] * 10, dtype="Int64"),
    ],
)
def test_labels_of_any_type_are_the_same_labels(tmp_path, labels):
    frame = pd.DataFrame({"text": [f"post number {n} of all" for n in range(40)], "spam": labels})
    data = api.prepare(frame, tmp_path / "prepared", text="text", labels="spam", **QUIET)
    assert data.manifest.label_schema.tasks[0].labels == ("0", "1")
    assert data.manifest.num_adverts == 40


def test_several_tasks_are_a_mapping_of_which_the_first_is_the_headline(tmp_path):
    frame = pd.DataFrame(
        {
            "text": [f"post number {n} of all" for n in range(40)],
            "spam": [n % 2 for n in range(40)],
            "signs": [["phone"] if n % 3 else ["phone", "price"] for n in range(40)],
        }
    )
    labels = {"refer": "spam", "signs": {"column": "signs", "kind": "multi"}}
    data = api.prepare(
        frame, tmp_path / "prepared", text="text", labels=labels, positive=1, **QUIET
    )
    schema = data.manifest.label_schema
    assert schema.headline == "refer"
    assert [(one.name, one.kind, one.labels) for one in schema.tasks] == [
        ("refer", "single", ("0", "1")),
        ("signs", "multi", ("phone", "price")),
    ]
    assert schema.tasks[0].positive == "1"


def test_ids_that_collide_are_refused_by_the_row(tmp_path):
    frame = pd.DataFrame({"text": ["a b", "c d", "e f"], "spam": [0, 1, 0], "id": [1, 1.0, 2]})
    with pytest.raises(InputError, match="row"):
        api.prepare(frame, tmp_path / "prepared", text="text", labels="spam", id="id", **QUIET)


def test_splits_of_a_dataset_dict_are_the_splits(tmp_path):
    from datasets import ClassLabel, Dataset, DatasetDict, Features, Value

    features = Features({"text": Value("string"), "spam": ClassLabel(names=["no", "yes"])})

    def part(first, count):
        rows = {"text": [f"post {first + n}" for n in range(count)], "spam": [0, 1] * (count // 2)}
        return Dataset.from_dict(rows, features)

    splits = DatasetDict(train=part(0, 20), test=part(100, 10))
    data = api.prepare(splits, tmp_path / "prepared", text="text", labels="spam", **QUIET)
    counts = {name: one.adverts for name, one in data.manifest.counts.items()}
    assert counts["test"] == 10
    assert counts["train"] + counts["validation"] == 20
    assert data.manifest.label_schema.tasks[0].positive == "yes"


def test_pictures_of_a_frame_are_read(tmp_path):
    from PIL import Image, ImageDraw

    def drawn(number):
        image = Image.new("RGB", (64, 64), "white")
        ImageDraw.Draw(image).rectangle((number, number, number + 20, 40), fill="black")
        return image

    paths = []
    for number in range(3):
        paths.append(tmp_path / f"a, {number}.png")
        drawn(number).save(paths[-1])
    pictures = [*map(str, paths), paths[0].read_bytes(), drawn(7), None]
    frame = pd.DataFrame({"picture": pictures, "text": list("abcdef"), "spam": [0, 1] * 3})
    data = api.prepare(
        frame,
        tmp_path / "prepared",
        text="text",
        image="picture",
        labels="spam",
        overrides=["ocr=none", "data.split.test_fraction=0", "data.split.validation_fraction=0"],
        **QUIET,
    )
    from adverts.data.dataset.prepared import open_prepared

    table = open_prepared(data.path).split("all")
    assert table.has_image.tolist() == [True] * 5 + [False]
    frame.loc[1, "picture"] = str(tmp_path / "nowhere.png")
    with pytest.raises(InputError, match="row 2, image: cannot be read"):
        api.prepare(frame, tmp_path / "other", text="text", image="picture", labels="spam", **QUIET)
    assert not (tmp_path / "other").exists()


def test_a_file_and_a_packaged_dataset_are_sources_too(tmp_path, monkeypatch):
    FRAME.rename(columns={POST: "post", SPAM: "spam"}).to_csv(tmp_path / "m y.csv", index=False)
    data = api.prepare(
        tmp_path / "m y.csv",
        tmp_path / "prepared",
        text="post",
        labels="spam",
        split="part",
        id="name",
        **QUIET,
    )
    assert data.manifest.counts["test"].adverts == 60
    with pytest.raises(InputError, match="does not exist"):
        api.prepare(tmp_path / "none.csv", tmp_path / "p", text="post", **QUIET)
    with pytest.raises(InputError, match="data: found 'sampel'; nearest: sample"):
        api.prepare("sampel", tmp_path / "p", **QUIET)
    with pytest.raises(InputError, match="text: without a file or a table"):
        api.prepare("sample", tmp_path / "p", text="post", **QUIET)


@pytest.mark.slow
def test_a_name_that_a_folder_has_too_is_that_of_the_packaged_dataset(tmp_path, monkeypatch):
    (tmp_path / "data").symlink_to(Path(__file__).parents[2] / "data")
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert api.prepare("sample", "sample", **QUIET).manifest.num_adverts > 50


def picture_folder(folder):
    rng = np.random.default_rng(0)
    for label in ("no", "yes"):
        (folder / "pictures" / label).mkdir(parents=True)
        for number in range(6):
            pixels = rng.integers(0, 255, (24, 24, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / "pictures" / label / f"{number}.png")
    return folder / "pictures"


PROGRAM = """
import sys
from pathlib import Path
from adverts import api
print("this program runs")
data = api.prepare(sys.argv[1], sys.argv[2], progress=False)
print(data.manifest.counts["train"].labels["refer"]["unlabelled"])
"""


@pytest.mark.slow
def test_a_program_that_reads_pictures_is_run_once(tmp_path):
    (tmp_path / "mine.py").write_text(PROGRAM)
    folder = picture_folder(tmp_path)
    result = subprocess.run(
        [sys.executable, tmp_path / "mine.py", folder, tmp_path / "prepared"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (result.stdout, result.stderr) == ("this program runs\n0.0\n", "")


@pytest.mark.parametrize("given", [{"text": "a"}, {"labels": "a"}, {"split": "a"}, {"group": "a"}])
def test_a_folder_of_pictures_has_no_columns(tmp_path, given):
    with pytest.raises(InputError, match="is a folder of pictures, whose folders are the labels"):
        api.prepare(picture_folder(tmp_path), tmp_path / "prepared", **given, **QUIET)
    assert not (tmp_path / "prepared").exists()


def test_labels_that_are_forgotten_are_asked_for_unless_there_are_none(tmp_path):
    frame = pd.DataFrame({"text": [f"post number {n} of all" for n in range(40)]})
    with pytest.raises(InputError, match="labels= is missing: name the column") as refused:
        api.prepare(frame, tmp_path / "prepared", text="text", **QUIET)
    with pytest.raises(InputError, match="positive is given without labels"):
        api.prepare(frame, tmp_path / "prepared", text="text", positive="yes", **QUIET)
    assert list(tmp_path.iterdir()) == []
    told = json.loads(str(refused.value).partition("overrides=")[2])
    data = api.prepare(frame, tmp_path / "prepared", text="text", overrides=told, **QUIET)
    assert data.manifest.num_adverts == 40


NAMED = pd.DataFrame(
    {
        "id": [f"a{n}" for n in range(120)],
        "comment": [" ".join(f"w{97 * n + k}" for k in range(9)) for n in range(120)],
        "label": ["ham", "spam"] * 60,
        "video": ["v1", "v2"] * 60,
        "Split": (["train"] * 4 + ["dev"] + ["test"]) * 20,
        "language": ["en"] * 120,
    }
)


@pytest.mark.parametrize("kind", ["table", "file"])
def test_columns_are_taken_by_their_names_as_init_takes_them_and_the_others_named(
    tmp_path, capsys, kind
):
    from adverts.data.mapping.guess_config import draft_of

    path = tmp_path / "mine.csv"
    NAMED.to_csv(path, index=False)
    told = "\n".join(draft_of(path).told)
    source = path if kind == "file" else NAMED
    data = api.prepare(source, tmp_path / "p", text="comment", labels="label")
    assert data.columns == {"text": "comment", "id": "id", "lang": "language"}
    assert data.unused == ("video",)
    said = capsys.readouterr().out
    assert "by their names: id='id', split='Split', lang='language' (id=False takes none)" in said
    assert "not used: video" in said or "column 'video' is not used" in said
    for one in ("id: column 'id', by", "split: column 'Split', by", "not used: video"):
        assert one in told
    counts = {name: one.adverts for name, one in data.manifest.counts.items()}
    assert counts == {"train": 80, "validation": 20, "test": 20}
    left = {"id": False, "split": False, "lang": False}
    none = api.prepare(source, tmp_path / "n", text="comment", labels="label", **left, **QUIET)
    assert none.unused == ("id", "video", "Split", "language")
    assert none.manifest.counts["train"].adverts == 84


def test_a_column_whose_cells_do_not_suit_its_name_is_not_taken(tmp_path):
    frame = NAMED.assign(id=["a", "b"] * 60, Split=["left", "right"] * 60)
    words = {"text": "comment", "labels": "label", **QUIET}
    data = api.prepare(frame, tmp_path / "p", **words)
    assert data.unused == ("id", "video", "Split")
    made = api.prepare(NAMED, tmp_path / "m", overrides=["data.split.test_fraction=0.4"], **words)
    assert "Split" in made.unused
    assert made.manifest.counts["test"].adverts > 30


@pytest.mark.parametrize("kind", ["table", "file"])
def test_what_must_be_named_is_asked_for_by_its_keyword(tmp_path, kind):
    frame = NAMED.rename(columns={"label": "klass"})
    frame.to_csv(tmp_path / "mine.csv", index=False)
    source = tmp_path / "mine.csv" if kind == "file" else frame
    columns = "The columns are id, comment, klass, video, Split, language"
    with pytest.raises(InputError, match=f"text= is missing: .*text='comment', .*{columns}"):
        api.prepare(source, tmp_path / "p", labels="klass", **QUIET)
    with pytest.raises(InputError, match=f"labels= is missing: .*labels='klass'. {columns}"):
        api.prepare(source, tmp_path / "p", text="comment", **QUIET)
    assert not (tmp_path / "p").exists()


def test_nothing_is_printed_and_the_process_stays_as_it_was(tmp_path, capfd):
    import hydra
    from hydra.core.global_hydra import GlobalHydra

    (tmp_path / "mine.yaml").write_text("a: 1\n")
    (tmp_path / "here").mkdir()
    with hydra.initialize_config_dir(str(tmp_path), version_base="1.3"):
        theirs = GlobalHydra.instance().hydra
        before = (
            dict(os.environ),
            os.getcwd(),
            list(sys.argv),
            random.getstate(),
            np.random.get_state()[1].tolist(),
            [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)],
            os.umask(0o022),
        )
        os.umask(before[-1])
        data = api.prepare(FRAME, tmp_path / "here" / "data", **MINE)
        run = api.train(
            data,
            model="tfidf",
            run_dir=tmp_path / "here" / "run",
            overrides={"tracking": "none"},
            **QUIET,
        )
        api.evaluate(run, overrides=EASY, **QUIET)
        after = (
            dict(os.environ),
            os.getcwd(),
            list(sys.argv),
            random.getstate(),
            np.random.get_state()[1].tolist(),
            [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)],
            os.umask(before[-1]),
        )
        assert after == before
        assert GlobalHydra.instance().hydra is theirs
        assert hydra.compose("mine").a == 1
    assert capfd.readouterr() == ("", "")


def test_calls_run_in_threads(tmp_path):
    found, errors = {}, []

    def work(number):
        try:
            found[number] = api.prepare(FRAME, tmp_path / str(number), name="one", **MINE).data_hash
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not errors
    assert found[0] == found[1]


def test_an_interruption_passes_through_and_nothing_is_left(tmp_path, monkeypatch):
    from adverts.data.preparing import preparation

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(preparation, "settle_labels", interrupted)
    with pytest.raises(KeyboardInterrupt):
        api.prepare(FRAME, tmp_path / "prepared", **MINE)
    assert [one.name for one in tmp_path.iterdir() if "rows" in one.name] == []


IMPORTS = """
import gc, json, os, signal, sys
before = (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), gc.get_threshold(),
          dict(os.environ))
from adverts import api
assert before == (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM),
                  gc.get_threshold(), dict(os.environ))
print(json.dumps([one for one in ("torch", "pandas", "mlflow", "datasets") if one in sys.modules]))
"""


def test_importing_changes_nothing_and_loads_nothing_heavy():
    result = subprocess.run(
        [sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True
    )
    assert json.loads(result.stdout) == []


def test_every_function_says_what_it_raises():
    for name in api.__all__:
        one = getattr(importlib.import_module("adverts.api"), name)
        if not isinstance(one, type):
            assert "Raises:" in one.__doc__, name


@pytest.mark.slow
def test_settings_are_searched_and_the_best_run_is_judged(data, tmp_path, monkeypatch):
    monkeypatch.setattr("adverts.tuning.write_results.write_plot", Mock())
    study = api.tune(
        data,
        study_dir=tmp_path / "s",
        model="tfidf",
        trials=2,
        overrides=["tracking=none", f"ledger={tmp_path / 'looks.jsonl'}"],
        **QUIET,
    )
    assert len(study.trials) == 2
    assert {"trial", "model.inverse_regularisation"} <= set(study.trials.columns)
    again = api.tune(study_dir=tmp_path / "s", trials=3, **QUIET)
    assert len(again.trials) == 3 <= again.models_compared
    found = api.evaluate(again.best, overrides=EASY, **QUIET)
    assert found.figures["average_precision"].value > 0.5
    with pytest.raises(InputError, match="tune=frozen: the call sets space=; give it as a keyword"):
        api.tune(data, study_dir=tmp_path / "t", space="tfidf", overrides=["tune=frozen"], **QUIET)


def test_runs_are_compared(run, report, data, folder):
    other = api.train(
        data,
        model="tfidf",
        run_dir=Path(folder) / "other",
        seed=1,
        overrides=["tracking=none", "model.word_ngrams=[1,1]"],
        **QUIET,
    )
    api.evaluate(other, overrides=EASY, **QUIET)
    found = api.compare([run, other], prepared=[data], **QUIET)
    assert "Settings that differ" in str(found)
