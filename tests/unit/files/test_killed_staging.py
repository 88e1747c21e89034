"""A folder that is written as a whole, by a process that is killed at every place in turn."""

import itertools

import pytest
from kills.places import forked

from adverts.files.staging import staging

pytestmark = pytest.mark.promise


def write(folder, content):
    with staging(folder, marker="record.json", also=("data",)) as partial:
        (partial / "data").mkdir()
        for name in ("one", "two"):
            (partial / "data" / name).write_text(content)
        (partial / "record.json").write_text(content)


def contents(place):
    return {
        str(one.relative_to(place)): one.is_file() and one.read_text() for one in place.rglob("*")
    }


def test_killed_at_any_place_and_again_while_it_tidies_up_it_is_written_by_the_next(tmp_path):
    for first, second in itertools.product(range(3, 13, 2), range(2, 7)):
        place = tmp_path / f"{first}-{second}"
        place.mkdir()
        write(place / "out", "before")
        for kill in (first, second):
            forked(lambda: write(place / "out", "after"), place, kill)  # noqa: B023
        write(place / "out", "after")
        assert contents(place) == {
            "out": False,
            "out/data": False,
            "out/data/one": "after",
            "out/data/two": "after",
            "out/record.json": "after",
        }
