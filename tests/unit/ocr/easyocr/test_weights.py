"""The user's own weights: opened only where they are those that were named."""

import pickle

import numpy as np
import pytest
import torch

from adverts.errors import InputError, IntegrityError
from adverts.files.file_hash import file_sha256
from adverts.ocr.easyocr.engine import EasyOcrEngine
from adverts.ocr.easyocr.recogniser_models import recogniser_of
from adverts.ocr.easyocr.torch_networks import TorchNetworks, recogniser_network

pytest.importorskip("easyocr")
PAGE = np.full((60, 200, 3), 255, np.uint8)
BOXES = np.array([[[5, 5], [150, 5], [150, 40], [5, 40]]], np.float32)


class Danger:
    """A pickle of it would run code."""

    def __reduce__(self):
        return print, ("opened",)


@pytest.fixture(autouse=True)
def no_detector(monkeypatch):
    """Reading given boxes needs no detector, which takes a second to open."""
    monkeypatch.setattr("adverts.ocr.easyocr.torch_networks.detector_network", lambda: None)


def synthesised(languages):
    """Weights of the right shapes, as EasyOCR's files name them, that have learnt nothing."""
    random = torch.Generator().manual_seed(0)
    shapes = recogniser_network(recogniser_of(languages)).state_dict()
    return {
        f"module.{name}": 1 + torch.rand(like.shape, generator=random)
        if name.endswith("running_var")  # neither negative nor so small that values run away
        else (0.1 * torch.rand(like.shape, generator=random) - 0.05).to(like.dtype)
        for name, like in shapes.items()
    }


def saved(folder, languages, *, state=None):
    """Write weights where the user would; return their hash by the name of the file."""
    path = folder / recogniser_of(languages).file
    torch.save(synthesised(languages) if state is None else state, path)
    return {path.name: file_sha256(path)}


def engine(languages, folder, weights, precision="fp32"):
    return EasyOcrEngine(
        languages, 320, 1, backend="torch", precision=precision, folder=folder, weights=weights
    )


@pytest.mark.parametrize(
    "languages", [["fr", "en"], pytest.param(["ar", "en"], marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_weights_of_both_generations_are_opened_and_read(tmp_path, languages, precision):
    weights = saved(tmp_path, languages)
    (reading,) = engine(languages, tmp_path, weights, precision).recognise(PAGE, BOXES)
    assert set(reading.text) <= recogniser_of(languages).alphabet
    assert 0 <= reading.confidence <= 1


def test_what_is_computed_is_what_the_weights_say(tmp_path):
    weights = saved(tmp_path, ["fr"])
    networks = TorchNetworks(recogniser_of(["fr"]), weights, tmp_path, precision="fp32", threads=1)
    lines = np.random.default_rng(0).normal(size=(2, 1, 64, 128)).astype(np.float32)
    from easyocr.model.vgg_model import Model

    network = Model(1, 256, 256, 352).eval()
    network.load_state_dict(
        {name.removeprefix("module."): value for name, value in synthesised(["fr"]).items()}
    )
    with torch.inference_mode():
        expected = network(torch.from_numpy(lines), None).softmax(dim=2)
    assert np.allclose(networks.probabilities(lines), expected.numpy(), atol=1e-6)


def test_the_weights_are_part_of_the_spec(tmp_path):
    weights = saved(tmp_path, ["fr"])
    spec = engine(["fr"], tmp_path, weights).spec
    assert spec.weights["recogniser"] == weights["latin_g2.pth"]
    other = engine(["fr"], tmp_path, {"latin_g2.pth": "0" * 64}).spec
    assert other.key != spec.key
    assert str(tmp_path) not in str(spec.facts)


def test_missing_weights_say_what_to_put_where(tmp_path):
    with pytest.raises(InputError, match="there is no arabic.pth in .*put EasyOCR's file there"):
        engine(["ar"], tmp_path, {"arabic.pth": "0" * 64})


def test_a_folder_or_hash_that_is_not_named_is_asked_for(tmp_path):
    weights = saved(tmp_path, ["fr"])
    with pytest.raises(InputError, match="give the folder of latin_g2.pth"):
        engine(["fr"], None, weights)
    with pytest.raises(InputError, match="sha256 of latin_g2.pth is missing from the weights"):
        engine(["fr"], tmp_path, {"english_g2.pth": "0" * 64})


def test_weights_of_another_hash_are_never_opened(tmp_path, monkeypatch):
    saved(tmp_path, ["fr"])
    monkeypatch.setattr("torch.load", lambda *_, **__: pytest.fail("opened"))
    wrong = engine(["fr"], tmp_path, {"latin_g2.pth": "0" * 64})
    with pytest.raises(IntegrityError, match="latin_g2.pth has sha256"):
        wrong.recognise(PAGE, BOXES)


def test_a_packaged_hash_cannot_be_renamed(tmp_path):
    named = {"english_g2.pth": "0" * 64}
    assert engine(["en"], None, named).spec == engine(["en"], None, None).spec


def test_weights_of_another_network_are_refused(tmp_path):
    state = synthesised(["ru"])
    weights = saved(tmp_path, ["fr"], state=state)
    with pytest.raises(
        IntegrityError, match=r"another network: Prediction.weight has shape \(208, 256"
    ):
        engine(["fr"], tmp_path, weights).recognise(PAGE, BOXES)
    weights = saved(tmp_path, ["fr"], state={"module.other": torch.zeros(1)})
    with pytest.raises(IntegrityError, match="another network: .* has shape None"):
        engine(["fr"], tmp_path, weights).recognise(PAGE, BOXES)


def test_weights_with_more_than_the_network_has_are_refused(tmp_path):
    weights = saved(tmp_path, ["fr"], state=synthesised(["fr"]) | {"module.more": torch.zeros(1)})
    with pytest.raises(IntegrityError, match="latin_g2.pth is for another network, .* no more"):
        engine(["fr"], tmp_path, weights).recognise(PAGE, BOXES)


class Unbuilt:
    """A pickle of it rebuilds a tensor out of nothing."""

    def __reduce__(self):
        return torch._utils._rebuild_tensor_v2, ()


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps(Danger(), protocol=2),
        pickle.dumps(Unbuilt(), protocol=2),
        b"",
        b"no tensors",
    ],
)
def test_a_file_that_is_not_of_tensors_is_refused_and_runs_nothing(tmp_path, content, capsys):
    path = tmp_path / "latin_g2.pth"
    path.write_bytes(content)
    with pytest.raises(
        IntegrityError, match=r"^latin_g2.pth does not contain only tensors \(\w+\)$"
    ):
        engine(["fr"], tmp_path, {path.name: file_sha256(path)}).recognise(PAGE, BOXES)
    assert capsys.readouterr().out == ""


def test_a_list_of_tensors_is_refused(tmp_path):
    weights = saved(tmp_path, ["fr"], state=[torch.zeros(1)])
    with pytest.raises(IntegrityError, match="more than named tensors"):
        engine(["fr"], tmp_path, weights).recognise(PAGE, BOXES)


def test_arabic_comes_in_logical_order(tmp_path, monkeypatch):
    said = "15 ابحرم"[::-1]
    (tmp_path / "arabic.pth").touch()
    chosen = engine(["ar"], tmp_path, {"arabic.pth": "0" * 64})
    monkeypatch.setattr(chosen, "_read", lambda crops: [(said, 0.5)])
    (reading,) = chosen.recognise(PAGE, BOXES)
    assert reading.text.startswith("ابحرم") or reading.text.endswith("ابحرم")
