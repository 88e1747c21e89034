"""Scores in units: complete, resumable, equal whoever scored them, and honest about the rest."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from calling import call
from csv_readers import rows_everywhere, sniffed_by_duckdb
from scored_bundle import read_rows

ROWS = 230
TWO = "executor.processes=2"
NO_TIMES = ("data.columns.posted_at=null",)
WORDS = ["boat", "tonight", "safe", "price", "room", "sale", "news", "ferry", "train", "work"]


@pytest.fixture
def posts(tmp_path, monkeypatch):
    """A file of adverts, some of which cannot be scored, in the current folder."""
    monkeypatch.chdir(tmp_path)
    write_posts(tmp_path / "posts.csv")


@pytest.fixture(scope="module")
def complete(bundle, tmp_path_factory):
    """A folder with the adverts and all their scores."""
    folder = tmp_path_factory.mktemp("complete")
    write_posts(folder / "posts.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert call(patch, "score", *asked(bundle, "scores=out", TWO)) == 0
    return folder


@pytest.fixture
def scored(complete, tmp_path, monkeypatch):
    """A copy of the adverts and all their scores, in the current folder."""
    shutil.copytree(complete, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")


def write_posts(path):
    """Write the adverts."""
    draw = random.Random(0)
    lines = ["id,text,platform,posted_at"]
    for number in range(ROWS):
        text = " ".join(draw.choices(WORDS, k=6))
        lines.append(f"p{number},{text},{draw.choice('ab')},2026-0{1 + number % 9}-15T10:00")
    lines[7] = 'p6,"two\nlines, quoted",a,never'
    lines[9] = "p8,too,many,cells,here"
    lines[11] = "p10,,b,"
    path.write_text("\n".join(lines) + "\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))


def asked(bundle: Path, *more: str) -> list[str]:
    """Return the arguments that score the adverts."""
    return [
        *(f"bundle={bundle}", "data=csv", "data.root=.", "data.source.paths=[posts.csv]"),
        *("data.columns.platform=platform", "data.columns.posted_at=posted_at"),
        *("adverts_per_unit=20", "executor.processes=1", *more),
    ]


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the content of each file of answers."""
    return {one.name: one.read_bytes() for one in sorted((folder / "scores").iterdir())}


def test_every_row_has_one_answer_in_order_and_no_text(bundle, posts, monkeypatch, capsys):
    assert call(monkeypatch, "score", *asked(bundle, "scores=out", TWO)) == 0
    said = capsys.readouterr().out
    assert "out: 12 of 12 units done" in said
    assert "229 adverts scored, 1 errors" in said
    assert "1 with nothing to read" in said
    assert "1 unusable time: " in said
    answers = read_rows(Path("out/scores"))
    ids = [row["id"] for row in answers]
    assert ids[:8] == [f"p{number}" for number in range(8)]
    assert ids[8] == "posts.csv#11"
    assert ids[9:] == [f"p{number}" for number in range(9, ROWS)]
    assert answers[8]["error"] == "malformed"
    assert answers[8]["review_band"] == "abstain"
    assert answers[10]["score"] is None
    assert all(row["probabilities"]["refer"]["yes"] >= 0 for row in answers if not row["error"])
    content = b"".join(files_of(Path("out")).values())
    assert b"quoted" not in content
    summary = json.loads(Path("out/summary.json").read_text())
    assert summary["counts"]["adverts"] == ROWS
    assert summary["counts"]["unusable_times"] == 1
    cells = summary["counts"]["cells"]
    assert sum(cell[4] for cell in cells) == ROWS
    assert {cell[0] for cell in cells} == {"a", "b", "(unknown)"}
    assert "2026-W03" in {cell[1] for cell in cells}
    assert all(path.stat().st_mode & 0o077 == 0 for path in Path("out").rglob("*"))
    assert not Path("out/.aside").exists()


