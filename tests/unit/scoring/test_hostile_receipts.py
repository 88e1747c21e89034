"""Somebody edited a receipt, a plan or a folder: one line, and no file outside is touched."""

from __future__ import annotations

import datetime
import json
import os
import shutil
from pathlib import Path

import pytest
from calling import call
from collected import DAY, edit, scored

from adverts.errors import AdvertsError, CannotJudgeError
from adverts.scoring.check_collection import require_unchanged
from adverts.scoring.collection import open_collection, without_lost
from adverts.scoring.evidence.evidence_terms import purge
from adverts.work.units.place import RemotePlace, aside, open_place

pytestmark = pytest.mark.promise

OWN = "scores/000000.parquet"


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    """A folder of scores with evidence, beside files of somebody else."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "victim.txt").write_bytes(b"victim")
    scored(tmp_path / "scores", evidence=True)
    return tmp_path / "scores"


def content_of(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, links not followed."""
    return {
        str(one.relative_to(folder)): one.read_bytes()
        for one in sorted(folder.rglob("*"))
        if one.is_file() and not one.is_symlink()
    }


def go_on(folder: Path | str) -> None:
    """Do what each command that goes on with a folder of scores does first."""
    without_lost(open_collection(open_place(str(folder))))


def refusal(act, folder: Path) -> str:
    """Return the line of a refusal, which leaves every file as it was, also the second time."""
    before = content_of(folder.parent)
    said = set()
    for _ in range(2):
        with pytest.raises(AdvertsError) as found:
            act(folder)
        assert found.value.exit_status == 2
        assert content_of(folder.parent) == before
        said.add(str(found.value))
    [line] = said
    assert "\n" not in line
    return line


NAMES = (
    "../outside/victim.txt",
    "scores/../../outside/victim.txt",
    "{outside}/victim.txt",
    "scores/000001.parquet",
    "evidence/000001.parquet",
    "plan.json",
    "receipts/000000.json",
    "summary.json",
    "scores/000000.csv",
    "scores/000000.parquet/",
    "scores//000000.parquet",
    "./scores/000000.parquet",
    "scores\\000000.parquet",
    "scores/000000.parquet\0.txt",
    "scores/000000.parquet\n",
    "scores/",
    "scores",
    "..",
    ".",
    "",
)


@pytest.mark.parametrize("instead", [True, False], ids=["instead", "beside"])
@pytest.mark.parametrize("name", NAMES)
def test_a_receipt_names_the_files_of_its_unit_alone(scores: Path, name: str, *, instead: bool):
    name = name.replace("{outside}", str(scores.parent / "outside"))
    victim = {"sha256": "0" * 64, "bytes": 1}

    def change(raw: dict) -> None:
        raw["outputs"][name] = raw["outputs"].pop(OWN) if instead else victim

    edit(scores, change)
    line = refusal(go_on, scores)
    assert "receipts/000000.json names other files than those of its unit; remove it" in line
    refusal(lambda folder: require_unchanged(open_collection(open_place(str(folder)))), scores)


@pytest.mark.parametrize("name", NAMES)
def test_a_receipt_in_an_object_store_names_the_files_of_its_unit_alone(tmp_path: Path, name: str):
    address = f"memory://{tmp_path.name}"
    place = scored(f"{address}/work/scores")
    assert isinstance(place, RemotePlace)
    outside = open_place(f"{address}/outside")
    outside.replace("victim.txt", b"victim")
    name = name.replace("{outside}", f"/{tmp_path.name}/outside")
    raw = json.loads(place.read("receipts/000000.json"))
    raw["outputs"][name.replace("../out", "../../out")] = {"sha256": "0" * 64, "bytes": 1}
    place.replace("receipts/000000.json", json.dumps(raw).encode())
    with pytest.raises(AdvertsError, match="names other files than those of its unit"):
        go_on(f"{address}/work/scores")
    assert outside.read("victim.txt") == b"victim"
    assert place.read(OWN)


