"""A candidate against a champion: runs, bundles, earlier reports, and what is refused."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest

from adverts.advert import LabelSchema, Task
from adverts.compose import compose
from adverts.config import EvaluateConfig, ExportConfig, TrainConfig
from adverts.data.dataset.prepared import write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow
from adverts.errors import InputError
from adverts.evaluate import evaluate, summary_text
from adverts.evaluation.predictions.prediction_file import (
    read_predictions,
    select,
    write_predictions,
)
from adverts.evaluation.predictions.stored_model import read_rules

pytestmark = [pytest.mark.usefixtures("traced_once"), pytest.mark.promise]


def composed(verb, schema, *overrides):
    return compose(verb, schema, ["tracking=none", *map(str, overrides)])


def trained(prepared, folder, *overrides):
    from adverts.train import train

    train(composed("train", TrainConfig, f"prepared={prepared}", f"run_dir={folder}", *overrides))
    return folder


@pytest.fixture(scope="module")
def runs(tiny_prepared, tmp_path_factory):
    """A good model, and one that sees single letters alone, where words differ by their number."""
    folder = tmp_path_factory.mktemp("runs")
    blind = ["model.name=letters", "model.char_ngrams=[1,1]", "model.word_ngrams=[9,9]"]
    return {
        "good": trained(tiny_prepared, folder / "good", "model=tfidf"),
        "poor": trained(tiny_prepared, folder / "poor", "model=tfidf", *blind),
    }


@pytest.fixture(scope="module")
def bundle(runs, tiny_prepared, tmp_path_factory):
    from adverts.export import export

    folder = tmp_path_factory.mktemp("bundles") / "tfidf"
    export(
        composed(
            "export",
            ExportConfig,
            f"checkpoint={runs['good']}",
            f"prepared={tiny_prepared}",
            f"bundle_dir={folder}",
        )
    )
    return folder


@pytest.fixture
def judge(tiny_prepared, tmp_path):
    """Evaluate a candidate on the test split, unless told otherwise."""

    def call(candidate, *overrides, name="report"):
        return evaluate(
            composed(
                "evaluate",
                EvaluateConfig,
                f"candidate={candidate}",
                f"prepared={tiny_prepared}",
                f"run_dir={tmp_path / name}",
                "bootstrap_resamples=200",
                "baseline=false",
                *overrides,
            )
        )

    return call


def overall(done, name="average_precision"):
    return next(
        one for one in done.report.comparison.figures if one.figure == name and not one.slice
    )


@pytest.mark.slow
def test_a_model_that_learnt_little_is_worse_than_the_champion_and_the_other_way_round(judge, runs):
    against = judge(runs["poor"], f"champion={runs['good']}")
    said = overall(against)
    task = against.report.evaluation.reviewed.tasks[0]
    assert said.answer == "worse"
    assert said.candidate.value == task.models[0].figures["average_precision"].value
    back = judge(runs["good"], f"champion={runs['poor']}", name="back")
    assert overall(back).answer == "better"


def test_the_report_names_the_champion_without_the_folders_of_this_machine(judge, runs, tmp_path):
    champion = shutil.copytree(runs["good"], tmp_path / "earlier")
    report = judge(runs["good"], f"champion={champion}").report
    assert report.comparison.champion == "tfidf (earlier)"
    assert "champion=earlier" in report.origin.command
    assert str(tmp_path) not in report.origin.command


def test_without_a_champion_nothing_is_compared(judge, runs):
    assert judge(runs["good"]).report.comparison is None


def test_a_bundle_is_a_champion_and_says_what_its_checkpoint_says(judge, runs, bundle):
    done = judge(runs["good"], f"champion={bundle}")
    assert overall(done).difference.value == pytest.approx(0, abs=1e-3)
    assert overall(done).answer == "no detectable difference"


def test_a_bundle_and_its_checkpoint_have_the_same_figures(judge, runs, bundle):
    figures = [
        judge(place, name=name).report.evaluation.reviewed.tasks[0].models[0].figures
        for name, place in (("run", runs["good"]), ("bundle", bundle))
    ]
    assert figures[0].keys() == figures[1].keys()
    for name, one in figures[0].items():
        assert one.value == pytest.approx(figures[1][name].value, abs=1e-3, nan_ok=True), name


def test_reports_are_candidate_and_champion_without_a_model_in_reach(
    judge, runs, tmp_path, monkeypatch
):
    whole = judge(runs["poor"], f"champion={runs['good']}", name="whole")
    ours, theirs = judge(runs["poor"], name="ours"), judge(runs["good"], name="theirs")

    def unreachable(*_, **__):
        raise AssertionError("a model is opened")

    monkeypatch.setattr("adverts.training.runs.checkpoint.read_checkpoint", unreachable)
    again = judge(ours.folder, f"champion={theirs.folder}", name="again")
    for one, other in zip(
        again.report.comparison.figures, whole.report.comparison.figures, strict=True
    ):
        assert one.difference == other.difference
        assert one.answer == other.answer
    assert again.report.comparison.decisions == whole.report.comparison.decisions
    assert again.report.evaluation == whole.report.evaluation
    assert again.report.rules == whole.report.rules
    assert again.report.origin.kind == "predictions"
    assert again.report.origin.refusal is None
    assert again.report.origin.selection == whole.report.origin.selection


def test_a_predictions_file_alone_is_a_candidate(judge, runs, tmp_path):
    path = judge(runs["good"], name="first").folder / "predictions.parquet"
    moved = shutil.copy(path, tmp_path / "moved.parquet")
    done = judge(moved)
    assert done.report.rules is None
    assert len(done.predictions) == 60


def test_stored_predictions_keep_the_identity_of_their_model(judge, runs):
    first = judge(runs["good"], name="first")
    again = judge(first.folder, f"champion={runs['good']}")
    assert again.predictions.made_by.identity == first.predictions.made_by.identity
    assert "The champion is the candidate itself." in again.report.comparison.notes


def test_a_champion_s_report_that_lacks_adverts_is_refused_before_anything_is_scored(
    judge, runs, tmp_path, monkeypatch
):
    folder = judge(runs["good"], name="short").folder
    said = read_predictions(folder / "predictions.parquet")
    write_predictions(folder / "predictions.parquet", select(said, range(50)))
    (folder / "report.json").unlink()  # which knows what it judged
    monkeypatch.setattr("adverts.judging.judge.EvaluationJob.predict", None)
    with pytest.raises(InputError, match=r"no prediction of 10 of 60 adverts \(first a390\)"):
        judge(runs["poor"], f"champion={folder}")
    assert not (tmp_path / "report").exists()


def test_a_report_on_another_split_lacks_the_adverts(judge, runs):
    folder = judge(runs["good"], "split=validation", name="validation").folder
    with pytest.raises(InputError, match="name the split that was judged"):
        judge(folder)


def test_the_rules_of_a_report_are_those_that_it_was_judged_by(judge, runs):
    folder = judge(runs["good"], name="first").folder
    rules = read_rules(folder)
    assert rules is not None
    assert judge(folder).report.rules == rules


def other_dataset(folder, schema, *, texts=("word0 word1", "word7 word8")):
    targets = {
        task.name: [tuple(float(k == i) for k in range(task.num_labels)) for i in range(2)]
        for task in schema.tasks
    }
    rows = [
        PreparedRow(
            id=f"o{i}",
            split=("train", "train", "validation", "test")[i % 4],
            cluster=f"c{i}",
            text=f"{texts[i // 4 % 2]} word{5 + i % 30}",
            targets={name: values[i // 4 % 2] for name, values in targets.items()},
        )
        for i in range(200)
    ]
    write_prepared(folder, rows, name="other", schema=schema)
    return folder


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (Task("spam", "single", ("no", "yes"), "yes"), "headline task is 'spam' and the cand"),
        (
            Task("refer", "single", ("no", "yes", "perhaps"), "yes"),
            "labels no, yes, perhaps .* for the champion and no, yes",
        ),
    ],
    ids=["other-task", "other-labels"],
)
def test_a_champion_that_answers_another_question_is_refused(judge, runs, tmp_path, task, message):
    prepared = other_dataset(tmp_path / "prepared", LabelSchema("o", (task,), task.name))
    champion = trained(prepared, tmp_path / "champion", "model=tfidf")
    with pytest.raises(InputError, match=message):
        judge(runs["good"], f"champion={champion}")


def test_a_champion_of_another_dataset_is_compared_but_brings_no_decisions(judge, runs, tmp_path):
    task = Task("refer", "single", ("yes", "no"), "yes")
    prepared = other_dataset(tmp_path / "prepared", LabelSchema("o", (task,), "refer"))
    champion = trained(prepared, tmp_path / "champion", "model=tfidf")
    found = judge(runs["good"], f"champion={champion}").report.comparison
    assert found.figures
    assert not found.decisions
    assert "The champion has no calibration and no thresholds" in " ".join(found.notes)


def test_a_champion_that_may_know_the_adverts_is_told(judge, runs):
    done = judge(runs["poor"], f"champion={runs['good']}", "split=validation")
    notes = " ".join(done.report.comparison.notes)
    assert "The champion may know these adverts. The split validation chose" in notes


@pytest.mark.parametrize(
    ("champion", "message"),
    [
        ("nowhere", "champion=nowhere does not exist"),
        ("models:/adverts-text@champion", "no tracking store at"),
        ("models:/adverts-text", "does not name a registered model"),
    ],
)
def test_a_champion_that_is_not_there_is_named(judge, runs, tmp_path, champion, message):
    with pytest.raises(InputError, match=message) as refused:
        judge(
            runs["good"],
            f"champion='{champion}'",
            f"tracking.store={tmp_path / 'store'}",
        )
    assert refused.value.exit_status == 2
    assert not (tmp_path / "store").exists()


def test_disguises_are_not_tried_on_a_model_that_cannot_be_asked_anew(judge, runs):
    folder = judge(runs["good"], name="first").folder
    with pytest.raises(InputError, match="disguised adverts must be scored by the model itself"):
        judge(folder, "robustness.adverts=50")


def test_unreviewed_adverts_cannot_be_judged_and_nothing_is_compared(judge, runs, tmp_path):
    from adverts.errors import CannotJudgeError

    task = Task("refer", "single", ("no", "yes"), "yes")
    rows = [
        PreparedRow(
            id=f"u{i}",
            split="test",
            cluster=f"c{i}",
            text="word1 word9",
            reviewed=False,
            targets={"refer": (1.0, 0.0)},
        )
        for i in range(20)
    ]
    write_prepared(
        tmp_path / "unreviewed", rows, name="u", schema=LabelSchema("u", (task,), "refer")
    )
    with pytest.raises(CannotJudgeError):
        judge(
            runs["good"],
            f"champion={runs['poor']}",
            f"prepared={tmp_path / 'unreviewed'}",
        )
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["comparison"]["figures"] == []


def test_the_terminal_and_the_markdown_page_tell_of_the_champion(judge, runs):
    done = judge(runs["poor"], f"champion={runs['good']}")
    assert "candidate − champion: average precision −0." in summary_text(done)
    assert "# Against the champion" in (done.folder / "report.md").read_text()


def test_predictions_tell_nothing_of_what_adverts_say(judge, runs):
    folder = judge(runs["good"]).folder
    for path in folder.iterdir():
        assert b"word1" not in path.read_bytes()
    about = pq.read_schema(folder / "predictions.parquet").metadata[b"adverts.predictions"]
    assert json.loads(about)["made_by"]["trained_on"]["name"] == "tiny"


def test_a_model_of_probabilities_alone_is_judged_from_its_file(judge, runs, tmp_path):
    first = judge(runs["good"], name="first")
    without = dataclasses.replace(first.predictions, logits={})
    write_predictions(tmp_path / "alone.parquet", without)
    again = judge(tmp_path / "alone.parquet")
    np.testing.assert_array_equal(
        again.predictions.probabilities["refer"], first.predictions.probabilities["refer"]
    )


@pytest.mark.slow
def test_a_registered_model_is_a_champion_by_its_alias(judge, tiny_prepared, tmp_path):
    from mlflow import MlflowClient

    from adverts.export import export

    store = tmp_path / "store"
    tracking = ["tracking=mlflow", f"tracking.store={store}", "tracking.uri=null"]
    run = trained(tiny_prepared, tmp_path / "run", "model=tfidf", *tracking)
    export(
        composed(
            "export",
            ExportConfig,
            f"checkpoint={run}",
            f"prepared={tiny_prepared}",
            f"bundle_dir={tmp_path / 'bundle'}",
            *tracking,
        )
    )
    client = MlflowClient(f"sqlite:///{store / 'mlflow.db'}")
    (experiment,) = [one for one in client.search_experiments() if one.name != "Default"]
    (model,) = client.search_logged_models([experiment.experiment_id])
    client.create_registered_model("adverts-text")
    version = client.create_model_version("adverts-text", model.model_uri, model_id=model.model_id)
    client.set_registered_model_alias("adverts-text", "champion", version.version)
    place = f"tracking.store={store}"
    named = judge(run, "champion='models:/adverts-text@champion'", place).report.comparison
    numbered = judge(run, "champion='models:/adverts-text/1'", place).report.comparison
    assert named.champion == "adverts-text@champion"
    assert [one.difference for one in named.figures] == [one.difference for one in numbered.figures]
    assert overall(judge(run, f"champion={tmp_path / 'bundle'}")).champion.value == next(
        one.champion.value for one in named.figures if one.figure == "average_precision"
    )
    # a process that exported nothing knows no store but the one it is told of
    given = [f"candidate={run}", f"prepared={tiny_prepared}", f"run_dir={tmp_path / 'alone'}"]
    asked = ["champion='models:/adverts-text@champion'", "tracking.uri=null", place]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "adverts.evaluate", *given, *asked, "bootstrap_resamples=100"],
        cwd=elsewhere,
        env={name: one for name, one in os.environ.items() if not name.startswith("MLFLOW")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "adverts-text@champion" in done.stdout
    assert not list(elsewhere.rglob("mlflow.db"))
    with pytest.raises(
        InputError,
        match=r"does not find models:/adverts-text@challenger: it says .*challenger not found",
    ):
        judge(run, "champion='models:/adverts-text@challenger'", place)
    with pytest.raises(InputError, match=r"does not find models:/nobody@champion: it says"):
        judge(run, "champion='models:/nobody@champion'", place)
