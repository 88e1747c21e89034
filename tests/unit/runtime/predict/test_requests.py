"""What is a request: the reader and the schema that ships agree, whatever comes."""

import base64
import json
from functools import partial

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from adverts.runtime.predict.requests import is_base64, read_object, read_request
from adverts.runtime.predict.responses import ERROR_CODES, REVIEW_BANDS
from adverts.runtime.stream.json_lines import SCHEMA_NAMES, schema_text

REQUESTS = Draft202012Validator(json.loads(schema_text("request")))
ANSWERS = json.loads(schema_text("response"))
floats = partial(st.floats, allow_subnormal=False)  # a library may turn them off
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
scalars = st.none() | st.booleans() | st.integers() | floats(-2, 2) | texts
junk = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2)
)
pictures = st.binary(max_size=5).map(lambda data: base64.b64encode(data).decode())
nearly_base64 = st.text("AQ=\n-_ ", max_size=8)
quality = st.fixed_dictionaries(
    {
        "confidence": floats(-0.5, 1.5) | st.sampled_from([0, 1, True, "1"]),
        "smallest_text_px": floats(-1, 2e6),
        "sharpness": floats(0, 1),
        "lines": st.integers(-1, 3) | st.sampled_from([3.0, 3.5]),
    },
    optional={"unread_lines": st.integers(-1, 2), "other": scalars},
)
ids = texts | st.integers(-(2**54), 2**54) | floats(-1e17, 1e17) | st.sampled_from([7.0, True])
picture = pictures | nearly_base64 | junk
objects = st.fixed_dictionaries(
    {},
    optional={
        "id": ids | junk,
        "text": texts | junk,
        "image": picture | st.lists(picture, max_size=2),
        "ocr_text": texts | junk,
        "ocr_quality": quality | junk,
        "lang": texts | junk,
        "images": junk,
        "platform": junk,
    },
)
likely = st.fixed_dictionaries(
    {"text": texts | st.none()},
    optional={
        "id": texts | st.integers(-(2**53) + 1, 2**53 - 1),
        "image": pictures | st.lists(pictures, max_size=2) | st.none(),
        "ocr_quality": quality,
        "platform": junk,
    },
)


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_a_schema_is_one_and_its_examples_are_of_it(name):
    schema = json.loads(schema_text(name))
    Draft202012Validator.check_schema(schema)
    for example in schema["examples"]:
        Draft202012Validator(schema).validate(example)


def test_the_schema_of_answers_knows_every_code_and_band():
    assert ANSWERS["$defs"]["error"]["properties"]["code"]["enum"] == [*ERROR_CODES]
    assert ANSWERS["properties"]["review_band"]["enum"] == [*REVIEW_BANDS]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(objects | likely)
def test_a_request_is_malformed_where_and_only_where_its_schema_says_so(raw):
    told = raw.get("ocr_quality")
    if isinstance(told, dict):  # that no more lines are unread than found is beyond a schema
        numbers = [told.get("lines"), told.get("unread_lines")]
        assume(not all(isinstance(one, int | float) for one in numbers) or numbers[0] >= numbers[1])
    found = read_request(json.dumps(raw))
    assert (found.error is None) == REQUESTS.is_valid(raw), found.error
    assert found.error is None or found.error.code == "malformed"


@given(nearly_base64)
def test_base64_is_what_the_schema_calls_so(text):
    assert is_base64(text) == REQUESTS.is_valid({"image": text})


@pytest.mark.parametrize("given_id", ["a", "", 7, 7.0, -3, 2**53 - 1, None])
def test_an_id_is_echoed_as_it_is_given(given_id):
    found = read_object({"id": given_id, "text": ""}).id
    assert found == given_id
    assert type(found) is type(given_id)


@pytest.mark.parametrize("given_id", [True, 1.5, 2**53, float("inf"), [], {}])
def test_an_id_that_no_other_language_keeps_is_malformed(given_id):
    found = read_object({"id": given_id, "text": ""})
    assert found.error is not None
    assert found.id is None


def test_the_names_of_python_are_refused_rather_than_ignored():
    found = read_object({"text": "boat", "images": ["AAAA"]})
    assert found.error.message == "the key images is not known; call it image"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"text": "\xff"}', "not UTF-8"),
        ('{"text": "boat"}'.encode("utf-16"), "not UTF-8"),
        (b'{"text": NaN}', "not JSON"),
        (b'{"text": "boat", "platform": Infinity}', "not JSON"),
        (b'{"id": 1' + b"0" * 5000 + b', "text": ""}', "not JSON"),
        (b"[" * 100_000, "JSON that cannot be read"),
        (b'{"text": "\\ud83d"}', "text holds half of a surrogate pair: it is not Unicode text"),
        (b'{"id": "\\ud83d", "text": ""}', "id holds half of a surrogate pair: it is not"),
        (b'{"text": "", "lang": "\\ud83d"}', "lang holds half of a surrogate pair: it is not"),
        (b"[]", "not a JSON object"),
        (b'{"text": "boat", "text": ""}', "an object has a key twice"),
        (b'{"text": "boat", "seen": {"on": 1, "on": 2}}', "an object has a key twice"),
    ],
)
def test_what_is_no_json_or_no_text_is_malformed(line, message):
    error = read_request(line).error
    assert error.code == "malformed"
    assert error.message.startswith(message)


def test_a_byte_order_mark_is_no_part_of_a_line():
    assert read_request(b'\xef\xbb\xbf{"text": "boat"}\r\n').text == "boat"


@pytest.mark.parametrize("part", ["[],", "{},", '"a":1,', "1,"])
@pytest.mark.parametrize("kind", [str, bytes])
def test_a_line_of_very_many_parts_is_refused_before_anything_is_built(monkeypatch, part, kind):
    def never(*_, **__):
        raise AssertionError("it was parsed")

    monkeypatch.setattr("adverts.runtime.predict.requests.json.loads", never)
    line = '{"text": "boat", "seen": [' + part * 1_000_001 + "0]}"
    error = read_request(line if kind is str else line.encode()).error
    assert error.code == "malformed"
    assert error.message.endswith("commas, colons and brackets, wanted at most 1,000,000")


def test_a_long_text_of_commas_is_read():
    assert read_request('{"text": "' + ",[{:" * 100_000 + '"}').error is None


def test_an_id_is_bounded_since_each_answer_repeats_it():
    assert read_request(b'{"id": "%s", "text": ""}' % (b"x" * 1_000)).error is None
    error = read_request(b'{"id": "%s", "text": ""}' % (b"x" * 1_001)).error
    assert error.message == "id has 1001 characters, wanted at most 1000"
