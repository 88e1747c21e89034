"""The verb `train` on a tiny encoder and 400 made-up adverts."""

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file

from adverts.advert import LabelSchema, Task
from adverts.compose import compose
from adverts.config import TrainConfig
from adverts.data.dataset.prepared import open_prepared, write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow
from adverts.errors import InputError, IntegrityError
from adverts.evaluation.decisions.calibration_choice import CalibrationEvidence
from adverts.inputs.encoding import AdvertEncoder
from adverts.inputs.pixels import CHECKED
from adverts.training.building import build_frozen
from adverts.training.dataset import AdvertBatches
from adverts.training.runs.checkpoint import read_checkpoint
from adverts.training.runs.run_record import read_run

pytestmark = pytest.mark.usefixtures("two_folds")
TINY = [
    "trainer=debug",
    "tracking=none",
    "baseline=false",
    "model.encoder.max_tokens=32",
    "model.encoder.prefix=''",
    "model.encoder.freeze_word_table=false",
    "trainer.tokens_per_batch=256",
    "optimizer.learning_rate=0.003",
    "optimizer.head_learning_rate=0.01",
]


@pytest.fixture
def config(tiny_encoder, tiny_prepared, tmp_path):
    """Make a config from overrides, on the tiny dataset, in a run folder of its own."""
    return maker(tiny_encoder, tiny_prepared, tmp_path)


def maker(tiny_encoder, tiny_prepared, tmp_path):
    def make(*overrides, prepared=tiny_prepared, run="run", model="text"):
        tiny = [line for line in TINY if model == "text" or ".encoder." not in line]
        if model == "text":
            tiny.append(f"model.encoder.weights='path:{tiny_encoder}'")
        places = [f"prepared={prepared}", f"run_dir={tmp_path / run}", f"model={model}"]
        return compose("train", TrainConfig, [*places, *tiny, *overrides])

    return make


@pytest.fixture
def train():
    from adverts.train import train

    return train


