"""Convert EfficientNet-Lite0 from its package into a ``timm`` folder."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from adverts.errors import IntegrityError

ARCHITECTURE = "tf_efficientnet_lite0"
_MEAN_STD = [0.5, 0.5, 0.5]


def convert_lite0(source: Path, folder: Path) -> None:
    """Write ``config.json`` and ``model.safetensors`` into ``folder``.

    The packaged tensors have other names than those of ``timm``, but the same order.

    Raises:
        IntegrityError: The tensors are not those of EfficientNet-Lite0, in order.
    """
    import timm  # takes 0.7 s, which a model without pictures avoids

    stored = torch.load(source, map_location="cpu", weights_only=True)
    wanted = timm.create_model(ARCHITECTURE, pretrained=False).state_dict()
    found = [tuple(tensor.shape) for tensor in stored.values()]
    if found != [tuple(tensor.shape) for tensor in wanted.values()]:
        raise IntegrityError(
            f"{source.name}: these are not the tensors of EfficientNet-Lite0; reinstall the package"
        )
    renamed = {
        name: tensor.contiguous()
        for name, tensor in zip(wanted, stored.values(), strict=True)
        if not name.startswith("classifier.")
    }
    config = {"architecture": ARCHITECTURE, "pretrained_cfg": {"mean": _MEAN_STD, "std": _MEAN_STD}}
    (folder / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    save_file(renamed, folder / "model.safetensors", metadata={"format": "pt"})
