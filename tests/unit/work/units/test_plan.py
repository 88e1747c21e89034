"""Plans: frozen once, compared later, and never mixed with files of unknown origin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adverts.errors import InputError, IntegrityError
from adverts.work.units.place import Place, open_place
from adverts.work.units.plan import PLAN, Plan, freeze, read_plan, require_same

SETTINGS = {"bundle": "b1", "format": "parquet", "columns": {"id": "id"}}
INPUTS = {"a.csv": {"size": 3}, "b.csv": {"size": 4}}
UNITS = ({"file": "a.csv", "start": 0}, {"file": "b.csv", "start": 0})
PLANNED = Plan(SETTINGS, INPUTS, UNITS)
FOLDERS = ("scores", "receipts")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return open_place(str(tmp_path / "scores"))


def test_a_plan_is_read_as_it_was_written(place: Place) -> None:
    assert read_plan(place) is None
    assert freeze(place, PLANNED, FOLDERS) == PLANNED
    found = read_plan(place)
    assert found == PLANNED
    assert found is not None
    assert found.key == PLANNED.key


def test_the_second_of_two_planners_gets_the_first_plan(place: Place) -> None:
    freeze(place, PLANNED, FOLDERS)
    later = Plan(SETTINGS, INPUTS, UNITS[:1])
    assert freeze(place, later, FOLDERS) == PLANNED


def test_files_without_a_plan_are_never_taken_for_ours(place: Place, tmp_path: Path) -> None:
    (tmp_path / "scores" / "scores").mkdir(parents=True)
    (tmp_path / "scores" / "scores" / "000000.parquet").write_bytes(b"of another model")
    with pytest.raises(InputError, match="000000.parquet, but no plan.json"):
        freeze(place, PLANNED, FOLDERS)


@pytest.mark.parametrize(
    ("settings", "inputs", "told"),
    [
        ({**SETTINGS, "bundle": "b2"}, INPUTS, r'planned with bundle="b1", now it is "b2"'),
        ({**SETTINGS, "more": 1}, INPUTS, "planned with more=null, now it is 1"),
        ({"bundle": "b1", "format": "parquet"}, INPUTS, "now it is null"),
        (SETTINGS, {"a.csv": {"size": 3}}, "b.csv is gone"),
        (SETTINGS, {**INPUTS, "a.csv": {"size": 9}}, "a.csv changed since"),
        (SETTINGS, {**INPUTS, "c.csv": {"size": 1}}, "c.csv is new since"),
    ],
)
def test_other_work_is_refused_by_name(
    place: Place, settings: dict[str, object], inputs: dict[str, object], told: str
) -> None:
    require_same(place, PLANNED, SETTINGS, INPUTS)
    with pytest.raises(InputError, match=told):
        require_same(place, PLANNED, settings, inputs)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b'{"schema_version": 2}', b'{"schema_version": 1, "settings": {}}'],
)
def test_a_damaged_plan_is_one_line(place: Place, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "scores").mkdir()
    (tmp_path / "scores" / PLAN).write_bytes(content)
    with pytest.raises(IntegrityError, match="plan.json"):
        read_plan(place)


def test_a_plan_with_a_value_that_no_planner_writes_is_refused_before_it_is_parsed(
    place: Place, tmp_path: Path
) -> None:
    (tmp_path / "scores").mkdir()
    (tmp_path / "scores" / PLAN).write_text(
        json.dumps({"schema_version": 1, "inputs": {"a": "x" * 2_000_000}})
    )
    with pytest.raises(IntegrityError, match="a line has more than"):
        read_plan(place)


def test_the_key_changes_with_every_part() -> None:
    keys = {
        PLANNED.key,
        Plan({**SETTINGS, "format": "csv"}, INPUTS, UNITS).key,
        Plan(SETTINGS, {"a.csv": {"size": 5}}, UNITS).key,
        Plan(SETTINGS, INPUTS, UNITS[:1]).key,
    }
    assert len(keys) == 4


def test_tuples_and_lists_are_one_value_after_writing(place: Place) -> None:
    planned = Plan({"source": {"paths": ("a.csv",)}}, INPUTS, UNITS)
    freeze(place, planned, FOLDERS)
    found = read_plan(place)
    assert found is not None
    require_same(place, found, {"source": {"paths": ("a.csv",)}}, INPUTS)
    assert found.key == planned.key
    assert json.loads(place.read(PLAN))["units"] == list(UNITS)
