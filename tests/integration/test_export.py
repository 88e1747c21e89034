"""The verb `export`: a trained checkpoint becomes a bundle that services and MLflow can use."""

import base64
import json
import sys

import pytest

from adverts.compose import compose
from adverts.config import ExportConfig, TrainConfig
from adverts.errors import InputError, IntegrityError, ParityError
from adverts.runtime import Classifier, open_bundle
from adverts.runtime.__main__ import main as runtime
from adverts.runtime.rules.calibration import Calibration, TaskCalibration
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.thresholds import Threshold, Thresholds
from adverts.tracking import MemoryTracker

pytestmark = pytest.mark.usefixtures("traced_once")


def composed(verb, schema, *overrides):
    return compose(verb, schema, list(overrides))


@pytest.fixture(scope="module")
def run(tiny_prepared, tmp_path_factory):
    """A trained tf-idf run that no server knows."""
    from adverts.train import train

    folder = tmp_path_factory.mktemp("run") / "tfidf"
    config = composed(
        "train",
        TrainConfig,
        f"prepared={tiny_prepared}",
        f"run_dir={folder}",
        "model=tfidf",
        "tracking=none",
    )
    return train(config)[0].path


@pytest.fixture
def export(run, tiny_prepared, tmp_path):
    from adverts.export import export

    def call(*overrides, checkpoint=run, prepared=tiny_prepared):
        config = composed(
            "export",
            ExportConfig,
            f"checkpoint={checkpoint}",
            f"prepared={prepared}",
            f"bundle_dir={tmp_path / 'bundle'}",
            "tracking=none",
            *overrides,
        )
        return export(config)

    return call


def test_a_run_becomes_a_bundle_that_verifies_itself(export, capsys):
    written = export()
    assert runtime([str(written.folder), "--verify"]) == 0
    assert "fit for this machine" in capsys.readouterr().out


def test_the_bundle_knows_its_run(export, run):
    manifest = open_bundle(export().folder).manifest
    record = json.loads((run / "checkpoints" / "best" / "checkpoint.json").read_text())
    assert manifest.dataset["data_hash"] == record["data_hash"]
    assert manifest.training["commit"] == record["commit"]
    assert manifest.training["selected_on"] == record["selected_on"]
    assert manifest.label_schema.headline == "refer"


def test_the_bundle_decides_by_the_rules_that_its_validation_gave(
    export, tiny_prepared, monkeypatch
):
    import adverts.candidates.fit_rules
    from adverts.candidates.candidate import open_candidate

    fitted = []

    def fit(candidate, dataset, config, ledger, *, max_loss, known):
        assert set(known.logits) == {"refer"}
        assert dataset.data_hash == candidate.facts.trained_on.data_hash
        fitted.append(
            DecisionRules(
                Calibration((TaskCalibration("refer", "temperature", 2.5),)),
                Thresholds(
                    (Threshold("refer", "yes", "recall", config.recall, 0.41),),
                    data_hash=dataset.data_hash,
                ),
            )
        )
        return fitted[-1]

    monkeypatch.setattr(adverts.candidates.fit_rules, "fit_rules", fit)
    written = export()
    assert open_bundle(written.folder).rules == fitted[0]
    candidate = open_candidate(written.folder, threads=1)
    assert candidate.rules == fitted[0]
    assert candidate.facts.identity == open_bundle(written.folder).manifest.identity()
    assert "| refer: yes | all | recall ≥ 0.95 | 0.4100 |" in (
        written.folder / "README.md"
    ).read_text(encoding="utf-8")


def test_a_bundle_without_rules_says_so(export, monkeypatch, capsys):
    import adverts.candidates.fit_rules

    monkeypatch.setattr(adverts.candidates.fit_rules, "fit_rules", lambda *_, **__: None)
    written = export()
    assert open_bundle(written.folder).rules == DecisionRules()
    assert "not calibrated and the bundle has no thresholds" in capsys.readouterr().out