def test_the_answers_are_those_of_the_spreadsheet(bundle, scored, monkeypatch):
    import csv

    assert call(monkeypatch, "score", *asked(bundle, "scores=out.csv")) == 0
    with Path("out.csv").open(encoding="utf-8-sig", newline="") as file:
        sheet = list(csv.DictReader(file))
    answers = read_rows(Path("out/scores"))
    assert len(sheet) == len(answers) == ROWS
    for row, answer in zip(sheet, answers, strict=True):
        assert row["review_band"] == answer["review_band"]
        assert row["error"] == (answer["error"] or "")
        if row["score"]:
            assert float(row["score"]) == pytest.approx(answer["score"], abs=1e-5)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_whatever_is_in_a_post_its_score_stands_in_its_row(
    bundle, tmp_path, monkeypatch, delimiter
):
    import pandas as pd

    monkeypatch.chdir(tmp_path)
    plain = [[f"p{number}", f"boat tonight {number}", "b"] for number in range(20)]
    hostile = ["boat\rtonight w0 w1", "\r", 'say "a"\r\nand\nb', "a\x00b", "a;b,c", "=1\r=2"]
    posts = [*plain, *([f"q{number}", text, "a\rb"] for number, text in enumerate(hostile))]
    cells = [['"' + one.replace('"', '""') + '"' for one in row] for row in posts]
    cells.insert(5, ["r", "no quotes\rhere", "b"])
    lines = [delimiter.join(row) for row in [["id", "text", "platform"], *cells]]
    Path("posts.csv").write_bytes("\n".join(lines).encode() + b"\n")
    assert call(monkeypatch, "score", *asked(bundle, "scores=out.csv", *NO_TIMES)) == 0

    header, *rows = rows_everywhere(Path("out.csv"), delimiter)
    scored = dict(zip((row[0] for row in rows), rows, strict=True))
    assert [row[0] for row in rows] == [
        *(f"p{n}" for n in range(5)),
        "",
        *(row[0] for row in posts[5:]),
    ]
    assert [row[1].replace("'", "") for row in rows[6:]] == [row[1] for row in posts[5:]]
    assert rows[5][header.index("error")] == "malformed"
    frame = pd.read_csv("out.csv", sep=delimiter, index_col="id", encoding="utf-8")
    assert len(frame) == len(posts) + 1
    assert frame.loc["q0", "score"] == float(scored["q0"][header.index("score")])
    assert frame["score"].drop(["q1"]).dropna().between(0, 1).sum() == len(posts) - 1
    sniffed = sniffed_by_duckdb(Path("out.csv"))
    assert [row[0] for row in sniffed] == ["id", *(row[0] for row in rows)]


def test_parts_in_any_order_give_the_same_bytes(bundle, scored, monkeypatch):
    for part in (3, 1, 2):
        assert call(monkeypatch, "score", *asked(bundle, "scores=parts", f"part={part}/3")) == 0
    assert files_of(Path("out")) == files_of(Path("parts"))
    left, right = (json.loads(Path(f"{one}/summary.json").read_text()) for one in ("out", "parts"))
    assert left["counts"] == right["counts"]
    assert left["outputs"] == right["outputs"]


@pytest.mark.slow
def test_one_part_says_what_is_left_and_writes_no_summary(bundle, posts, monkeypatch, capsys):
    assert call(monkeypatch, "score", *asked(bundle, "scores=out", "part=2/4")) == 0
    assert "out: 3 of 12 units done" in capsys.readouterr().out
    assert not Path("out/summary.json").exists()
    assert call(monkeypatch, "score", "scores=out") == 0
    said = capsys.readouterr().out
    assert "3 of 12 units done" in said
    assert "hours of one process left" in said


