"""A table as a private file: plain names, plain cells, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys

import pandas as pd
import pyarrow.parquet as pq
import pytest

from adverts.calls.frame_file import FILE, Mapped, split_of, written
from adverts.calls.rows import rows_of
from adverts.errors import InputError

FRAME = pd.DataFrame(
    {
        "a ${b}, 'c' = [d]": ["x", None, "z"],
        ("two", 1): [True, None, False],
        "part": ["dev", "train", "test"],
    }
)
MAPPED = Mapped({"text": "a ${b}, 'c' = [d]"}, {"refer": ("two", 1)}, "part")


def test_hostile_names_of_columns_become_plain_ones(tmp_path):
    with written(rows_of(FRAME), MAPPED, tmp_path / "mine", most_bytes=9) as folder:
        table = pq.read_table(folder / FILE)
        assert (folder.stat().st_mode & 0o777, (folder / FILE).stat().st_mode & 0o777) == (
            0o700,
            0o600,
        )
    assert table.to_pydict() == {
        "text": ["x", None, "z"],
        "split": ["validation", "train", "test"],
        "labels of refer": ["true", None, "false"],
    }


def test_a_label_keeps_the_name_of_its_column_where_that_is_plain(tmp_path):
    frame = pd.DataFrame({"post": ["a"], "is spam": [1], "text": ["no"]})
    for column, name in (("is spam", "is spam"), ("text", "labels of refer")):
        mapped = Mapped({"text": "post"}, {"refer": column})
        with written(rows_of(frame), mapped, tmp_path / "mine", most_bytes=9) as folder:
            assert pq.read_table(folder / FILE).column_names == ["text", name]


def test_nothing_is_left_after_the_block_or_an_error(tmp_path):
    with written(rows_of(FRAME), MAPPED, tmp_path / "mine", most_bytes=9):
        assert len(os.listdir(tmp_path)) == 1
    assert os.listdir(tmp_path) == []
    with (
        pytest.raises(KeyboardInterrupt),
        written(rows_of(FRAME), MAPPED, tmp_path / "m", most_bytes=9),
    ):
        raise KeyboardInterrupt
    shifted = pd.DataFrame({"part": ["call +447700900123"]})
    with (
        pytest.raises(InputError, match="row 1, split: found 'withheld'"),
        written(rows_of(shifted), Mapped({}, {}, "part"), tmp_path / "mine", most_bytes=9),
    ):
        pass
    bad = pd.DataFrame({"part": ["train", "later"]})
    with (
        pytest.raises(InputError, match="row 2, split: found 'later'"),
        written(rows_of(bad), Mapped({}, {}, "part"), tmp_path / "mine", most_bytes=9),
    ):
        pass
    assert os.listdir(tmp_path) == []


def test_what_a_killed_call_left_is_removed_and_what_runs_is_kept(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, running = (tmp_path / f".mine.rows-{one}-x" for one in (ended.pid, os.getpid()))
    left.mkdir()
    running.mkdir()
    with written(rows_of(FRAME), MAPPED, tmp_path / "mine", most_bytes=9):
        assert not left.exists()
        assert running.exists()


def test_the_same_rows_are_the_same_bytes(tmp_path):
    found = []
    for _ in range(2):
        with written(rows_of(FRAME), MAPPED, tmp_path / "mine", most_bytes=9) as folder:
            found.append((folder / FILE).read_bytes())
    assert found[0] == found[1]


def test_half_of_a_surrogate_pair_is_refused_without_its_text(tmp_path):
    frame = pd.DataFrame({"post": pd.Series(["secret \ud800"], dtype=object)})
    with (
        pytest.raises(InputError, match="cannot be written as text") as told,
        written(rows_of(frame), Mapped({"text": "post"}), tmp_path / "mine", most_bytes=9),
    ):
        pass
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("word", "split"),
    [
        ("TRAIN", "train"),
        (" val ", "validation"),
        ("dev", "validation"),
        ("Held-out", "test"),
        ("later", None),
        (None, None),
    ],
)
def test_other_words_for_a_split_are_known(word, split):
    assert split_of(word) == split
