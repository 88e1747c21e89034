"""The verb sample: sealed before anyone looks, complete or not at all, and never drawn twice."""

from __future__ import annotations

import csv
import datetime
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from calling import call
from drawn_sample import COLLECTED, POSTS, drawn

from adverts.advert import Task
from adverts.data.dataset.prepared import open_prepared
from adverts.data.review.review_sheet import PartToReview, write_review
from adverts.data.review.reviews import Review, item_name
from adverts.errors import IntegrityError
from adverts_findings import sample
from adverts_findings.survey.sample import read_sample
from adverts_findings.survey.sheets.stored_items import read_items


@pytest.fixture
def scored(scored_posts, tmp_path, monkeypatch):
    """The current folder, with a copy of the posts and their scores."""
    shutil.copytree(scored_posts, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    monkeypatch.setattr(
        "adverts_findings.sample._absolute", lambda scores: str(Path(scores).absolute())
    )
    return tmp_path / "copy"


def rows_of(sheet: str) -> list[dict[str, str]]:
    """Return the rows of a sheet."""
    return list(csv.DictReader(Path(sheet).read_text(encoding="utf-8-sig").splitlines()))


def filled(sheet: str, path: str, reviewer: str, positive: set[str]) -> str:
    """Fill in a sheet: items of the given names are positive; return the path."""
    rows = rows_of(sheet)
    label = next(name for name in rows[0] if name.startswith("label."))
    for row in rows:
        row[label] = "yes" if row["example"] in positive else "no"
        row |= {"reviewer": reviewer, "saw_others": "no"}
    with Path(path).open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_sample_is_drawn_from_all_that_was_scored(scored, monkeypatch, capsys):
    assert call(monkeypatch, "sample", *drawn()) == 0
    said = capsys.readouterr().out
    made = read_sample(Path("w44"))
    assert made.frame.adverts == POSTS
    assert made.frame.description == COLLECTED
    assert sum(one.times for one in made.draws) == 60
    assert {one.item for one in made.draws} <= {item_name(f"p{i}") for i in range(POSTS)}
    assert sum(one.draws for one in made.strata) == 60
    assert f"frame: {POSTS} adverts" in said
    assert made.seal[:16] in said


def test_a_sheet_holds_no_id_score_contact_or_text(scored, monkeypatch):
    assert call(monkeypatch, "sample", *drawn()) == 0
    held = Path("w44/round-1/sheet.csv").read_text(encoding="utf-8-sig")
    made = read_sample(Path("w44"))
    assert not any(f"{one.predicted:.3f}" in held for one in made.draws)
    assert "7700" not in held
    page = Path("w44/round-1/review.html").read_text()
    assert "7700" not in page
    assert "<PHONE>" in json.dumps(page).replace("\\\\u003c", "<")
    for file in ("sample.json", "round-1/sheet.csv", "round-1/review.html", "items.parquet"):
        assert Path("w44", file).stat().st_mode & 0o077 == 0


def test_a_sealed_sample_is_never_drawn_again(scored, monkeypatch, capsys):
    assert call(monkeypatch, "sample", *drawn()) == 0
    before = Path("w44/sample.json").read_bytes()
    assert call(monkeypatch, "sample", *drawn("seed=1")) == 2
    assert "holds a sealed sample" in capsys.readouterr().err
    assert Path("w44/sample.json").read_bytes() == before


def test_a_sample_that_another_process_sealed_meanwhile_is_kept(scored, monkeypatch, capsys):
    from adverts_findings.survey.sheets import items_drawn

    assert call(monkeypatch, "sample", *drawn("sample_dir=quicker")) == 0
    read = items_drawn.items_drawn

    def slow(*arguments, **named):
        Path("quicker").rename("w44")
        return read(*arguments, **named)

    monkeypatch.setattr(items_drawn, "items_drawn", slow)
    assert call(monkeypatch, "sample", *drawn("seed=1")) == 2
    assert "holds a sealed sample" in capsys.readouterr().err
    assert read_sample(Path("w44")).seed == 0


def test_a_changed_seal_is_noticed(scored, monkeypatch):
    assert call(monkeypatch, "sample", *drawn()) == 0
    path = Path("w44/sample.json")
    path.chmod(0o600)
    path.write_text(path.read_text().replace('"seed": 0', '"seed": 1'))
    with pytest.raises(IntegrityError, match="changed after it was written"):
        read_sample(Path("w44"))


def test_a_plan_says_what_to_expect_and_writes_nothing(scored, monkeypatch, capsys):
    asked = drawn("plan_only=true", "width=20", "by=[platform]")
    assert call(monkeypatch, "sample", *asked) == 0
    said = capsys.readouterr().out
    assert "if calibration is right: about " in said
    assert "an interval of 20 adverts needs " in said
    assert "platform x: cannot say, about 20 labels; 30 are wanted" in said
    assert not Path("w44").exists()


def test_rounds_follow_from_what_people_said(scored, monkeypatch, capsys):
    assert call(monkeypatch, "sample", *drawn()) == 0
    made = read_sample(Path("w44"))
    positive = {one.item for one in made.draws[:5]}
    first = filled("w44/round-1/sheet.csv", "a.csv", "ana", positive)
    assert call(monkeypatch, "sample", "sample_dir=w44", f"labels=[{first}]") == 0
    asked = {row["example"] for row in rows_of("w44/round-2/sheet.csv")}
    assert asked == positive | {one.item for one in made.draws if one.second}
    doubted = made.draws[0].item
    second = filled("w44/round-2/sheet.csv", "b.csv", "ben", positive - {doubted})
    assert call(monkeypatch, "sample", "sample_dir=w44", f"labels=[{second}]") == 0
    assert [row["example"] for row in rows_of("w44/round-3/sheet.csv")] == [doubted]
    third = filled("w44/round-3/sheet.csv", "c.csv", "cleo", {doubted})
    assert call(monkeypatch, "sample", "sample_dir=w44", f"labels=[{third}]") == 0
    assert "every advert has its last word" in capsys.readouterr().out


def test_a_sheet_that_somebody_fills_in_is_never_replaced(scored, monkeypatch):
    assert call(monkeypatch, "sample", *drawn()) == 0
    sheet = Path("w44/round-1/sheet.csv")
    half = {row["example"] for row in rows_of(str(sheet))[:30]}
    only(half, filled(str(sheet), "a.csv", "ana", half))
    before = sheet.read_bytes()
    assert call(monkeypatch, "sample", "sample_dir=w44", "labels=[a.csv]") == 0
    assert sheet.read_bytes() == before
    assert [one.name for one in Path("w44").glob("round-*")] == ["round-1"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (["collected=null"], "collected is not given"),
        (["budget=5"], "budget=5 leaves too few labels for 1 part of the frame"),
        (["planted=4"], "planted needs prepared="),
        (["scores=elsewhere"], "holds no scores"),
        (["by=[country]"], "by"),
    ],
)
def test_wrong_input_is_one_line_and_writes_nothing(scored, monkeypatch, capsys, change, told):
    assert call(monkeypatch, "sample", *drawn(*change)) == 2
    assert told in capsys.readouterr().err
    assert not Path("w44").exists()


