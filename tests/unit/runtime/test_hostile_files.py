"""No file of a stranger's bundle costs more than its bytes: archives, JSON, long lists."""

import io
import json
import struct
import zipfile

import pytest
from bounded import in_bounds

from adverts.errors import IntegrityError
from adverts.files.bounded_reading import MAX_DEPTH, parse_json
from adverts.runtime import BundleManifest, Classifier, open_bundle
from adverts.runtime.opening import files
from adverts.runtime.opening.gate_summary import GateSummary
from adverts.runtime.rules.calibration import Calibration
from adverts.runtime.rules.coverage import Coverage, CoveredSlice
from adverts.runtime.rules.label_facts import LabelFacts
from adverts.runtime.rules.languages import Language
from adverts.runtime.rules.thresholds import MAX_THRESHOLDS, Threshold, Thresholds
from adverts.runtime.stream.examples import read_examples

pytestmark = pytest.mark.promise

READERS = {
    "manifest": BundleManifest.from_json,
    "thresholds": Thresholds.from_json,
    "labels": LabelFacts.from_json,
    "calibration": Calibration.from_json,
    "coverage": Coverage.from_json,
    "gate": GateSummary.from_json,
}
MANY = {
    "empty lists": b"[" + b"[]," * 3_000_000 + b"[]]",
    "empty objects": b"[" + b"{}," * 3_000_000 + b"{}]",
    "numbers": b"[" + b"1," * 4_000_000 + b"1]",
    "keys": b"{" + b",".join(b'"%d":1' % i for i in range(300_000)) + b"}",
}


@pytest.mark.parametrize("kind", READERS)
def test_json_of_more_values_than_any_is_refused_in_little_memory(kind):
    for data in MANY.values():
        told = in_bounds(lambda read=data: READERS[kind](read), more_bytes=100_000_000)
        assert told.startswith("IntegrityError")
        assert "values, wanted at most" in told


@pytest.mark.parametrize("kind", READERS)
def test_json_that_is_nested_deep_is_refused_before_anybody_walks_through_it(kind):
    nested = b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1)
    with pytest.raises(IntegrityError, match=r"nested deeper|is not the manifest"):
        READERS[kind](nested)


