"""EfficientNet-Lite0 from its package: names change, numbers do not."""

from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import load_file

from adverts.errors import IntegrityError
from adverts.models.packaged_lite0 import ARCHITECTURE, convert_lite0
from adverts.models.tower_body import read_tower
from adverts.models.weights import locate


@pytest.fixture
def folder(tmp_path) -> Path:
    out = tmp_path / "out"
    out.mkdir()
    return out


def test_tensors_are_renamed_by_their_order(tmp_path, folder):
    wanted = timm.create_model(ARCHITECTURE).state_dict()
    renamed = {f"other.{i}": value for i, value in enumerate(wanted.values())}
    torch.save(renamed, tmp_path / "lite0.pth")
    convert_lite0(tmp_path / "lite0.pth", folder)
    stored = load_file(folder / "model.safetensors")
    assert all(torch.equal(value, wanted[name]) for name, value in stored.items())
    assert wanted.keys() - stored.keys() == {"classifier.weight", "classifier.bias"}


def test_tensors_of_another_model_are_refused(tmp_path, folder):
    torch.save({"a": torch.zeros(3)}, tmp_path / "lite0.pth")
    with pytest.raises(IntegrityError, match="not the tensors of EfficientNet-Lite0"):
        convert_lite0(tmp_path / "lite0.pth", folder)
    assert list(folder.iterdir()) == []


@pytest.mark.slow
def test_the_packaged_tower_gives_the_features_that_it_gave():
    tower, spec = read_tower(
        locate("package:efficientnet-lite0"), weights="package:x", image_px=64, freeze=True
    )
    pixels = (torch.arange(3 * 64 * 64) % 251).view(1, 1, 3, 64, 64).to(torch.uint8)
    features = tower(pixels, torch.ones(1, 1, dtype=torch.bool))
    assert spec.features == 1280
    assert features.mean().item() == pytest.approx(0.13681, abs=1e-4)
    assert features.std().item() == pytest.approx(0.49141, abs=1e-4)
