"""How many models were compared: known whatever is copied, renamed or prepared again."""

import json
import shutil

import pytest
from composing import load

from adverts.errors import CannotJudgeError, InputError
from adverts.evaluate import evaluate
from adverts.evaluation.predictions.look_ledger import ledger_beside, read_ledger
from adverts.fitting import tracked_run
from adverts.training.runs.checkpoint import read_checkpoint

pytestmark = [pytest.mark.usefixtures("traced_once", "two_folds"), pytest.mark.promise]


@pytest.fixture
def workshop(tmp_path, monkeypatch):
    """A ledger of the workshop that nobody has written to."""
    monkeypatch.setenv("ADVERTS_LEDGER", str(tmp_path / "workshop.jsonl"))
    return tmp_path / "workshop.jsonl"


@pytest.fixture
def prepared(tiny_prepared, tmp_path):
    return shutil.copytree(tiny_prepared, tmp_path / "mine" / "tiny")


def train(prepared, folder, *overrides):
    from adverts.train import train as run

    run(
        load(
            "train",
            f"prepared={prepared}",
            f"run_dir={folder}",
            "model=tfidf",
            "tracking=none",
            *overrides,
        )
    )
    return folder


@pytest.fixture(scope="module")
def after(tiny_prepared, tmp_path_factory):
    """Folders with the dataset, the ledgers and the runs after one, two and three trainings."""
    root, after = tmp_path_factory.mktemp("trainings"), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADVERTS_LEDGER", str(root / "workshop.jsonl"))
        prepared = shutil.copytree(tiny_prepared, root / "mine" / "tiny")
        for i in range(3):
            train(prepared, root / f"run{i}", f"seed={i}")
            after.append(shutil.copytree(root, root.with_name(f"{root.name}-{i}")))
    return after


@pytest.fixture
def trained(after, tmp_path):
    """Return the runs of the first trainings on the dataset, which the ledgers know."""

    def copied(count):
        shutil.copytree(after[count - 1], tmp_path, dirs_exist_ok=True)
        return [tmp_path / f"run{i}" for i in range(count)]

    return copied


def judged(candidate, prepared, folder, *overrides):
    return evaluate(
        load(
            "evaluate",
            f"candidate={candidate}",
            f"prepared={prepared}",
            f"run_dir={folder}",
            "bootstrap_resamples=100",
            "tracking=none",
            *overrides,
        )
    )


def compared(done):
    return done.report.rules.thresholds.models_compared


@pytest.mark.slow
def test_one_training_is_one_model_however_often_it_is_judged(
    workshop, trained, prepared, tmp_path
):
    [run] = trained(1)
    assert compared(judged(run, prepared, tmp_path / "a")) == 1
    assert compared(judged(run, prepared, tmp_path / "b", "split=validation")) == 1


def test_every_training_on_the_same_adverts_counts(workshop, trained, prepared, tmp_path):
    runs = trained(3)
    done = judged(runs[0], prepared, tmp_path / "report")
    assert compared(done) == 3
    said = (
        "each promise holds with a confidence of 95 % for the best of 3 models compared on these "
        "validation adverts"
    )
    assert said in (tmp_path / "report" / "report.md").read_text()
    assert [read_checkpoint(run).record.models_compared for run in runs] == [1, 2, 3]


def test_a_copied_folder_a_new_name_and_another_preparation_do_not_begin_anew(
    workshop, trained, prepared, tiny_writer, tmp_path
):
    trained(1)
    copy = shutil.copytree(prepared, tmp_path / "elsewhere" / "copy")
    train(copy, tmp_path / "run1", "seed=1")
    again = tiny_writer(tmp_path / "again" / "new", without=range(300, 310))
    last = train(again, tmp_path / "run2", "seed=2")
    assert compared(judged(last, again, tmp_path / "report")) == 3


def test_a_removed_ledger_of_the_workshop_is_made_good_by_the_one_beside_the_dataset(
    workshop, trained, prepared, tmp_path
):
    runs = trained(3)
    workshop.unlink()
    assert compared(judged(runs[0], prepared, tmp_path / "report")) == 3


def test_without_any_ledger_a_copied_run_still_knows_what_came_before_it(
    workshop, trained, prepared, tmp_path
):
    runs = trained(3)
    workshop.unlink()
    ledger_beside(prepared).unlink()
    copy = shutil.copytree(runs[2], tmp_path / "copied run")
    assert compared(judged(copy, prepared, tmp_path / "report")) == 3


