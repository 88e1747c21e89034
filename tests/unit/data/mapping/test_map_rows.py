"""Columns mapped, contacts masked, bad rows set aside."""

from pathlib import Path

import pytest
from composing import load
from contact_goldens import GOLDENS
from preparing import MADE, data_values

from adverts.config import DataConfig
from adverts.data.dataset.picture_spool import ImageSpool
from adverts.data.dataset.tombstones import Tombstones
from adverts.data.mapping.label_cells import plan_tasks
from adverts.data.mapping.map_rows import RowMapper
from adverts.data.sources.bad_rows import BadRow
from adverts.data.sources.raw_rows import RawRow, Source
from adverts.errors import InputError
from adverts.inputs.pixels import ImageLimits
from adverts.runtime.predict.caller_input import USUAL_LIMITS

MEANS_NO_SPLIT = "value is not one of tr; say what each means: data.split.names={essai: test}"
GIVEN = {
    "kind": "given",
    "names": {"tr": "train"},
    "validation_fraction": 0.0,
    "leakage": "fail",
    "seed": 0,
}


def config(columns, **changes):
    source = {"kind": "jsonl", "paths": ["a.jsonl"]}
    return DataConfig.model_validate(data_values(None, columns, source=source) | changes)


def read(tmp_path, columns, *rows, names=None, **changes):
    data = config(columns, **changes)
    source = Source(names, {}, dict, 0, (tmp_path,), True, lambda *_: iter(()), lambda _: iter(()))
    mapper = RowMapper(data, plan_tasks(data)[2], source)
    raw = [RawRow("a.jsonl", i, row, tmp_path) for i, row in enumerate(rows, start=1)]
    limits = ImageLimits(max_bytes=1000, max_pixels=1000)
    with ImageSpool(tmp_path / "prepared", limits) as spool:
        return mapper.read(raw, spool)


def test_what_is_no_name_of_a_platform_or_language_is_withheld(tmp_path):
    columns = {"id": "id", "text": "text", "platform": "where", "lang": "lang"}
    found = read(
        tmp_path,
        columns,
        {
            "id": "a",
            "text": "boat",
            "label": "no",
            "where": "call +44 7700 900123",
            "lang": "zh-Hant",
        },
        {"id": "b", "text": "boat", "label": "no", "where": "wa.me", "lang": "ann@mail.example"},
    )
    assert [dict(row.context) for row in found.rows] == [
        {"platform": "withheld", "lang": "zh-Hant"},
        {"platform": "wa.me", "lang": "withheld"},
    ]


def test_an_erased_advert_is_counted_and_its_pictures_are_never_looked_at(tmp_path):
    erased = Tombstones().and_of(["a1", "b/2.png"])
    data = config({"id": "id", "text": "text", "image": "image"})
    source = Source(None, {}, dict, 0, (tmp_path,), True, lambda *_: iter(()), lambda _: iter(()))
    mapper = RowMapper(data, plan_tasks(data)[2], source, erased=erased)
    raw = [
        RawRow("a.jsonl", 1, {"id": "a1", "text": "x", "image": "none.png"}, tmp_path),
        RawRow("a.jsonl", 2, {"id": "a2", "text": "y", "image": "", "label": "no"}, tmp_path),
        RawRow("a.jsonl", 3, {"id": "a1", "text": "twice", "image": ""}, tmp_path),
        RawRow("a.jsonl", 4, {"id": "", "text": "z", "image": ""}, tmp_path),
        BadRow("pictures/b/2.png", 5, "", "why"),
        BadRow("pictures/b/3.png", 6, "", "why"),
    ]
    with ImageSpool(tmp_path / "demo", ImageLimits(1_000, 1_000)) as spool:
        reading = mapper.read(raw, spool)
    assert ([row.id for row in reading.rows], reading.erased) == (["a2"], 3)
    assert [bad.row for bad in reading.bad] == [4, 6]


def test_contacts_are_masked_before_anything_is_stored(tmp_path):
    row = {"id": 7, "text": "call +44 7700 900142 now", "label": "yes"}
    [mapped] = read(tmp_path, {"id": "id", "text": "text"}, row).rows
    assert (mapped.id, mapped.text) == ("7", "call <PHONE> now")


def test_every_golden_text_is_stored_as_the_runtime_masks_it(tmp_path):
    rows = [{"id": i, "text": golden.text, "label": "yes"} for i, golden in enumerate(GOLDENS)]
    mapped = read(tmp_path, {"id": "id", "text": "text"}, *rows).rows
    assert [row.text for row in mapped] == [golden.masked for golden in GOLDENS]


