"""The whole verb: a run, a checkpoint, a bundle; labelled, unlabelled and refused adverts."""

import dataclasses
import json
import random
import shutil

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from adverts.advert import LabelSchema, Task
from adverts.candidates import checkpoint_logits
from adverts.compose import compose
from adverts.config import EvaluateConfig, ExportConfig, TrainConfig
from adverts.data.dataset.prepared import open_prepared, write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow
from adverts.errors import CannotJudgeError, InputError
from adverts.evaluate import evaluate
from adverts.evaluation.predictions.prediction_file import FILE_NAME, read_predictions
from adverts.tracking import MemoryTracker

REFER = Task("refer", "single", ("no", "yes"), "yes")


def composed(verb, schema, *overrides):
    return compose(verb, schema, [*map(str, overrides), "tracking=none"])


@pytest.fixture(scope="module")
def run(tiny_prepared, tiny_encoder, tmp_path_factory):
    """A network of two layers, trained for one epoch, with tf-idf beside it."""
    from adverts.train import train

    folder = tmp_path_factory.mktemp("runs") / "tiny"
    train(
        composed(
            "train",
            TrainConfig,
            f"prepared={tiny_prepared}",
            f"run_dir={folder}",
            f"model.encoder.weights='path:{tiny_encoder}'",
            "model.encoder.prefix=''",
            "model.encoder.max_tokens=32",
            "trainer=debug",
            "trainer.epochs=1",
        )
    )
    return folder


@pytest.fixture
def judge(run, tiny_prepared, tmp_path):
    """Evaluate the run on the test split, unless told otherwise."""

    def call(*overrides):
        return evaluate(
            composed(
                "evaluate",
                EvaluateConfig,
                f"candidate={run}",
                f"prepared={tiny_prepared}",
                f"run_dir={tmp_path / 'report'}",
                "bootstrap_resamples=100",
                *overrides,
            )
        )

    return call


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def prepared(folder, *, labels=("no", "yes"), labelled=True, text="word1 word7", **changes):
    rng = random.Random(1)
    rows = []
    for i in range(60):
        weights = [0.0] * len(labels)
        weights[rng.randrange(len(labels))] = 1.0
        rows.append(
            PreparedRow(
                id=f"b{i}",
                split="test",
                cluster=f"c{i}",
                text=text,
                targets={"refer": tuple(weights)} if labelled else {},
                **changes,
            )
        )
    schema = LabelSchema("other", (dataclasses.replace(REFER, labels=labels),), "refer")
    write_prepared(folder, rows, name="other", schema=schema)
    return folder


def test_a_run_is_judged_on_its_test_split_beside_its_baseline(judge, tiny_prepared):
    done = judge()
    table = open_prepared(tiny_prepared).split("test")
    truth = table.targets["refer"].argmax(axis=1)
    said = read_predictions(done.folder / "predictions.parquet")
    assert said.ids == table.ids
    task = done.report.evaluation.reviewed.tasks[0]
    figures = task.models[0].figures
    scores = said.probabilities["refer"]
    assert figures["average_precision"].value == pytest.approx(
        average_precision_score(truth, scores[:, 1])
    )
    assert figures["macro_f1"].value == pytest.approx(
        f1_score(truth, scores.argmax(axis=1), average="macro")
    )
    assert [model.model for model in task.models] == ["text", "tf-idf", "majority class"]
    assert done.report.origin.refusal is None


def test_the_baseline_is_calibrated_beside_a_model_as_it_is_alone(judge, run, tmp_path):
    beside = judge().report.evaluation.reviewed.tasks[0].models[1]
    baseline = judge(f"candidate={run / 'baseline'}", f"run_dir={tmp_path / 'alone'}")
    alone = baseline.report.evaluation.reviewed.tasks[0].models[0]
    assert beside.model == "tf-idf"
    assert beside.figures["log_loss"].value == pytest.approx(alone.figures["log_loss"].value)


def test_the_report_says_how_to_get_it_again(judge):
    command = judge("split=validation", "seed=3").report.origin.command
    words = command.split()
    assert words[:2] == ["adverts", "evaluate"]
    assert words[4:] == ["split=validation", "bootstrap_resamples=100", "seed=3"]


def test_without_a_judged_advert_of_the_headline_it_cannot_judge(judge, tmp_path):
    unreviewed = prepared(tmp_path / "unreviewed", reviewed=False)
    with pytest.raises(CannotJudgeError, match="no reviewed advert .* task 'refer'") as told:
        judge(f"prepared={unreviewed}")
    assert told.value.exit_status == 3
    assert "nothing can be judged" in (tmp_path / "report" / "report.md").read_text()


def test_the_report_folder_is_whole_and_private(judge):
    done = judge()
    assert {path.name for path in done.folder.iterdir()} == {
        "calibration.json",
        "predictions.parquet",
        "report.html",
        "report.json",
        "report.md",
        "results.json",
        "thresholds.json",
    }
    assert {path.stat().st_mode & 0o077 for path in done.folder.iterdir()} == {0}


