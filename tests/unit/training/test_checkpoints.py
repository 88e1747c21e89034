"""Checkpoints and states: whole or not at all, and only what was written is read."""

import dataclasses
import errno
import json

import pytest
import torch
from torch import nn

from adverts.advert import LabelSchema, Task
from adverts.errors import InputError, IntegrityError
from adverts.files.file_hash import file_sha256
from adverts.inputs.contacts.masking import MASKING_VERSION
from adverts.inputs.letters.folding import FOLDING_VERSION
from adverts.inputs.spec import HashSpec, InputSpec
from adverts.models.architecture import ModelSpec
from adverts.models.built_model import BuiltModel
from adverts.models.hashed_linear import HashedLinear
from adverts.training.runs import tensors
from adverts.training.runs.checkpoint import (
    CheckpointRecord,
    Selection,
    find_checkpoint,
    read_checkpoint,
    share_frozen,
    write_checkpoint,
)
from adverts.training.runs.run_record import RunRecord, checkpoint_record, find_provenance
from adverts.training.runs.state import RunProgress, read_progress, restore, write_state
from adverts.training.runs.tensors import weights_sha256

TASK = Task("refer", "single", ("no", "yes"), "yes")
SPEC = ModelSpec(
    kind="tfidf",
    name="tfidf",
    inputs=("text",),
    tasks=(TASK,),
    encoder=None,
    tower=None,
    fusion_features=0,
    head_dropout=0.0,
    num_features=64,
)
RECORD = CheckpointRecord(
    label_schema=LabelSchema("tiny", (TASK,), "refer"),
    model_spec=SPEC,
    input_spec=InputSpec(
        inputs=("text",),
        tokens=None,
        hashing=HashSpec(64, (1, 2), (2, 5)),
        image=None,
        ocr_quality=False,
        masking_version=MASKING_VERSION,
        folding_version=FOLDING_VERSION,
    ),
    selected_on=Selection("validation", "average_precision", 0.75, 12),
    dataset_name="tiny",
    data_hash="ab" * 32,
    mlflow_run_id=None,
    commit="c0ffee",
    files={},
)


def fitted(seed=0):
    module = HashedLinear((TASK,), 64)
    torch.manual_seed(seed)
    module.weight.normal_()
    module.idf.uniform_(1, 2)
    return module


def write(folder, module):
    write_checkpoint(folder, module.state_dict(), RECORD, tokenizer_json=None, frozen_sha256=None)


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_what_was_written_is_read_back_equal(tmp_path):
    module = fitted()
    write(tmp_path / "best", module)
    checkpoint = read_checkpoint(tmp_path / "best")
    feeds = {"feature_ids": torch.tensor([[1, 7]]), "feature_counts": torch.ones(1, 2)}
    assert torch.equal(checkpoint.module(feeds)["refer"], module(feeds)["refer"])
    assert checkpoint.record.label_schema == RECORD.label_schema
    assert checkpoint.record.model_spec == SPEC
    assert checkpoint.record.input_spec == RECORD.input_spec
    assert checkpoint.record.selected_on == RECORD.selected_on
    assert (checkpoint.record.data_hash, checkpoint.record.commit) == (RECORD.data_hash, "c0ffee")
    assert checkpoint.tokenizer is None
    assert not checkpoint.module.training


def test_a_run_folder_means_its_best_checkpoint(tmp_path):
    write(tmp_path / "checkpoints" / "best", fitted())
    assert find_checkpoint(tmp_path) == tmp_path / "checkpoints" / "best"


def test_a_folder_without_a_checkpoint_is_refused_in_one_line(tmp_path):
    with pytest.raises(InputError, match="neither a run folder nor a checkpoint") as caught:
        read_checkpoint(tmp_path)
    assert "\n" not in str(caught.value)


def test_changed_weights_are_refused(tmp_path):
    write(tmp_path / "best", fitted())
    path = tmp_path / "best" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(IntegrityError, match="was changed"):
        read_checkpoint(tmp_path / "best")


def test_weights_that_were_damaged_before_they_were_hashed_are_refused(tmp_path):
    write(tmp_path / "best", fitted())
    path, record = (tmp_path / "best" / name for name in ("model.safetensors", "checkpoint.json"))
    path.write_bytes(path.read_bytes()[:-100])
    files = {"model.safetensors": file_sha256(path)}
    record.write_text(json.dumps({**json.loads(record.read_text()), "files": files}))
    with pytest.raises(IntegrityError, match="is damaged or cut off"):
        read_checkpoint(tmp_path / "best")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("schema_version", 99, "schema version 99"),
        ("schema_version", 2, "train again"),
        ("label_schema", {"name": 1}, "damaged"),
        ("files", {}, "has no hash of model.safetensors"),
    ],
)
def test_a_record_of_another_schema_is_refused(tmp_path, key, value, message):
    write(tmp_path / "best", fitted())
    path = tmp_path / "best" / "checkpoint.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    with pytest.raises(IntegrityError, match=message):
        read_checkpoint(tmp_path / "best")


