"""From labels to scores in three lines, and scores of a run that nobody exported."""

import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from calling import call
from tiny_adverts import tiny_rows

import adverts
from adverts import api
from adverts.data.dataset.prepared import open_prepared
from adverts.errors import InputError
from adverts.fitted_model import fit
from adverts.runtime.rules.routing import ORDER_ONLY

pytestmark = pytest.mark.usefixtures("two_folds")
ROWS = tiny_rows()
FRAME = pd.DataFrame(
    {
        "post": [row.text for row in ROWS],
        "spam": [row.targets["refer"] == (0.0, 1.0) for row in ROWS],
    },
    index=[f"row {number}" for number in range(len(ROWS))],
)
QUIET = {"tracking": "none"}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fitted") / "mine"
    return fit(FRAME, "spam", model="tfidf", text="post", folder=folder, progress=False)


def test_a_table_is_scored_in_its_order_without_an_export(model):
    new = FRAME.drop(columns="spam").iloc[::-1]
    scored = model.score(new)
    assert list(scored.index) == list(new.index)
    assert scored["score"][FRAME["spam"]].mean() > scored["score"][~FRAME["spam"]].mean() + 0.2
    assert not (model.run.path / "bundle").exists()


def test_what_has_no_threshold_is_only_ordered_and_gets_no_route(model):
    scored = model.score(FRAME)
    assert set(scored["review_band"]) == {"abstain"}
    assert scored["order_only"].all()
    assert set(scored["reason"]) == {ORDER_ONLY}
    assert set(scored["routes"]) == {""}


def test_a_run_scores_as_its_bundle_does(model, tmp_path):
    bundle = model.export(tmp_path / "bundle")
    said, served = model.score(FRAME), api.score(bundle, FRAME, text="post", progress=False)
    assert (said["score"] - served["score"]).abs().max() < 1e-5
    same = [name for name in said if name != "score" and not name.startswith("probability")]
    pd.testing.assert_frame_equal(said[same], served[same])


def test_other_adverts_judge_the_model_and_copies_of_what_taught_it_do_not(model):
    assert set(model.evaluate().predictions["split"]) == {"test"}
    other = FRAME.assign(post=FRAME["post"] + " more words")
    assert model.evaluate(other).figures["average_precision"].value > 0.5
    taught = set(open_prepared(model.data.path).split("train").texts)
    copies = model.evaluate(FRAME[FRAME["post"].isin(taught)])
    with pytest.raises(InputError, match="none of its adverts had a label and was new to"):
        _ = copies.figures


def test_kinds_are_compared_on_the_same_adverts(model):
    found = model.compare(["tfidf"])
    assert list(found.columns) == ["average_precision", "low", "high", "macro_f1", "seconds"]
    assert list(found.index) == ["tfidf"]
    with pytest.raises(InputError, match="'tree' is not known; wanted one of tfidf, frozen"):
        model.compare(["tree"])


def test_time_that_is_bounded_takes_a_share_of_each_label(capsys, monkeypatch):
    clock = iter(range(0, 1_000, 10))  # each fit takes ten seconds
    timer = SimpleNamespace(monotonic=lambda: next(clock), time_ns=time.time_ns)
    monkeypatch.setattr("adverts.fitted_model.time", timer)
    monkeypatch.setattr("adverts.fitted_model._FEW", 80)
    made = fit(FRAME, "spam", model="tfidf", text="post", minutes=0.6)
    assert "learns from 128 of 400 adverts, so that it takes 0.6 min" in capsys.readouterr().out
    counts = made.data.manifest.counts.values()
    assert sum(one.adverts for one in counts) == 128
    assert sum(one.labels["refer"]["true"] for one in counts) == pytest.approx(50, abs=6)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"model": "tree"}, "model='tree': wanted one of tfidf, frozen, fine_tuned"),
        ({"minutes": 0}, "minutes=0: wanted more than 0"),
        ({"label": "kind"}, "kind"),
        ({"folder": "."}, "folder=. is not empty; give a new one"),
    ],
)
def test_what_cannot_be_fitted_is_one_line_and_leaves_nothing(
    given, message, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("mine.txt").write_text("mine")
    with pytest.raises(InputError, match=message):
        fit(FRAME, **{"label": "spam", "text": "post", "progress": False, **given})
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


def test_the_package_has_fit_and_loads_it_when_it_is_asked_for():
    assert adverts.fit is fit
    with pytest.raises(AttributeError, match="no attribute 'fitt'"):
        _ = adverts.fitt
    line = "import sys, adverts; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", line], check=False).returncode == 0


