"""The early exit from training to service: evidence out of fold, a promise, and who gets none."""

import dataclasses
import json
import shutil
import stat
from pathlib import Path

import numpy as np
import pytest
from calling import call
from composing import load
from tiny_adverts import tiny_rows
from told_examples import gate_record

from adverts.advert import LabelSchema, Task
from adverts.bundle.handing_on.gate_evidence import add_evidence
from adverts.bundle.parity.bundle_agreement import require_equal_alone
from adverts.candidates import predict as predicting
from adverts.candidates.candidate import open_candidate
from adverts.candidates.predict import candidate_logits, validation_logits
from adverts.data.dataset.dataset_manifest import Terms
from adverts.data.dataset.prepared import open_prepared, write_prepared
from adverts.errors import InputError, IntegrityError, ParityError
from adverts.evaluation.gate.gate_record import record_bytes
from adverts.runtime import Classifier, open_bundle
from adverts.runtime.__main__ import main as runtime
from adverts.training.runs.checkpoint import read_checkpoint
from adverts.training.runs.kept_logits import OUT_OF_FOLD, VALIDATION, write_kept

pytestmark = [pytest.mark.usefixtures("traced_once"), pytest.mark.promise]
PROMISE = ["exit.max_loss=0.1", "decisions.recall=0.8", "bundle.precision=fp32", "tracking=none"]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """The tiny adverts with their script, on terms that let a partner have a model of them."""
    rows = [dataclasses.replace(row, script="Latn") for row in tiny_rows()]
    schema = LabelSchema("tiny", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
    folder = tmp_path_factory.mktemp("prepared") / "tiny"
    terms = Terms(provenance="synthetic", licence="CC0-1.0", sensitivity="synthetic")
    write_prepared(folder, rows, name="tiny", schema=schema, terms=terms)
    return folder


@pytest.fixture(scope="module")
def train(prepared, tiny_encoder, tmp_path_factory):
    from adverts.train import train

    def call(*overrides):
        folder = tmp_path_factory.mktemp("run") / "run"
        places = [f"prepared={prepared}", f"run_dir={folder}", "tracking=none", "baseline=false"]
        tiny = [f"model.encoder.weights='path:{tiny_encoder}'", "model.encoder.max_tokens=32"]
        if "model=tfidf" in overrides:
            tiny = []
        else:
            tiny += ["trainer.method=frozen", "trainer.precision=fp32"]
        return train(load("train", *places, *tiny, *overrides))[0].path

    return call


@pytest.fixture(scope="module")
def run(train) -> Path:
    return train("model=text")


@pytest.fixture(scope="module")
def bundle(run, prepared, tmp_path_factory) -> Path:
    from adverts.export import export

    folder = tmp_path_factory.mktemp("exported") / "bundle"
    places = [f"checkpoint={run}", f"prepared={prepared}", f"bundle_dir={folder}"]
    export(load("export", *places, *PROMISE))
    return folder


@pytest.mark.parametrize("wrong", [0.001, np.nan])
@pytest.mark.slow
def test_n_grams_that_judge_otherwise_alone_are_refused(bundle, prepared, monkeypatch, wrong):
    classifier = Classifier.load(bundle, threads=1)
    test = open_prepared(prepared).split("test")
    adverts = [test.advert(i) for i in range(3)]
    encoded = [classifier.encoder.encode(advert) for advert in adverts]
    require_equal_alone(classifier, adverts, encoded)
    alone = classifier.score_early(encoded)
    told = {name: values_NK + np.float32(wrong) for name, values_NK in alone.items()}
    monkeypatch.setattr(classifier, "score_early", lambda _: told)
    with pytest.raises(ParityError, match="the n-grams alone differ"):
        require_equal_alone(classifier, adverts, encoded)


def answers(folder, adverts, **options):
    classifier = Classifier.load(folder, threads=1)
    texts = [row.text for row in adverts]
    return classifier.predict(texts=texts, languages=["en"] * len(texts), **options)


def test_training_keeps_scores_out_of_fold_for_its_owner_alone_without_a_text_or_an_id(
    run, prepared
):
    file = run / "checkpoints" / "best" / "out_of_fold.safetensors"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    found = read_checkpoint(run).kept(OUT_OF_FOLD)
    train = open_prepared(prepared).split("train")
    assert found.rows.tolist() == train.rows.tolist()
    positive = train.targets["refer"][:, 1] > 0.5
    odds = found.mean["refer"][:, 1] - found.mean["refer"][:, 0]
    assert odds[positive].mean() > odds[~positive].mean() + 1
    data = file.read_bytes()
    rows = tiny_rows()[100:150]  # shorter ids stand in any floats by chance
    assert not any(row.id.encode() in data or row.text.encode() in data for row in rows)


def test_scores_out_of_fold_are_not_those_of_the_fitted_model(run, prepared):
    found = read_checkpoint(run).kept(OUT_OF_FOLD)
    candidate = open_candidate(run, threads=1)
    fitted = candidate_logits(candidate, open_prepared(prepared).split("train"), title="score")
    apart = np.abs(fitted.branches["ngrams"]["refer"] - found.branches["ngrams"]["refer"])[:, 1]
    assert np.median(apart) > 0.1


def test_a_checkpoint_copied_without_them_is_read_and_changed_ones_are_refused(run, tmp_path):
    copied = tmp_path / "best"
    shutil.copytree(run / "checkpoints" / "best", copied)
    if (run / "checkpoints" / "frozen.safetensors").exists():
        shutil.copy(run / "checkpoints" / "frozen.safetensors", tmp_path)
    file = copied / "out_of_fold.safetensors"
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.raises(IntegrityError, match=r"out_of_fold\.safetensors was changed"):
        read_checkpoint(copied)
    file.unlink()
    assert read_checkpoint(copied).kept(OUT_OF_FOLD) is None


def test_a_tracking_server_never_gets_them(run):
    from adverts.tracking import MemoryTracker
    from adverts.tracking.training_run import hand_in
    from adverts.training.runs.run_folder import RunFolder
    from adverts.training.runs.run_record import read_run

    tracker = MemoryTracker()
    hand_in(tracker, RunFolder(run), read_run(run).outcome, with_checkpoint=True)
    names = [path.name for path, _ in tracker.logged_artifacts]
    assert "model.safetensors" in names
    assert not {"out_of_fold.safetensors", "validation.safetensors"} & set(names)


def test_training_keeps_what_the_model_says_of_validation(run, prepared, monkeypatch):
    assert stat.S_IMODE((run / "checkpoints" / "best" / VALIDATION).stat().st_mode) == 0o600
    candidate = open_candidate(run, threads=1)
    table = open_prepared(prepared).split("validation")
    fresh = candidate_logits(candidate, table, title="score")
    asked = []

    def counted(candidate, chosen, *, title):
        asked.append(len(chosen))
        return candidate_logits(candidate, chosen, title=title)

    monkeypatch.setattr(predicting, "candidate_logits", counted)
    monkeypatch.setattr(predicting, "_SAMPLE", 3)
    kept = validation_logits(candidate, table, title="score")
    assert asked == [3]
    assert np.allclose(kept.logits["refer"], fresh.logits["refer"], atol=1e-5)
    for name, logits in fresh.branches.items():
        assert np.allclose(kept.branches[name]["refer"], logits["refer"], atol=1e-5)


@pytest.mark.parametrize(
    "forged", ["moved", "half moved", "of another task", "without a branch", "other rows"]
)
def test_kept_logits_that_are_not_of_the_model_are_not_believed(
    run, prepared, tmp_path, monkeypatch, forged
):
    candidate = open_candidate(run, threads=1)
    table = open_prepared(prepared).split("validation")
    found = candidate.model.kept(VALIDATION)
    mean = dict(found.mean)
    match forged:
        case "moved":
            found = dataclasses.replace(found, mean={"refer": mean["refer"] + 0.01})
        case "half moved":
            late = np.arange(len(mean["refer"])) >= len(mean["refer"]) // 2
            moved = mean["refer"] + np.float32(0.01) * late[:, None]
            found = dataclasses.replace(found, mean={"refer": moved})
        case "of another task":
            found = dataclasses.replace(found, mean={"other": mean["refer"]})
        case "without a branch":
            found = dataclasses.replace(found, branches={})
        case "other rows":
            found = dataclasses.replace(found, rows=found.rows + 10_000)
    write_kept(tmp_path / VALIDATION, found)
    forged_model = dataclasses.replace(candidate.model, folder=tmp_path)
    other = dataclasses.replace(candidate, model=forged_model)
    if forged in ("of another task", "without a branch"):
        with pytest.raises(IntegrityError, match=r"validation\.safetensors is "):
            validation_logits(other, table, title="score")
        return
    fresh = candidate_logits(candidate, table, title="score")
    said = validation_logits(other, table, title="score")
    assert np.allclose(said.logits["refer"], fresh.logits["refer"], atol=1e-5)


@pytest.mark.slow
def test_clear_negatives_leave_and_the_bundle_verifies(bundle, capsys):
    rule = open_bundle(bundle).rules.early_exit
    assert rule.limits[0].value is not None
    assert (rule.languages, rule.scripts, rule.modalities) == (("en",), ("Latn",), ("text",))
    assert rule.adverts == 340
    assert 0.05 < rule.share < 0.9
    adverts = [row for row in tiny_rows() if row.split == "test"]
    given = answers(bundle, adverts)
    left = [one for one in given if one.exited]
    assert left
    assert {one.review_band for one in left} == {"below"}
    whole = answers(bundle, adverts, early_exit=False)
    for one, by_both in zip(given, whole, strict=True):
        said, wanted = one.probabilities["refer"], by_both.probabilities["refer"]
        assert one.exited or said == pytest.approx(wanted, abs=1e-5)
    assert runtime([str(bundle), "--verify"]) == 0
    assert "fit for this machine" in capsys.readouterr().out


@pytest.mark.slow
def test_the_share_that_is_told_is_that_of_service(bundle, prepared):
    rule = open_bundle(bundle).rules.early_exit
    adverts = [row for row in tiny_rows() if row.split in ("validation", "test")]
    share = np.mean([one.exited for one in answers(bundle, adverts)])
    assert rule.share - 0.1 < share < rule.share + 0.25  # the fit on every fold is surer


@pytest.mark.slow
def test_a_report_judges_the_bundle_as_it_is_served(bundle, prepared):
    candidate = open_candidate(bundle, threads=1)
    table = open_prepared(prepared).split("test")
    served = candidate_logits(candidate, table, title="score")
    adverts = [row for row in tiny_rows() if row.split == "test"]
    left = np.array([one.exited for one in answers(bundle, adverts)])
    same = (served.logits["refer"] == served.branches["ngrams"]["refer"]).all(axis=1)
    assert same.tolist() == left.tolist()
    assert np.isfinite(served.branches["network"]["refer"]).all()


@pytest.mark.slow
def test_the_card_tells_the_promise_and_its_evidence(bundle):
    card = (bundle / "README.md").read_text(encoding="utf-8")
    assert "## Early exit" in card
    assert "at most 10 % of the positive clusters that reach the recall" in card
    assert "340 adverts" in card


@pytest.mark.slow
def test_without_evidence_none_leaves_and_export_and_card_say_how_many_are_missing(
    run, prepared, tmp_path, monkeypatch, capsys
):
    folder = tmp_path / "bundle"
    places = [f"checkpoint={run}", f"prepared={prepared}", f"bundle_dir={folder}"]
    overrides = [*places, *PROMISE, "exit.max_loss=0.01"]
    assert call(monkeypatch, "export", *overrides) == 0
    told = capsys.readouterr().out
    rule = open_bundle(folder).rules.early_exit
    missing = f"{299 - rule.limits[0].clusters} more are missing"
    assert "no advert leaves early: yes: " in told
    assert missing in told
    assert missing in " ".join((folder / "README.md").read_text(encoding="utf-8").split())
    assert not any(one.exited for one in answers(folder, tiny_rows()[340:]))


@pytest.mark.slow
def test_by_default_the_bundle_has_no_early_exit(run, prepared, tmp_path):
    from adverts.export import export

    folder = tmp_path / "bundle"
    places = [f"checkpoint={run}", f"prepared={prepared}", f"bundle_dir={folder}"]
    export(load("export", *places, "bundle.precision=fp32", "tracking=none"))
    assert not (folder / "early_exit.json").exists()
    assert "Early exit" not in (folder / "README.md").read_text(encoding="utf-8")
    assert not any(one.exited for one in answers(folder, tiny_rows()[340:]))


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (("model=text", "model.ngrams=null"), r"model\.ngrams=null"),
        (("model=tfidf",), "n-grams alone"),
    ],
)
def test_a_model_with_nothing_to_leave_by_or_to_save_is_refused_in_one_line(
    train, prepared, tmp_path, model, why
):
    from adverts.export import export

    places = [f"checkpoint={train(*model)}", f"prepared={prepared}"]
    config = load("export", *places, f"bundle_dir={tmp_path / 'b'}", *PROMISE)
    with pytest.raises(InputError, match=why) as caught:
        export(config)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "b").exists()