def test_the_reader_of_the_pictures_is_recorded_where_the_model_reads_their_text():
    model = BuiltModel(fitted().as_ngrams(), SPEC, RECORD.input_spec, None)
    run = RunRecord("tfidf", "tiny", "ab" * 32, find_provenance(), "2030-01-01")
    reads_ocr = dataclasses.replace(RECORD.input_spec, inputs=("text", "ocr"))
    keys = [
        checkpoint_record(
            run,
            RECORD.label_schema,
            dataclasses.replace(model, input_spec=spec),
            selection=RECORD.selected_on,
            ocr_key="key",
            training="t",
        ).ocr_key
        for spec in (RECORD.input_spec, reads_ocr)
    ]
    assert keys == [None, "key"]


def test_the_reader_of_the_pictures_is_read_back(tmp_path):
    record = dataclasses.replace(RECORD, ocr_key="key")
    write_checkpoint(
        tmp_path / "best", fitted().state_dict(), record, tokenizer_json=None, frozen_sha256=None
    )
    assert read_checkpoint(tmp_path / "best").record.ocr_key == "key"


def test_a_full_disk_is_one_clear_line_and_leaves_the_former_checkpoint(tmp_path, monkeypatch):
    write(tmp_path / "best", fitted(0))
    monkeypatch.setattr(tensors, "save_file", full_disk)
    with pytest.raises(InputError, match="the disk is full") as caught:
        write(tmp_path / "best", fitted(1))
    assert "\n" not in str(caught.value)
    assert "resume=" in str(caught.value)
    monkeypatch.undo()
    stored = read_checkpoint(tmp_path / "best").module.state_dict()
    assert weights_sha256(stored) == weights_sha256(fitted(0).state_dict())
    assert [path.name for path in tmp_path.iterdir()] == ["best"]