def test_the_report_holds_no_word_of_an_advert(judge):
    done = judge()
    for path in done.folder.iterdir():
        assert b"word" not in path.read_bytes().replace(b"password", b"")


@pytest.mark.slow
def test_an_advert_s_score_does_not_depend_on_the_batch_it_is_in(judge, monkeypatch):
    together = judge().predictions
    monkeypatch.setattr(checkpoint_logits, "_BATCH", 1)
    alone = judge("bootstrap_resamples=101").predictions
    np.testing.assert_allclose(
        alone.logits["refer"], together.logits["refer"], atol=1e-5, rtol=1e-5
    )


def test_a_checkpoint_folder_is_judged_like_its_run_and_finds_the_same_baseline(judge, run):
    whole = judge().report.evaluation
    assert judge(f"candidate={run / 'checkpoints' / 'best'}").report.evaluation == whole


def test_the_baseline_alone_can_be_judged(judge, run):
    done = judge(f"candidate={run / 'baseline'}")
    assert [m.model for m in done.report.evaluation.reviewed.tasks[0].models][1:] == [
        "majority class"
    ]


def of_models(done):
    return [model.model for model in done.report.evaluation.reviewed.tasks[0].models]


def moved(run, folder):
    """Return a checkpoint as it is elsewhere, without what stood beside it."""
    shutil.copytree(run / "checkpoints", folder / "far" / "checkpoints")
    return folder / "far" / "checkpoints" / "best"


def test_a_model_far_from_its_run_finds_the_baseline_that_is_named(judge, run, tmp_path):
    far = moved(run, tmp_path)
    assert of_models(judge(f"candidate={far}")) == ["text", "majority class"]
    named = judge(f"candidate={far}", f"baseline={run / 'baseline'}")
    assert of_models(named) == ["text", "tf-idf", "majority class"]
    assert "baseline=baseline" in named.report.origin.command


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("nowhere", "baseline=.*nowhere does not exist; give a run of adverts train model=tfidf"),
        ("", "holds text, which is not known to be tf-idf"),
    ],
)
def test_a_baseline_that_is_none_is_refused_before_anything_is_scored(
    judge, run, tmp_path, named, message
):
    with pytest.raises(InputError, match=message):
        judge(f"baseline={run / named}")
    assert not (tmp_path / "report").exists()


