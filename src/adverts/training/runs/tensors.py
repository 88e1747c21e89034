"""Read and write tensors in safetensors files, with a clear error when the disk is full."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import save_file

from adverts.errors import InputError, IntegrityError

if TYPE_CHECKING:  # torch takes seconds to load, and tf-idf does not need it
    from torch import Tensor, nn

    Tensors = Mapping[str, Tensor] | Mapping[str, NDArray[np.float32]]


def split_tensors(module: nn.Module) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Return ``(learning, frozen)``: two dicts from names to tensors of the state dict."""
    names: frozenset[str] = getattr(module, "frozen_names", frozenset())
    state = module.state_dict()
    learning = {name: value for name, value in state.items() if name not in names}
    return learning, {name: value for name, value in state.items() if name in names}


def weights_sha256(tensors: Tensors) -> str:
    """Return the sha256 of the names and bytes of tensors, in order of name."""
    digest = hashlib.sha256()
    for name, values in sorted(_arrays(tensors).items()):
        digest.update(name.encode())
        digest.update(values.reshape(-1).view("uint8").data)
    return digest.hexdigest()


def save_tensors(path: Path, tensors: Tensors) -> None:
    """Write tensors to a safetensors file.

    Raises:
        OSError: The file cannot be written.
    """
    try:
        save_file(_arrays(tensors), path)
    except SafetensorError as error:
        full = "os error 28" in str(error) or "No space left" in str(error)
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error), str(path)) from error


def _arrays(tensors: Tensors) -> dict[str, NDArray[np.generic]]:
    return {
        name: np.ascontiguousarray(
            one if isinstance(one, np.ndarray) else one.detach().cpu().numpy()
        ).reshape(one.shape)
        for name, one in tensors.items()
    }


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file, on the CPU.

    Raises:
        IntegrityError: The file is damaged.
        OSError: The file cannot be read.
    """
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except SafetensorError as error:
        raise IntegrityError(f"{path} is damaged or cut off; train again") from error


def load_tensors(module: nn.Module, tensors: Mapping[str, Tensor], source: Path) -> None:
    """Load tensors into a module whose tensors have exactly these names and shapes.

    Raises:
        IntegrityError: Names or shapes differ.
    """
    try:
        module.load_state_dict(dict(tensors), strict=True)
    except RuntimeError as error:
        raise IntegrityError(
            f"{source}: the tensors do not fit the recorded architecture; they were written "
            "by another version of adverts, train again"
        ) from error


@contextmanager
def clear_when_disk_is_full(folder: Path) -> Iterator[None]:
    """Replace an error of a full disk in the block by an InputError that says what to do."""
    try:
        yield
    except (OSError, InputError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        if not isinstance(cause, OSError) or cause.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise InputError(
            f"the disk is full: {folder} was not written, what was there before is unchanged; "
            "free some space, then repeat the command, with resume=<run folder> if that folder "
            "exists"
        ) from error
