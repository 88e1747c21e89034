"""Every evaluation of a run is kept: other settings, splits and data have places of their own."""

from dataclasses import dataclass

from adverts.tracking import MemoryTracker
from adverts.tracking.evaluated_run import evaluation_name, remove_pictures
from adverts.tracking.training_run import USER, user_name


@dataclass(frozen=True)
class MadeOrigin:
    command: str
    data_hash: str = "d" * 64


def test_equal_evaluations_share_a_place_and_others_do_not():
    first = MadeOrigin("adverts evaluate candidate=runs/a split=test")
    assert evaluation_name("report", first) == evaluation_name("report", MadeOrigin(first.command))
    others = [
        evaluation_name("report", MadeOrigin(f"{first.command} seed=1")),
        evaluation_name("report", MadeOrigin(first.command, "e" * 64)),
        evaluation_name("second", first),
    ]
    assert len({evaluation_name("report", first), *others}) == 4


def test_pictures_stay_as_long_as_a_spool_waits_for_them(tmp_path):
    pictures = tmp_path / "report.tracking" / "pictures"
    pictures.mkdir(parents=True)
    (pictures / "a.png").write_bytes(b"a")
    remove_pictures(pictures, waiting=True)
    assert (pictures / "a.png").exists()
    (pictures.parent / "spool.jsonl").write_text("")
    remove_pictures(pictures, waiting=False)
    assert [one.name for one in pictures.parent.iterdir()] == ["spool.jsonl"]


def test_the_name_of_the_login_can_be_replaced_and_left_out(monkeypatch):
    monkeypatch.setenv(USER, "team")
    assert user_name() == "team"
    monkeypatch.setenv(USER, "")
    assert user_name() == ""


def test_texts_and_notes_are_kept_in_memory():
    with MemoryTracker() as run:
        run.text("versions.txt", "numpy==2")
        run.note("Training", "a")
        run.note("Training", "b")
    assert run.logged_texts == {"versions.txt": "numpy==2"}
    assert run.logged_notes == {"Training": "b"}
