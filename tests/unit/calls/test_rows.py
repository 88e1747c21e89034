"""Tables in memory: plain cells, whatever library they come from."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from adverts.calls.rows import pictures_in, rows_of, text_in, word_in, words_in
from adverts.errors import InputError


def picture(size=4):
    return Image.new("RGB", (size, size), "red")


def bytes_of(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        (True, "true"),
        (np.bool_(False), "false"),
        (1, "1"),
        (np.int64(1), "1"),
        (1.0, "1"),
        (np.float32(0.5), "0.5"),
        ("spam", "spam"),
        (None, None),
        (np.nan, None),
        (float("nan"), None),
        (pd.NA, None),
        (pd.NaT, None),
    ],
)
def test_a_label_is_the_same_word_whatever_type_holds_it(cell, word):
    assert word_in(cell) == word


def test_ints_that_a_missing_label_made_fractional_are_whole_again():
    frame = pd.DataFrame({"a": [1, None, 0], "b": pd.array([1, None, 0], dtype="Int64")})
    rows = rows_of(frame)
    assert [word_in(one) for one in rows.column("a")] == ["1", None, "0"]
    assert [word_in(one) for one in rows.column("b")] == ["1", None, "0"]


def test_categories_are_their_values():
    frame = pd.DataFrame({"a": pd.Categorical(["x", None, "y"])})
    assert [word_in(one) for one in rows_of(frame).column("a")] == ["x", None, "y"]


def test_lists_are_those_of_annotators_without_their_gaps():
    assert words_in(["x", None, 1]) == ["x", "1"]
    assert words_in(np.array([1, 0])) == ["1", "0"]
    assert words_in({"b", "a"}) == ["a", "b"]


def test_a_set_of_signs_has_one_order_in_every_process():
    signs = ["link", "price", "phone", "age"]
    assert words_in(frozenset(signs)) == words_in(set(signs)) == sorted(signs)
    assert words_in({"a", 2, None}) == ["2", "a"]


def test_a_caption_keeps_its_spaces_and_a_number_is_text():
    assert text_in("  a ") == "  a "
    assert text_in(7.0) == "7"
    assert text_in(np.nan) is None


def test_pictures_come_as_bytes_paths_pil_or_lists(tmp_path):
    data = bytes_of(picture())
    path = tmp_path / "my picture, one.png"
    path.write_bytes(data)
    given = [data, str(path), path, picture(), {"bytes": data, "path": None}, {"path": str(path)}]
    found = pictures_in(given, row=1, most_bytes=1_000)
    assert found == [data] * 6
    assert pictures_in(None, row=1, most_bytes=9) == []
    assert pictures_in("", row=1, most_bytes=9) == []
    assert pictures_in(np.nan, row=1, most_bytes=9) == []


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("/nowhere/picture.png", "row 3, image: cannot be read"),
        (7, "row 3, image: is a int"),
        ("\0", "row 3, image: cannot be read"),
    ],
)
def test_a_picture_that_cannot_be_read_names_its_row(cell, reason):
    with pytest.raises(InputError, match=reason):
        pictures_in(cell, row=3, most_bytes=9)


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    (tmp_path / "a").write_bytes(b"123")
    with pytest.raises(InputError, match="more than 2 bytes"):
        pictures_in(tmp_path / "a", row=1, most_bytes=2)


def test_a_missing_column_names_its_nearest():
    rows = rows_of(pd.DataFrame({"post": ["a"], 7: [1]}))
    with pytest.raises(InputError, match=r"text='posts' is not a column; did you mean 'post'\?"):
        rows.require("posts", "text")
    rows.require(7, "labels")


def test_two_columns_of_one_name_are_refused():
    rows = rows_of(pd.DataFrame([["a", "b"]], columns=["post", "post"]))
    with pytest.raises(InputError, match="2 columns have this name"):
        rows.require("post", "text")


@pytest.mark.parametrize("source", [[1, 2], {"a": [1]}, np.zeros(3)])
def test_other_objects_are_refused_by_name(source):
    with pytest.raises(InputError, match="give a path, a pandas DataFrame, or a Dataset"):
        rows_of(source)


def test_a_table_without_a_row_is_refused():
    with pytest.raises(InputError, match="the table has no row"):
        rows_of(pd.DataFrame({"post": []}))
    assert rows_of(pd.DataFrame({"post": []}), may_be_empty=True).count == 0


def test_splits_and_classes_of_datasets_are_read_by_their_names():
    from datasets import ClassLabel, Dataset, DatasetDict, Features, Value
    from datasets import Image as Picture

    features = Features(
        {"post": Value("string"), "spam": ClassLabel(names=["no", "yes"]), "picture": Picture()}
    )
    one = Dataset.from_dict({"post": ["a"], "spam": [1], "picture": [picture()]}, features)
    two = Dataset.from_dict({"post": ["b"], "spam": [None], "picture": [None]}, features)
    rows = rows_of(DatasetDict(train=one, test=two))
    assert (rows.count, rows.names) == (2, ("post", "spam", "picture", "split"))
    assert list(rows.column("split")) == ["train", "test"]
    assert list(rows.column("spam")) == ["yes", None]
    cell, nothing = rows.column("picture")
    assert (cell["bytes"][:4], nothing) == (b"\x89PNG", None)
    assert not rows_of(DatasetDict(train=one)).has_splits


def test_splits_with_other_columns_are_refused():
    from datasets import Dataset, DatasetDict

    splits = DatasetDict(train=Dataset.from_dict({"a": [1]}), test=Dataset.from_dict({"b": [1]}))
    with pytest.raises(InputError, match="split 'test' has other columns"):
        rows_of(splits)