def test_a_private_folder_goes_with_its_model():
    made = fit(FRAME, "spam", model="tfidf", text="post", progress=False)
    folder = made.folder
    assert folder.stat().st_mode & 0o077 == 0
    del made
    assert not folder.exists()


@pytest.fixture
def desk(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("run").symlink_to(model.run.path)
    FRAME.drop(columns="spam").to_csv("new.csv", index=False)
    return tmp_path


def test_a_file_and_a_run_are_all_that_scoring_needs(desk, monkeypatch, capsys, model):
    assert call(monkeypatch, "score", "new.csv", "bundle=run", "scores=scored.csv") == 0
    said = capsys.readouterr().out
    assert "text: column 'post', by its name" in said
    assert "run is a run that is not exported" in said
    assert "400 order_only: read from the highest score down; nothing is promised" in said
    assert "what a promise lacks: " in said
    scored = pd.read_csv("scored.csv")
    assert set(scored["order_only"]) == {"yes"}
    expected = model.score(FRAME)["score"].to_numpy()
    assert scored["score"].to_numpy() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["nowhere.csv", "scores=s.csv"], "nowhere.csv does not exist"),
        (["new.csv", "scores=s.csv", "data=csv"], "new.csv says where the adverts are, so data="),
        (["odd.csv", "scores=s.csv"], "data.columns.text= or data.columns.image=. The columns are"),
        (["new.csv", "scores=folder"], "next: adverts export checkpoint=run prepared="),
    ],
)
def test_a_file_that_cannot_be_scored_is_told(desk, monkeypatch, capsys, given, message):
    Path("odd.csv").write_text("x,y\n1,2\n3,4\n")
    assert call(monkeypatch, "score", "bundle=run", *given) == 2
    assert message in capsys.readouterr().err
    assert not {"s.csv", "folder"} & {one.name for one in desk.iterdir()}


def test_a_few_short_posts_are_read_from_the_column_of_the_training(desk, monkeypatch, capsys):
    Path("few.csv").write_text("post,no\nsuper,1\nbravo,0\nnul,1\nbravo,0\n")
    assert call(monkeypatch, "score", "few.csv", "bundle=run", "scores=s.csv") == 0
    assert "text: column 'post', " in capsys.readouterr().out
    assert len(pd.read_csv("s.csv")) == 4


def test_a_run_scores_from_any_folder_and_tells_that_it_learnt_from_a_file(
    tmp_path, monkeypatch, capsys
):
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path / "home")
    FRAME.assign(lang="en").to_csv("labels.csv", index=False)
    assert call(monkeypatch, "init", "labels.csv", "--label", "spam", "--positive", "True") == 0
    assert call(monkeypatch, "prepare", "-cd", "conf", "data=labels") == 0
    train = ["prepared=prepared/labels", "model=tfidf", "run_dir=runs/a", "tracking=none"]
    assert call(monkeypatch, "train", *train) == 0
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    FRAME[::-1].assign(lang="").to_csv("new.csv", index=False)  # no language is known
    for file, is_told in (("new.csv", False), ("../home/labels.csv", True)):
        capsys.readouterr()
        given = [file, "bundle=../home/runs/a", f"scores={is_told}.csv"]
        assert call(monkeypatch, "score", *given) == 0
        assert ("the model was made from labels.csv itself" in capsys.readouterr().out) == is_told


def test_a_column_that_is_named_is_not_guessed(desk, monkeypatch):
    Path("odd.csv").write_text("x,y\n1,a boat\n3,a word\n")
    given = ["odd.csv", "data.columns.text=y", "bundle=run", "scores=s.csv"]
    assert call(monkeypatch, "score", *given) == 0
    assert len(pd.read_csv("s.csv")) == 2


def test_a_dataset_that_changed_since_is_not_taken_for_the_one_of_the_run(model, tmp_path):
    from adverts.candidates.run_classifier import classifier_of_run

    other = api.prepare(FRAME[:300], tmp_path / "other", text="post", labels="spam", progress=False)
    with pytest.raises(InputError, match="was trained on other adverts than"):
        classifier_of_run(model.run.path, other.path)


def test_an_evaluation_says_in_short_what_it_found_where_the_model_will_work(model):
    report = model.evaluate(overrides={"decisions.operating_prevalence": 0.3})
    assert str(report).endswith("report.html")
    assert {one["desk"]["prevalence"] for one in report.report["budgets"]} == {0.3}
    usual = model.evaluate()
    assert {one["desk"]["prevalence"] for one in usual.report["budgets"]} == {0.01}
