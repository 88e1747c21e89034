"""Convert EasyOCR's packaged networks from torch to ONNX graphs with free sizes.

Batch normalisations are folded into convolutions. The same weights give the same bytes.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.export import Dim
from torch.nn.utils.fusion import fuse_conv_bn_eval

from adverts.ocr.easyocr.recogniser import HEIGHT_PX
from adverts.ocr.easyocr.recogniser_models import ENGLISH, PACKAGED
from adverts.ocr.easyocr.torch_networks import detector_network, recogniser_network
from adverts.ocr.easyocr.weights import load_weights, packaged_folder
from adverts.work.quiet_export import quiet_export

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET = 18
_NOTES = ("doc_string", "metadata_props")


class _Detector(nn.Module):
    """Network from pages ``(1, 3, H, W)``, sides multiples of 16, to ``(1, 2, H / 2, W / 2)``."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, canvas: Tensor) -> Tensor:
        maps, _ = self.network(canvas)
        changed: Tensor = maps.permute(0, 3, 1, 2)
        return changed


class _Recogniser(nn.Module):
    """Network from lines ``(lines, 1, 64, W)`` to ``(lines, W / 4 - 1, classes)`` probabilities.

    It computes the same as EasyOCR's model, with an explicit mean over the height.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.features = network.get_submodule("FeatureExtraction")
        self.recurrent = nn.ModuleList(network.get_submodule("SequenceModeling").children())
        self.classes = network.get_submodule("Prediction")

    def forward(self, lines: Tensor) -> Tensor:
        steps: Tensor = self.features(lines).mean(dim=2).permute(0, 2, 1)
        for layer in self.recurrent:
            both_ways, _ = layer.get_submodule("rnn")(steps)
            steps = layer.get_submodule("linear")(both_ways)
        probabilities: Tensor = self.classes(steps).softmax(dim=2)
        return probabilities


def detector_graph() -> ModelProto:
    """Return the graph of the packaged detector, from ``canvas`` to ``maps``.

    Raises:
        MissingExtraError: EasyOCR or the package of its weights is not installed.
        IntegrityError: The weights file has another hash.
    """
    network = _folded(detector_network())
    free = {2: 16 * Dim("rows"), 3: 16 * Dim("columns")}
    return _traced(_Detector(network), "canvas", "maps", torch.zeros(1, 3, 96, 64), free)


def recogniser_graph() -> ModelProto:
    """Return the graph of the packaged recogniser, from ``lines`` to ``probabilities``.

    Raises:
        MissingExtraError: EasyOCR or the package of its weights is not installed.
        IntegrityError: The weights file has another hash.
    """
    path = packaged_folder() / ENGLISH.file
    network = load_weights(recogniser_network(ENGLISH), path, PACKAGED[ENGLISH.file])
    free = {0: Dim("lines"), 3: 4 * Dim("steps")}
    example = torch.zeros(2, 1, HEIGHT_PX, 128)
    return _traced(_Recogniser(_folded(network)), "lines", "probabilities", example, free)


def _folded(network: nn.Module) -> nn.Module:
    """Fold each batch normalisation into the convolution before it, in place."""
    for block in network.modules():
        if not isinstance(block, nn.Sequential):
            continue
        for i, (first, second) in enumerate(pairwise(list(block))):
            if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                block[i], block[i + 1] = fuse_conv_bn_eval(first, second), nn.Identity()
    return network


def _traced(
    module: nn.Module, feed: str, result: str, example: Tensor, free: dict[int, Dim]
) -> ModelProto:
    with quiet_export():
        program = torch.onnx.export(
            module.eval(),
            (example,),
            dynamo=True,
            input_names=[feed],
            output_names=[result],
            dynamic_shapes=(free,),
            opset_version=OPSET,
            external_data=False,
            verbose=False,
        )
    assert program is not None
    model: ModelProto = program.model_proto
    _strip(model)
    return model


def _strip(model: ModelProto) -> None:
    """Remove notes about the tracing, and shapes that are valid only for the example."""
    del model.graph.value_info[:], model.graph.metadata_props[:], model.metadata_props[:]
    for part in (*model.graph.node, *model.graph.input, *model.graph.output):
        for note in _NOTES:
            part.ClearField(note)
    for i, dim in enumerate(model.graph.output[0].type.tensor_type.shape.dim):
        if i > 1 or model.graph.output[0].name == "probabilities" and i == 1:
            dim.Clear()