@pytest.mark.slow
def test_a_model_that_one_ledger_knows_is_added_to_the_other_when_it_is_looked_at(
    workshop, prepared, tmp_path
):
    runs = [train(prepared, tmp_path / f"run{i}", f"seed={i}", "ledger=null") for i in range(2)]
    judged(runs[0], prepared, tmp_path / "report")
    judged(runs[1], prepared, tmp_path / "report of the other")
    copy = shutil.copytree(prepared, tmp_path / "elsewhere" / "copy")
    assert compared(judged(runs[0], copy, tmp_path / "report of the copy")) == 2


def test_release_cannot_judge_where_the_ledger_of_the_workshop_takes_no_look(
    workshop, trained, prepared, tmp_path, monkeypatch
):
    from adverts.candidates import record_looks

    [run] = trained(1)
    add_look = record_looks.add_look

    def read_only(path, look):
        if path == workshop:
            raise InputError(f"{path}: the ledger of looks cannot be written")
        add_look(path, look)

    monkeypatch.setattr(record_looks, "add_look", read_only)
    with pytest.raises(CannotJudgeError, match="looks_known"):
        release(run, prepared, tmp_path / "report")
    assert "cannot be written" in looks_known(tmp_path / "report")["message"]


def test_more_may_be_declared_and_fewer_may_not(workshop, trained, prepared, tmp_path):
    runs = trained(2)
    more = judged(runs[0], prepared, tmp_path / "a", "decisions.models_compared=50")
    fewer = judged(runs[0], prepared, tmp_path / "b", "decisions.models_compared=1")
    assert (compared(more), compared(fewer)) == (50, 2)


@pytest.mark.slow
def test_a_bundle_says_how_many_it_paid_for_and_that_more_were_compared_since(
    workshop, trained, prepared, tmp_path
):
    from adverts.export import export

    runs = trained(2)
    places = [f"checkpoint={runs[0]}", f"prepared={prepared}", f"bundle_dir={tmp_path / 'bundle'}"]
    bundle = export(load("export", *places, "tracking=none")).folder
    said = "for the best of 2 models compared on these validation adverts"
    assert said in " ".join((bundle / "README.md").read_text().split())
    assert not [note for note in notes(bundle, prepared, tmp_path / "a") if "export it" in note]
    train(prepared, tmp_path / "run2", "seed=2")
    [note] = [note for note in notes(bundle, prepared, tmp_path / "b") if "export it" in note]
    assert "best of 2 models, and 3 are now compared" in note


def notes(candidate, prepared, folder):
    return judged(candidate, prepared, folder).report.origin.notes


def test_a_run_is_in_the_ledger_before_anything_is_seen_of_it(
    workshop, prepared, tmp_path, monkeypatch
):
    def killed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("adverts.fitting.fit_at_once.build_tfidf", killed)
    with pytest.raises(KeyboardInterrupt):
        train(prepared, tmp_path / "run")
    assert [one.gate for one in read_ledger(workshop).looks] == ["train"]
    assert workshop.stat().st_mode & 0o077 == 0
    assert read_ledger(workshop) == read_ledger(ledger_beside(prepared))


def test_a_checkpoint_of_before_says_nothing_and_counts_as_one(
    workshop, trained, prepared, tmp_path
):
    [run] = trained(1)
    path = run / "checkpoints" / "best" / "checkpoint.json"
    record = json.loads(path.read_text())
    del record["training"], record["models_compared"]
    path.write_text(json.dumps(record))
    assert compared(judged(run, prepared, tmp_path / "report")) == 2  # the training, and this one


def release(run, prepared, folder, *overrides):
    return judged(
        run,
        prepared,
        folder,
        "gate=release",
        f"champion={run}",
        "robustness=quick",
        "robustness.adverts=20",
        *overrides,
    )


def looks_known(folder):
    record = json.loads((folder / "gate.json").read_text())
    return next(one for one in record["results"] if one["name"] == "looks_known")


@pytest.mark.parametrize("damage", ["removed", "a damaged line"])
def test_release_cannot_judge_where_looks_may_have_been_lost(
    workshop, trained, prepared, tmp_path, damage
):
    [run] = trained(1)
    for path in (workshop, ledger_beside(prepared)):
        damaged = path.read_text() + "half a line\n"
        path.unlink()
        if damage != "removed":
            path.write_text(damaged)
    with pytest.raises(CannotJudgeError, match="looks_known"):
        release(run, prepared, tmp_path / "report")
    assert looks_known(tmp_path / "report")["outcome"] == "insufficient"


