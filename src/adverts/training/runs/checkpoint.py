"""Read and write checkpoints: a model and all that is needed to use it, in safetensors and JSON.

Tensors that training never changes are stored once for a run, next to the checkpoints that use
them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from tokenizers import Tokenizer

from adverts.errors import AdvertsError, IntegrityError, printable
from adverts.evaluation.predictions.model_facts import Selection
from adverts.files.file_hash import file_sha256
from adverts.files.staging import staging
from adverts.training.runs.checkpoint_record import (
    FROZEN,
    RECORD,
    CheckpointRecord,
    find_checkpoint,
    read_record,
    write_record,
)
from adverts.training.runs.kept_frozen import KeptFrozen
from adverts.training.runs.kept_logits import KEPT_FILES, KeptLogits, read_kept, write_kept
from adverts.training.runs.tensors import (
    clear_when_disk_is_full,
    load_tensors,
    read_tensors,
    save_tensors,
    split_tensors,
    weights_sha256,
)

if TYPE_CHECKING:  # torch takes seconds to load, and tf-idf does not need it
    from torch import Tensor, nn

    from adverts.training.runs.tensors import Tensors

WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"

__all__ = [
    "Checkpoint",
    "CheckpointRecord",
    "Selection",
    "find_checkpoint",
    "read_checkpoint",
    "share_frozen",
    "write_checkpoint",
]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model that was read back.

    Attributes:
        folder: Where it stands.
        module: Maps feeds to logits by task; on the CPU, in float32, in evaluation mode.
        tokenizer_json: None for a model without tokens.
        record: What is recorded of it, with the hashes of its files.
    """

    folder: Path
    module: nn.Module
    tokenizer_json: str | None
    record: CheckpointRecord

    @property
    def tokenizer(self) -> Tokenizer | None:
        """A new tokenizer at each access; None for a model without tokens."""
        return Tokenizer.from_str(self.tokenizer_json) if self.tokenizer_json else None

    def kept(self, name: str) -> KeptLogits | None:
        """Return logits that training kept in a file of that name; None if it kept none.

        Raises:
            IntegrityError: The file is not the one that training wrote.
        """
        return read_kept(self.folder / name) if name in self.record.files else None


def share_frozen(module: nn.Module, folder: Path, *, kept: KeptFrozen | None = None) -> str | None:
    """Store the tensors that training never changes, or load them if the run has stored them.

    Args:
        module: The model. A resumed run loads the stored tensors into it, even if the original
            weights have changed or are gone.
        folder: Folder that contains the run's checkpoints.
        kept: Files that earlier trainings wrote: one of the same tensors becomes this run's, too.

    Returns:
        sha256 of the file; None if no tensor is frozen.

    Raises:
        InputError: The disk is full.
        IntegrityError: The stored tensors do not fit this architecture.
    """
    learning, frozen = split_tensors(module)
    if not frozen:
        return None
    path = folder / FROZEN
    if path.is_file():
        load_tensors(module, {**learning, **read_tensors(path)}, path)
        return file_sha256(path)
    if kept is None:
        return _write_frozen(path, frozen)
    key = weights_sha256(frozen)
    sha256 = kept.give(key, path)
    if sha256 is None:
        sha256 = _write_frozen(path, frozen)
        kept.take(key, path, sha256)
    return sha256


def _write_frozen(path: Path, frozen: Mapping[str, Tensor]) -> str:
    """Write the file whole or not at all, and return its sha256."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        with clear_when_disk_is_full(path.parent):
            save_tensors(partial, frozen)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return file_sha256(path)


def write_checkpoint(
    folder: Path,
    learning: Tensors,
    record: CheckpointRecord,
    *,
    tokenizer_json: str | None,
    frozen_sha256: str | None,
    kept: Mapping[str, KeptLogits] = MappingProxyType({}),
) -> None:
    """Write a checkpoint; it replaces the former one in the folder once it is complete.

    Args:
        folder: Folder of the checkpoint.
        learning: Tensors that training changed, as :func:`split_tensors` returns them.
        record: Record that is written with the hashes of the files added.
        tokenizer_json: Tokenizer as JSON; None for a model without tokens.
        frozen_sha256: Result of :func:`share_frozen` for the parent folder.
        kept: Maps names of :data:`KEPT_FILES` to the logits that they get.

    Raises:
        InputError: The disk is full; the former checkpoint is unchanged.
    """
    with clear_when_disk_is_full(folder), staging(folder, marker=RECORD) as partial:
        save_tensors(partial / WEIGHTS, learning)
        files = {WEIGHTS: file_sha256(partial / WEIGHTS)}
        if tokenizer_json is not None:
            (partial / TOKENIZER).write_text(tokenizer_json, encoding="utf-8")
            files[TOKENIZER] = file_sha256(partial / TOKENIZER)
        if frozen_sha256 is not None:
            files[FROZEN] = frozen_sha256
        for name, logits in kept.items():
            write_kept(partial / name, logits)
            files[name] = file_sha256(partial / name)
        write_record(partial, dataclasses.replace(record, files=files))


def read_checkpoint(path: Path) -> Checkpoint:
    """Read the best checkpoint of a run, or the checkpoint in a folder.

    Raises:
        InputError: There is no checkpoint.
        IntegrityError: A file differs from the one that was written, or is of another version.
    """
    folder = find_checkpoint(path)
    record = read_record(folder)
    if WEIGHTS not in record.files:
        raise IntegrityError(f"{folder / RECORD} has no hash of {WEIGHTS}; train again")
    unknown = record.files.keys() - {WEIGHTS, TOKENIZER, FROZEN} - KEPT_FILES
    if unknown:
        raise IntegrityError(
            f"{folder / RECORD} names {printable(repr(min(unknown)))}, which is no file of a "
            "checkpoint; train again"
        )
    for name, digest in record.files.items():
        if name not in KEPT_FILES or (folder / name).exists():  # a copy may come without it
            _check_file(_file_of(folder, name), digest)
    module = _rebuilt(folder, record)
    tensors = read_tensors(folder / WEIGHTS)
    if FROZEN in record.files:
        tensors |= read_tensors(folder.parent / FROZEN)
    load_tensors(module, tensors, folder)
    tokenizer = folder / TOKENIZER
    return Checkpoint(
        folder=folder,
        module=module.eval(),
        tokenizer_json=tokenizer.read_text("utf-8") if TOKENIZER in record.files else None,
        record=record,
    )


def _rebuilt(folder: Path, record: CheckpointRecord) -> nn.Module:
    from adverts.models.build_model import rebuild

    try:
        return rebuild(record.model_spec)
    except AdvertsError:
        raise
    except (RuntimeError, MemoryError, ValueError, TypeError, OverflowError) as error:
        raise IntegrityError(
            f"{folder / RECORD}: no model can be built as model_spec says "
            f"({type(error).__name__}); train again"
        ) from error


def _file_of(folder: Path, name: str) -> Path:
    return (folder.parent if name == FROZEN else folder) / name


def _check_file(path: Path, wanted: str) -> None:
    if not path.is_file():
        raise IntegrityError(f"{path} is missing; the checkpoint cannot be used, train again")
    found = file_sha256(path)
    if found != wanted:
        raise IntegrityError(
            f"{path} was changed: sha256 {found[:12]}, wanted {wanted[:12]}; train again"
        )
