"""The image tower: normalisation, absence, freezing."""

import json

import pytest
import torch
from torchvision.transforms._presets import ImageClassification
from transformers import ConvNextConfig, ConvNextModel

from adverts.errors import InputError
from adverts.models.tower import ImageTower
from adverts.models.tower_body import read_tower, rebuild_tower


class ChannelMeans(torch.nn.Module):
    def forward(self, pixels):
        return pixels.mean(dim=(2, 3))


def means_tower(*, frozen=True):
    return ImageTower(ChannelMeans(), 3, mean=[0.5, 0.0, 0.0], std=[0.5, 1.0, 2.0], frozen=frozen)


def pixels_of(*values):
    """One advert with one flat grey image for each value."""
    images = [torch.full((3, 4, 4), value, dtype=torch.uint8) for value in values]
    return torch.stack(images).unsqueeze(0)


def test_pixels_are_scaled_by_mean_and_deviation():
    features = means_tower()(pixels_of(255), torch.tensor([[True]]))
    torch.testing.assert_close(features, torch.tensor([[1.0, 1.0, 0.5]]))


def test_an_advert_gets_the_mean_over_its_images_alone():
    features = means_tower()(pixels_of(255, 0, 99), torch.tensor([[True, True, False]]))
    torch.testing.assert_close(features, torch.tensor([[0.0, 0.5, 0.25]]))


def test_no_image_gives_zeros():
    assert means_tower()(pixels_of(255), torch.tensor([[False]])).tolist() == [[0.0] * 3]


def test_what_stands_in_for_an_absent_image_never_matters(tiny):
    tower, feeds = tiny.tower().eval(), tiny.feeds(4, 2, 3)
    other = feeds["pixel_values"].masked_fill(~feeds["image_mask"][..., None, None, None], 77)
    assert torch.equal(
        tower(feeds["pixel_values"], feeds["image_mask"]), tower(other, feeds["image_mask"])
    )


def test_a_frozen_tower_keeps_its_statistics_and_needs_no_graph(tiny):
    tower, feeds = tiny.tower(frozen=True).train(), tiny.feeds(3, 2, 2)
    before = {name: value.clone() for name, value in tower.state_dict().items()}
    features = tower(feeds["pixel_values"], feeds["image_mask"])
    assert not features.requires_grad
    assert all(torch.equal(value, before[name]) for name, value in tower.state_dict().items())


def test_a_tower_that_learns_has_gradients_everywhere(tiny):
    tower, feeds = tiny.tower(frozen=False).train(), tiny.feeds(3, 2, 2)
    tower(feeds["pixel_values"], feeds["image_mask"]).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in tower.parameters())


def test_the_exported_path_computes_the_same(tiny, monkeypatch):
    tower, feeds = tiny.tower().eval(), tiny.feeds(4, 2, 3)
    eager = tower(feeds["pixel_values"], feeds["image_mask"])
    monkeypatch.setattr(torch.compiler, "is_exporting", lambda: True)
    torch.testing.assert_close(tower(feeds["pixel_values"], feeds["image_mask"]), eager)


def test_a_timm_folder_is_read_and_built_again(tower_folder):
    tower, spec = read_tower(tower_folder, weights="path:x", image_px=64, freeze=True)
    again = rebuild_tower(spec, initialise=True)
    again.load_state_dict(tower.state_dict())
    pixels, mask = torch.randint(0, 256, (2, 1, 3, 64, 64)).to(torch.uint8), torch.ones(2, 1).bool()
    assert spec.mean == (0.1, 0.2, 0.3)
    assert tower(pixels, mask).shape == (2, spec.features)
    assert torch.equal(again.eval()(pixels, mask), tower.eval()(pixels, mask))


def test_a_hugging_face_folder_is_read_and_built_again(tmp_path):
    config = ConvNextConfig(hidden_sizes=[8, 8, 8, 8], depths=[1, 1, 1, 1])
    ConvNextModel(config).save_pretrained(tmp_path)
    processor = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.1, 0.1, 0.1]}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(processor), encoding="utf-8")
    tower, spec = read_tower(tmp_path, weights="path:x", image_px=64, freeze=False)
    again = rebuild_tower(spec, initialise=False)
    again.load_state_dict(tower.state_dict())
    pixels, mask = torch.randint(0, 256, (2, 1, 3, 64, 64)).to(torch.uint8), torch.ones(2, 1).bool()
    assert (spec.library, spec.features, spec.std) == ("huggingface", 8, (0.1, 0.1, 0.1))
    torch.testing.assert_close(again.eval()(pixels, mask), tower.eval()(pixels, mask))


@pytest.mark.parametrize("library", ["huggingface", "timm"])
def test_pixels_are_scaled_as_on_imagenet_where_a_folder_does_not_say(
    tmp_path, tower_folder, library
):
    if library == "huggingface":
        ConvNextModel(ConvNextConfig(hidden_sizes=[8] * 4, depths=[1] * 4)).save_pretrained(
            tmp_path
        )
        tower_folder = tmp_path
    else:
        path = tower_folder / "config.json"
        config = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**config, "pretrained_cfg": {}}), encoding="utf-8")
    _, spec = read_tower(tower_folder, weights="path:x", image_px=64, freeze=True)
    published = ImageClassification(crop_size=64)
    assert (list(spec.mean), list(spec.std)) == (published.mean, published.std)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"architecture": "no_such_model"}, "has no architecture 'no_such_model'"),
        (
            {"architecture": "test_efficientnet", "model_args": {"checkpoint_path": "x"}},
            r"must not name \['checkpoint_path'\]",
        ),
        ({"something": 1}, "names neither architecture nor model_type"),
        (
            {"architecture": "test_efficientnet", "pretrained_cfg": {"mean": 0.5}},
            "mean=0.5, wanted",
        ),
    ],
)
def test_a_tower_config_that_we_cannot_trust_or_build_is_refused(tower_folder, config, reason):
    (tower_folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(InputError, match=reason):
        read_tower(tower_folder, weights="path:x", image_px=64, freeze=True)


def test_a_damaged_config_or_weights_of_another_shape_are_refused(tower_folder):
    from safetensors.torch import load_file, save_file

    file = next(tower_folder.glob("*.safetensors"))
    weights = load_file(file)
    name = next(name for name, value in weights.items() if value.ndim == 4)
    save_file({**weights, name: weights[name][:1].clone()}, file)
    with pytest.raises(InputError, match="does not fit test_efficientnet"):
        read_tower(tower_folder, weights="path:x", image_px=64, freeze=True)
    (tower_folder / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="config.json is missing or damaged"):
        read_tower(tower_folder, weights="path:x", image_px=64, freeze=True)


def test_pictures_of_a_size_that_the_tower_cannot_see_are_refused(tower_folder):
    vit = {"architecture": "test_vit"}
    import timm
    from safetensors.torch import save_file

    save_file(timm.create_model("test_vit").state_dict(), tower_folder / "model.safetensors")
    (tower_folder / "config.json").write_text(json.dumps(vit), encoding="utf-8")
    with pytest.raises(InputError, match="cannot take pictures of image_px=50"):
        read_tower(tower_folder, weights="path:x", image_px=50, freeze=True)