@pytest.mark.slow
def test_a_partner_s_bundle_has_none_and_gives_the_answers_of_the_whole_model(
    bundle, tmp_path, monkeypatch
):
    from adverts.export import export_for_partner

    terms = "adverts.bundle.handing_on.partner.require_sharable"
    monkeypatch.setattr(terms, lambda *_: None)  # nobody knows the licence of the tiny weights
    given = [f"from_bundle={bundle}", f"bundle_dir={tmp_path / 'p'}", "bundle.audience=partner"]
    made = export_for_partner(load("export", *given))
    assert made.rules.early_exit is None
    assert not (made.folder / "early_exit.json").exists()
    adverts = tiny_rows()[340:]
    here, there = answers(made.folder, adverts), answers(bundle, adverts, early_exit=False)
    assert [one.probabilities for one in here] == [one.probabilities for one in there]
    with pytest.raises(InputError, match="partner's bundle has no early exit"):
        load("export", *given, "exit.max_loss=0.01")


@pytest.mark.slow
def test_a_promoted_bundle_keeps_its_rule_verifies_and_asks_its_gate_too(bundle, tmp_path, capsys):
    promoted = shutil.copytree(bundle, tmp_path / "promoted")
    opened = open_bundle(promoted)
    record = gate_record(opened.manifest.identity())
    add_evidence(opened, record, record_bytes(record))
    again = open_bundle(promoted)
    assert again.manifest.identity() == opened.manifest.identity()
    assert again.rules.early_exit == opened.rules.early_exit
    assert runtime([str(promoted), "--verify"]) == 0
    for one in answers(promoted, tiny_rows()[340:]):
        found = again.coverage.find(one.language, "text")
        assert not one.exited or found is None or found.status == "supported"


@pytest.mark.slow
def test_a_rule_that_someone_changed_is_refused(bundle, tmp_path):
    changed = shutil.copytree(bundle, tmp_path / "changed")
    raw = json.loads((changed / "early_exit.json").read_text())
    raw["limits"][0]["value"] = 100.0
    (changed / "early_exit.json").write_text(json.dumps(raw))
    with pytest.raises(IntegrityError, match=r"early_exit\.json is not the file"):
        Classifier.load(changed)
