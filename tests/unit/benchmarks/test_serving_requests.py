"""The load test calls right what is right, and nothing else."""

import json
import random

import pytest
from serving_requests import HOSTILE, TOLERANCE, Request, judge, valid

KNOWN = [
    {"refer.no": 0.9, "refer.yes": 0.1},
    {"refer.no": 0.4, "refer.yes": 0.6},
    {"refer.no": 0.2, "refer.yes": 0.8},
]
TEXTS = ["first advert", "second advert", "third advert"]
ASKED = Request("asked", rows=(1, 0), answered=True)
BESIDE = Request("beside", rows=(1, None, 0), refused=True, answered=True)


def reply(*rows):
    return json.dumps({"predictions": rows}).encode()


def test_the_offline_answers_in_order_are_right():
    assert judge(ASKED, 200, reply(KNOWN[1], KNOWN[0]), KNOWN) == "right"


def test_other_columns_change_nothing():
    row = KNOWN[1] | {"error": None, "abstained": None, "id": "advert-1"}
    assert judge(ASKED, 200, reply(row, KNOWN[0]), KNOWN) == "right"


def test_answers_in_another_order_are_crossed():
    assert judge(ASKED, 200, reply(KNOWN[0], KNOWN[1]), KNOWN) == "crossed"


def test_an_answer_under_the_id_of_another_is_crossed():
    row = KNOWN[1] | {"id": "advert-2"}
    assert judge(ASKED, 200, reply(row, KNOWN[0]), KNOWN) == "crossed"


@pytest.mark.parametrize(("shift", "verdict"), [(0.5, "right"), (2.0, "wrong: probabilities")])
def test_a_probability_may_differ_by_the_tolerance_and_no_more(shift, verdict):
    row = {name: value + shift * TOLERANCE for name, value in KNOWN[1].items()}
    assert judge(ASKED, 200, reply(row, KNOWN[0]), KNOWN) == verdict


@pytest.mark.parametrize("value", [None, "0.6", [0.6]])
def test_what_is_no_number_is_wrong(value):
    row = KNOWN[1] | {"refer.yes": value}
    assert judge(ASKED, 200, reply(row, KNOWN[0]), KNOWN) == "wrong: probabilities"


def test_nan_is_no_json_wherever_it_stands():
    row = KNOWN[0] | {"error": float("nan")}
    verdict = "wrong: not JSON with predictions"
    assert judge(ASKED, 200, reply(KNOWN[1], row), KNOWN) == verdict


@pytest.mark.parametrize("rows", [(), (KNOWN[1],), (KNOWN[1], KNOWN[0], KNOWN[0])])
def test_another_number_of_rows_is_wrong(rows):
    assert judge(ASKED, 200, reply(*rows), KNOWN) == f"wrong: {len(rows)} rows of 2"


def test_an_error_on_a_valid_row_is_wrong():
    row = KNOWN[1] | {"error": "malformed"}
    assert judge(ASKED, 200, reply(row, KNOWN[0]), KNOWN) == "wrong: an error"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"error": 1}', b'{"predictions": 3}'])
def test_a_reply_of_another_form_is_wrong(body):
    assert judge(ASKED, 200, body, KNOWN).startswith("wrong: ")


@pytest.mark.parametrize("status", [301, 400, 404, 500, 503])
def test_only_status_200_answers_a_valid_request(status):
    assert judge(ASKED, status, reply(KNOWN[1], KNOWN[0]), KNOWN) == f"wrong: status {status}"


@pytest.mark.parametrize("status", [400, 404, 405, 413, 415, 422])
def test_what_is_malformed_is_refused(status):
    assert judge(Request("bad", refused=True), status, b"", KNOWN) == "right"


@pytest.mark.parametrize("status", [200, 500, 502])
def test_what_is_malformed_is_neither_answered_nor_an_accident(status):
    found = judge(Request("bad", refused=True), status, reply(), KNOWN)
    assert found == f"wrong: status {status}"


def test_a_hostile_row_may_have_any_answer_and_its_neighbours_their_own():
    bad = {"refer.no": None, "refer.yes": None, "error": "malformed"}
    assert judge(BESIDE, 200, reply(KNOWN[1], bad, KNOWN[0]), KNOWN) == "right"
    assert judge(BESIDE, 400, b"", KNOWN) == "right"
    assert judge(BESIDE, 200, reply(bad, KNOWN[1], KNOWN[0]), KNOWN) == "wrong: an error"
    assert judge(BESIDE, 200, reply(KNOWN[0], bad, KNOWN[0]), KNOWN) == "crossed"


def test_valid_requests_hold_the_texts_of_their_rows():
    for seed in range(20):
        request = valid(random.Random(seed), TEXTS)
        table = json.loads(request.body)
        split = table.get("dataframe_split", {"columns": [], "data": []})
        rows = table.get("dataframe_records") or [
            dict(zip(split["columns"], row, strict=True)) for row in split["data"]
        ]
        assert [row["id"] for row in rows] == [f"advert-{i}" for i in request.rows]
        assert [row["text"] for row in rows] == [TEXTS[i] for i in request.rows]


@pytest.mark.parametrize("make", HOSTILE)
def test_every_hostile_request_says_what_a_right_reply_is(make):
    request = make(random.Random(0), TEXTS)
    assert request.refused or request.answered or request.cut
    assert not (request.rows and request.cut)
