"""Open the run of a command: a new one, or one that was interrupted."""

from __future__ import annotations

import dataclasses
import secrets
from contextlib import ExitStack

from adverts.config import TrainConfig
from adverts.data.dataset.prepared import PreparedDataset
from adverts.errors import say
from adverts.evaluation.predictions.model_facts import DatasetName
from adverts.fitting.compared_models import count_compared
from adverts.tracking import plain_config
from adverts.training.runs.run_folder import (
    RunFolder,
    begin_run,
    resume_run,
    run_lock,
    unfinished_run,
)
from adverts.training.runs.run_record import RunRecord, find_provenance, read_run, utc_now


def open_run(
    config: TrainConfig, prepared: PreparedDataset, held: ExitStack
) -> tuple[RunFolder, RunRecord]:
    """Resume or start the run of a command, and lock it until ``held`` is closed.

    Raises:
        InputError: Config, data or folder are not those of the run, its weights do not exist, or
            another process runs it.
        IntegrityError: The record of the run is damaged.
    """
    manifest, plain = prepared.manifest, plain_config(config)
    if config.resume is not None:
        read_run(config.resume)
        held.enter_context(run_lock(config.resume))
        return resume_run(config.resume, plain, manifest.data_hash)
    learnt = _encoder_learnt(config)
    held.enter_context(run_lock(config.run_dir))
    begun = unfinished_run(config.run_dir, plain, manifest.data_hash)
    if begun is not None:
        saved = begun[0].last.exists() or begun[1].outcome is not None
        how = "" if saved else ", from its beginning: nothing was saved yet"
        say(f"continuing the unfinished run in {config.run_dir}{how}", error=True)
        return begun
    record = RunRecord(
        model=config.model.name,
        dataset_name=manifest.name,
        data_hash=manifest.data_hash,
        provenance=find_provenance(),
        started=utc_now(),
        sources=manifest.made.sources,
        key=secrets.token_hex(16),
        handed_in=False,
        encoder_learnt=learnt,
    )
    known = count_compared(config, prepared, config.model, record, gate=None)
    record = dataclasses.replace(record, models_compared=known)
    return begin_run(config.run_dir, plain, record), record


def _encoder_learnt(config: TrainConfig) -> tuple[DatasetName, ...]:
    """Return what the encoder learnt from, before the run is recorded by a tracker.

    Raises:
        InputError: Its weights do not exist, or the hub cannot be reached.
        IntegrityError: Its folder does not say what it learnt from.
    """
    encoder = getattr(config.model, "encoder", None)
    if encoder is None:
        return ()
    from adverts.training.runs.encoder_folder import learnt_before

    return learnt_before(encoder.weights)