@pytest.fixture(scope="module")
def whole(tiny_encoder, tiny_prepared, tmp_path_factory):
    """Make a config as ``config`` does, in folders that the tests share."""
    return maker(tiny_encoder, tiny_prepared, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def plain(whole):
    """A run with the settings of every test, and its record; no test changes it."""
    from adverts.train import train

    return train(whole())


@pytest.fixture(scope="module")
def tfidf(whole):
    """A run of tf-idf alone, and its record; no test changes it."""
    from adverts.train import train

    return train(whole(run="tfidf", model="tfidf"))


def prepared_of(folder: Path, labels, splits):
    schema = LabelSchema("tiny", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
    rows = [
        PreparedRow(
            id=f"a{i}",
            split=split,
            cluster=f"c{i}",
            text=f"word{i % 40} word5",
            targets={"refer": (0.0, 1.0) if label else (1.0, 0.0)},
        )
        for i, (label, split) in enumerate(zip(labels, splits, strict=True))
    ]
    write_prepared(folder, rows, name="tiny", schema=schema)
    return folder


def test_training_learns_and_keeps_the_best_checkpoint(config, train):
    run, record = train(config("trainer.epochs=6"))
    assert record.outcome.validation["average_precision"] > 0.95
    checkpoint = read_checkpoint(run.path)
    assert checkpoint.record.selected_on == record.outcome.selected_on
    assert checkpoint.record.selected_on.split == "validation"
    assert checkpoint.record.label_schema.headline == "refer"
    assert checkpoint.tokenizer.get_vocab_size() == 44
    on_disk = sum(path.stat().st_size for path in run.path.rglob("*") if path.is_file())
    assert record.outcome.disk_bytes == pytest.approx(on_disk, abs=3000)


def test_two_runs_of_one_seed_are_identical_and_another_seed_is_not(config, train, plain):
    same, other = (
        train(config(f"seed={seed}", run=f"{seed}"))[1].outcome.weights_sha256 for seed in (0, 1)
    )
    assert plain[1].outcome.weights_sha256 == same != other


def test_the_log_holds_loss_rate_norm_speed_and_padding(plain):
    run, record = plain
    lines = [json.loads(line) for line in run.log.read_text().splitlines()]
    steps = [line for line in lines if "train/loss" in line]
    assert [line["step"] for line in steps] == list(range(1, record.outcome.steps + 1))
    assert all(math.isfinite(value) for line in lines for value in line.values())
    assert {
        "train/learning_rate",
        "train/grad_norm",
        "train/adverts_per_s",
        "train/padding",
    } <= set(steps[0])
    assert sum("validation/average_precision" in line for line in lines) == 2


def test_the_run_folder_names_config_data_and_versions(whole, plain, tiny_prepared):
    run, record = plain
    stored = yaml.safe_load(run.config.read_text())
    assert TrainConfig.model_validate(stored) == whole()
    manifest = json.loads((tiny_prepared / "manifest.json").read_text())
    assert record.data_hash == manifest["data_hash"]
    assert {"torch", "transformers"} <= set(record.provenance.versions)
    assert read_run(run.path) == record


def test_what_is_frozen_is_stored_once_and_the_checkpoint_needs_it(config, train):
    run, _ = train(config("model.encoder.freeze_word_table=true"))
    frozen = load_file(run.frozen)
    words, *fitted = sorted(frozen)
    assert "word_embeddings" in words
    *ngrams, deviation, mean = fitted
    assert [name.removeprefix("ngrams.") for name in ngrams] == [
        "linear.bias",
        "linear.idf",
        "linear.weight",
        "lines.ngrams.offsets_K",
        "lines.ngrams.slopes_K",
    ]
    assert all(frozen[name].any() for name in ngrams)
    assert [deviation, mean] == ["standardise.0.deviation_D", "standardise.0.mean_D"]
    assert (frozen[deviation] != 1).all()
    assert (frozen[mean] != 0).all()
    assert not set(frozen) & set(load_file(run.best / "model.safetensors"))
    read_checkpoint(run.best)
    run.frozen.unlink()
    with pytest.raises(IntegrityError, match=r"frozen\.safetensors is missing"):
        read_checkpoint(run.best)


@pytest.mark.parametrize(
    "method", [pytest.param("fine_tune", marks=pytest.mark.slow), "frozen", "upper_layers"]
)
def test_a_model_is_the_mean_of_network_and_n_grams_and_the_network_is_calibrated(
    config, train, method
):
    run, record = train(config(f"trainer.method={method}"))
    checkpoint = read_checkpoint(run.path)
    assert checkpoint.record.input_spec.branches == ("network", "ngrams")
    lines = checkpoint.module.ngrams.lines_of("network")
    assert not (lines.slopes_K == 1).all()
    assert record.outcome.validation["average_precision"] > 0.95


def test_heads_on_frozen_features_are_fitted_without_a_step(config, train, tiny_encoder):
    run, record = train(config("trainer.method=frozen", "model.encoder.read_layers=thirds"))
    assert record.outcome.steps == 0
    assert record.outcome.validation["average_precision"] > 0.9
    module = read_checkpoint(run.path).module
    assert module.encoder.read_layers == (1, 2)
    given = load_file(tiny_encoder / "model.safetensors")
    kept = module.encoder.model.state_dict()
    assert all((given[name] == kept[name]).all() for name in given if name in kept)


def test_upper_layers_learn_and_the_lower_ones_are_kept_as_they_were(config, train, tiny_encoder):
    run, record = train(
        config(
            "trainer.method=upper_layers", "model.encoder.read_layers=thirds", "trainer.epochs=4"
        )
    )
    assert record.outcome.validation["average_precision"] > 0.9
    checkpoint = read_checkpoint(run.path)
    assert checkpoint.record.model_spec.encoder.freeze_layers == 1
    given = load_file(tiny_encoder / "model.safetensors")
    now = checkpoint.module.encoder.model.state_dict()
    changed = {name for name in given if name in now and (given[name] != now[name]).any()}
    assert changed
    assert {name.partition("layer.")[2][:2] for name in changed} == {"1."}
    assert not set(load_file(run.frozen)) & changed  # lower layers are stored once


def test_upper_layers_are_calibrated_on_training_adverts_out_of_fold(config, train):
    from adverts.training.runs.kept_logits import OUT_OF_FOLD, VALIDATION

    run, record = train(config("trainer.method=upper_layers"))
    checkpoint = read_checkpoint(run.path)
    frozen = read_checkpoint(train(config("trainer.method=frozen", run="frozen"))[0].path)
    assert checkpoint.record.calibrated_on == frozen.record.calibrated_on
    unseen = checkpoint.kept(OUT_OF_FOLD)
    assert len(unseen.rows) == record.outcome.train_adverts
    assert all(np.isfinite(one["refer"]).all() for one in (unseen.mean, *unseen.branches.values()))
    dataset = open_prepared(config().prepared)
    held_out = dataset.split("validation")
    encoder = AdvertEncoder(checkpoint.record.input_spec, checkpoint.tokenizer, CHECKED)
    tasks = dataset.schema.tasks
    adverts = AdvertBatches(held_out, encoder, tasks, modality_dropout=0.0, seed=0)
    with torch.inference_mode():
        module = checkpoint.module.eval()
        said = module(adverts.batch(range(len(held_out))).feeds)["refer"].numpy()
    assert np.array_equal(checkpoint.kept(VALIDATION).rows, held_out.rows)
    assert checkpoint.kept(VALIDATION).mean["refer"] == pytest.approx(said, abs=1e-4)


def test_upper_layers_need_an_encoder(config):
    from adverts.training.building.build_run import build_settled

    asked = config("trainer.method=upper_layers")
    pictures = asked.model.model_copy(update={"encoder": None, "name": "image"})
    asked = asked.model_copy(update={"model": pictures})
    with pytest.raises(InputError, match="but model=image has no encoder"):
        build_settled(asked, None, ([], []))


def test_a_network_alone_has_no_n_grams(config, train):
    run, _ = train(config("model.ngrams=null"))
    checkpoint = read_checkpoint(run.path)
    assert checkpoint.module.ngrams is None
    assert checkpoint.record.model_spec.num_features == 0
    assert checkpoint.record.input_spec.branches == ()


@pytest.mark.parametrize("wanted", ["frozen", "upper_layers", "fine_tune"])
def test_auto_takes_the_method_for_the_number_of_adverts_and_says_and_records_it(
    config, train, monkeypatch, capsys, wanted
):
    below = {"frozen": (500, 600), "upper_layers": (10, 600), "fine_tune": (10, 20)}[wanted]
    for name, most in zip(("FROZEN_BELOW", "UPPER_BELOW"), below, strict=True):
        monkeypatch.setattr(f"adverts.training.building.build_run.{name}", most)
    run, record = train(config("trainer.method=auto"))
    assert (record.outcome.steps > 0) == (wanted == "fine_tune")
    assert f"training adverts: {wanted}, " in capsys.readouterr().err
    assert yaml.safe_load(run.config.read_text())["trainer"]["method"] == wanted


def test_settings_that_act_on_nothing_are_told_before_training(config, train, capsys):
    train(config("optimizer.warmup_fraction=0.2", model="tfidf"))
    told = capsys.readouterr().err.splitlines()[0]
    assert told.startswith("set without effect: ")
    assert "optimizer.warmup_fraction" in told
    assert told.endswith(" (tf-idf has no encoder and takes no steps)")


def test_auto_without_validation_is_frozen(config, train, tmp_path, monkeypatch):
    for name in ("FROZEN_BELOW", "UPPER_BELOW"):
        monkeypatch.setattr(f"adverts.training.building.build_run.{name}", 0)
    few = prepared_of(tmp_path / "p", [0, 1] * 12, ["train"] * 24)
    run, record = train(config("trainer.method=auto", prepared=few))
    assert record.outcome.steps == 0
    assert yaml.safe_load(run.config.read_text())["trainer"]["method"] == "frozen"


@pytest.mark.parametrize("model", ["text", "tfidf"])
def test_without_validation_a_model_is_judged_and_calibrated_out_of_fold(
    config, train, tmp_path, model, capsys
):
    from adverts.training.runs.run_summary import summary_lines

    few = prepared_of(tmp_path / "p", [0, 1] * 20, ["train"] * 40)
    method = ["trainer.method=frozen"] if model == "text" else []
    run, record = train(config(*method, prepared=few, model=model))
    outcome = record.outcome
    assert (outcome.train_adverts, outcome.validation_adverts) == (40, 0)
    assert 0.2 < outcome.validation["average_precision"] < 0.9  # its words say nothing of labels
    known = read_checkpoint(run.path).record
    assert known.selected_on.split == "train"
    assert known.calibrated_on == {"refer": CalibrationEvidence(20, (0.5, 0.5))}
    assert "each part by a fit on the others" in "\n".join(summary_lines(run, record, outcome))


def test_a_validation_that_cannot_judge_is_told_and_not_used(config, train, tmp_path, capsys):
    labels, splits = [0, 1] * 20 + [0] * 6, ["train"] * 40 + ["validation"] * 6
    few = prepared_of(tmp_path / "p", labels, splits)
    run, record = train(config("trainer.method=auto", prepared=few))
    assert record.outcome.validation_adverts == 0
    assert "split 'validation' has 6 labelled adverts" in capsys.readouterr().err
    with pytest.raises(InputError, match="two different labels are needed"):
        train(config("trainer.method=fine_tune", prepared=few, run="other"))


def test_a_checkpoint_without_lines_of_the_mean_is_read_as_it_was(plain):
    from adverts.models.ngram_branch import NgramBranch

    run, _ = plain
    branch = read_checkpoint(run.path).module.ngrams
    state = {name: x for name, x in branch.state_dict().items() if "lines.mean" not in name}
    older = NgramBranch([Task("refer", "single", ("no", "yes"), "yes")], branch.linear.num_features)
    older.lines_of("mean").slopes_K.fill_(7.0)
    older.load_state_dict(state, strict=True)
    assert (older.lines_of("mean").slopes_K == 1).all()
    assert (older.lines_of("mean").offsets_K == 0).all()
    del state["lines.network.slopes_K"]
    with pytest.raises(RuntimeError, match="Missing key"):
        older.load_state_dict(state, strict=True)


@pytest.mark.slow
def test_the_baseline_of_a_run_with_copies_is_the_training_that_it_is_alone(config, train, tfidf):
    run, _ = train(config("augment=disguises", "baseline=true"))
    alone, _ = tfidf
    names = {read_checkpoint(one).record.training for one in (run.baseline, alone.path)}
    code = read_run(alone.path).provenance
    # Without a clean commit the name of a training also holds when it was trained.
    assert len(names) == (2 if code.commit is None or code.dirty else 1)


def test_fine_tuning_without_validation_is_refused(config, train, tmp_path):
    few = prepared_of(tmp_path / "p", [0, 1] * 20, ["train"] * 40)
    with pytest.raises(InputError, match="or train with trainer.method=frozen"):
        train(config("trainer.method=fine_tune", prepared=few))


@pytest.mark.parametrize("method", ["frozen", pytest.param("fine_tune", marks=pytest.mark.slow)])
def test_disguised_copies_are_learnt_from_by_the_model_and_never_by_its_baseline(
    config, train, method
):
    asked = ["augment=disguises", "augment.share=1", "baseline=true", f"trainer.method={method}"]
    plain, _ = train(config(*asked[2:]))
    run, record = train(config(*asked, run="copies"))
    assert record.outcome.train_adverts == read_run(plain.path).outcome.train_adverts
    ours, theirs = (load_file(one.best / "model.safetensors") for one in (run, plain))
    frozen = [load_file(one.frozen) for one in (run, plain)]
    assert any((frozen[0][name] != frozen[1][name]).any() for name in frozen[0])
    assert any((ours[name] != theirs[name]).any() for name in ours)
    baselines = [load_file(one.baseline / "model.safetensors") for one in (run, plain)]
    assert all((baselines[0][name] == baselines[1][name]).all() for name in baselines[0])
    known = read_checkpoint(run.path).record
    assert known.disguises == ("look_alikes", "leet", "spacing", "typos")
    assert known.calibrated_on == read_checkpoint(plain.path).record.calibrated_on
    assert read_checkpoint(run.baseline).record.disguises == ()


def test_a_model_that_learns_from_no_disguised_captions_is_refused(config, train, tmp_path):
    with pytest.raises(InputError, match="give augment=none, or a network that reads captions"):
        train(config("augment=disguises", model="tfidf"))
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_the_frozen_fit_is_the_same_twice(config, train):
    hashes = {
        train(config("trainer.method=frozen", run=name))[1].outcome.weights_sha256
        for name in ("a", "b")
    }
    assert len(hashes) == 1


@pytest.mark.slow
@pytest.mark.parametrize("patience", [1, 2])
def test_early_stopping_stops_and_says_so(config, train, capsys, patience):
    rates = ["optimizer.learning_rate=1e-30", "optimizer.head_learning_rate=1e-30"]
    _, record = train(config("trainer.epochs=30", f"trainer.patience={patience}", *rates))
    assert record.outcome.steps < 10 * record.outcome.selected_on.step + 100
    assert record.outcome.steps < 30 * 12
    said = capsys.readouterr()
    assert f"stopped early after step {record.outcome.steps} of " in said.out + said.err


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["average_precision", "loss", "macro_f1"])
def test_the_chosen_step_is_the_best_of_its_metric(config, train, metric):
    run, record = train(config(f"trainer.select_by={metric}", "trainer.epochs=3"))
    lines = [json.loads(line) for line in run.log.read_text().splitlines()]
    values = [line[f"validation/{metric}"] for line in lines if f"validation/{metric}" in line]
    best = min(values) if metric == "loss" else max(values)
    assert record.outcome.selected_on.value == best
    assert record.outcome.validation[metric] == best


def test_tfidf_is_a_model_like_any_other(tfidf):
    run, record = tfidf
    assert record.outcome.validation["average_precision"] > 0.9
    assert read_checkpoint(run.path).record.model_spec.kind == "tfidf"


@pytest.mark.slow
def test_the_baseline_stands_beside_the_network_on_the_same_rows(config, train, tfidf):
    run, record = train(config("baseline=true"))
    alone = tfidf[1].outcome
    assert record.outcome.baseline == alone.validation
    assert read_checkpoint(run.baseline).record.model_spec.kind == "tfidf"
    assert (
        read_checkpoint(run.baseline).record.mlflow_run_id is None
    )  # what is said of it stays apart


OTHER_NGRAMS = "model.ngrams.inverse_regularisation=0.001"


@pytest.mark.parametrize(
    ("method", "changes"),
    [
        pytest.param("fine_tune", [OTHER_NGRAMS], marks=pytest.mark.slow),
        ("frozen", []),
        pytest.param("frozen", ["model.ngrams=null"], marks=pytest.mark.slow),
        *(
            pytest.param(method, changes, marks=pytest.mark.slow)
            for method, changes in (
                ("fine_tune", []),
                ("fine_tune", ["model.ngrams=null"]),
                ("frozen", [OTHER_NGRAMS]),
            )
        ),
    ],
)
def test_the_baseline_is_the_packaged_tfidf_whatever_n_grams_the_model_has(
    config, train, tfidf, method, changes
):
    run, _ = train(config("baseline=true", f"trainer.method={method}", *changes))
    alone, _ = tfidf
    ours, theirs = (load_file(f / "model.safetensors") for f in (run.baseline, alone.best))
    assert ours.keys() == theirs.keys()
    assert all((ours[name] == theirs[name]).all() for name in ours)


def test_no_advert_text_reaches_a_file_that_leaves_the_machine(config, train):
    run, _ = train(config("baseline=true", "model.encoder.freeze_word_table=true"))
    for path in run.path.rglob("*"):
        if path.is_file() and path.name != "tokenizer.json":
            assert b"word7" not in path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("labels", "splits", "message"),
    [
        ([1] * 8, ["train"] * 4 + ["validation"] * 4, "two different labels are needed"),
        ([0, 1] * 4, ["train"] * 8, "no advert in split 'validation'"),
        ([0, 1] * 4, ["train", "train"] + ["test"] * 6, "no advert in split 'validation'"),
        ([0, 1, 0, 1, 0, 0, 0, 0], ["train"] * 4 + ["validation"] * 4, "split 'validation' has 4"),
    ],
)
def test_data_that_teach_or_judge_nothing_are_refused_in_one_line(
    config, tmp_path, labels, splits, message
):
    from adverts.train import train

    prepared = prepared_of(tmp_path / "p", labels, splits)
    with pytest.raises(InputError, match=message) as caught:
        train(config(prepared=prepared))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_a_task_that_the_data_do_not_have_is_refused(config, train):
    with pytest.raises(InputError, match=r"\['risk'\]; the dataset has the tasks \['refer'\]"):
        train(config("+loss.task_weights.risk=1.0"))


