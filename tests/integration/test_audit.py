"""The verb ``audit`` on datasets with known leaks, conflicts, flipped labels and a shortcut."""

import contextlib
import io
import json
import re
import shutil
import stat
import subprocess
import sys

import pytest
from audit_examples import (
    COPIED,
    FLIPPED,
    REFER,
    RISK,
    SCHEMA,
    SIGNALS,
    row,
    subject_of,
    write_planted,
)
from composing import load

from adverts import audit as verb
from adverts.advert import LabelSchema
from adverts.audit import audit
from adverts.auditing.audit_pages import HOLDS
from adverts.data.dataset.prepared import open_prepared
from adverts.data.review.review_sheet import read_review
from adverts.errors import InputError
from adverts.prepare import prepare

QUICK = ["folds=3", "bootstrap_resamples=200"]


def config(prepared, audit_dir, *more):
    return load("audit", f"prepared={prepared}", f"audit_dir={audit_dir}", *QUICK, *more)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Ids of what was planted, the folder of the dataset, and the folder of its audit."""
    root = tmp_path_factory.mktemp("planted")
    ids = write_planted(root / "prepared")
    audit(config(root / "prepared", root / "audit"))
    return ids, root / "prepared", root / "audit"


@pytest.fixture(scope="module")
def found(planted):
    return json.loads((planted[2] / "audit.json").read_text())["findings"]


def complaints(said):
    """What stands on stderr beside "ranking labels …", which a busy machine may say."""
    return [line for line in said.splitlines() if not line.endswith("…")]


def test_every_planted_leak_is_found_and_no_other(planted, found):
    leaking = found["duplicates"]["leaking_adverts"]
    assert {one["id"] for one in leaking} == planted[0]["copied"]
    assert all("same_text" in one["kinds"] for one in leaking)
    assert found["duplicates"]["leaking"] == {
        "adverts": COPIED,
        "by_split": {"test": COPIED},
        "by_language": {"en": COPIED},
    }
    assert len(found["duplicates"]["pairs_across"]) == COPIED


def test_every_planted_conflict_is_found_and_no_other(planted, found):
    (refer,) = found["conflicts"]
    assert refer["clusters"] == COPIED
    assert {one["copies"] for one in refer["conflicts"]} == {True}
    minority = {name for one in refer["conflicts"] for name in one["minority_ids"]}
    sources = {name.replace("disputed", "a") for name in planted[0]["disputed"]}
    assert minority <= planted[0]["disputed"] | sources


def test_most_planted_flips_are_doubted_and_little_else(planted, found):
    (refer,) = found["label_errors"]
    doubted = {one["id"] for one in refer["errors"]}
    assert len(doubted & planted[0]["flipped"]) >= 0.9 * FLIPPED
    assert len({name for name in doubted if name.startswith("a")} - planted[0]["flipped"]) <= 40


def test_the_planted_shortcut_is_flagged_and_no_other(found):
    flagged = [one["column"] for one in found["shortcuts"]["columns"] if one["flagged"]]
    assert flagged == ["platform"]
    assert found["shortcuts"]["columns"][0]["column"] == "platform"


def test_the_folder_is_for_its_owner_alone(planted):
    _, _, folder = planted
    assert {path.name for path in folder.iterdir()} == {"audit.json", *HOLDS}
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "restricted")}
    assert modes == {0o700}
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_nothing_of_the_texts_stands_outside_the_restricted_page(planted):
    _, prepared, folder = planted
    words = {word for text in open_prepared(prepared).split("all").texts for word in text.split()}
    assert len(words) > 500
    for name in ("audit.json", "audit.html", "review.csv"):
        said = set(re.findall(r"\w+", (folder / name).read_text()))
        assert said & words == set(), name
    assert set(re.findall(r"\w+", (folder / "restricted/clusters.html").read_text())) & words


def test_the_page_begins_with_the_verdict_and_how_many_labels_to_look_at(planted, tmp_path):
    rows = len((planted[2] / "review.csv").read_text().splitlines()) - 1
    page = (planted[2] / "audit.html").read_text()
    assert f"<strong>Failed; {rows} labels to check.</strong>" in page
    outcomes = re.findall(r"</th><td[^>]*>(failed|passed|reported only)<", page)
    assert outcomes[0] == "failed"
    assert len(outcomes) > 5
    audit(config(planted[1], tmp_path / "a", "fail_on.leaking_adverts=50"))
    page = (tmp_path / "a" / "audit.html").read_text()
    assert f"<strong>Passed every condition that you set; {rows} labels to check.</strong>" in page


def test_the_page_needs_nothing_from_elsewhere(planted):
    for path in (planted[2] / "audit.html", planted[2] / "restricted" / "clusters.html"):
        page = path.read_text()
        assert page.count("<script") == (path.name == "clusters.html")  # which filters its rows
        assert re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', page) == []
        assert "default-src 'none'" in page


def test_the_same_dataset_gives_the_same_findings(planted, tmp_path):
    _, prepared, folder = planted
    audit(config(prepared, tmp_path / "again"))
    again, before = (
        json.loads((path / "audit.json").read_text()) for path in (tmp_path / "again", folder)
    )
    assert again["findings"] == before["findings"]
    assert (tmp_path / "again" / "review.csv").read_bytes() == (folder / "review.csv").read_bytes()


def test_the_review_sheet_can_be_filled_in_and_read_back(planted, tmp_path):
    sheet = tmp_path / "review.csv"
    text = (planted[2] / "review.csv").read_text(encoding="utf-8-sig")
    rows = text.replace('"","",""', '"","yes",""').replace('","",""', '","yes","ok"')
    sheet.write_text(rows)
    reviewed = read_review(sheet, tasks=SCHEMA.tasks)
    assert len(reviewed) == len(text.strip().splitlines()) - 1
    assert {one.labels["refer"] for one in reviewed} == {("yes",)}
    assert sum(one.reason == "conflict" for one in reviewed) == COPIED


@pytest.mark.parametrize(
    ("limits", "status", "message"),
    [
        ([], 1, "adverts audit: adverts with a copy or near-duplicate in an earlier split: 20, at"),
        (["fail_on.leaking_adverts=20"], 0, ""),
        (
            ["fail_on.leaking_adverts=null", "fail_on.conflicting_clusters=19"],
            1,
            "different headline labels: 20, at most 19 allowed",
        ),
        (
            ["fail_on.leaking_adverts=null", "fail_on.min_alpha=0.6"],
            3,
            "no advert has two annotations",
        ),
    ],
)
def test_a_condition_decides_the_exit_status(planted, tmp_path, limits, status, message):
    folder = tmp_path / "audit"
    arguments = [f"prepared={planted[1]}", f"audit_dir={folder}", *QUICK, *limits]
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(said):
        patch.setattr(sys, "argv", ["adverts audit", *arguments])
        with pytest.raises(SystemExit) as ended:
            verb.main()
    assert ended.value.code == status
    assert message in said.getvalue()
    assert len(complaints(said.getvalue())) <= 1
    assert (folder / "audit.html").is_file()


def test_each_failing_condition_is_one_line(planted, tmp_path, monkeypatch, capsys):
    arguments = ["fail_on.shortcut=0", *QUICK]
    places = [f"prepared={planted[1]}", f"audit_dir={tmp_path}/audit"]
    monkeypatch.setattr(sys, "argv", ["adverts audit", *places, *arguments])
    with pytest.raises(SystemExit):
        verb.main()
    said = capsys.readouterr()
    assert complaints(said.err) == [
        "adverts audit:",
        "  adverts with a copy or near-duplicate in an earlier split: 20, at most 0 allowed",
        "  columns that alone predict the headline label: 1, at most 0 allowed",
    ]
    assert len(said.out.splitlines()) == 11
    assert "columns that alone predict the label: platform\n" in said.out
    assert "restricted/clusters.html  shows adverts: keep it here" in said.out
    words = {word for text in open_prepared(planted[1]).split("all").texts for word in text.split()}
    assert set(re.findall(r"\w+", said.out)) & words == set()


def test_a_review_sheet_that_was_filled_in_is_never_replaced(planted, tmp_path):
    folder = tmp_path / "audit"
    shutil.copytree(planted[2], folder)
    audit(config(planted[1], folder))  # untouched: may be replaced
    sheet = folder / "review.csv"
    sheet.write_text(sheet.read_text() + "\n")
    with pytest.raises(InputError, match="was filled in since it was written; move it"):
        audit(config(planted[1], folder))
    assert sheet.is_file()


def test_a_folder_of_others_is_left_alone(planted, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="did not write"):
        audit(config(planted[1], tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_what_is_no_prepared_dataset_is_told(tmp_path):
    with pytest.raises(InputError, match="run adverts prepare"):
        audit(config(tmp_path, tmp_path / "audit"))


def test_the_committed_sample_can_be_audited(tmp_path):
    prepare(load("prepare", "data=sample", "ocr=none", f"prepared={tmp_path}/sample"))
    found = audit(config(tmp_path / "sample", tmp_path / "audit")).findings
    assert found.counts.adverts == {"train": 55, "validation": 16, "test": 29}
    assert [one.task for one in found.conflicts] == [
        "refer",
        "coarse",
        "advert_class",
        "signals",
        "risk",
    ]
    assert found.errors_of("signals").reason == "tasks of kind multi are not checked"
    assert found.duplicates.leaking.by_split == {}
    page = (tmp_path / "audit" / "restricted" / "clusters.html").read_text()
    assert page.count("data:image/png") >= 1


@pytest.mark.parametrize(
    "tasks",
    [(REFER,), (SIGNALS,), (RISK,), (SIGNALS, REFER, RISK)],
    ids=lambda tasks: tasks[0].name,
)
def test_a_dataset_without_any_label_is_audited_too(tmp_path, tasks):
    rows = [row("a", None, text=""), row("b", None, split="test")]
    subject_of(tmp_path, rows, schema=LabelSchema("bare", tasks, tasks[0].name))
    found = audit(config(tmp_path / "prepared", tmp_path / "audit", "label_errors=all"))
    assert found.review_rows == 2
    assert found.findings.shortcuts.reason is not None
    assert found.findings.label_errors[0].found.adverts == 0
    assert "holds no links" in (tmp_path / "audit" / "audit.html").read_text()


@pytest.mark.slow
@pytest.mark.system("chromium")
@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_fits_a_screen(planted, chromium, tmp_path, width):
    shot = tmp_path / "page.png"
    command = [
        *(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
        *(f"--window-size={width},1200", f"--screenshot={shot}"),
        (planted[2] / "audit.html").as_uri(),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert shot.stat().st_size > 10_000