def test_a_second_run_reads_nothing_again(bundle, scored, monkeypatch):
    before = {path: path.stat().st_mtime_ns for path in Path("out").rglob("*.parquet")}
    assert call(monkeypatch, "score", *asked(bundle, "scores=out")) == 0
    assert {path: path.stat().st_mtime_ns for path in Path("out").rglob("*.parquet")} == before


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_other_formats_hold_the_same_answers(bundle, scored, monkeypatch, kind):
    import csv

    assert call(monkeypatch, "score", *asked(bundle, "scores=other", f"format={kind}")) == 0
    rows = []
    for one in sorted(Path("other/scores").iterdir()):
        with one.open(encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file)) if kind == "csv" else [*map(json.loads, file)]
    answers = read_rows(Path("out/scores"))
    assert [row["id"] for row in rows] == [row["id"] for row in answers]
    for row, answer in zip(rows, answers, strict=True):
        if answer["score"] is not None:
            assert float(row["score"]) == pytest.approx(answer["score"], abs=1e-5)
        assert (row["error"] or None) == answer["error"]


@pytest.mark.parametrize("told", ["posts.csv changed since", "posts.csv is not a file"])
def test_input_that_changed_after_the_plan_is_refused_by_name(
    bundle, scored, monkeypatch, capsys, told
):
    Path("out/receipts/000003.json").unlink()
    if "changed" in told:
        with Path("posts.csv").open("a") as file:
            file.write("x,y,a,b\n")
    else:
        Path("posts.csv").unlink()
    assert call(monkeypatch, "score", *asked(bundle, "scores=out")) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert told in line
    assert len(list(Path("out/receipts").iterdir())) == 11


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("adverts_per_unit=50", "planned with adverts_per_unit=20"),
        ("format=csv", 'planned with format="parquet"'),
        ("data.columns.lang=platform", "planned with columns="),
    ],
)
def test_other_settings_never_mix_in_one_folder(bundle, scored, monkeypatch, capsys, more, told):  # noqa: PLR0917
    assert call(monkeypatch, "score", *asked(bundle, "scores=out", more)) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert told in line


@pytest.mark.slow
def test_a_lost_file_of_answers_is_scored_again(bundle, scored, monkeypatch):
    before = files_of(Path("out"))
    Path("out/scores/000003.parquet").unlink()
    Path("out/scores/000004.parquet").write_bytes(b"cut")
    assert call(monkeypatch, "score", *asked(bundle, "scores=out")) == 0
    assert files_of(Path("out")) == before


def test_verify_finds_a_changed_file(scored, monkeypatch, capsys):
    assert call(monkeypatch, "score", "scores=out", "verify=true") == 0
    assert "12 units compared" in capsys.readouterr().out
    path = Path("out/scores/000003.parquet")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert call(monkeypatch, "score", "scores=out", "verify=true") == 3
    assert "(000003)" in capsys.readouterr().err


def test_verify_finds_files_that_no_unit_wrote(scored, monkeypatch, capsys):
    shutil.copy("out/scores/000003.parquet", "out/scores/000012.parquet")
    Path("out/scores/000003.csv").write_text("id\n")
    assert call(monkeypatch, "score", "scores=out", "verify=true") == 3
    [line] = capsys.readouterr().err.splitlines()
    assert "2 files of no unit of the plan (scores/000003.csv, scores/000012.parquet)" in line


@pytest.mark.parametrize(
    "edited",
    [pytest.param("receipts/000003.json", marks=pytest.mark.slow), "scores/000003.parquet"],
)
def test_who_does_what_verify_says_has_the_scores_again(
    bundle, scored, monkeypatch, capsys, edited
):
    before, path = files_of(Path("out")), Path("out", edited)
    content = path.read_bytes().replace(b'"adverts": 20', b'"adverts": 21')
    path.write_bytes(content.replace(b"PAR1", b"PAR2"))
    assert call(monkeypatch, "score", "scores=out", "verify=true") == 3
    told = capsys.readouterr().err
    assert "1 unit" in told
    assert "(000003); remove the files and receipts" in told
    for name in ("receipts/000003.json", "scores/000003.parquet"):
        Path("out", name).unlink()
    assert call(monkeypatch, "score", *asked(bundle, "scores=out")) == 0
    assert call(monkeypatch, "score", "scores=out", "verify=true") == 0
    assert files_of(Path("out")) == before