def test_an_advert_without_a_text_or_a_label_is_an_advert(tmp_path):
    reading = read(
        tmp_path,
        {"id": "id", "text": "text"},
        {"id": "a", "text": None, "label": "no"},
        {"id": "b", "text": "x", "label": None},
        {"id": "c", "text": float("nan"), "label": "no"},
    )
    assert [row.text for row in reading.rows] == ["", "x", ""]
    assert [sorted(row.votes) for row in reading.rows] == [["refer"], [], ["refer"]]


def test_context_is_kept_where_there_is_any(tmp_path):
    columns = {"text": "text", "lang": "language", "inclusion_probability": "p", "reviewed": "ok"}
    row = {"text": "x", "label": "no", "language": " fa ", "p": 0.25, "ok": False}
    bare = {"text": "y", "label": "no", "language": "", "p": None, "ok": None}
    first, second = read(tmp_path, columns, row, bare).rows
    assert (first.context, first.inclusion_probability, first.reviewed) == (
        {"lang": "fa"},
        0.25,
        False,
    )
    assert (second.context, second.inclusion_probability, second.reviewed) == ({}, None, True)


def test_ids_that_are_made_differ_and_stay_the_same(tmp_path):
    rows = [{"text": "x", "label": "no"}] * 2
    first = [row.id for row in read(tmp_path, {"text": "text"}, *rows).rows]
    assert len(set(first)) == 2
    assert first == [row.id for row in read(tmp_path, {"text": "text"}, *rows).rows]


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ({"id": ""}, "id", "is empty; every advert needs an id"),
        ({"id": "first"}, "id", "the same id is in a.jsonl row 1"),
        ({"id": ["second"]}, "id", "is a list; a plain value is wanted"),
        ({"group": {"seller": 1}}, "group", "is a dict; a plain value is wanted"),
        ({"text": ["x"]}, "text", "is a list; text is wanted"),
        ({"text": "\ud83d"}, "text", "holds half of a surrogate pair; save it as UTF-8"),
        ({"label": "Unmistakable"}, "label", "value is not one of no, yes"),
        ({"p": "1.5"}, "p", "is not a number above 0 and at most 1"),
        ({"p": "x"}, "p", "is not a number above 0 and at most 1"),
        ({"ok": "perhaps"}, "ok", "is neither true nor false"),
        ({"image": "nosuch.png"}, "image", "is not a file"),
        ({"split": "dev"}, "split", MEANS_NO_SPLIT),
        ({"split": None}, "split", MEANS_NO_SPLIT),
    ],
)
def test_a_bad_row_is_set_aside_and_the_others_are_read(tmp_path, row, field, reason):
    columns = {
        "id": "id",
        "text": "text",
        "image": "image",
        "split": "split",
        "group": "group",
        "inclusion_probability": "p",
        "reviewed": "ok",
    }
    good = {"text": "x", "label": "no", "split": "tr", "p": 1, "ok": True}
    good |= {"image": None, "group": None}
    rows = [good | {"id": "first"}, good | {"id": "second"} | row, good | {"id": "third"}]
    reading = read(tmp_path, columns, *rows, split=GIVEN)
    assert reading.bad == [BadRow("a.jsonl", 2, field, reason)]
    assert [mapped.id for mapped in reading.rows] == ["first", "third"]


def test_a_column_that_is_not_there_is_told_with_the_nearest(tmp_path):
    with pytest.raises(InputError) as error:
        read(tmp_path, {"text": "txt"}, names=("id", "Text", "labels"))
    assert str(error.value) == (
        "data.columns.text='txt' is not a column; did you mean 'Text'?; "
        "column of task refer='label' is not a column; did you mean 'labels'? "
        "The source has the columns Text, id, labels"
    )


def test_in_json_lines_a_column_may_come_late_but_must_come(tmp_path):
    late = [{"text": "x"}, {"text": "y", "label": "no"}]
    assert len(read(tmp_path, {"text": "text"}, *late).rows) == 2
    with pytest.raises(InputError, match="column of task refer='label' is not a column"):
        read(tmp_path, {"text": "text"}, *late[:1])


def test_unlabelled_adverts_need_no_label_column(tmp_path):
    reading = read(tmp_path, {"text": "text"}, {"text": "x"}, names=("text",), unlabelled=True)
    assert [row.votes for row in reading.rows] == [{}]