def test_a_disk_that_safetensors_finds_full_is_the_same_line(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise tensors.SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(tensors, "save_file", refuse)
    with pytest.raises(InputError, match="the disk is full"):
        write(tmp_path / "best", fitted())


def test_an_error_in_the_middle_leaves_nothing_half_written(tmp_path, monkeypatch):
    monkeypatch.setattr("adverts.training.runs.checkpoint.write_record", full_disk)
    with pytest.raises(InputError, match="the disk is full"):
        write(tmp_path / "best", fitted())
    assert list(tmp_path.iterdir()) == []


class Half(nn.Module):
    """A frozen table and a layer that learns."""

    frozen_names = frozenset({"table.weight"})

    def __init__(self, seed):
        super().__init__()
        torch.manual_seed(seed)
        self.table, self.layer = nn.Embedding(50, 4), nn.Linear(4, 2)
        self.table.requires_grad_(False)


def adam(module):
    parameters = [p for p in module.parameters() if p.requires_grad]
    return torch.optim.AdamW(parameters, lr=0.1, fused=True)


def train(module, optimizer, steps):
    for i in range(steps):
        optimizer.zero_grad()
        (module.layer(module.table(torch.tensor([i, i + 1]))) ** 2).sum().backward()
        optimizer.step()


def test_frozen_tensors_are_stored_once_and_taken_up_again(tmp_path):
    module, other = Half(0), Half(1)
    digest = share_frozen(module, tmp_path)
    written = (tmp_path / "frozen.safetensors").stat().st_mtime_ns
    assert share_frozen(other, tmp_path) == digest
    assert torch.equal(other.table.weight, module.table.weight)
    assert not torch.equal(other.layer.weight, module.layer.weight)
    assert (tmp_path / "frozen.safetensors").stat().st_mtime_ns == written


def test_a_model_without_frozen_tensors_stores_none(tmp_path):
    assert share_frozen(fitted(), tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_restored_run_takes_the_same_steps(tmp_path):
    whole = Half(0)
    optimizer = adam(whole)
    train(whole, optimizer, 5)
    write_state(tmp_path / "last", whole, optimizer, RunProgress("plan", step=5))
    train(whole, optimizer, 7)

    resumed = Half(0)
    optimizer = adam(resumed)
    restore(tmp_path / "last", resumed, optimizer, read_progress(tmp_path / "last"))
    train(resumed, optimizer, 7)
    assert weights_sha256(resumed.state_dict()) == weights_sha256(whole.state_dict())


def test_progress_is_read_back_equal(tmp_path):
    progress = RunProgress(
        "plan", step=9, best_figures={"loss": 0.5}, best_step=4, evaluations_without_progress=2
    )
    module = Half(0)
    written = write_state(tmp_path / "last", module, adam(module), progress)
    assert read_progress(tmp_path / "last") == written
    assert written.weights_sha256 == weights_sha256(module.layer.state_dict(prefix="layer."))


def test_a_run_that_never_saved_has_no_progress(tmp_path):
    assert read_progress(tmp_path / "last") is None


def test_the_state_holds_no_frozen_tensor_and_a_finished_one_no_optimiser(tmp_path):
    module = Half(0)
    optimizer = adam(module)
    train(module, optimizer, 1)
    write_state(tmp_path / "last", module, optimizer, RunProgress("plan", step=1))
    assert (tmp_path / "last" / "optimizer.safetensors").is_file()
    write_state(tmp_path / "last", module, optimizer, RunProgress("plan", step=2, finished=True))
    names = {path.name for path in (tmp_path / "last").iterdir()}
    assert names == {"model.safetensors", "state.json"}
    assert (tmp_path / "last" / "model.safetensors").stat().st_size < 50 * 4 * 4


def test_a_run_killed_between_two_renames_finds_its_state(tmp_path):
    module = Half(0)
    write_state(tmp_path / "last", module, adam(module), RunProgress("plan", step=3))
    (tmp_path / "last").rename(tmp_path / ".last.replaced")
    assert read_progress(tmp_path / "last").step == 3


def test_a_damaged_state_is_refused(tmp_path):
    module = Half(0)
    progress = write_state(tmp_path / "last", module, adam(module), RunProgress("plan", step=3))
    write_state(tmp_path / "other", Half(1), adam(module), RunProgress("plan", step=3))
    (tmp_path / "other" / "model.safetensors").replace(tmp_path / "last" / "model.safetensors")
    with pytest.raises(IntegrityError, match="was changed"):
        restore(tmp_path / "last", module, adam(module), progress)
    (tmp_path / "last" / "model.safetensors").write_bytes(b"cut off")
    with pytest.raises(IntegrityError, match="is damaged or cut off"):
        restore(tmp_path / "last", module, adam(module), progress)
    (tmp_path / "last" / "state.json").write_text("{")
    with pytest.raises(IntegrityError, match="damaged"):
        read_progress(tmp_path / "last")


def test_the_hash_of_weights_knows_names_and_values():
    one = {"a": torch.ones(2), "b": torch.zeros(2)}
    assert weights_sha256(one) == weights_sha256(dict(reversed(one.items())))
    assert weights_sha256(one) != weights_sha256({"a": torch.ones(2), "c": torch.zeros(2)})
    assert weights_sha256(one) != weights_sha256({"a": torch.ones(2), "b": torch.ones(2)})


def edited(folder, change):
    """Change the record of a checkpoint by hand."""
    write(folder, fitted())
    path = folder / "checkpoint.json"
    raw = json.loads(path.read_text())
    change(raw)
    path.write_text(json.dumps(raw))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("features", [2**40, -1, 0, 65, 2**24])
@pytest.mark.parametrize("everywhere", [True, False])
def test_a_model_of_another_number_of_features_is_not_built(tmp_path, features, everywhere):
    def change(raw):
        raw["model_spec"]["num_features"] = features
        if everywhere:
            raw["input_spec"]["hashing"]["num_features"] = features

    edited(tmp_path / "best", change)
    with pytest.raises(IntegrityError) as found:
        read_checkpoint(tmp_path / "best")
    assert "\n" not in str(found.value)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("where", ["model_spec", "label_schema"])
def test_a_model_of_too_many_labels_is_not_built(tmp_path, where):
    labels = ["no", "yes", *(f"l{number}" for number in range(100_000))]
    edited(tmp_path / "best", lambda raw: raw[where]["tasks"][0].update(labels=labels))
    with pytest.raises(IntegrityError, match="100002 labels, wanted at most 100 with 1000"):
        read_checkpoint(tmp_path / "best")


@pytest.mark.parametrize("text", ["[" * 100_000 + "]" * 100_000, "null", "[]", "1", '"x"', "{"])
def test_a_record_or_state_of_any_other_json_is_one_line(tmp_path, text):
    write(tmp_path / "best", fitted())
    (tmp_path / "best" / "checkpoint.json").write_text(text)
    with pytest.raises(IntegrityError, match="checkpoint.json is damaged"):
        read_checkpoint(tmp_path / "best")
    (tmp_path / "best" / "state.json").write_text(text)
    with pytest.raises(IntegrityError, match="state.json is damaged"):
        read_progress(tmp_path / "best")


@pytest.mark.parametrize("name", ["../x", "/dev/zero", "more.json", "", "a\nb", "checkpoint.json"])
def test_a_record_that_names_other_files_is_refused(tmp_path, name):
    edited(tmp_path / "best", lambda raw: raw["files"].update({name: "0" * 64}))
    with pytest.raises(IntegrityError, match="no file of a checkpoint; train again"):
        read_checkpoint(tmp_path / "best")