def test_a_source_that_changed_is_refused(scored, scored_posts, monkeypatch, capsys):
    posts = scored_posts / "posts.csv"
    before, times = posts.read_bytes(), posts.stat()
    try:
        posts.write_bytes(before + b"p999,one more,x,,,,\n")
        assert call(monkeypatch, "sample", *drawn()) == 2
    finally:
        posts.write_bytes(before)
        os.utime(posts, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert "posts.csv changed after it was scored" in capsys.readouterr().err
    assert not Path("w44").exists()


def test_planted_adverts_cannot_be_told_apart(scored, tiny_prepared, monkeypatch):
    asked = drawn("planted=10", f"prepared={tiny_prepared}")
    assert call(monkeypatch, "sample", *asked) == 0
    made = read_sample(Path("w44"))
    assert sum(one.positive for one in made.planted) == 3
    rows = rows_of("w44/round-1/sheet.csv")
    assert {one.item for one in made.planted} < {row["example"] for row in rows}
    places = [i for i, row in enumerate(rows) if row["example"] in {p.item for p in made.planted}]
    assert max(places) - min(places) > 20
    items = read_items(Path("w44/items.parquet"), made.content)
    assert {one.language for one in items.values()} == {""}  # the dataset knows it, scores do not


def test_a_sample_to_learn_from_takes_no_template_twice_and_none_with_a_label(
    scored, monkeypatch, capsys
):
    assert call(monkeypatch, "sample", *drawn("design=learn")) == 0
    first = read_sample(Path("w44"))
    assert first.design == "learn"
    assert len({one.cluster for one in first.draws}) == 60
    assert "uncertain: " in capsys.readouterr().out
    filled("w44/round-1/sheet.csv", "a.csv", "ana", set())
    assert call(monkeypatch, "sample", "sample_dir=w44", "labels=[a.csv]") == 0
    assert call(monkeypatch, "sample", *drawn("design=learn", "sample_dir=next")) == 0
    again = read_sample(Path("next"))
    assert not {one.cluster for one in first.draws} & {one.cluster for one in again.draws}


def test_adverts_are_not_shown_after_their_evidence_expired(scored, monkeypatch, capsys):
    assert call(monkeypatch, "sample", *drawn()) == 0
    made = read_sample(Path("w44"))
    filled("w44/round-1/sheet.csv", "a.csv", "ana", {made.draws[0].item})
    later = datetime.date.fromisoformat(made.frame.expires) + datetime.timedelta(days=1)
    monkeypatch.setattr("adverts_findings.sample._today", lambda: later)
    assert call(monkeypatch, "sample", "sample_dir=w44", "labels=[a.csv]") == 2
    assert "may not be shown after" in capsys.readouterr().err
    assert not Path("w44/round-2").exists()
    assert Path("reviews/reviews.jsonl").read_text().count("\n") == len(made.draws)


def test_two_people_who_split_the_first_round_swap_in_the_second(scored, monkeypatch, capsys):
    assert call(monkeypatch, "sample", *drawn("second_share=1")) == 0
    both = read_sample(Path("w44")).draws
    halves = [{one.item for one in both[::2]}, {one.item for one in both[1::2]}]
    for half, who in zip(halves, ("ana", "ben"), strict=True):
        only(half, filled("w44/round-1/sheet.csv", f"{who}.csv", who, set()))
    sheets = "labels=[ana.csv,ben.csv]"
    assert call(monkeypatch, "sample", "sample_dir=w44", sheets, "reviewer=Ana ") == 0
    asked = {row["example"] for row in rows_of("w44/round-2-for-ana/sheet.csv")}
    assert asked == halves[1]
    filled("w44/round-2-for-ana/sheet.csv", "ana-2.csv", "ana", set())
    assert call(monkeypatch, "sample", "sample_dir=w44", "labels=[ana-2.csv]", "reviewer=ana") == 2
    assert "it needs another person" in capsys.readouterr().err


def only(items: set[str], path: str) -> None:
    """Empty the answers of a sheet except for some items."""
    rows = rows_of(path)
    label = next(name for name in rows[0] if name.startswith("label."))
    for row in rows:
        row[label] = row[label] if row["example"] in items else ""
    with Path(path).open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_labels_that_an_audit_doubts_are_asked_about_again(scored, tiny_prepared, monkeypatch):
    doubts = [
        PartToReview(f"p{i}", f"c{i}", f"{i}", 1, reason)
        for i, reason in enumerate(["likely error", "large", "likely error"])
    ]
    names = open_prepared(tiny_prepared).split("all").ids[:3]
    parts = [replace(one, example=name) for one, name in zip(doubts, names, strict=True)]
    write_review(Path("review.csv"), parts, [Task("refer", "single", ("no", "yes"), "yes")])
    asked = drawn("design=learn", f"prepared={tiny_prepared}", "recheck=review.csv")
    assert call(monkeypatch, "sample", *asked) == 0
    items = {row["example"] for row in rows_of("w44/round-1/sheet.csv")}
    assert {item_name(names[0]), item_name(names[2])} < items
    assert item_name(names[1]) not in items
    assert len(items) == 60 - 60 // 4 + 2


def forget_reviews():
    """Remove the reviews and that the sample has seen them, as on a machine that never did."""
    shutil.rmtree("reviews")
    Path("w44/reviews_known.json").unlink()


def test_sheets_of_two_rounds_are_read_in_any_order(scored, monkeypatch, capsys):
    assert call(monkeypatch, "sample", *drawn()) == 0
    first = filled("w44/round-1/sheet.csv", "a.csv", "ana", set())
    assert call(monkeypatch, "sample", "sample_dir=w44", f"labels={first}") == 0
    forget_reviews()
    second = filled("w44/round-2/sheet.csv", "b.csv", "ben", set())
    assert call(monkeypatch, "sample", "sample_dir=w44", f"labels=[{second},{first}]") == 0
    assert "every advert has its last word" in capsys.readouterr().out
    forget_reviews()
    assert call(monkeypatch, "sample", "sample_dir=w44", f"labels=[{second}]") == 2
    assert "round 2 begins when round 1 is complete" in capsys.readouterr().err
    assert not Path("reviews").exists()


def test_what_reviewers_see_cannot_be_exchanged_after_the_draw(scored, monkeypatch, capsys):
    assert call(monkeypatch, "sample", *drawn()) == 0
    made = read_sample(Path("w44"))
    filled("w44/round-1/sheet.csv", "a.csv", "ana", {made.draws[0].item})
    content = bytearray(Path("w44/items.parquet").read_bytes())
    content[len(content) // 2] ^= 1
    Path("w44/items.parquet").write_bytes(content)
    assert call(monkeypatch, "sample", "sample_dir=w44", "labels=a.csv") == 2
    assert "items.parquet was changed after the draw" in capsys.readouterr().err
    assert not Path("w44/round-2").exists()


def test_two_samples_of_one_frame_draw_apart(scored, monkeypatch):
    assert call(monkeypatch, "sample", *drawn()) == 0
    assert call(monkeypatch, "sample", *drawn("sample_dir=w44-again")) == 0
    first, second = (
        {one.item for one in read_sample(Path(name)).draws} for name in ("w44", "w44-again")
    )
    assert len(first & second) < 40


def test_a_round_names_those_who_reviewed_in_an_earlier_one_once_each():
    said = [
        Review(f"advert {i}", "refer", "yes", by, "2026-11-02", True, number, "", "estimate", "")
        for i, (by, number) in enumerate([("Ana", 1), ("ana ", 1), ("Ben", 2), ("Cem", 3)])
    ]
    assert [len(sample._before(said, number)) for number in (1, 2, 3)] == [0, 1, 2]
    assert "Ben" in sample._before(said, 3)