def test_a_run_that_is_refused_at_once_leaves_no_folder(config, train, tmp_path):
    with pytest.raises(InputError, match="no config.json"):
        train(config("model.encoder.weights=path:/nowhere"))
    assert not (tmp_path / "run").exists()


def test_a_run_folder_is_never_overwritten(whole, plain, train):
    with pytest.raises(InputError, match="exists and is not empty"):
        train(whole())
    assert read_run(plain[0].path) == plain[1]


def test_a_full_disk_ends_the_run_in_one_line(config, train, monkeypatch):
    import errno

    from adverts.training.runs import tensors

    def refuse(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tensors, "save_file", refuse)
    with pytest.raises(InputError, match="the disk is full") as caught:
        train(config())
    assert "\n" not in str(caught.value)


def test_a_dead_tracking_server_stops_nothing(config, train, capfd):
    uri = "tracking.uri='http://user:hunter2@127.0.0.1:9'"
    run, record = train(config("tracking=mlflow", uri))
    assert record.outcome is not None
    assert record.mlflow_run_id is None
    kinds = [json.loads(line)["kind"] for line in run.spool.read_text().splitlines()]
    assert kinds[0] == "begin"
    assert kinds[-1] == "status"
    assert {"params", "metrics", "tags", "dataset", "artifact"} <= set(kinds)
    written = "".join(p.read_text() for p in run.path.iterdir() if p.is_file())
    assert "hunter2" not in written + "".join(capfd.readouterr())
    assert "python -m adverts.tracking sync" not in written