@pytest.mark.slow
def test_a_bundle_may_be_written_where_one_stands(export, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    written = export("bundle_dir=.")
    assert written.folder == tmp_path / "here"
    assert (tmp_path / "here" / "manifest.json").is_file()
    assert (tmp_path / "here.transparency.md").is_file()


def test_one_bundle_never_replaces_another(export):
    export()
    with pytest.raises(InputError, match="is taken; give bundle_dir a new folder"):
        export()


class PowerCutError(BaseException):
    """Stands in for a kill within one process."""


def power_cut(*_, **__):
    raise PowerCutError


AFTER_THE_RENAME = "adverts.bundle.papers.transparency_record.write_transparency_record"


@pytest.mark.slow
def test_the_same_command_ends_an_export_that_was_killed_when_its_bundle_stood(
    export, tmp_path, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(AFTER_THE_RENAME, power_cut)
        with pytest.raises(PowerCutError):
            export()
    killed = {file.name: file.read_bytes() for file in (tmp_path / "bundle").iterdir()}
    with pytest.raises(
        InputError,
        match="an interrupted export of another config wrote it, and its command finishes it",
    ):
        export("bundle.opset=20")
    written = export().folder
    assert {file.name: file.read_bytes() for file in written.iterdir()} == killed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle", "bundle.transparency.md"]
    with pytest.raises(InputError, match="is taken; give bundle_dir a new folder$"):
        export()


@pytest.mark.slow
def test_the_same_command_ends_a_partners_export_that_was_killed_between_its_bundles(
    tiny_sharable, tmp_path, monkeypatch
):
    from adverts.export import export
    from adverts.train import train

    given = [f"prepared={tiny_sharable}", "tracking=none"]
    train(composed("train", TrainConfig, *given, f"run_dir={tmp_path / 'run'}", "model=tfidf"))
    given += [f"checkpoint={tmp_path / 'run'}", f"bundle_dir={tmp_path / 'b'}"]
    config = composed("export", ExportConfig, *given, "bundle.audience=partner")
    for place in ("adverts.bundle.handing_on.partner.partner_bundle", "adverts.export._track"):
        with monkeypatch.context() as patch:
            patch.setattr(place, power_cut)
            with pytest.raises(PowerCutError):
                export(config)
    export(config)
    ours = sorted(path.name for path in tmp_path.iterdir() if path.name != "run")
    assert ours == ["b", "b.internal", "b.internal.transparency.md", "b.transparency.md"]


@pytest.mark.parametrize("place", ["checkpoint", "prepared"])
def test_what_is_not_there_is_named_and_nothing_is_left(export, tmp_path, place):
    with pytest.raises((InputError, IntegrityError), match="nowhere"):
        export(**{place: tmp_path / "nowhere"})
    assert not (tmp_path / "bundle").exists()


def test_parity_that_fails_refuses_the_bundle(export, tmp_path, monkeypatch):
    real = Classifier.score_batch
    monkeypatch.setattr(
        Classifier,
        "score_batch",
        lambda self, encoded: {name: v * 1.01 for name, v in real(self, encoded).items()},
    )
    with pytest.raises(ParityError, match="differ from the checkpoint's by up to"):
        export()
    assert list(tmp_path.iterdir()) == []


def test_the_verb_prints_what_was_proved_and_how_large_it_is(
    run, tiny_prepared, tmp_path, monkeypatch, capsys
):
    from adverts.export import main

    places = [f"checkpoint={run}", f"prepared={tiny_prepared}", f"bundle_dir={tmp_path / 'b'}"]
    command = ["adverts export", *places, f"tracking.store={tmp_path}"]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "the whole split validation and" in said
    assert "largest difference" in said
    assert (
        "not for this model, which has no text encoder to quantise: fp32 ships" in said
    )  # tf-idf has no encoder to quantise
    assert f"{tmp_path / 'b'}: fp32, " in said
    assert " MB" in said
    assert "was not recorded, so the bundle is not added to it" in said


def test_the_bundle_is_added_to_the_run_that_trained_it(
    export, run, tiny_prepared, tmp_path, monkeypatch
):
    import adverts.tracking

    opened = []

    def open_memory(config, *, spool, run_name, run_id=None):
        opened.append(MemoryTracker(run_id))
        return opened[-1]

    monkeypatch.setattr(adverts.tracking, "open_tracker", open_memory)
    best = run / "checkpoints" / "best"
    known = tmp_path / "known"
    known.mkdir()
    for file in best.iterdir():
        (known / file.name).write_bytes(file.read_bytes())
    record = json.loads((known / "checkpoint.json").read_text()) | {"mlflow_run_id": "r1"}
    (known / "checkpoint.json").write_text(json.dumps(record))
    written = export("tracking=mlflow", checkpoint=known)
    (tracker,) = opened
    assert tracker.run_id == "r1"
    assert tracker.logged_bundles == [(written.folder, written.manifest_sha256)]


@pytest.mark.slow
def test_mlflow_scores_a_table_with_the_bundle(tiny_prepared, tmp_path, grey_pixel):
    import mlflow
    import pandas as pd

    from adverts.export import export
    from adverts.train import train

    tracking = ["tracking=mlflow", f"tracking.store={tmp_path / 'store'}", "tracking.uri=null"]
    places = [f"prepared={tiny_prepared}"]
    run, record = train(
        composed(
            "train", TrainConfig, *places, f"run_dir={tmp_path / 'run'}", "model=tfidf", *tracking
        )
    )
    folders = [f"checkpoint={run.path}", f"bundle_dir={tmp_path / 'bundle'}"]
    written = export(composed("export", ExportConfig, *places, *folders, *tracking))
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'store' / 'mlflow.db'}")
    models = mlflow.search_logged_models(output_format="list")
    assert [model.source_run_id for model in models] == [record.mlflow_run_id]
    model = mlflow.pyfunc.load_model(models[0].model_uri)
    table = pd.DataFrame(
        {"text": ["word1 word9", None, "word7"], "image": [None, grey_pixel, b"not a picture"]},
        index=["a", "b", "c"],
    )
    answers = model.predict(table)
    expected = Classifier.load(written.folder).predict(texts=["word1 word9", None, "word7"])
    assert answers.columns.tolist() == [
        *("refer.no", "refer.yes", "id", "review_band", "reason", "error_code", "error", "bundle"),
        *("routes", "safeguarding", "language", "exited", "order_only"),
    ]
    assert answers.index.tolist() == ["a", "b", "c"]
    for row, prediction in enumerate(expected):
        assert answers["refer.yes"].iloc[row] == pytest.approx(
            prediction.probabilities["refer"]["yes"], abs=1e-6
        )
    files = [path for path in (tmp_path / "store").rglob("*") if path.suffix in {".pkl", ".pickle"}]
    assert files == []


@pytest.fixture
def grey_pixel() -> bytes:
    return base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
    )
