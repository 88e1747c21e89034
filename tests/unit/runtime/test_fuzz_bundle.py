"""Whatever stands in the files of a bundle, what comes out is a bundle or a named error."""

import copy
import io
import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adverts.errors import AdvertsError, IntegrityError
from adverts.files.file_hash import file_sha256
from adverts.runtime import BundleManifest, Classifier, open_bundle
from adverts.runtime.opening.gate_summary import GateSummary
from adverts.runtime.opening.signature import check_signature, signature_json
from adverts.runtime.opening.tokenizer.tokenizer_check import read_tokenizer
from adverts.runtime.rules.calibration import Calibration, TaskCalibration
from adverts.runtime.rules.coverage import Coverage, CoveredSlice
from adverts.runtime.rules.label_facts import LabelFacts, SchemaClass
from adverts.runtime.rules.thresholds import Threshold, Thresholds

pytestmark = pytest.mark.promise

FIXTURE = HealthCheck.function_scoped_fixture
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[FIXTURE])
MANY = settings(max_examples=3_000, deadline=None, suppress_health_check=[FIXTURE])
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[FIXTURE])

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(
        [2**31, 2**63, 2**70, -(2**70), 10**400, 0.5, -0.0, 1e308, "", "x", "\0", "../x"]
    ),
    st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.just([[[[[]]]]]),
)


def places(value, path=()):
    """Yield the path of everything inside a JSON value."""
    yield path
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in inner:
            yield from places(one, (*path, key))


@st.composite
def mutated(draw, value):
    """One to three changes anywhere in a JSON value."""
    value = copy.deepcopy(value)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(value))))
        if not path:
            continue
        owner = value
        for key in path[:-1]:
            owner = owner[key]
        change = draw(st.sampled_from(["replace", "delete", "double"]))
        if change == "replace":
            owner[path[-1]] = copy.deepcopy(draw(ODD))
        elif change == "delete":
            del owner[path[-1]]
        elif isinstance(owner, list):
            owner.insert(0, copy.deepcopy(owner[path[-1]]))
        else:
            owner[draw(st.text(max_size=3))] = copy.deepcopy(owner[path[-1]])
    return value