@pytest.mark.parametrize("where", ["local", "store"])
@pytest.mark.parametrize(
    "name", ["../victim", "a/../victim", "/victim", "a//b", "a/b/c", "a/", "", ".", "..", "a\0b"]
)
def test_a_place_touches_no_name_that_leads_out_of_it(tmp_path: Path, where: str, name: str):
    place = open_place(str(tmp_path / "in") if where == "local" else f"memory://{tmp_path.name}/in")
    place.replace("plan.json", b"{}")
    for act in (place.read, place.remove, lambda name: place.replace(name, b"x")):
        with pytest.raises(AdvertsError, match="no name of a file"):
            act(name)
    with aside(place) as folder:
        (folder / "file").write_bytes(b"x")
        with pytest.raises(AdvertsError, match="no name of a file"):
            place.create(name, folder / "file")
    assert not [one for one in content_of(tmp_path) if one != "in/plan.json"]


@pytest.mark.parametrize("folder", ["scores", "evidence", "receipts", ".aside"])
def test_nothing_is_read_written_or_removed_through_a_linked_folder(scores: Path, folder: str):
    there = scores.parent / "outside" / folder
    if (scores / folder).exists():
        shutil.move(scores / folder, there)
    else:
        there.mkdir()
    (scores / folder).symlink_to(there)
    (there / "000000.parquet").write_bytes(b"of somebody else")

    def act(folder: Path) -> None:
        go_on(folder)
        place = open_place(str(folder))
        purge(place, DAY)

    line = refusal(act, scores)
    assert f"{scores}/{folder} is a link" in line


@pytest.mark.parametrize("name", [OWN, "evidence/000000.parquet", "receipts/000000.json"])
def test_a_file_of_a_unit_that_is_a_link_is_refused(scores: Path, name: str):
    there = scores.parent / "outside" / "file"
    shutil.move(scores / name, there)
    (scores / name).symlink_to(there)
    assert f"{scores}/{name} is a link" in refusal(go_on, scores)


def test_a_plan_that_is_a_link_is_refused(scores: Path):
    shutil.move(scores / "plan.json", scores.parent / "outside")
    (scores / "plan.json").symlink_to(scores.parent / "outside" / "plan.json")
    assert "plan.json is a link" in refusal(go_on, scores)


def test_the_folder_itself_may_be_reached_by_a_link(scores: Path):
    (scores.parent / "link").symlink_to(scores)
    go_on(scores.parent / "link")


@pytest.mark.parametrize("purged", ["evidence", "expired"])
@pytest.mark.parametrize("inner", ["", "/000000.parquet", "/stray"])
def test_purging_over_a_link_removes_nothing_behind_it(
    scores: Path, monkeypatch, capsys, purged: str, inner: str
):
    target = scores.parent / "outside"
    path = scores / f"evidence{inner}"
    shutil.rmtree(scores / "evidence") if not inner else path.unlink(missing_ok=True)
    path.symlink_to(target / "victim.txt" if inner else target)
    before = content_of(scores.parent)
    for _ in range(2):
        assert call(monkeypatch, "score", f"scores={scores}", f"purge={purged}") == 2
        assert f"{path} is a link" in capsys.readouterr().err
        assert content_of(scores.parent) == before


def test_evidence_is_purged_whatever_its_files_are_called(scores: Path):
    for name in ("odd\n.parquet", "a\\b", "-rf", "é"):
        (scores / "evidence" / name).write_bytes(b"evidence")
    assert purge(open_place(str(scores)), DAY) == 5
    assert list((scores / "evidence").iterdir()) == []


def kind_is_a_path(plan: dict) -> None:
    plan["settings"]["format"] = "x/../../../outside/victim.txt"


def kind_is_missing(plan: dict) -> None:
    del plan["settings"]["format"]


