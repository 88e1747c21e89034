"""Export a model as one ONNX file that does not depend on the machine or the time.

Shape suffixes: ``B`` adverts, ``T`` tokens, ``I`` images, ``F`` hashed features, ``P`` pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import onnx
import torch
from google.protobuf.message import Message
from torch import Tensor, nn

from adverts.errors import InputError, IntegrityError
from adverts.inputs.quality_features import QUALITY_FEATURES
from adverts.inputs.spec import InputSpec
from adverts.models.built_model import with_branches
from adverts.runtime.opening.network.onnx_check import check_model
from adverts.runtime.predict.score_adverts import output_names
from adverts.work.progress import note_when_slow
from adverts.work.quiet_export import quiet_export

MAX_BYTES = 2_000_000_000
_B, _T, _I, _F = 2, 8, 2, 5  # torch treats a size of 1 as a constant
_AXES: Mapping[str, tuple[str, ...]] = {
    "input_ids": ("batch", "tokens"),
    "attention_mask": ("batch", "tokens"),
    "token_type_ids": ("batch", "tokens"),
    "text_present": ("batch",),
    "ocr_quality": ("batch",),
    "pixel_values": ("batch", "images"),
    "image_mask": ("batch", "images"),
    "feature_ids": ("batch", "features"),
    "feature_counts": ("batch", "features"),
}
_NOT_THE_MODEL = ("doc_string", "metadata_props", "value_info")


class _Positional(nn.Module):
    """The model with one argument for each feed and one result for each output of ONNX."""

    def __init__(self, module: nn.Module, feeds: Sequence[str], tasks: Sequence[str]) -> None:
        super().__init__()
        self.module, self.feeds, self.tasks = module, tuple(feeds), tuple(tasks)

    def forward(self, *values: Tensor) -> tuple[Tensor, ...]:
        feeds = dict(zip(self.feeds, values, strict=True))
        logits, branches = with_branches(self.module, feeds)
        return tuple(one[task] for one in (logits, *branches.values()) for task in self.tasks)


def export_onnx(
    module: nn.Module, *, spec: InputSpec, tasks: Sequence[str], opset: int
) -> onnx.ModelProto:
    """Return ``module`` as ONNX with free batch size, length, and number of images.

    The same module always gives the same model.

    Args:
        module: A model of this package; it is left in evaluation mode.
        spec: The inputs that the model reads.
        tasks: Names of the tasks, in the order of the outputs, see
            :func:`adverts.runtime.predict.score_adverts.output_names`.
        opset: ONNX operator set.

    Raises:
        InputError: The architecture cannot be exported, or does not fit into one file.
    """
    size = num_bytes(module)
    if size > MAX_BYTES:
        raise InputError(
            f"the model has {size / 1e9:.1f} GB of weights, but one ONNX file holds at most "
            f"{MAX_BYTES / 1e9:.0f} GB; choose a smaller encoder"
        )
    positional = _Positional(module, _feeds_of(module), tasks).eval()
    with note_when_slow("tracing the model for ONNX"):
        model = _trace(positional, spec, opset=opset)
    done = {entry.domain: entry.version for entry in model.opset_import}.get("")
    if done != opset:
        raise InputError(
            f"bundle.opset={opset}: the exporter writes opset {done} instead; set "
            f"bundle.opset={done}"
        )
    strip_notes(model)
    return model


def require_servable(model: bytes, spec: InputSpec) -> None:
    """Refuse a model that no service would open, before it is compared with anything.

    Raises:
        InputError: The model holds an operator that bundles may not have, or needs more memory or
            time than a model of its size may.
    """
    try:
        check_model(model, spec)
    except IntegrityError as error:
        raise InputError(f"this architecture cannot be used in a bundle: {error}") from None


def _feeds_of(module: nn.Module) -> tuple[str, ...]:
    """Return the names of the feeds that a model reads, in order."""
    names = module.feed_names
    assert isinstance(names, tuple), "a model names its feeds"
    return names


def num_bytes(module: nn.Module) -> int:
    """Return the size of all weights and buffers, in bytes."""
    return sum(tensor.nbytes for tensor in (*module.parameters(), *module.buffers()))


def strip_notes(message: Message) -> None:
    """Remove how a model was traced, since stack traces hold paths of the machine; in place."""
    for field, value in message.ListFields():
        if field.name in _NOT_THE_MODEL:
            message.ClearField(field.name)
        elif field.message_type is not None:
            for part in value if field.is_repeated else (value,):
                strip_notes(part)


def _trace(module: _Positional, spec: InputSpec, *, opset: int) -> onnx.ModelProto:
    examples = _examples(spec)
    dims = {name: torch.export.Dim(name) for name in ("batch", "tokens", "images", "features")}
    shapes = tuple(dict(enumerate(dims[axis] for axis in _AXES[name])) for name in module.feeds)
    with quiet_export():
        try:
            program = torch.onnx.export(
                module,
                tuple(examples[name] for name in module.feeds),
                dynamo=True,
                input_names=list(module.feeds),
                output_names=output_names(spec, module.tasks),
                dynamic_shapes=(shapes,),
                opset_version=opset,
                external_data=False,
                verbose=False,
            )
        except torch.onnx.OnnxExporterError as error:
            reason = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
            raise InputError(f"this architecture cannot be exported: {reason[:200]}") from error
    assert program is not None
    model: onnx.ModelProto = program.model_proto
    return model


def _examples(spec: InputSpec) -> dict[str, Tensor]:
    """Return feeds of two adverts that use every part of the model; the values do not matter."""
    side = spec.image.image_px if spec.image is not None else 1
    ids_BT = torch.arange(_B * _T).reshape(_B, _T) % 2
    mask_BT = torch.ones(_B, _T, dtype=torch.int64)
    mask_BT[1, _T // 2 :] = 0
    return {
        "input_ids": ids_BT,
        "attention_mask": mask_BT,
        "token_type_ids": torch.zeros_like(ids_BT),
        "text_present": torch.tensor([True, False]),
        "ocr_quality": torch.ones(_B, len(QUALITY_FEATURES)),
        "pixel_values": torch.zeros(_B, _I, 3, side, side, dtype=torch.uint8),
        "image_mask": torch.tensor([[True, False], [True, True]]),
        "feature_ids": torch.arange(_B * _F).reshape(_B, _F),
        "feature_counts": torch.ones(_B, _F),
    }
