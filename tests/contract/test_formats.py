"""``docs/formats.md`` says what the code writes: columns, types, versions, and rows as examples."""

import json
import re
from dataclasses import fields
from datetime import date, datetime

import pyarrow as pa
import pytest
from documents import ROOT

from adverts.advert import LabelSchema, Task
from adverts.data.dataset.dataset_manifest import FORMAT_VERSION
from adverts.data.dataset.prepared_rows import arrow_schema
from adverts.data.review.reviews import SCHEMA_VERSION, Review
from adverts.formats.campaigns import COLUMNS, VERSION
from adverts.scoring.answer_files import _schema as answers_schema
from adverts.scoring.evidence.evidence_files import evidence_schema
from adverts.work.units.plan import _VERSION as PLAN_VERSION

TASKS = (Task("refer", "single", ("no", "yes"), "yes"),)
KINDS = {"str": pa.string(), "bool": pa.bool_(), "int": pa.int64(), "Literal[1, 2, 3]": pa.int64()}
REVIEWS = pa.schema([(one.name, KINDS.get(str(one.type), pa.string())) for one in fields(Review)])
FORMATS = {
    "Prepared dataset": (arrow_schema(LabelSchema("demo", TASKS, "refer")), FORMAT_VERSION),
    "Scores": (answers_schema(TASKS), PLAN_VERSION),
    "Evidence": (evidence_schema(), PLAN_VERSION),
    "Reviews": (REVIEWS, SCHEMA_VERSION),
    "Campaigns by advert": (COLUMNS, VERSION),
}
PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def plain(kind):
    """Return a type as the page names it: a column of few values is one of its values."""
    text = re.sub(r"dictionary<values=(\w+)[^>]*>", r"\1", str(kind))
    return re.sub(r"fixed_size_binary\[(\d+)\]", r"binary(\1)", text).replace("<item: ", "<")


def value(kind, given):
    """Return a value of JSON as one of a column."""
    if given is None:
        return None
    if pa.types.is_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return bytes.fromhex(given)
    if pa.types.is_date(kind):
        return date.fromisoformat(given)
    return datetime.fromisoformat(given) if pa.types.is_timestamp(kind) else given


def test_every_format_has_a_section_and_no_section_is_of_another():
    assert list(SECTIONS) == list(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_the_page_names_every_column_with_its_type_and_meaning(name):
    told = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \| (.*) \|$", SECTIONS[name], re.MULTILINE)
    schema, _ = FORMATS[name]
    assert [row[:2] for row in told] == [(one.name, plain(one.type)) for one in schema]
    assert all(meaning.strip() for _, _, meaning in told)


@pytest.mark.parametrize("name", FORMATS)
def test_the_page_names_the_version(name):
    assert re.findall(r"Version (\d+) \(", SECTIONS[name]) == [str(FORMATS[name][1])]


@pytest.mark.parametrize("name", FORMATS)
def test_the_example_is_a_row_with_every_column(name):
    (example,) = re.findall(r"```json\n(.*?)\n```", SECTIONS[name], re.DOTALL)
    row, (schema, _) = json.loads(example), FORMATS[name]
    assert list(row) == schema.names
    for column in schema:
        array = pa.array([value(column.type, row[column.name])], type=column.type)
        assert array.null_count == (row[column.name] is None)
