"""Run EasyOCR's networks in torch, which languages other than English need."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from adverts.errors import InputError, MissingExtraError
from adverts.ocr.easyocr.recogniser_models import DETECTOR_FILE, ENGLISH, PACKAGED, Recogniser
from adverts.ocr.easyocr.weights import load_weights, packaged_folder

if TYPE_CHECKING:
    from torch import nn

Precision = Literal["fp32", "int8"]
_CHANNELS = {1: 512, 2: 256}


class TorchNetworks:
    """Detector and recogniser in torch; ``int8`` quantises linear and recurrent layers."""

    def __init__(
        self,
        recogniser: Recogniser,
        weights: Mapping[str, str],
        folder: Path | None,
        *,
        precision: Precision,
        threads: int,
    ) -> None:
        """Open the weights.

        Args:
            recogniser: Recogniser to open; the detector is the packaged one.
            weights: Maps the name of each weights file to its sha256.
            folder: Folder of the recogniser's file; not needed for the packaged English one.
            precision: Precision of the linear and recurrent layers of the recogniser.
            threads: Number of threads for torch.

        Raises:
            InputError: A file is missing, or of another network.
            IntegrityError: A file has another hash.
            MissingExtraError: EasyOCR or the package of its weights is not installed.
        """
        self._threads = threads
        self._precision = precision
        path = weights_path(recogniser, weights, folder)
        self._detector = detector_network()
        self._recogniser = load_weights(
            recogniser_network(recogniser), path, weights[recogniser.file]
        )
        if precision == "int8":
            _quantise(self._recogniser)

    def maps(self, canvas: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the two maps ``(2, H / 2, W / 2)`` of one canvas ``(1, 3, H, W)``."""
        import torch

        with _torch_threads(self._threads), torch.inference_mode():
            scores, _ = self._detector(torch.from_numpy(canvas))
            maps: NDArray[np.float32] = scores[0].permute(2, 0, 1).contiguous().numpy()
        return maps

    def probabilities(self, lines: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map lines ``(lines, 1, 64, W)`` to probabilities ``(lines, steps, 1 + characters)``.

        With ``int8`` each line runs alone, since the scale of activations depends on the batch.
        """
        import torch

        shown = torch.from_numpy(lines)
        parts = shown.split(1) if self._precision == "int8" else (shown,)
        with _torch_threads(self._threads), torch.inference_mode():
            logits = torch.cat([self._recogniser(part, None) for part in parts])
            probabilities: NDArray[np.float32] = logits.softmax(dim=2).numpy()
        return probabilities


def weights_path(recogniser: Recogniser, weights: Mapping[str, str], folder: Path | None) -> Path:
    """Return the path of the weights file of a recogniser.

    Raises:
        InputError: The folder or the hash is not given, or the file is missing.
        MissingExtraError: The package of the English weights is not installed.
    """
    if recogniser == ENGLISH:
        return packaged_folder() / recogniser.file
    if folder is None:
        raise InputError(
            f"EasyOCR's {recogniser.name} is not packaged; give the folder of {recogniser.file}"
        )
    if recogniser.file not in weights:
        raise InputError(f"the sha256 of {recogniser.file} is missing from the weights")
    if not (folder / recogniser.file).is_file():
        raise InputError(f"there is no {recogniser.file} in {folder}: put EasyOCR's file there")
    return folder / recogniser.file


def detector_network() -> nn.Module:
    """Open the packaged detector.

    Raises:
        MissingExtraError: EasyOCR or the package of its weights is not installed.
        IntegrityError: The file has another hash.
    """
    require_easyocr()
    import torch
    from easyocr.craft import CRAFT

    with torch.device("meta"):
        network = CRAFT()
    return load_weights(network, packaged_folder() / DETECTOR_FILE, PACKAGED[DETECTOR_FILE])


def recogniser_network(recogniser: Recogniser) -> nn.Module:
    """Build a recogniser whose weights have shapes but no values yet.

    Raises:
        MissingExtraError: EasyOCR is not installed.
    """
    require_easyocr()
    import torch
    from easyocr.model import model, vgg_model

    channels = _CHANNELS[recogniser.generation]
    architecture = model if recogniser.generation == 1 else vgg_model
    with torch.device("meta"):
        network: nn.Module = architecture.Model(
            input_channel=1,
            output_channel=channels,
            hidden_size=channels,
            num_class=1 + len(recogniser.characters),
        )
    return network


def require_easyocr() -> None:
    """Check that EasyOCR is installed, before anything slow is imported.

    Raises:
        MissingExtraError: EasyOCR is not installed.
    """
    if find_spec("easyocr") is None:
        raise MissingExtraError("easyocr", "easyocr")


def _quantise(network: nn.Module) -> None:
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated in torch; EasyOCR does the same
        torch.ao.quantization.quantize_dynamic(network, dtype=torch.qint8, inplace=True)


@contextmanager
def _torch_threads(threads: int) -> Iterator[None]:
    """Set the number of torch's threads, and restore it afterwards."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
