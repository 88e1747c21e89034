"""The record of a gate: the same bytes for the same verdict, and nothing else is read."""

import dataclasses
import json

import pytest
from gate_examples import AP, against, at_least, cell, facts, gate, not_worse, report
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.errors import InputError, IntegrityError
from adverts.evaluation.gate.gate_record import (
    AbstainedSlice,
    ConditionResult,
    GateRecord,
    parse_record,
    read_record,
    record_bytes,
)
from adverts.evaluation.gate.judge_conditions import judge_conditions
from adverts.evaluation.statistics.bootstrap import Estimate

pytestmark = pytest.mark.promise


def record():
    slices = [cell("en, Latn, text", {AP: Estimate(0.9, 0.88, 0.92)}), cell("ps, Arab, image")]
    everywhere = at_least(by="language, script and modality", if_insufficient="abstain_slice")
    conditions = gate(a=at_least(), b=not_worse(), c=everywhere)
    return judge_conditions(
        report(slices=slices, comparison=against(-0.05)), facts(champion="c"), conditions
    )


def changed(**values):
    raw = json.loads(record_bytes(record()))
    raw.update(values)
    return json.dumps(raw).encode()


def without_measure():
    raw = json.loads(record_bytes(record()))
    del raw["results"][0]["measured"]
    return json.dumps(raw).encode()


def test_what_is_written_is_read_back():
    one = record()
    assert parse_record(record_bytes(one)) == one


def test_equal_records_have_equal_bytes_and_others_have_others():
    one = record()
    assert record_bytes(one) == record_bytes(dataclasses.replace(one))
    assert record_bytes(one) != record_bytes(dataclasses.replace(one, verdict="passed"))


def test_keys_are_in_order_so_that_a_hash_names_the_record():
    text = record_bytes(record()).decode()
    assert list(json.loads(text)) == sorted(json.loads(text))
    assert text.endswith("}\n")


texts = st.text(max_size=10)
numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
results = st.builds(
    ConditionResult,
    name=texts,
    kind=texts,
    scope=texts,
    outcome=st.sampled_from(["passed", "failed", "insufficient", "abstained", "reported"]),
    wanted=texts,
    found=texts,
    measured=st.none() | st.builds(Estimate, numbers, numbers, numbers, st.none() | texts),
    smallest_visible=numbers,
    message=texts,
)
records = st.builds(
    GateRecord,
    gate=texts,
    verdict=st.sampled_from(["passed", "failed", "could not judge"]),
    results=st.lists(results, max_size=3).map(tuple),
    abstained=st.lists(st.builds(AbstainedSlice, texts, texts, texts), max_size=2).map(tuple),
    model=texts,
    champion=st.none() | texts,
    data_hash=texts,
    split=texts,
    adverts=st.integers(0),
    earlier_looks=st.integers(0),
    created=texts,
    created_by=texts,
    gate_sha256=st.none() | texts,
    gate_changes=st.none() | st.lists(texts, max_size=2).map(tuple),
)


@settings(deadline=None)
@given(records)
def test_any_record_survives_the_file(one):
    assert parse_record(record_bytes(one)) == one


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "is no record of a gate"),
        (b"[]", "wanted an object, found list"),
        (b'{"verdict": "passed"}', "schema_version is None"),
        (
            changed(verdict="fine"),
            "verdict: Input should be 'passed', 'failed' or 'could not judge', found 'fine'",
        ),
        (changed(schema_version=1), "schema_version is 1, this release reads 2"),
        (changed(schema_version=2.0), "schema_version is 2.0, this release reads 2"),
        (changed(model=3), "model: Input should be a valid string, found 3"),
        (changed(adverts=-1), "adverts: .* found -1"),
        (changed(adverts=True), "adverts: .* found True"),
        (changed(adverts=2.0), "adverts: .* found 2.0"),
        (changed(results=[{}]), "results.0.name: Field required, found dict"),
        (changed(results={}), "results: .* found dict"),
        (changed(gate_changes=[1]), "gate_changes.0: .* found 1"),
        (changed(gate_changes="none"), "gate_changes: .* found 'none'"),
        (changed(gate_sha256=1), "gate_sha256: .* found 1"),
        (changed(extra=1), "missing or unknown: extra"),
        (changed(abstained=[{"language": "ps"}]), "abstained.0.script: Field required"),
        (without_measure(), "missing or unknown: results.0.measured"),
        (changed().replace(b"{", b'{"gate": "other",', 1), "'gate' twice"),
        (b"\xff", "is no record of a gate"),
        (b"[" * 100_000, "is no record of a gate"),
    ],
)
def test_another_file_is_refused_by_field(data, message):
    with pytest.raises(IntegrityError, match=message):
        parse_record(data)


def test_a_record_of_before_does_not_say_whether_its_gate_was_changed():
    raw = json.loads(record_bytes(record()))
    del raw["gate_sha256"], raw["gate_changes"]
    found = parse_record(json.dumps(raw).encode())
    assert (found.gate_sha256, found.gate_changes) == (None, None)
    assert found == record()


@pytest.mark.parametrize("value", ["NaN", "Infinity", '"0.1"', "true"])
def test_a_measure_that_is_no_number_is_refused(value):
    data = record_bytes(record()).replace(b'"value": 0.9\n', f'"value": {value}\n'.encode(), 1)
    with pytest.raises(
        IntegrityError, match="every number must be finite|value: Input should be a valid number"
    ):
        parse_record(data)


def test_a_record_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="gate.json cannot be read"):
        read_record(tmp_path / "gate.json")