@pytest.mark.parametrize("model", [pytest.param("text", marks=pytest.mark.slow), "tfidf"])
def test_a_server_that_is_back_at_the_end_names_the_run_in_its_records(
    config, train, monkeypatch, model
):
    from adverts.tracking import build_tracker

    class Recovering:
        """A server that is away when the run begins."""

        def __init__(self, uri, store):
            self.run_id, self.calls = None, 0

        def send(self, event):
            self.calls += 1
            if self.calls > 1:
                self.run_id = "late"
            else:
                raise ConnectionError

    monkeypatch.setattr(build_tracker, "LazySink", Recovering)
    run, record = train(config("tracking=mlflow", model=model))
    assert record.mlflow_run_id == "late"
    assert read_run(run.path) == record
    assert read_checkpoint(run.best).record.mlflow_run_id == "late"
    assert not run.spool.exists()


@pytest.mark.slow
def test_a_run_is_recorded_in_mlflow_and_a_spool_is_sent_later(
    config, train, tmp_path, monkeypatch
):
    monkeypatch.setenv("SECRET_FOR_TEST", "hunter2")
    store = tmp_path / "store"
    run, record = train(config("tracking=mlflow", f"tracking.store={store}", "tracking.uri=null"))
    dead, _ = train(config("tracking=mlflow", "tracking.uri='http://127.0.0.1:9'", run="dead"))

    from mlflow import MlflowClient

    from adverts.tracking.__main__ import main

    assert main(["sync", str(tmp_path), "--store", str(store)]) == 0
    assert not dead.spool.exists()
    client = MlflowClient(f"sqlite:///{store}/mlflow.db")
    for folder in (run, dead):
        known = client.get_run(read_run(folder.path).mlflow_run_id)
        experiment = client.get_experiment(known.info.experiment_id)
        assert experiment.tags["mlflow.experimentKind"] == "custom_model_development"
        assert known.info.status == "FINISHED"
        assert known.data.params["optimizer.learning_rate"] == "0.003"
        assert known.data.tags["data_hash"] == record.data_hash
        assert "version.torch" not in known.data.tags
        (versions,) = (
            one for one in client.list_artifacts(known.info.run_id) if one.path == "versions.txt"
        )
        assert versions.file_size > 100
        assert known.inputs.dataset_inputs[0].dataset.digest == record.data_hash[:36]
        history = client.get_metric_history(known.info.run_id, "train/loss")
        assert len(history) == record.outcome.steps
        names = {item.path for item in client.list_artifacts(known.info.run_id, "checkpoints/best")}
        assert "checkpoints/best/checkpoint.json" in names
        assert "hunter2" not in str(known.to_dictionary())
    assert read_checkpoint(dead.best).record.mlflow_run_id == read_run(dead.path).mlflow_run_id


