"""Windows of adverts: bounded in number and in bytes of pictures, and read no further ahead."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from composing import load

from adverts.data.sources.bad_rows import BadRow
from adverts.data.sources.open_source import open_source
from adverts.data.sources.raw_rows import RawRow
from adverts.errors import InputError
from adverts.scoring import row_requests
from adverts.scoring.row_requests import require_adverts, windows

COLUMNS = SimpleNamespace(id="id", text="text", image="image", lang=None)
LIMITS = SimpleNamespace(max_bytes=10**9, max_pixels=10**9)
CONFIG = SimpleNamespace(columns=COLUMNS, image_limits=LIMITS)
SOURCE = SimpleNamespace(folders=())


def row(number, size=0):
    values = {"id": f"a{number}", "text": "", "image": b"x" * size if size else None}
    return RawRow("posts", number, values, Path())


def sizes(rows):
    return [len(window) for window in windows(CONFIG, SOURCE, rows)]


def test_adverts_without_pictures_come_in_windows_of_256():
    assert sizes(map(row, range(600))) == [256, 256, 88]


def test_a_window_ends_with_the_picture_that_fills_it(monkeypatch):
    monkeypatch.setattr(row_requests, "_WINDOW_BYTES", 10)
    assert sizes(row(number, size) for number, size in enumerate([4, 4, 4, 30, 1, 9, 1])) == [
        3,
        1,
        2,
        1,
    ]


def test_a_folder_of_pictures_is_read_by_the_columns_that_it_always_has(tmp_path):
    (tmp_path / "label").mkdir()
    (tmp_path / "label" / "a.jpg").write_bytes(b"picture")
    given = ["data=image_folder", f"data.root={tmp_path}", "data.source.path=."]
    config = load("score", "bundle=b", "scores=s", *given).data
    source = open_source(config)
    [[(_, request)]] = windows(require_adverts(config, source), source, source.read((), None))
    assert request.images == (b"picture",)
    assert request.id == "label/a.jpg"


def test_no_row_gives_no_window():
    assert sizes([]) == []


def test_no_row_is_read_before_its_window_begins(monkeypatch):
    monkeypatch.setattr(row_requests, "_WINDOW_BYTES", 10)
    read = []

    def rows():
        for number in range(9):
            read.append(number)
            yield row(number, 5)

    found = windows(CONFIG, SOURCE, rows())
    next(found)
    assert read == [0, 1]


@pytest.mark.parametrize("place", [0, 1])
def test_a_bad_row_keeps_its_place_with_its_fault(place):
    rows = [row(1), row(2)]
    rows.insert(place, BadRow("posts", 7, "text", "is not UTF-8"))
    (window,) = windows(CONFIG, SOURCE, rows)
    assert [one for one, _ in window] == rows
    assert [request.error is not None for _, request in window].index(True) == place


def columns_read(tmp_path, header, *named):
    (tmp_path / "new.csv").write_text(f"{header}\n{','.join('x' for _ in header.split(','))}\n")
    given = ["data=csv", f"data.root={tmp_path}", "data.source.paths=[new.csv]", *named]
    config = load("score", "bundle=b", "scores=s", *given).data
    return require_adverts(config, open_source(config)).columns


def test_columns_that_no_model_reads_may_be_missing_and_are_told_once(tmp_path, capsys):
    named = ("data.columns.lang=sprache", "data.columns.account=who", "data.columns.script=script")
    columns = columns_read(tmp_path, "id,text,script", *named)
    assert (columns.lang, columns.account, columns.script) == (None, None, "script")
    assert capsys.readouterr().out.splitlines() == [
        "columns that these adverts lack, taken as empty: sprache, who"
    ]


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("data.columns.text=caption", "data.columns.text='caption' is not a column"),
        ("data.columns.image=picture", "data.columns.image='picture' is not a column"),
        ("data.columns.account=acount", "did you mean 'account'"),
    ],
)
def test_a_column_that_models_read_or_that_is_misspelt_is_refused(tmp_path, named, told):
    with pytest.raises(InputError, match=re.escape(told)):
        columns_read(tmp_path, "id,text,account", named)