@pytest.mark.parametrize("more", [[], ["verify=true"], ["clusters=true"], ["purge=evidence"]])
@pytest.mark.parametrize("name", ["posts.csv", "nowhere.CSV"])
def test_a_spreadsheet_has_no_status(posts, monkeypatch, capsys, name, more):
    assert call(monkeypatch, "score", f"scores={name}", *more) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert f"scores={name}: a .csv file has no status" in line


def test_a_pattern_that_would_match_the_scores_is_refused(bundle, posts, monkeypatch, capsys):
    wanted = asked(bundle, "scores=out", "format=csv", "data.source.paths=['**/*.csv']")
    assert call(monkeypatch, "score", *wanted) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "data.source.paths: **/*.csv matches files below scores=" in line
    assert not Path("out").exists()


@pytest.mark.parametrize("part", ["0/4", "5/4", "x", "1", "-1/4", "1/0", "1/4/2", "01/4"])
def test_a_part_that_is_none_is_one_line(bundle, posts, monkeypatch, capsys, part):
    assert call(monkeypatch, "score", *asked(bundle, "scores=out", f"part={part}")) == 2
    assert "part" in capsys.readouterr().err
    assert not Path("out").exists()


def test_a_folder_without_scores_has_no_status(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, "score", "scores=nowhere") == 2
    assert "nowhere holds no scores" in capsys.readouterr().err


