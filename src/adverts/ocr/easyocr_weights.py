"""Opening EasyOCR's two weights files ourselves: hash first, tensors only, no download."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from numpy import uint8
from numpy.typing import NDArray

from adverts.errors import InputError, IntegrityError, MissingExtraError

if TYPE_CHECKING:
    from torch import Tensor

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


@dataclass(frozen=True, slots=True)
class LoadedEngine:
    """An engine that is ready to read, and the version of the package it comes from."""

    engine: Engine
    version: str


def load_engine(languages: Sequence[str]) -> LoadedEngine:
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
    if tuple(languages) != SUPPORTED_LANGUAGES:
        raise InputError(
            f"EasyOCR reads the languages {list(SUPPORTED_LANGUAGES)} with packaged weights, "
            f"got {list(languages)}"
        )
    try:
        import easyocr  # noqa: PLC0415 - an optional extra, slow to import
        import easyocr_en_models  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(error.name or "easyocr", "ocr") from error
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
    _drop_from_path(str(folder))
    _add_detector(reader, _read_weights(folder, "detector"))
    _add_recogniser(reader, _read_weights(folder, "recogniser"))
    return LoadedEngine(engine=reader, version=version("easyocr"))