@pytest.mark.parametrize(
    ("columns", "split", "message"),
    [
        ({"text": "t"}, GIVEN, r"needs data\.columns\.split"),
        (
            {"text": "t"},
            {"kind": "leave_one_out", "group": "g", "validation_fraction": 0.1, "seed": 0},
            r"needs data\.columns\.group",
        ),
        ({}, MADE, "text, image or both"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_before_reading(columns, split, message):
    with pytest.raises(InputError, match=message):
        read(Path(), columns, names=("t", "label"), split=split)


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


HOSTILE = {"id": "x", "text": "t", "label": "no", "lang": "en", "image": ""}


@pytest.mark.parametrize(
    ("cells", "field", "reason"),
    [
        ({"text": "x" * 100_001}, "text", "has 100,001 characters, at most 100,000 are read"),
        ({"text": nested(700)}, "text", "is a list; text is wanted"),
        ({"id": "x" * 50_000_000}, "id", "has 50,000,000 characters; at most 1,000 are read"),
        ({"id": "a\nb"}, "id", "holds a control character or the end of a line"),
        ({"id": "a\x1b[2Jb"}, "id", "holds a control character or the end of a line"),
        ({"lang": "e\u2028n"}, "lang", "holds a control character or the end of a line"),
        ({"label": "n\x00o"}, "label", "holds a control character or the end of a line"),
        ({"label": ["no"] * 2_000}, "label", "holds 2,000 values; at most 1,000 are read"),
        ({"label": 10**5_000}, "", "cannot be used: ValueError"),
        ({"id": 10**5_000}, "", "cannot be used: ValueError"),
        ({"image": nested(700)}, "image", "is a list; a path or bytes are wanted"),
        ({"image": "a/" * 1_000_000}, "image", "is not a path"),
        ({"image": "a\x00b"}, "image", "is not a path"),
    ],
)
def test_whatever_a_cell_holds_is_the_fault_of_its_row(tmp_path, cells, field, reason):
    columns = {"id": "id", "text": "text", "lang": "lang", "image": "image"}
    good = HOSTILE | {"id": "good"}
    reading = read(tmp_path, columns, HOSTILE | cells, good)
    assert [row.id for row in reading.rows] == ["good"]
    (bad,) = reading.bad
    assert (bad.row, bad.field) == (1, field)
    assert bad.reason.startswith(reason)


def test_a_text_may_be_as_long_as_a_service_accepts(tmp_path):
    packaged = load("prepare", "data=csv").data.row_limits
    assert packaged.max_characters == USUAL_LIMITS.max_characters
    text = "x" * packaged.max_characters
    reading = read(tmp_path, {"id": "id", "text": "text"}, {"id": 1, "text": text, "label": "no"})
    assert reading.rows[0].text == text


@pytest.mark.parametrize(
    "text",
    ["+1 " + "2" * 4_301, "call 1 2 " + "3" * 9_000, "\u00b2" * 9_000, "1e" + "9" * 5_000],
)
def test_long_digits_are_masked_or_kept_and_end_nothing(tmp_path, text):
    reading = read(tmp_path, {"id": "id", "text": "text"}, {"id": "a", "text": text, "label": "no"})
    assert [row.id for row in reading.rows] == ["a"]


def test_whatever_a_rule_raises_on_a_row_is_the_fault_of_that_row(tmp_path, monkeypatch):
    def broken(text, *, key):
        if "x" in text:
            raise ZeroDivisionError(f"division of {text}")
        return text, ()

    monkeypatch.setattr("adverts.data.mapping.map_rows.mask_and_token", broken)
    rows = [{"id": name, "text": name, "label": "no"} for name in ("a", "x1", "b")]
    reading = read(tmp_path, {"id": "id", "text": "text"}, *rows)
    assert [row.id for row in reading.rows] == ["a", "b"]
    assert [(bad.row, "ZeroDivisionError" in bad.reason) for bad in reading.bad] == [(2, True)]
    assert "x1" not in str(reading.bad[0])


@pytest.mark.parametrize("error", [OSError(28, "the disk is full"), MemoryError()])
def test_what_is_no_fault_of_a_row_ends_the_preparation(tmp_path, monkeypatch, error):
    def full(text, *, key):
        raise error

    monkeypatch.setattr("adverts.data.mapping.map_rows.mask_and_token", full)
    with pytest.raises(type(error)):
        read(tmp_path, {"id": "id", "text": "text"}, {"id": "a", "text": "x", "label": "no"})


def test_a_cell_that_is_nested_too_deep_to_be_named_is_one_bad_row(tmp_path):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    rows = [{"text": "a", "label": "no"}, {"text": deep, "label": "no"}]
    reading = read(tmp_path, {"text": "text"}, *rows)
    assert (len(reading.rows), [bad.row for bad in reading.bad]) == (1, [2])
