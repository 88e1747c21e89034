"""Receipts: proof of a unit, and what is noticed where the proof does not hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adverts.errors import IntegrityError
from adverts.work.units.place import Place, aside, open_place
from adverts.work.units.plan import Plan, freeze
from adverts.work.units.receipts import (
    Receipt,
    forget,
    hand_in,
    read_receipts,
    receipt_name,
    units_changed,
    units_done,
    units_lost,
)

PLANNED = Plan({"bundle": "b"}, {"a": 1}, ({"start": 0}, {"start": 1}))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = open_place(str(tmp_path / "work"))
    freeze(place, PLANNED, ("scores", "receipts"))
    return place


def done(place: Place, unit: int, content: bytes, *, processor: str = "x86_64") -> None:
    with aside(place) as folder:
        (folder / "answers").write_bytes(content)
        hand_in(
            place,
            PLANNED,
            unit,
            {f"scores/{unit:06d}.csv": folder / "answers"},
            counts={"rows": 2},
            seconds=1.5,
            processor=processor,
        )


def receipts(place: Place) -> list[Receipt]:
    names = lambda unit: {f"scores/{unit:06d}.csv"}  # noqa: E731
    return list(read_receipts(place, PLANNED, sorted(units_done(place)), names))


def test_a_unit_is_done_once_it_has_its_receipt(place: Place) -> None:
    assert units_done(place) == frozenset()
    done(place, 1, b"answers")
    assert units_done(place) == {1}
    (receipt,) = receipts(place)
    assert receipt.unit == 1
    assert receipt.counts == {"rows": 2}
    assert receipt.outputs["scores/000001.csv"].bytes == 7
    assert units_lost(place, [receipt]) == []
    assert units_changed(place, [receipt]) == []


def test_a_process_killed_between_file_and_receipt_loses_nothing(place: Place) -> None:
    with aside(place) as folder:
        (folder / "answers").write_bytes(b"answers")
        place.create("scores/000000.csv", folder / "answers")
    assert units_done(place) == frozenset()
    done(place, 0, b"answers")
    assert units_changed(place, receipts(place)) == []
    assert receipts(place)[0].processor == "x86_64"


def test_the_receipt_is_of_the_file_that_is_there(place: Place) -> None:
    with aside(place) as folder:
        (folder / "answers").write_bytes(b"by another processor")
        place.create("scores/000000.csv", folder / "answers")
    done(place, 0, b"by mine")
    (receipt,) = receipts(place)
    assert receipt.processor == "unknown"
    assert units_changed(place, [receipt]) == []
    assert place.read("scores/000000.csv") == b"by another processor"


def test_a_second_run_of_a_unit_changes_nothing(place: Place) -> None:
    done(place, 0, b"answers")
    before = place.read(receipt_name(0))
    done(place, 0, b"others", processor="arm64")
    assert place.read(receipt_name(0)) == before
    assert place.read("scores/000000.csv") == b"answers"


def test_a_file_that_is_gone_or_cut_is_done_again(place: Place, tmp_path: Path) -> None:
    for unit in (0, 1):
        done(place, unit, b"answers")
    (tmp_path / "work/scores/000000.csv").unlink()
    (tmp_path / "work/scores/000001.csv").write_bytes(b"ans")
    assert units_lost(place, receipts(place)) == [0, 1]
    forget(place, receipts(place))
    assert units_done(place) == frozenset()
    done(place, 1, b"answers")
    assert place.read("scores/000001.csv") == b"answers"


def test_a_file_of_other_content_and_equal_size_is_found_by_its_hash(
    place: Place, tmp_path: Path
) -> None:
    done(place, 0, b"answers")
    (tmp_path / "work/scores/000000.csv").write_bytes(b"ANSWERS")
    assert units_lost(place, receipts(place)) == []
    assert units_changed(place, receipts(place)) == [0]


def test_only_files_that_are_as_they_were_are_looked_at(place: Place, tmp_path: Path) -> None:
    for unit in (0, 1):
        done(place, unit, b"answers")
    (tmp_path / "work/scores/000000.csv").write_bytes(b"ANSWERS")
    seen = []
    found = units_changed(place, receipts(place), look=lambda *one: seen.append(one[1:]))
    assert (found, seen) == ([0], [("scores/000001.csv", b"answers")])


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"unit": 0}', b"\xff"])
def test_a_damaged_receipt_is_one_line(place: Place, tmp_path: Path, content: bytes) -> None:
    done(place, 0, b"answers")
    (tmp_path / "work" / receipt_name(0)).write_bytes(content)
    with pytest.raises(IntegrityError, match="damaged; remove it, and its unit is done again"):
        receipts(place)


def test_a_receipt_of_another_plan_or_unit_proves_nothing(place: Place, tmp_path: Path) -> None:
    done(place, 0, b"answers")
    path = tmp_path / "work" / receipt_name(0)
    told = json.loads(path.read_bytes())
    path.write_text(json.dumps({**told, "plan": "0" * 64}))
    with pytest.raises(IntegrityError, match="is of other work"):
        receipts(place)
    path.write_text(json.dumps({**told, "unit": 1}))
    with pytest.raises(IntegrityError, match="is of other work"):
        receipts(place)


def test_other_files_among_the_receipts_are_no_units(place: Place, tmp_path: Path) -> None:
    done(place, 0, b"answers")
    (tmp_path / "work/receipts/notes.txt").write_text("")
    (tmp_path / "work/receipts/x.json").write_text("")
    assert units_done(place) == {0}
