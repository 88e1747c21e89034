import json
from dataclasses import replace

import pytest
from told_examples import internal_bundle, judged_bundle

from adverts.bundle.handing_on.partner import partner_bundle
from adverts.bundle.papers.bom import bom_json
from adverts.bundle.papers.bundle_facts import read_bundle_facts
from adverts.runtime import open_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return judged_bundle(tmp_path_factory.mktemp("bom") / "bundle")


@pytest.fixture(scope="module")
def bom(bundle):
    return json.loads((bundle / "bom.cdx.json").read_text())


def faults(text):
    """What the official schema says, with unknown fields refused."""
    validation = pytest.importorskip("cyclonedx.validation.json")
    from cyclonedx.schema import SchemaVersion

    return validation.JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)


def test_it_is_valid_by_the_official_schema(bundle, tmp_path):
    assert faults((bundle / "bom.cdx.json").read_text()) is None
    partner = partner_bundle(bundle, tmp_path / "partner").folder
    assert faults((partner / "bom.cdx.json").read_text()) is None


def test_the_schema_would_refuse_a_wrong_one(bom):
    assert faults(json.dumps(bom | {"bomFormat": "other"})) is not None
    assert faults(json.dumps(bom | {"made_up": 1})) is not None


def test_it_lists_every_other_file_with_its_hash(bundle, bom):
    model = bom["metadata"]["component"]
    assert model["type"] == "machine-learning-model"
    listed = {one["name"]: one["hashes"][0]["content"] for one in model["components"]}
    files = dict(open_bundle(bundle).manifest.files)
    del files["bom.cdx.json"]
    assert listed == files


def test_it_names_data_weights_and_packages_with_their_terms(bom):
    parts = {one["bom-ref"]: one for one in bom["components"]}
    assert set(parts) == {"data:boats", "weights:package:e5", "package:adverts", "package:numpy"}
    assert parts["data:boats"]["type"] == "data"
    assert parts["data:boats"]["hashes"] == [{"alg": "SHA-256", "content": "d" * 64}]
    assert parts["data:boats"]["licenses"] == [{"license": {"name": "CC-BY-4.0"}}]
    assert parts["data:boats"]["data"][0]["classification"] == "public"
    assert parts["weights:package:e5"]["licenses"] == [{"license": {"name": "MIT"}}]
    assert parts["package:numpy"]["purl"] == "pkg:pypi/numpy@2.4%2Bcpu"
    assert "licenses" not in parts["package:numpy"]


def test_the_graph_of_dependencies_joins_every_part(bom):
    model = bom["metadata"]["component"]
    refs = [one["bom-ref"] for one in (model, *model["components"], *bom["components"])]
    assert len(set(refs)) == len(refs)
    graph = {one["ref"]: one["dependsOn"] for one in bom["dependencies"]}
    reached, waiting = set(), ["model"]
    while waiting:
        one = waiting.pop()
        reached.add(one)
        waiting += graph.get(one, [])
    assert reached == set(refs)
    assert graph["package:adverts"] == ["package:numpy"]


def test_the_figures_of_the_gate_are_in_it_with_their_intervals(bom):
    metrics = bom["metadata"]["component"]["modelCard"]["quantitativeAnalysis"]
    assert metrics["performanceMetrics"][0] == {
        "type": "precise",
        "value": "0.654321",
        "slice": "refer, split test",
        "confidenceInterval": {"lowerBound": "0.6", "upperBound": "0.7"},
    }


def test_the_same_bundle_gives_the_same_bytes_and_another_one_another_number(tmp_path):
    folder = internal_bundle(tmp_path / "bundle")
    told = read_bundle_facts(folder, open_bundle(folder).manifest)
    assert bom_json(told) == bom_json(told)
    other = replace(told, manifest=replace(told.manifest, opset=17))
    serials = {json.loads(bom_json(one))["serialNumber"] for one in (told, other)}
    assert len(serials) == 2
    assert "timestamp" not in bom_json(told)


def test_a_new_bill_of_materials_does_not_make_another_model(tmp_path):
    manifest = open_bundle(internal_bundle(tmp_path / "bundle")).manifest
    other = replace(manifest, files={**manifest.files, "bom.cdx.json": "0" * 64})
    assert other.identity() == manifest.identity()
