"""Read picture models of ``timm`` and Hugging Face as the bodies of image towers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from adverts.errors import InputError, first_line
from adverts.files.bounded_reading import read_json
from adverts.models.architecture import TowerSpec
from adverts.models.encoder import build_blank, config_values, read_config, read_pretrained
from adverts.models.tower import ImageTower

_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_STD = (0.229, 0.224, 0.225)
# with these arguments, a config could make timm open other files
_LOADING_ARGUMENTS = {
    "cache_dir",
    "checkpoint_path",
    "num_classes",
    "pretrained",
    "pretrained_cfg",
    "pretrained_cfg_overlay",
}


class HubBody(nn.Module):
    """Returns the pooled features of a Hugging Face picture model, or the mean of its outputs."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels_N3PP: Tensor) -> Tensor:
        """Map ``(N, 3, P, P)`` to ``(N, D)``."""
        output = self.model(pixel_values=pixels_N3PP)
        pooled: Tensor | None = getattr(output, "pooler_output", None)
        if pooled is not None:
            return pooled.flatten(1)
        last: Tensor = output.last_hidden_state
        return last.mean(dim=1) if last.ndim == 3 else last.mean(dim=(2, 3))


def read_tower(
    folder: Path, *, weights: str, image_px: int, freeze: bool
) -> tuple[ImageTower, TowerSpec]:
    """Read a pretrained tower from a folder of ``timm`` or of Hugging Face.

    Args:
        folder: Folder with ``config.json`` and safetensors.
        weights: Name of the source of the folder, for the specification.
        image_px: Side length of the pictures for the tower, in pixels.
        freeze: Whether the body stays unchanged in training.

    Raises:
        InputError: The folder is of neither kind, lacks weights, or needs pictures of another
            size.
    """
    try:
        config = read_json(folder / "config.json", finite=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"weights={weights!r}: config.json is missing or damaged ({type(error).__name__})"
        ) from error
    spec = _describe(config, folder, weights=weights, freeze=freeze)
    body = _read_timm(folder, spec) if spec.library == "timm" else _read_hub(folder)
    spec = replace(spec, features=_feature_width(body, image_px, weights))
    return _tower(body, spec), spec


def rebuild_tower(spec: TowerSpec, *, initialise: bool) -> ImageTower:
    """Build the tower of ``spec`` without its pretrained weights."""
    if spec.library == "timm":
        return _tower(_timm_body(spec), spec)
    config = read_config(spec.arguments)
    return _tower(HubBody(build_blank(config, initialise=initialise)), spec)


def _tower(body: nn.Module, spec: TowerSpec) -> ImageTower:
    return ImageTower(body, spec.features, mean=spec.mean, std=spec.std, frozen=spec.freeze)


def _describe(
    config: Mapping[str, object], folder: Path, *, weights: str, freeze: bool
) -> TowerSpec:
    if "architecture" in config:
        scale = {**config, **_object(config.get("pretrained_cfg"))}
        mean, std = _triple(scale, "mean", _IMAGENET_MEAN), _triple(scale, "std", _IMAGENET_STD)
        name, arguments = str(config["architecture"]), _object(config.get("model_args"))
        return TowerSpec(weights, "timm", name, arguments, 0, mean, std, freeze)
    if "model_type" in config:
        processor = folder / "preprocessor_config.json"
        scale = read_json(processor, finite=False) if processor.is_file() else {}
        mean = _triple(scale, "image_mean", _IMAGENET_MEAN)
        std = _triple(scale, "image_std", _IMAGENET_STD)
        arguments = config_values(read_config(folder))
        return TowerSpec(
            weights, "huggingface", str(config["model_type"]), arguments, 0, mean, std, freeze
        )
    raise InputError(f"weights={weights!r}: config.json names neither architecture nor model_type")


def _object(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else {}


def _triple(
    scale: Mapping[str, object], name: str, default: tuple[float, ...]
) -> tuple[float, ...]:
    value = scale.get(name, default)
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise InputError(f"image tower: {name}={value!r}, wanted one number for each of 3 channels")
    return tuple(float(channel) for channel in value)


def _timm_body(spec: TowerSpec) -> nn.Module:
    import timm  # takes 0.7 s, which a model without pictures avoids

    if not timm.is_model(spec.architecture):
        raise InputError(f"timm {timm.__version__} has no architecture {spec.architecture!r}")
    loading = _LOADING_ARGUMENTS & spec.arguments.keys()
    if loading:
        raise InputError(f"model_args of {spec.architecture} must not name {sorted(loading)}")
    try:
        body: nn.Module = timm.create_model(
            spec.architecture,
            pretrained=False,
            num_classes=0,
            **spec.arguments,  # JSON values, checked by timm
        )
    except (RuntimeError, TypeError) as error:
        raise InputError(f"timm cannot build {spec.architecture!r}: {error}") from error
    return body


def _read_timm(folder: Path, spec: TowerSpec) -> nn.Module:
    files = sorted(folder.glob("*.safetensors"))
    if len(files) != 1:
        raise InputError(f"{folder}: {len(files)} safetensors files, wanted one")
    body = _timm_body(spec)
    try:
        missing = body.load_state_dict(load_file(files[0]), strict=False).missing_keys
    except (RuntimeError, SafetensorError) as error:
        reason = first_line(error)
        raise InputError(f"{files[0]} does not fit {spec.architecture}: {reason}") from error
    if missing:
        raise InputError(
            f"{folder}: {len(missing)} weights of {spec.architecture} are missing, "
            f"e.g. {missing[0]}"
        )
    return body


def _read_hub(folder: Path) -> nn.Module:
    return HubBody(read_pretrained(folder, read_config(folder)))


@torch.no_grad()
def _feature_width(body: nn.Module, image_px: int, weights: str) -> int:
    try:
        features_ND: Tensor = body.eval()(torch.zeros(1, 3, image_px, image_px))
    except (RuntimeError, ValueError, AssertionError) as error:
        raise InputError(
            f"weights={weights!r} cannot take pictures of image_px={image_px}: {error}"
        ) from error
    if features_ND.ndim != 2:
        raise InputError(
            f"weights={weights!r}: features of shape {tuple(features_ND.shape)}, wanted (N, D)"
        )
    return features_ND.shape[1]