def test_what_came_after_a_lost_ledger_does_not_stand_for_it(workshop, trained, prepared, tmp_path):
    from adverts.export import export

    runs = trained(3)
    for path in (workshop, ledger_beside(prepared)):
        path.unlink()
    bundle = tmp_path / "bundle"
    export(
        load(
            "export",
            f"checkpoint={runs[0]}",
            f"prepared={prepared}",
            f"bundle_dir={bundle}",
            "tracking=none",
        )
    )
    assert workshop.exists()
    for name in ("once", "twice"):
        with pytest.raises(CannotJudgeError):
            judged(bundle, prepared, tmp_path / name, "gate=first")
        assert looks_known(tmp_path / name)["outcome"] == "reported"
        record = json.loads((tmp_path / name / "gate.json").read_text())
        kept = [one for one in record["results"] if one["name"] == "promises_kept"]
        assert {one["outcome"] for one in kept} <= {"insufficient", "failed", "reported"}


def test_release_cannot_judge_a_model_whose_training_no_ledger_could_name(
    workshop, trained, prepared, tmp_path
):
    [run] = trained(1)
    path = run / "checkpoints" / "best" / "checkpoint.json"
    record = json.loads(path.read_text())
    del record["training"], record["models_compared"]
    path.write_text(json.dumps(record))
    for ledger in (workshop, ledger_beside(prepared)):
        ledger.unlink()
    with pytest.raises(CannotJudgeError, match="looks_known"):
        release(run, prepared, tmp_path / "report")
    assert "has no recorded name" in looks_known(tmp_path / "report")["message"]


def test_release_with_a_whole_ledger_knows_the_looks(workshop, trained, prepared, tmp_path):
    [run] = trained(1)
    with pytest.raises(CannotJudgeError):  # so few adverts show little
        release(run, prepared, tmp_path / "report")
    assert looks_known(tmp_path / "report")["outcome"] == "passed"


class Killed(BaseException):
    """A signal that nothing handles."""


def killed(*_, **__):
    raise Killed


def test_files_put_into_a_training_that_was_killed_are_vouched_for_by_no_ledger(
    workshop, prepared, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)  # the ledger of the working folder is read, too
    planted = train(prepared, tmp_path / "planted", "model.num_features_log2=12")
    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(tracked_run, "fit_model", lambda job: job.enter_in_ledgers(job.config.model))
        patch.setattr(tracked_run, "enter_result", killed)
        patch.setattr(tracked_run, "find_checkpoint", lambda _: planted / "checkpoints" / "best")
        with pytest.raises(Killed):
            train(prepared, run)
    begun = json.loads((run / "run.json").read_text())
    ended = json.loads((planted / "run.json").read_text())
    assert begun["outcome"] is None
    shutil.copytree(planted / "checkpoints", run / "checkpoints", dirs_exist_ok=True)
    record = next(run.glob("checkpoints/*/checkpoint.json"))
    named = json.loads(record.read_text()) | {"training": read_ledger(workshop).looks[-1].training}
    record.write_text(json.dumps(named))
    (run / "run.json").write_text(json.dumps(begun | {"outcome": ended["outcome"]}))
    train(prepared, run, f"resume={run}")
    with pytest.raises(CannotJudgeError, match="looks_known"):
        release(run, prepared, tmp_path / "report")
    assert "as if it never ended" in looks_known(tmp_path / "report")["message"]
    with pytest.raises(CannotJudgeError, match="nothing_lost"):
        judged(run, prepared, tmp_path / "first", "gate=first")


def test_a_training_killed_between_ledger_and_outcome_is_known_once_it_has_ended(
    workshop, prepared, tmp_path, monkeypatch
):
    run, write = tmp_path / "run", tracked_run.write_run
    with monkeypatch.context() as patch:
        patch.setattr(
            tracked_run, "write_run", lambda *of: killed() if of[1].outcome else write(*of)
        )
        with pytest.raises(Killed):
            train(prepared, run)
    assert json.loads((run / "run.json").read_text())["outcome"] is None
    train(prepared, run, f"resume={run}")
    with pytest.raises(CannotJudgeError):  # so few adverts show little
        release(run, prepared, tmp_path / "report")
    assert looks_known(tmp_path / "report")["outcome"] == "passed"


def test_a_ledger_that_cannot_be_read_is_no_verdict_of_a_gate(
    workshop, trained, prepared, tmp_path
):
    [run] = trained(1)
    workshop.unlink()
    workshop.mkdir()
    with pytest.raises(CannotJudgeError, match="is a folder, not a file") as told:
        judged(run, prepared, tmp_path / "report", "gate=first")
    assert told.value.exit_status == 3
    with pytest.raises(InputError, match="is a folder, not a file"):
        judged(run, prepared, tmp_path / "report")