@pytest.mark.parametrize("change", [kind_is_a_path, kind_is_missing])
def test_a_plan_whose_format_is_none_is_refused(scores: Path, change):
    plan = json.loads((scores / "plan.json").read_bytes())
    change(plan)
    (scores / "plan.json").write_text(json.dumps(plan))
    assert "plan.json is damaged" in refusal(go_on, scores)


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize("name", ["plan.json", "receipts/000000.json"])
@pytest.mark.parametrize(
    "content",
    [DEEP, '{"a": ' * 5_000 + "1" + "}" * 5_000, "null", "[]", "{}", '"x"', "\ud800", "9" * 5_000],
    ids=["deep lists", "deep objects", "null", "list", "empty", "text", "half", "number"],
)
def test_a_plan_or_receipt_of_any_other_json_is_one_line(scores: Path, name: str, content: str):
    (scores / name).write_bytes(content.encode("utf-8", "surrogatepass"))
    assert str(scores / name) in refusal(go_on, scores)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("outputs", []),
        ("outputs", {OWN: {"sha256": 1, "bytes": 1}}),
        ("unit", "0"),
        ("unit", -1),
        ("plan", None),
        ("seconds", "1"),
        ("seconds", {}),
        ("counts", []),
        ("processor", 3),
        ("more", 1),
    ],
)
def test_a_receipt_with_a_field_of_another_kind_is_damaged(scores: Path, field: str, value: object):
    edit(scores, lambda raw: raw.__setitem__(field, value))
    line = refusal(go_on, scores)
    assert "remove it, and its unit is done again" in line


NO_COUNTS = (-1, 10**400, 1.5, "8", None, True, [1], {"a": -1}, {"a": "b"}, {"a": 10**400}, "ab")


@pytest.mark.parametrize("value", [*NO_COUNTS, float("nan"), float("inf"), -0.5, 10**30])
@pytest.mark.parametrize("field", ["adverts", "errors", "abstained", "cells", "pictures"])
def test_a_count_in_a_receipt_is_a_sensible_number(scores: Path, field: str, value: object):
    if field == "cells":
        value = [["p", "w", "en", "review", value]]
    edit(scores, lambda raw: raw["counts"].__setitem__(field, value))
    line = refusal(lambda folder: list(open_collection(open_place(str(folder))).lines()), scores)
    assert "receipts/000000.json is damaged; remove it, and its unit is done again" in line


@pytest.mark.parametrize("seconds", [-1, -0.5, 10**400, True, float("nan"), float("inf")])
def test_the_seconds_in_a_receipt_are_a_sensible_number(scores: Path, seconds: float):
    edit(scores, lambda raw: raw.update(seconds=seconds))
    line = refusal(go_on, scores)
    assert "receipts/000000.json is damaged; remove it, and its unit is done again" in line


@pytest.mark.parametrize("size", [-1, 1.5, "8", None, [8], True])
def test_a_size_in_a_receipt_is_a_whole_number(scores: Path, size: object):
    edit(scores, lambda raw: raw["outputs"][OWN].update(bytes=size))
    assert "is damaged" in refusal(go_on, scores)


@pytest.mark.parametrize("name", ["1.json", "²²²²²².json", "٠٠٠٠٠١.json", "0000001.json", "x.json"])
def test_files_with_names_like_receipts_are_none(scores: Path, name: str):
    (scores / "receipts" / name).write_text("")
    go_on(scores)
    with pytest.raises(CannotJudgeError, match="1 file of no unit"):
        require_unchanged(open_collection(open_place(str(scores))))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ["plan.json", "receipts/000000.json"])
def test_a_pipe_in_place_of_a_file_is_refused_at_once(scores: Path, name: str):
    (scores / name).unlink()
    os.mkfifo(scores / name)
    with pytest.raises(AdvertsError, match="is a named pipe, not a file"):
        go_on(scores)


def test_a_refused_receipt_that_is_removed_is_done_again(scores: Path):
    edit(scores, lambda raw: raw["outputs"].update({"../outside/victim.txt": {}}))
    refusal(go_on, scores)
    (scores / "receipts" / "000000.json").unlink()
    assert open_collection(open_place(str(scores))).left == (0, 1)


def test_evidence_that_expired_long_ago_can_be_purged_beside_a_refused_file(scores: Path):
    assert purge(open_place(str(scores)), DAY + datetime.timedelta(days=900)) == 1
