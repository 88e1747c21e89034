"""Rows become requests and responses become rows; a bad row is told in its place."""

import base64
import json

import numpy as np
import pandas as pd
import pytest

from adverts.advert import Task
from adverts.bundle.served_table import COLUMNS_IN, answers_of, probability_columns, requests_of
from adverts.errors import InputError
from adverts.runtime.predict.responses import ItemError, Response, Versions
from adverts.runtime.rules.languages import Language

REFER = Task("refer", "single", ("no", "yes"), "yes")
VERSIONS = Versions("1", "b" * 64, "5.0", "m", "t", "c", 2, 2, None, "tiny", "fp32")
GOOD = Response(
    "a",
    "below",
    "why",
    VERSIONS,
    {"refer": {"no": 0.75, "yes": 0.25}},
    routes=("no_action",),
    language=Language("en", "Latn", identified=False),
)
BAD = Response("", "abstain", "no", VERSIONS, error=ItemError("malformed", "no"))


def test_a_picture_is_base64_or_bytes_or_a_list_of_either():
    entries = [b"x", base64.b64encode(b"x").decode(), [b"x", "eA=="], None, float("nan"), pd.NA]
    found = requests_of(pd.DataFrame({"image": pd.Series(entries, dtype=object)}))
    assert [one.images for one in found] == [(b"x",), (b"x",), (b"x", b"x"), (), (), ()]
    assert [one.error for one in found] == [None] * 6


@pytest.mark.parametrize("value", [3, 2.5, True, [], ["boat"], {"a": 1}, b"boat", np.int64(3)])
@pytest.mark.parametrize("column", ["text", "ocr_text", "lang"])
def test_a_value_of_another_type_is_an_error_of_its_row(column, value):
    values = pd.Series([value, "boat"], dtype=object)
    bad, good = requests_of(pd.DataFrame({"image": [None, None], column: values}))
    assert bad.error.code == "malformed"
    assert good.error is None


def test_ids_that_pandas_made_fractions_of_are_whole_or_refused():
    table = pd.DataFrame({"text": ["a"] * 3, "id": [7, None, 2**53 + 2]})
    first, second, third = requests_of(table)
    assert answers_of([first], [GOOD], (REFER,), pd.RangeIndex(1))["id"].tolist() == ["7"]
    assert second.id is None
    assert third.error.code == "malformed"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"caption": ["boat"]}), "none of the columns text, image, ocr_text"),
        (pd.DataFrame({"lang": ["en"]}), "none of the columns text, image, ocr_text"),
        (
            pd.DataFrame([["a", "b"]], columns=["text", "text"]),
            "the column text is in the table twice",
        ),
        (pd.DataFrame({"text": ["a"], "images": [b"x"]}), "the column images is not known"),
    ],
)
def test_a_table_that_would_be_read_wrongly_is_refused(table, message):
    with pytest.raises(InputError, match=message):
        requests_of(table)


def test_a_missing_probability_is_null_in_json():
    table = pd.DataFrame({"text": ["boat", 3]}, index=[5, 5])
    answers = answers_of(requests_of(table), [GOOD, BAD], (REFER,), table.index)
    assert answers.index.tolist() == [5, 5]
    good, bad = json.loads(json.dumps(answers.to_dict(orient="records"), allow_nan=False))
    assert (good["refer.yes"], good["review_band"], good["routes"]) == (
        0.25,
        "below",
        ["no_action"],
    )
    assert good["safeguarding"] == []
    assert good["exited"] is False
    assert good["language"] == {"tag": "en", "script": "Latn", "identified": False}
    assert (bad["refer.yes"], bad["error_code"], bad["error"]) == (None, "malformed", "no")


def test_whole_columns_of_probabilities_are_numbers():
    table = pd.DataFrame({"text": ["boat"]})
    answers = answers_of(requests_of(table), [GOOD], (REFER,), table.index)
    assert [str(answers[name].dtype) for name in probability_columns((REFER,))] == ["float64"] * 2


def test_an_empty_table_gives_an_empty_table():
    table = pd.DataFrame({name: [] for name in COLUMNS_IN})
    assert requests_of(table) == []
    assert len(answers_of([], [], (REFER,), table.index)) == 0
