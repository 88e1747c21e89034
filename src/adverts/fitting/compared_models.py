"""The models compared on the validation adverts of a run: their names, and how many there are."""

from __future__ import annotations

from pathlib import Path

from adverts.candidates.record_looks import ModelName, compared_with
from adverts.config import ModelConfig, TfidfConfig, TrainConfig
from adverts.data.dataset.prepared import PreparedDataset
from adverts.errors import say
from adverts.evaluation.predictions.look_ledger import TRAINED
from adverts.files.file_hash import file_sha256
from adverts.tracking import plain_config
from adverts.training.runs.checkpoint_record import RECORD, read_record
from adverts.training.runs.run_folder import decisive
from adverts.training.runs.run_record import RunRecord, training_name


def name_training(config: TrainConfig, model: ModelConfig, record: RunRecord) -> str:
    """Return the name of a training; for tf-idf it is the same alone or as a baseline."""
    values = decisive(plain_config(config) | {"baseline": None})
    if isinstance(model, TfidfConfig):
        others = ("model.", "optimizer.", "trainer.", "augment.")
        values = {name: one for name, one in values.items() if not name.startswith(others)}
        values["model"] = model.model_dump(mode="json")
    return training_name(record, values)


def count_compared(
    config: TrainConfig,
    prepared: PreparedDataset,
    model: ModelConfig,
    record: RunRecord,
    *,
    gate: str | None,
) -> int:
    """Return the number of models compared on the validation adverts, including this one.

    If ``gate`` is given, the comparison is recorded in the ledgers under this word.
    """
    name = ModelName(model.name, training=name_training(config, model, record))
    count, faults = compared_with(prepared, name, ledger=config.ledger, gate=gate)
    for fault in faults:
        say(f"caution: {fault}", error=True)
    return count


def enter_result(config: TrainConfig, prepared: PreparedDataset, checkpoint: Path) -> None:
    """Add to the ledgers which files a training wrote, so that others are not taken for them.

    Args:
        config: Config of the training.
        prepared: Its dataset.
        checkpoint: Folder of a checkpoint that it wrote.

    Raises:
        InputError: No ledger can be written.
    """
    record = read_record(checkpoint)
    identity = file_sha256(checkpoint / RECORD)
    name = ModelName(record.model_spec.name, identity, record.training or "")
    compared_with(prepared, name, ledger=config.ledger, gate=TRAINED)