def test_a_baseline_that_reads_less_than_the_candidate_is_refused(judge, run, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(run / "baseline", other)
    record = json.loads((other / "checkpoint.json").read_text())
    record["input_spec"]["inputs"] = ["ocr"]
    (other / "checkpoint.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match=r"does not read text, .* model\.inputs=\[text\]"):
        judge(f"baseline={other}")


def test_a_baseline_of_other_adverts_is_refused(judge, run, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(run / "baseline", other)
    record = json.loads((other / "checkpoint.json").read_text())
    record["data_hash"] = "0" * 64
    (other / "checkpoint.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match="was trained on tiny, data 000000000000, .* candidate"):
        judge(f"baseline={other}")


@pytest.mark.parametrize("beside", ["baseline=false", "baseline=true"])
def test_without_its_baseline_the_gate_cannot_judge_and_names_the_command(
    judge, run, tmp_path, beside
):
    far = moved(run, tmp_path)
    with pytest.raises(CannotJudgeError, match="as_good_as_tfidf") as told:
        judge(f"candidate={far}", beside, "gate=first", "~gate.conditions.ranks_well")
    assert told.value.exit_status == 3
    page = (tmp_path / "report" / "gate.md").read_text()
    assert "baseline=runs/tfidf" in page


def test_predictions_of_the_baseline_are_known_to_be_of_tfidf(judge, run, tmp_path):
    stored = judge(f"candidate={run / 'baseline'}").predictions.made_by
    assert stored.is_tfidf
    assert judge(f"run_dir={tmp_path / 'network'}").predictions.made_by.is_tfidf is False


@pytest.mark.parametrize("split", ["validation", "train", "all"])
def test_adverts_that_the_model_may_know_carry_no_headline(judge, split):
    done = judge(f"split={split}")
    assert done.report.origin.refusal
    assert json.loads((done.folder / "results.json").read_text())["headline"] is False
    assert "No headline." in (done.folder / "report.html").read_text()


def test_unlabelled_adverts_get_predictions_and_nothing_else(judge, tmp_path):
    done = judge(f"prepared={prepared(tmp_path / 'plain', labelled=False)}")
    assert done.report is None
    assert [path.name for path in done.folder.iterdir()] == ["predictions.parquet"]


def test_another_dataset_is_judged_with_labels_in_its_own_order(judge, tmp_path):
    done = judge(f"prepared={prepared(tmp_path / 'turned', labels=('yes', 'no'))}")
    task = done.report.evaluation.reviewed.tasks[0]
    table = open_prepared(tmp_path / "turned").split("test")
    assert task.evidence.positives == int(table.targets["refer"][:, 0].sum())
    assert "another dataset, tiny" in " ".join(done.report.origin.notes)


def test_predicted_languages_are_counted(judge, tmp_path):
    predicted = prepared(tmp_path / "predicted", lang="en", lang_predicted=True)
    origin = judge(f"prepared={predicted}").report.origin
    assert origin.predicted == {
        "language": "60 of 60 languages in the whole split were predicted, not given"
    }
    given = judge(f"run_dir={tmp_path / 'given'}")
    assert given.report.origin.predicted == {}


def test_a_label_that_the_model_does_not_know_is_refused_and_nothing_is_written(judge, tmp_path):
    unknown = prepared(tmp_path / "unknown", labels=("no", "yes", "maybe"))
    with pytest.raises(InputError, match=r"have the label 'maybe', which the model does not know"):
        judge(f"prepared={unknown}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["unknown"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("candidate=nowhere", "candidate=nowhere is not a folder"),
        ("candidate={tmp_path}", "neither a run folder nor a checkpoint"),
        ("prepared=nowhere", "is not a prepared dataset"),
    ],
)
def test_what_is_not_there_is_named(judge, tmp_path, override, message):
    with pytest.raises(InputError, match=message):
        judge(override.format(tmp_path=tmp_path))


def test_a_folder_of_somebody_else_is_not_overwritten(judge, tmp_path):
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="did not write"):
        judge()
    assert (tmp_path / "report" / "thesis.txt").read_text() == "mine"


def test_a_report_is_replaced_by_one_of_the_same_model_and_adverts_alone(
    judge, run, tmp_path, capsys
):
    judge("split=validation")
    assert "replacing" not in capsys.readouterr().err
    stands = contents(tmp_path / "report")
    with pytest.raises(InputError, match="holds an evaluation on other adverts; choose another"):
        judge()
    other = shutil.copytree(run, tmp_path / "other")
    record = other / "checkpoints" / "best" / "checkpoint.json"
    record.write_text(f"{record.read_text()}\n")
    with pytest.raises(InputError, match="holds the evaluation of another model; choose another"):
        judge("split=validation", f"candidate={other}")
    file = tmp_path / "report" / FILE_NAME
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(InputError, match="holds an evaluation that cannot be read; choose another"):
        judge("split=validation")
    file.write_bytes(stands[FILE_NAME])
    assert contents(tmp_path / "report") == stands
    judge("split=validation")
    assert "replacing the earlier evaluation in " in capsys.readouterr().err


def test_figures_and_report_go_to_the_run_that_trained_the_model(judge, run, tmp_path, monkeypatch):
    known = shutil.copytree(run, tmp_path / "known")
    record = known / "checkpoints" / "best" / "checkpoint.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "mlflow_run_id": "run-1"}))
    tracker = MemoryTracker()
    opened = []

    def open_memory(config, *, spool, run_name, run_id=None):
        opened.append(run_id)
        return tracker

    monkeypatch.setattr("adverts.tracking.open_tracker", open_memory)
    done = judge(f"candidate={known}", "tracking.kind=mlflow")
    figures = done.report.evaluation.reviewed.tasks[0].models[0].figures
    logged = {name: value for _, values in tracker.logged_metrics for name, value in values.items()}
    assert opened == ["run-1"]
    assert logged["evaluation.test.average_precision"] == figures["average_precision"].value
    assert "evaluation.test.tf-idf.average_precision.low" in logged
    pages = {"report.html", "report.md", "report.json"}
    pictures = {"precision_recall.png", "reliability.png", "confusion.png"}
    assert {path.name for path, _ in tracker.logged_artifacts} == pages | pictures
    headline = tracker.logged_notes["Evaluation on test"]
    assert f"{figures['average_precision'].value:.3f}" in headline
    assert not list(tmp_path.rglob("*.png"))  # the server has them


def test_a_run_that_was_not_recorded_is_said_to_be(judge, capsys):
    judge("tracking.kind=mlflow")
    assert "the run that trained this model is not recorded" in capsys.readouterr().out


@pytest.mark.slow
def test_a_bundle_says_what_its_checkpoint_says(judge, run, tiny_prepared, tmp_path):
    from adverts.export import export

    bundle = tmp_path / "bundle"
    export(
        composed(
            "export",
            ExportConfig,
            f"checkpoint={run}",
            f"prepared={tiny_prepared}",
            f"bundle_dir={bundle}",
            "bundle.precision=fp32",
        )
    )
    of_checkpoint = judge()
    of_bundle = judge(f"candidate={bundle}", f"run_dir={tmp_path / 'of_bundle'}")
    np.testing.assert_allclose(
        of_bundle.predictions.logits["refer"], of_checkpoint.predictions.logits["refer"], atol=1e-4
    )
    assert of_bundle.report.origin.refusal is None
    assert of_bundle.report.origin.selection == of_checkpoint.report.origin.selection