@st.composite
def damaged(draw, data):
    """Flip, cut or insert bytes."""
    data = bytearray(data)
    for _ in range(draw(st.integers(1, 5))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        match draw(st.sampled_from(["flip", "cut", "insert"])):
            case "flip" if data:
                data[place] = draw(st.integers(0, 255))
            case "cut":
                del data[place : place + draw(st.integers(1, 40))]
            case _:
                data[place:place] = draw(st.binary(max_size=9))
    return bytes(data)


def only_named_errors(read, data):
    try:
        return read(data)
    except AdvertsError as error:
        told = str(error)
        assert len(told.splitlines()) == 1, "one line"
        assert len(told) < 2_000, "no flood"
        return None


def use_manifest(data):
    """Everything that a service asks of a manifest."""
    manifest = BundleManifest.from_json(data)
    manifest.identity()
    return BundleManifest.from_json(manifest.to_json().encode())


STORED = {
    "calibration": (
        Calibration.from_json,
        Calibration((TaskCalibration("refer", "temperature", temperature=2.0),)).to_json(),
    ),
    "thresholds": (
        Thresholds.from_json,
        Thresholds((Threshold("refer", "yes", "recall", 0.9, 0.5),), ("flag",)).to_json(),
    ),
    "labels": (
        LabelFacts.from_json,
        LabelFacts((SchemaClass("refer", "yes", "V", ("person",)),), ("flag",)).to_json(),
    ),
    "coverage": (
        Coverage.from_json,
        Coverage((CoveredSlice("en", "Latn", "text", "supported", "meets it"),)).to_json(),
    ),
    "gate": (
        GateSummary.from_json,
        '{"schema_version": 1, "gate": "g", "verdict": "passed", "model": "m"}',
    ),
    "signature": (
        lambda data: check_signature(b"x", data, bytes(32)),
        signature_json(bytes(32), bytes(64)),
    ),
}


@QUICK
@given(data=st.data())
def test_any_change_of_a_manifest_gives_a_manifest_or_a_named_error(handmade, data):
    raw = json.loads((handmade.folder / "manifest.json").read_text())
    changed = json.dumps(data.draw(mutated(raw))).encode()
    only_named_errors(use_manifest, changed)


@pytest.mark.slow
@MANY
@given(data=st.data())
def test_many_changes_of_a_manifest_give_a_manifest_or_a_named_error(handmade, data):
    raw = json.loads((handmade.folder / "manifest.json").read_text())
    changed = json.dumps(data.draw(mutated(raw))).encode()
    only_named_errors(use_manifest, changed)


@FEW
@given(data=st.data())
def test_a_bundle_of_a_changed_manifest_scores_or_is_refused_by_name(handmade, data):
    raw = json.loads((handmade.folder / "manifest.json").read_text())
    raw["input_spec"] = data.draw(mutated(raw["input_spec"]))
    score_with(handmade, raw)


@pytest.mark.slow
@settings(MANY, max_examples=1_000)
@given(data=st.data())
def test_many_bundles_of_changed_manifests_score_or_are_refused(handmade, data):
    raw = json.loads(handmade.manifest.to_json())
    raw["files"] = json.loads((handmade.folder / "manifest.json").read_text())["files"]
    score_with(handmade, data.draw(mutated(raw)))


def score_with(handmade, raw):
    path = handmade.folder / "manifest.json"
    before = path.read_bytes()
    path.write_text(json.dumps(raw))
    try:
        only_named_errors(
            lambda folder: Classifier.load(folder, threads=1).predict(texts=["ferry", ""]),
            handmade.folder,
        )
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize("kind", STORED)
@QUICK
@given(data=st.data())
def test_any_change_of_a_stored_file_gives_a_value_or_a_named_error(kind, data):
    read, text = STORED[kind]
    only_named_errors(read, json.dumps(data.draw(mutated(json.loads(text)))).encode())
    only_named_errors(read, data.draw(damaged(text.encode())))


@QUICK
@given(data=st.data())
def test_any_change_of_a_tokenizer_gives_a_tokenizer_or_a_named_error(handmade, data):
    text = (handmade.folder / "tokenizer.json").read_text()
    for changed in (
        json.dumps(data.draw(mutated(json.loads(text)))).encode(),
        data.draw(damaged(text.encode())),
    ):
        found = only_named_errors(lambda raw: read_tokenizer(raw, 10), changed)
        if found is not None:
            assert max(found.get_vocab(with_added_tokens=True).values(), default=0) < 10


@QUICK
@given(data=st.data())
def test_any_change_of_an_archive_gives_the_same_bundle_or_a_named_error(handmade, tmp_path, data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(handmade.folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(file.name), file.read_bytes())
    path = tmp_path / "changed.zip"
    path.write_bytes(data.draw(damaged(buffer.getvalue())))
    found = only_named_errors(open_bundle, path)
    if found is not None:
        assert found.model_bytes() == (handmade.folder / "model.onnx").read_bytes()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        "1" * 10_000,
        '{"name": "\ud800"}'.encode("utf-8", "surrogatepass"),
        '{"name": "\\ud800"}',
        '{"name": 1e999}',
        '{"name": NaN}',
        '{"name": "a", "name": "b"}',
        '{"schema_version": "5.0"}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
    ],
)
@pytest.mark.parametrize("kind", [*STORED, "manifest"])
def test_json_that_means_nothing_or_two_things_is_refused(kind, text):
    read = BundleManifest.from_json if kind == "manifest" else STORED[kind][0]
    with pytest.raises(IntegrityError):
        read(text.encode() if isinstance(text, str) else text)


def test_hashes_are_compared_even_where_the_manifest_lists_them_in_another_form(handmade):
    files = {file.name: file_sha256(file).upper() for file in handmade.folder.iterdir()}
    files.pop("manifest.json")
    raw = json.loads((handmade.folder / "manifest.json").read_text()) | {"files": files}
    (handmade.folder / "manifest.json").write_text(json.dumps(raw))
    with pytest.raises(IntegrityError, match="is not the file that was exported"):
        open_bundle(handmade.folder)