@pytest.mark.slow
def test_a_bundle_is_the_one_model_of_its_run(tmp_path, capfd):
    from adverts.config import TrackingConfig
    from adverts.tracking import open_tracker

    shutil.copytree(Path(__file__).parents[1] / "bundles" / "5.0-text", tmp_path / "bundle")
    store = tmp_path / "store"
    values = {"kind": "mlflow", "uri": None, "store": store, "experiment": "e"}
    config = TrackingConfig.model_validate({**values, "log_checkpoint": False})

    def add(sha256, run_id=None):
        with open_tracker(config, spool=tmp_path / "spool", run_name="r", run_id=run_id) as run:
            run.bundle(tmp_path / "bundle", manifest_sha256=sha256)
        assert not (tmp_path / "spool").exists()
        return run.run_id

    run_id = add("first")
    capfd.readouterr()
    add("second", run_id)

    import mlflow
    import pandas

    mlflow.set_tracking_uri(f"sqlite:///{store}/mlflow.db")
    client = mlflow.MlflowClient()
    (output,) = client.get_run(run_id).outputs.model_outputs
    assert f"already has its one model, {output.model_id}" in capfd.readouterr().err
    assert client.get_run(run_id).data.tags["bundle.manifest_sha256"] == "first"
    model = mlflow.pyfunc.load_model(f"models:/{output.model_id}")
    answers = model.predict(pandas.DataFrame({"text": ["Ferry timetable"], "id": ["a"]}))
    assert [*answers["error"].isna()] == [True]
    assert [*(store / "artifacts").rglob("bundle/manifest.json")]

    client.delete_logged_model(output.model_id)
    add("third", run_id)
    assert client.get_run(run_id).data.tags["bundle.manifest_sha256"] == "third"