def test_json_may_be_nested_as_deep_as_is_said():
    assert parse_json("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    with pytest.raises(ValueError, match=f"deeper than {MAX_DEPTH}"):
        parse_json("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))


def test_a_manifest_whose_facts_are_nested_deep_is_refused_by_name(handmade):
    deep = {}
    for _ in range(600):
        deep = {"a": deep}
    handmade.rewrite(dataset=deep)
    with pytest.raises(IntegrityError, match="nested deeper"):
        Classifier.load(handmade.folder)


def threshold(i):
    return Threshold("refer", "yes", "recall", 0.9, 0.5, language=f"x{i}")


def test_more_thresholds_than_any_model_has_are_refused():
    many = Thresholds(tuple(threshold(i) for i in range(MAX_THRESHOLDS + 1)))
    with pytest.raises(IntegrityError, match=f"wanted at most {MAX_THRESHOLDS}"):
        Thresholds.from_json(many.to_json())
    most = Thresholds(many.thresholds[:-1])
    assert Thresholds.from_json(most.to_json()) == most


def test_of_very_many_thresholds_nobody_compares_all_with_all():
    one = json.loads(Thresholds((threshold(0),)).to_json())
    [plain] = one["thresholds"]
    text = json.dumps(plain)
    each = ",".join(text.replace('"x0"', f'"x{i}"') for i in range(60_000))
    before, after = json.dumps(one | {"thresholds": ["HERE"]}).split('"HERE"')
    data = f"{before}{each},{text.replace('x0', 'x59999')}{after}"
    assert in_bounds(lambda: Thresholds.from_json(data)).startswith("IntegrityError")


def test_more_signals_than_any_schema_has_are_refused():
    many = tuple(f"s{i}" for i in range(101))
    for read, value in (
        (Thresholds.from_json, Thresholds(safeguarding=many)),
        (LabelFacts.from_json, LabelFacts(safeguarding=many)),
    ):
        with pytest.raises(IntegrityError, match="101"):
            read(value.to_json())


def test_a_long_tag_of_a_language_is_no_tag():
    known = Coverage((CoveredSlice("en", "Latn", "text", "supported", "judged"),))
    tag = "en" + "-a" * 200_000
    found = in_bounds(lambda: known.find(Language(tag, "Latn", "given"), "text").status)
    assert found == "abstain"


def test_more_labels_than_any_schema_has_are_refused(handmade):
    schema = json.loads(handmade.manifest.to_json())["label_schema"]
    schema["tasks"][0]["labels"] = [f"l{i}" for i in range(1_001)]
    schema["tasks"][0]["positive"] = "l0"
    handmade.rewrite(label_schema=schema)
    with pytest.raises(IntegrityError, match="wanted at most 100 with 1000"):
        Classifier.load(handmade.folder)


def test_more_examples_than_any_bundle_has_are_refused(handmade):
    one = {"text": "", "masked": "", "folded": ""}
    many = {"tolerance": 0.01, "examples": [], "masking": [one] * 1_001}
    (handmade.folder / "examples.json").write_text(json.dumps(many))
    handmade.rewrite()
    with pytest.raises(IntegrityError, match=r"examples\.json cannot be read"):
        read_examples(Classifier.load(handmade.folder, threads=1))


def packed(entries, packing=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data, packing)
    return bytearray(buffer.getvalue())


def directory(data):
    """Yield where each entry of the list of files begins."""
    place = data.find(b"PK\x01\x02")
    while place >= 0:
        yield place
        place = data.find(b"PK\x01\x02", place + 4)


def refusal(tmp_path, data):
    path = tmp_path / "bundle.zip"
    path.write_bytes(data)
    told = in_bounds(lambda: open_bundle(path), more_bytes=200_000_000)
    assert told.startswith("IntegrityError")
    return told


def test_a_packed_size_that_is_larger_than_the_archive_is_refused(tmp_path):
    data = packed([("bomb.json", bytes(15_000_000)), ("manifest.json", b"{}")])
    first = next(directory(data))
    struct.pack_into("<I", data, first + 20, 100_000)
    assert "bomb.json overlaps another file" in refusal(tmp_path, data)


def test_files_that_share_their_bytes_are_refused(tmp_path):
    data = packed([(f"f{i}.json", b"{}") for i in range(30)] + [("manifest.json", b"{}")])
    for place in directory(data):
        struct.pack_into("<I", data, place + 42, 0)
    assert "overlaps another file" in refusal(tmp_path, data)


def test_an_archive_of_many_files_has_a_total(tmp_path, monkeypatch):
    some = bytes(range(256)) * 20_000
    data = packed([(f"f{i}.json", some) for i in range(20)] + [("manifest.json", b"{}")])
    for place in list(directory(data))[:20]:
        assert struct.unpack_from("<I", data, place + 24)[0] == len(some)
    monkeypatch.setattr(files, "MAX_RATIO", 10_000)
    assert "have 102400002 bytes, but at most 96000000 are read" in refusal(tmp_path, data)


def test_a_folder_of_many_files_has_a_total(handmade):
    for i in range(7):
        with (handmade.folder / f"f{i}.json").open("wb") as file:
            file.truncate(15_000_000)
    with pytest.raises(IntegrityError, match="at most 96000000 are read"):
        open_bundle(handmade.folder)


def test_a_model_that_unpacks_to_far_more_than_its_archive_is_refused(tmp_path):
    data = packed([("manifest.json", b"{}"), ("model.onnx", bytes(4_000_000))])
    place = list(directory(data))[1]
    struct.pack_into("<I", data, place + 24, 400_000_000)
    told = refusal(tmp_path, data)
    assert "unpacks to 400000" in told


def test_a_tokenizer_larger_than_any_is_refused_unread(handmade):
    with (handmade.folder / "tokenizer.json").open("r+b") as file:
        file.truncate(41_000_000)
    told = in_bounds(lambda: open_bundle(handmade.folder), more_bytes=20_000_000)
    assert "tokenizer.json has 41000000 bytes" in told