def test_it_needs_nothing_of_the_training_stack(bundle, posts, tmp_path):
    absent = ["torch", "transformers", "mlflow", "datasets", "pandas", "sklearn", "matplotlib"]
    code = f"""
import sys
sys.modules.update(dict.fromkeys({absent!r}))
sys.argv = ["adverts score", *{asked(bundle, "scores=slim.csv")!r}]
from adverts.score import main
main()
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, check=False, timeout=100)
    assert ended.returncode == 0
    assert Path("slim.csv").exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_at_random_moments_it_ends_with_the_same_bytes(bundle, posts, monkeypatch, tmp_path):
    assert call(monkeypatch, "score", *asked(bundle, "scores=whole", "adverts_per_unit=5")) == 0
    killed = asked(bundle, "scores=killed", "adverts_per_unit=5", TWO)
    draw = random.Random(1)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = 0
    for attempt in range(40):
        parts = [] if attempt % 3 else [f"part={draw.randint(1, 3)}/3"]
        process = subprocess.Popen(
            [sys.executable, "-m", "adverts.score", *killed, *parts],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wanted = len(list(Path("killed/receipts").glob("*"))) + draw.randint(0, 4)
        while process.poll() is None and len(list(Path("killed/receipts").glob("*"))) < wanted:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (Path("killed") / "summary.json").exists():
            ended += 1
            break
    assert call(monkeypatch, "score", *killed) == 0
    assert files_of(Path("whole")) == files_of(Path("killed"))
    assert not Path("killed/.aside").exists()


def test_the_page_and_the_summary_are_of_all_units_and_hold_no_text(scored, bundle):
    page = Path("out/summary.html").read_text(encoding="utf-8")
    assert "Scores of 230 adverts" in page
    assert "not a count of harmful adverts" in page
    assert "1 with nothing to read (0.4 %)" in page
    assert "1 unusable time: " in page
    assert not any(f" {word} " in page for word in ("tonight", "ferry"))
    seen = json.loads((bundle / "seen.json").read_text())
    plan = json.loads(Path("out/plan.json").read_text())
    assert plan["settings"]["seen"] == seen
    drift = json.loads(Path("out/summary.json").read_text())["drift"]
    assert {one["name"] for one in drift["facts"]} == {one["name"] for one in seen["facts"]}
    assert drift["texts"] <= drift["adverts"] == ROWS - 1  # one has an error


@pytest.mark.slow
def test_a_sample_is_the_same_in_units_of_any_size_but_for_its_salt(bundle, scored, monkeypatch):
    assert call(monkeypatch, "score", *asked(bundle, "scores=big", "adverts_per_unit=100")) == 0
    one, other = (json.loads(Path(f"{name}/summary.json").read_text()) for name in ("out", "big"))
    for name in ("texts", "adverts", "effective", "verdict"):
        assert one["drift"][name] == other["drift"][name]
    left, right = one["drift"]["facts"], other["drift"]["facts"]
    assert [(fact["name"], fact["groups"]) for fact in left] == [
        (fact["name"], fact["groups"]) for fact in right
    ]


@pytest.mark.parametrize(
    ("fewest", "tolerated", "status", "told"),
    [
        pytest.param(1_000, 0.05, 3, "cannot be said", marks=pytest.mark.slow),
        (1, -1.0, 1, "differ from those that the model was judged on"),
    ],
)
def test_fail_on_drift_fails_after_everything_is_written(  # noqa: PLR0917
    bundle, posts, monkeypatch, capsys, fewest, tolerated, status, told
):
    from adverts.scoring import drift

    monkeypatch.setattr(drift, "FEWEST_TEXTS", fewest)
    monkeypatch.setattr(drift, "TOLERATED", tolerated)
    wanted = asked(bundle, "scores=out", "fail_on_drift=true")
    assert call(monkeypatch, "score", *wanted) == status
    [line] = capsys.readouterr().err.splitlines()
    assert told in line
    assert Path("out/summary.html").exists()
    assert len(files_of(Path("out"))) == 12
    assert call(monkeypatch, "score", *wanted) == status  # nothing is left to score


def test_fail_on_drift_is_refused_for_a_spreadsheet(bundle, posts, monkeypatch, capsys):
    wanted = asked(bundle, "scores=out.csv", "fail_on_drift=true")
    assert call(monkeypatch, "score", *wanted) == 2
    assert "fail_on_drift" in capsys.readouterr().err


@pytest.mark.slow
def test_a_bundle_without_facts_scores_and_says_that_drift_cannot_be_judged(
    bundle, posts, monkeypatch, capsys, tmp_path
):
    shutil.copytree(bundle, tmp_path / "old")
    manifest = json.loads((tmp_path / "old" / "manifest.json").read_text())
    del manifest["files"]["seen.json"]
    (tmp_path / "old" / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "old" / "seen.json").unlink()
    wanted = asked(tmp_path / "old", "scores=out")
    assert call(monkeypatch, "score", *wanted) == 0
    assert "Drift cannot be judged" in capsys.readouterr().out
    assert "Drift cannot be judged" in Path("out/summary.html").read_text()
    assert call(monkeypatch, "score", *wanted, "fail_on_drift=true") == 3
    assert call(monkeypatch, "score", *asked(bundle, "scores=out")) == 2
    assert "planned with seen=null" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["scores=out.csv", "part=1/2"], "a spreadsheet is written by one job"),
        (["scores=out", "data.columns.id=key"], "data.columns.id='key' is not a column"),
        (["scores=out", "verify=true"], "leave out bundle="),
    ],
)
def test_what_would_be_ignored_is_refused(bundle, posts, monkeypatch, capsys, more, told):  # noqa: PLR0917
    assert call(monkeypatch, "score", *asked(bundle, *more)) == 2
    assert told in capsys.readouterr().err
    assert not Path("out").exists()
    assert not Path("out.csv").exists()


def test_drift_is_never_passed_without_being_judged(bundle, scored, monkeypatch, capsys):
    assert call(monkeypatch, "score", "scores=out", "fail_on_drift=true") == 3
    assert "cannot be said whether the adverts drifted" in capsys.readouterr().err
    Path("out/receipts/000003.json").unlink()
    assert call(monkeypatch, "score", "scores=out", "fail_on_drift=true") == 3
    assert "units are left" in capsys.readouterr().err
    given = asked(bundle, "scores=out", "part=1/12", "fail_on_drift=true")
    assert call(monkeypatch, "score", *given) == 0
    assert "judged when every unit is done" in capsys.readouterr().out


def test_expired_evidence_may_be_purged_every_day_in_any_folder(scored, monkeypatch, capsys):
    assert call(monkeypatch, "score", "scores=out", "purge=expired") == 0
    assert "there is none to remove" in capsys.readouterr().out