@pytest.mark.slow
def test_two_processes_train_the_model_of_one(config, tiny_prepared, tiny_encoder, tmp_path):
    same = ["model.encoder.dropout=0", "model.head_dropout=0", "trainer.epochs=1"]
    overrides = [
        f"prepared={tiny_prepared}",
        f"model.encoder.weights=path:{tiny_encoder}",
        *TINY,
        *same,
        "trainer.accumulation=2",
    ]
    alone = [sys.executable, "-m", "adverts.train"]
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    both = [sys.executable, *torchrun, "-m", "adverts.train"]
    for name, command in (("one", alone), ("two", both)):
        subprocess.run(
            [*command, *overrides, f"run_dir={tmp_path / name}"], check=True, timeout=280
        )
    one, two = (
        load_file(tmp_path / name / "checkpoints" / "last" / "model.safetensors")
        for name in ("one", "two")
    )
    assert max(float((one[name] - two[name]).abs().max()) for name in one) < 1e-5
    figures = [read_run(tmp_path / name).outcome.validation for name in ("one", "two")]
    assert figures[0] == pytest.approx(figures[1], abs=1e-4)


def test_balanced_weights_of_frozen_heads_come_from_training_labels(config, train, monkeypatch):
    given = []
    built = build_frozen.build_loss
    monkeypatch.setattr(
        build_frozen, "build_loss", lambda *parts: given.append(parts[-1]) or built(*parts)
    )
    train(config("trainer.method=frozen", "loss.class_weights=balanced", "baseline=false"))
    assert {*given[0].splits} == {"train"}
