"""What somebody changed in a folder of scores by hand, and what verify says of it."""

from __future__ import annotations

import pytest
from collected import DAY, edit, scored

from adverts.errors import CannotJudgeError
from adverts.runtime.predict.responses import NOTHING_TO_READ
from adverts.scoring import collection_counts
from adverts.scoring.answer_files import answers_name
from adverts.scoring.check_collection import require_unchanged
from adverts.scoring.collection import open_collection
from adverts.scoring.evidence.evidence_terms import purge


def faults_of(place):
    """Return the lines of what verify finds."""
    with pytest.raises(CannotJudgeError) as found:
        require_unchanged(open_collection(place))
    return str(found.value).splitlines()


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_what_was_scored_is_unchanged(tmp_path, kind):
    require_unchanged(open_collection(scored(tmp_path, kind)))


def test_cells_that_had_no_room_are_of_any_language(tmp_path, monkeypatch):
    monkeypatch.setattr(collection_counts, "_MOST_CELLS", 2)
    place = scored(tmp_path)
    require_unchanged(open_collection(place))
    edit(tmp_path, lambda raw: raw["counts"]["cells"][1].__setitem__(2, "fr"))
    assert "do not count their answers (000000)" in faults_of(place)[0]


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
@pytest.mark.parametrize(
    "change",
    [
        lambda counts: counts.update(adverts=4),
        lambda counts: counts.update(exited=0),
        lambda counts: counts.update(repeated_ids=0),
        lambda counts: counts.update(errors={}),
        lambda counts: counts.update(errors={"out_of_time": 1}),
        lambda counts: counts["abstained"].pop(NOTHING_TO_READ),
        lambda counts: counts["abstained"].update(another=1),
        lambda counts: counts["cells"][0].__setitem__(3, "review"),
        lambda counts: counts["cells"][0].__setitem__(2, "fr"),
        lambda counts: counts["cells"][0].__setitem__(4, 2),
        lambda counts: counts["cells"].pop(),
    ],
)
def test_a_receipt_that_counts_something_else_is_named(tmp_path, kind, change):
    place = scored(tmp_path, kind)
    edit(tmp_path, lambda raw: change(raw["counts"]))
    [line] = faults_of(place)
    assert "the receipts of 1 unit do not count their answers (000000)" in line


@pytest.mark.parametrize("content", [b"", b"other", b"PAR1", b'"id"\n'])
@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_a_receipt_of_something_that_holds_no_answers_is_named(tmp_path, kind, content):
    from hashlib import sha256

    place = scored(tmp_path, kind)
    (tmp_path / answers_name(0, kind)).write_bytes(content)
    told = {"sha256": sha256(content).hexdigest(), "bytes": len(content)}
    edit(tmp_path, lambda raw: raw["outputs"].update({answers_name(0, kind): told}))
    [line] = faults_of(place)
    assert "do not count their answers (000000)" in line


def test_a_changed_file_is_named_and_not_counted(tmp_path):
    place = scored(tmp_path)
    (tmp_path / "scores" / "000000.parquet").write_bytes(b"other")
    [line] = faults_of(place)
    assert "the files of 1 unit are not those of their receipts (000000)" in line
    assert "remove the files and receipts" in line


def test_files_of_no_unit_are_named_in_every_folder(tmp_path):
    place = scored(tmp_path)
    strays = [
        "scores/000000.csv",
        "scores/x\n.txt",
        "receipts/000002.json",
        "evidence/000000.parquet",
    ]
    (tmp_path / "evidence").mkdir()
    for name in strays:
        (tmp_path / name).write_bytes(b"")
    [line] = faults_of(place)
    assert "4 files of no unit of the plan (scores/000000.csv, scores/x?.txt, evidence/" in line


def test_a_file_whose_unit_was_killed_before_its_receipt_is_no_stray(tmp_path):
    place = scored(tmp_path, evidence=True)
    (tmp_path / "scores" / "000001.parquet").write_bytes(b"whole")
    (tmp_path / "evidence" / "000001.parquet").write_bytes(b"whole")
    require_unchanged(open_collection(place))


def test_evidence_that_was_removed_is_not_missed_and_what_is_left_of_it_is_named(tmp_path):
    place = scored(tmp_path, evidence=True)
    purge(place, DAY)
    require_unchanged(open_collection(place))
    (tmp_path / "evidence" / "000000.parquet").write_bytes(b"left")
    [line] = faults_of(place)
    assert "1 file of no unit of the plan (evidence/000000.parquet)" in line


def test_many_faults_are_a_line_each(tmp_path):
    place = scored(tmp_path)
    edit(tmp_path, lambda raw: raw["counts"].update(errors={}))
    for number in range(8):
        (tmp_path / "scores" / f"stray{number}").write_bytes(b"")
    counted, stray = faults_of(place)
    assert "do not count" in counted
    assert stray.count("scores/stray") == 5
    assert ", …)" in stray
