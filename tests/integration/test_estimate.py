"""The verb estimate: from filled-in sheets to a figure, and every sheet that is refused."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import re
import shutil
from pathlib import Path

import pytest
from calling import call
from drawn_sample import COLLECTED, drawn
from few_draws import few_draws  # noqa: F401 - an autouse fixture

from adverts.data.review.reviews import read_reviews
from adverts.tracking import MemoryTracker
from adverts_findings.survey.reports.finals import Final, read_finals
from adverts_findings.survey.reports.record import read_estimate
from adverts_findings.survey.sample import read_sample, sample_record
from adverts_findings.survey.sealed_frame import reopen_frame

PAGES = ("estimate.json", "estimate.html", "estimate.md")


@pytest.fixture(scope="module")
def complete(scored_posts, tmp_path_factory):
    """A folder with posts, their scores, a sample and the sheets of a first and second reviewer."""
    folder = shutil.copytree(scored_posts, tmp_path_factory.mktemp("complete") / "copy")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        label(patch, "w44")
        shutil.rmtree("reviews")  # as on a machine that never saw them
        (folder / "w44" / "reviews_known.json").unlink()
    return folder


@pytest.fixture
def labelled(complete, tmp_path, monkeypatch):
    """The current folder: a copy of all that."""
    shutil.copytree(complete, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    return tmp_path / "copy"


def label(patch, name: str, *more: str) -> None:
    """Draw a sample, and fill in its sheets: the six last of its adverts are positive."""
    assert call(patch, "sample", *drawn(f"sample_dir={name}", *more)) == 0
    positive = {one.item for one in read_sample(Path(name)).draws[-6:]}
    filled(f"{name}/round-1/sheet.csv", f"{name}-1.csv", "ana", positive)
    assert call(patch, "sample", f"sample_dir={name}", f"labels=[{name}-1.csv]") == 0
    filled(f"{name}/round-2/sheet.csv", f"{name}-2.csv", "ben", positive)


def filled(sheet: str, path: str, reviewer: str, positive: set[str], saw: str = "no") -> None:
    """Fill in a sheet: items of the given names are positive."""
    rows = rows_of(sheet)
    column = next(name for name in rows[0] if name.startswith("label."))
    for row in rows:
        row[column] = "yes" if row["example"] in positive else "no"
        row |= {"reviewer": reviewer, "saw_others": saw}
    write_rows(path, rows)


def rows_of(sheet: str) -> list[dict[str, str]]:
    """Return the rows of a sheet."""
    return list(csv.DictReader(Path(sheet).read_text(encoding="utf-8-sig").splitlines()))


def write_rows(path: str, rows: list[dict[str, str]]) -> None:
    """Write the rows of a sheet."""
    with Path(path).open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def change_an_answer() -> None:
    """Let the first reviewer be unsure about an advert that no second reviewer sees."""
    rows, seen = rows_of("w44-1.csv"), {row["example"] for row in rows_of("w44-2.csv")}
    changed = next(row for row in rows if row["example"] not in seen)
    changed["label.refer"] = "unsure"
    write_rows("w44-1.csv", rows)


def change_all(path: str, **cells: str) -> None:
    """Change cells of all rows of a sheet."""
    write_rows(path, [row | cells for row in rows_of(path)])


def asked(*more: str) -> list[str]:
    """Return the arguments that estimate."""
    sheets = "labels=[w44-1.csv,w44-2.csv]"
    return ["sample=w44", sheets, "estimate_dir=e44", "tracking=none", *more]


def contents(folder: str) -> dict[str, bytes]:
    """Return the content of each file of a folder."""
    return {one.name: one.read_bytes() for one in sorted(Path(folder).iterdir())}


def test_sheets_become_a_sentence_a_record_and_two_pages(labelled, monkeypatch, capsys):
    assert call(monkeypatch, "estimate", *asked("by=platform")) == 0
    said = capsys.readouterr().out
    added, sentence, *_ = said.splitlines()
    record = read_estimate(Path("e44"))
    sample = read_sample(Path("w44"))
    assert added.endswith("answers added to reviews/reviews.jsonl, a new file")
    assert sentence.startswith(f"Of the 400 {COLLECTED}, an estimated 42 (95 % interval ")
    assert record.figures[0].total.by_design.value == pytest.approx(6 * 56 / 8)  # 8 of 56 drawn
    assert record.samples[0].seal == sample.seal
    assert record.samples[0].labels.seen_twice == len(rows_of("w44-2.csv"))
    assert [one.value for one in record.groups] == ["x", "y", "z"]
    assert sorted(contents("e44")) == sorted(PAGES)
    assert sentence in Path("e44/estimate.md").read_text()
    first, second = len(sample.draws), len(rows_of("w44-2.csv"))
    assert len(read_reviews(Path("reviews/reviews.jsonl"))) == first + second


def test_nothing_of_an_advert_is_in_a_page_and_only_the_owner_reads_it(labelled, monkeypatch):
    assert call(monkeypatch, "estimate", *asked()) == 0
    held = b"".join(contents("e44").values()).decode()
    sample = read_sample(Path("w44"))
    assert not [one.item for one in sample.draws if one.item in held]
    assert not re.search(r"7700\W{0,3}900", held)  # a hash may hold the first digits
    assert "call <" not in held
    assert sample.frame.scores not in held
    assert {(Path("e44") / name).stat().st_mode & 0o077 for name in PAGES} == {0}


def test_the_second_run_gives_the_same_figures_and_records_nothing_twice(labelled, monkeypatch):
    assert call(monkeypatch, "estimate", *asked()) == 0
    first, reviews = read_estimate(Path("e44")), Path("reviews/reviews.jsonl").read_bytes()
    assert call(monkeypatch, "estimate", *asked()) == 0
    again = read_estimate(Path("e44"))
    assert dataclasses.replace(again, created_at=first.created_at) == first
    assert Path("reviews/reviews.jsonl").read_bytes() == reviews


def test_reviews_alone_are_enough_once_they_are_recorded(labelled, monkeypatch):
    assert call(monkeypatch, "estimate", *asked()) == 0
    assert call(monkeypatch, "estimate", *asked("labels=[]", "estimate_dir=again")) == 0
    assert read_estimate(Path("again")).figures == read_estimate(Path("e44")).figures


@pytest.mark.parametrize("damage", [False, True])
def test_a_final_estimate_is_never_written_again(labelled, monkeypatch, capsys, damage):
    assert call(monkeypatch, "estimate", *asked("final=true")) == 0
    record = Path("e44/estimate.json")
    record.write_text(record.read_text().replace('"provisional": false', '"provisional": true'))
    if not damage:
        record.write_text(record.read_text().replace('"provisional": true', '"provisional": false'))
    before = contents("e44")
    assert call(monkeypatch, "estimate", *asked("seed=1")) == 2
    told = "was changed after it was written" if damage else "a final estimate"
    assert told in capsys.readouterr().err
    assert contents("e44") == before


def test_a_final_estimate_that_appears_meanwhile_is_kept(labelled, monkeypatch, capsys):
    from adverts_findings.survey.reports import make_record

    assert call(monkeypatch, "estimate", *asked("final=true", "estimate_dir=quicker")) == 0
    make = make_record.record_of_sample

    def slow(*arguments, **named):
        Path("quicker").rename("e44")
        return make(*arguments, **named)

    monkeypatch.setattr(make_record, "record_of_sample", slow)
    assert call(monkeypatch, "estimate", *asked("seed=1")) == 2
    assert "a final estimate" in capsys.readouterr().err
    assert read_estimate(Path("e44")).seed == 0


def test_a_revision_names_what_it_replaces_why_and_what_changed(labelled, monkeypatch):
    assert call(monkeypatch, "estimate", *asked("final=true")) == 0
    before, old = contents("e44"), read_estimate(Path("e44"))
    change_an_answer()
    revised = ["estimate_dir=e44-2", "final=true", "replaces=e44", "reason='ana looked again'"]
    assert call(monkeypatch, "estimate", *asked(*revised)) == 0
    assert contents("e44") == before
    record = read_estimate(Path("e44-2"))
    assert record.publication.replaces.id == old.id
    assert record.publication.replaces.reason == "ana looked again"
    page = Path("e44-2/estimate.html").read_text()
    assert "It replaces e44 of " in page
    assert "then; 1 label changed." in page
    assert "ana looked again" in page


REVISED = ["estimate_dir=e44-2", "final=true", "replaces=e44", "reason=why"]


@pytest.fixture(scope="module")
def revised_once(complete, tmp_path_factory):
    """A folder with a draft, a final estimate and its revision, which no test changes."""
    folder = shutil.copytree(complete, tmp_path_factory.mktemp("revised") / "copy")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert call(patch, "estimate", *asked("estimate_dir=draft")) == 0
        assert call(patch, "estimate", *asked("final=true")) == 0
        change_an_answer()
        assert call(patch, "estimate", *asked(*REVISED)) == 0
    return folder


@pytest.fixture
def revised(revised_once, tmp_path, monkeypatch):
    """The current folder: a copy of all that."""
    monkeypatch.chdir(shutil.copytree(revised_once, tmp_path / "copy"))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["estimate_dir=other", "final=true"], "there is a final estimate of this sample: e44-2 ("),
        (["estimate_dir=e44-3", *REVISED[1:]], "was revised already: e44-2 ("),
        (["estimate_dir=e44-3", *REVISED[2:]], "was revised already: e44-2 ("),
        (["estimate_dir=e44-3", "replaces=draft", "reason=why"], "replaces=draft is provisional"),
    ],
)
@pytest.mark.usefixtures("revised")
def test_a_sample_has_one_final_figure_and_one_line_of_revisions(monkeypatch, capsys, more, told):
    before = Path("reviews/finals.jsonl").read_bytes()
    assert call(monkeypatch, "estimate", *asked(*more)) == 2
    assert told in capsys.readouterr().err
    assert not Path(more[0].partition("=")[2]).exists()
    assert Path("reviews/finals.jsonl").read_bytes() == before


def cut_before_the_folder_appears(*more: str) -> Final:
    """Estimate, and stop after the line of the final estimate; return the line."""

    def stop(*_, **__):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adverts.files.staging._swap", stop)
        assert call(patch, "estimate", *asked(*more)) == 130
    return read_finals(Path("reviews/finals.jsonl"))[-1]


@pytest.mark.parametrize("before", [[], ["final=false"]])
def test_a_final_cut_before_its_folder_appears_is_finished_by_the_same_command(
    labelled, monkeypatch, before
):
    for one in before:
        assert call(monkeypatch, "estimate", *asked(one)) == 0
    line = cut_before_the_folder_appears("final=true")
    monkeypatch.setattr("adverts_findings.estimate._now", lambda: "2999-01-01T00:00:00+00:00")
    assert call(monkeypatch, "estimate", *asked("estimate_dir=other", "final=true")) == 2
    assert call(monkeypatch, "estimate", *asked("final=true")) == 0
    assert read_estimate(Path("e44")).id == line.id
    assert read_finals(Path("reviews/finals.jsonl")) == (line,)


def test_a_revision_cut_before_its_folder_appears_is_finished_by_the_same_command(
    labelled, monkeypatch
):
    assert call(monkeypatch, "estimate", *asked("final=true")) == 0
    change_an_answer()
    line = cut_before_the_folder_appears(*REVISED)
    monkeypatch.setattr("adverts_findings.estimate._now", lambda: "2999-01-01T00:00:00+00:00")
    assert call(monkeypatch, "estimate", *asked(*REVISED)) == 0
    assert read_estimate(Path("e44-2")).id == line.id
    assert len(read_finals(Path("reviews/finals.jsonl"))) == 2


def test_a_final_cut_before_its_folder_appears_is_not_another_one_then(
    labelled, monkeypatch, capsys
):
    cut_before_the_folder_appears("final=true")
    change_an_answer()
    assert call(monkeypatch, "estimate", *asked("final=true")) == 2
    assert "if labels changed since, first take its line out" in capsys.readouterr().err
    assert not Path("e44").exists()
    Path("reviews/finals.jsonl").unlink()
    assert call(monkeypatch, "estimate", *asked("final=true")) == 0


def test_a_final_that_was_not_tracked_is_tracked_by_the_same_command(labelled, monkeypatch, capsys):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("adverts.tracking.open_tracker", stop)
    final = asked("final=true", "tracking=mlflow")
    assert call(monkeypatch, "estimate", *final) == 130
    before, tracker = contents("e44"), MemoryTracker()
    monkeypatch.setattr("adverts.tracking.open_tracker", lambda *_, **__: tracker)
    monkeypatch.setattr("adverts_findings.estimate._now", lambda: "2999-01-01T00:00:00+00:00")
    assert call(monkeypatch, "estimate", *final) == 0
    assert "e44 holds this final estimate already" in capsys.readouterr().out
    assert contents("e44") == before
    assert tracker.logged_tags["estimate.id"] == read_estimate(Path("e44")).id
    assert tracker.statuses == ["finished"]
    change_an_answer()
    assert call(monkeypatch, "estimate", *final) == 2
    assert "which is never changed" in capsys.readouterr().err
    assert contents("e44") == before


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["replaces=e44"], "replaces= and reason= go together"),
        (["reason=why"], "replaces= and reason= go together"),
        (["replaces=e44", "reason=' '"], "replaces= and reason= go together"),
        (["replaces=e44", "reason=why"], "replaces=e44 is estimate_dir"),
        (["replaces=e43", "reason=why"], "e43 holds no estimate"),
        (["previous=e43"], "e43 holds no estimate"),
        (["sample=w43"], "w43 holds no sample"),
        (["sample=."], "holds no sample.json; did you mean w44?"),
        (["estimate_dir=w44"], "w44 is the folder of a sample; choose a new folder"),
        (["sample=[w44,w44]"], "labels= with several samples"),
        (["labels=nowhere.csv"], "there is no file nowhere.csv"),
        (["labels=[]"], "none of the 0 reviews is of sample w44"),
        (["by=[country]"], "by"),
        (["by=[platform,platform]"], "names a field twice"),
    ],
)
def test_wrong_usage_is_one_line_and_writes_nothing(labelled, monkeypatch, capsys, more, told):
    assert call(monkeypatch, "estimate", *asked(*more)) == 2
    said = capsys.readouterr().err.strip()
    assert told in said
    assert "\n" not in said
    assert not Path("e44").exists()


def rename_an_item(path: str) -> None:
    rows = rows_of(path)
    rows[0]["example"] = rows[0]["part"] = "iother"
    write_rows(path, rows)


def half(path: str) -> None:
    rows = rows_of(path)
    for row in rows[:30]:
        row["label.refer"] = ""
    write_rows(path, rows)


FIRST, BOTH = "[w44-1.csv]", "[w44-1.csv,w44-2.csv]"


@pytest.mark.parametrize(
    ("change", "sheets", "expected"),
    [
        (lambda: half("w44-1.csv"), FIRST, (3, "30 of the ")),
        (lambda: None, FIRST, (3, "adverts of round 2 of sample w44 have no answer")),
        (lambda: None, FIRST, (3, "on the sheets that adverts sample sample_dir=… labels=[…]")),
        (lambda: change_all("w44-1.csv", sample="0" * 64), FIRST, (2, "another sample")),
        (lambda: rename_an_item("w44-1.csv"), FIRST, (2, "is no item of sample w44")),
        (lambda: change_all("w44-2.csv", saw_others="yes"), BOTH, (2, "after seeing another")),
        (lambda: change_all("w44-2.csv", reviewer="Ana "), BOTH, (2, "in two rounds")),
        (lambda: change_all("w44-1.csv", saw_others=""), FIRST, (2, "wanted yes or no")),
        (
            lambda: change_all("w44-1.csv", **{"label.refer": "yess"}),
            FIRST,
            (2, "no such label 'yess'; nearest: yes"),
        ),
        (lambda: to_learn(), FIRST, (2, "design=learn")),
        (lambda: unseal(), FIRST, (2, "changed after it was written")),
    ],
)
@pytest.mark.usefixtures("labelled")
def test_wrong_sheets_are_one_line(monkeypatch, capsys, change, sheets, expected):
    change()
    status, told = expected
    assert call(monkeypatch, "estimate", *asked(f"labels={sheets}")) == status
    said = capsys.readouterr().err.strip()
    assert told in said
    assert "\n" not in said
    assert not Path("e44").exists()


def to_learn() -> None:
    made = dataclasses.replace(read_sample(Path("w44")), design="learn")
    write_sample(sample_record(made))


def unseal() -> None:
    write_sample(Path("w44/sample.json").read_bytes().replace(b'"seed": 0', b'"seed": 1'))


def write_sample(content: bytes) -> None:
    Path("w44/sample.json").unlink()
    Path("w44/sample.json").write_bytes(content)


def test_a_learn_sample_leaves_no_review(labelled, monkeypatch):
    to_learn()
    assert call(monkeypatch, "estimate", *asked()) == 2
    assert not Path("reviews").exists()


def test_labels_that_are_not_enough_are_kept_for_the_next_run(labelled, monkeypatch):
    assert call(monkeypatch, "estimate", *asked("labels=w44-1.csv")) == 3
    assert call(monkeypatch, "estimate", *asked("labels=w44-2.csv")) == 0


@pytest.fixture
def own_scores(labelled, monkeypatch):
    """Scores of the current folder, and a sample drawn from them."""
    shutil.rmtree("w44")
    label(monkeypatch, "w44")
    return Path("scores")


def test_a_frame_that_changed_is_refused(own_scores, monkeypatch, capsys):
    clusters = own_scores / "clusters.parquet"
    clusters.chmod(0o600)
    clusters.write_bytes(clusters.read_bytes() + b"\n")
    assert call(monkeypatch, "estimate", *asked()) == 2
    assert "the frame changed since the sample was sealed" in capsys.readouterr().err
    clusters.unlink()
    assert call(monkeypatch, "estimate", *asked()) == 2
    assert not Path("e44").exists()


def test_scores_that_are_gone_are_said_and_not_needed(own_scores, monkeypatch, capsys):
    shutil.rmtree(own_scores)
    assert call(monkeypatch, "estimate", *asked()) == 0
    said = capsys.readouterr().out
    assert f"the scores at {own_scores.absolute()} are gone; the estimate goes on" in said
    assert "bundle=" not in said


def test_evidence_that_expired_is_not_looked_at(own_scores):
    facts = read_sample(Path("w44")).frame
    day = datetime.date.fromisoformat(facts.expires)
    assert reopen_frame(facts, today=day).hash == facts.hash
    after = reopen_frame(facts, today=day + datetime.timedelta(days=1))
    assert after == f"the evidence of {own_scores.absolute()} expired after {day}"


def test_evidence_that_was_removed_is_said_and_not_needed(own_scores, monkeypatch, capsys):
    assert call(monkeypatch, "score", "scores=scores", "purge=evidence") == 0
    assert call(monkeypatch, "estimate", *asked()) == 0
    assert "was removed; the estimate goes on" in capsys.readouterr().out


def test_a_run_that_is_stopped_leaves_nothing_half_written(labelled, monkeypatch):
    from adverts_findings.survey.reports import page

    def stop(record):
        raise KeyboardInterrupt

    monkeypatch.setattr(page, "to_markdown", stop)
    assert call(monkeypatch, "estimate", *asked()) == 130
    assert not Path("e44").exists()
    assert not list(Path().glob("*.partial"))
    assert read_reviews(Path("reviews/reviews.jsonl"))


@pytest.fixture(scope="module")
def two_weeks(complete, tmp_path_factory):
    """A folder with a second sample of the same scores too, and the estimate of the first."""
    folder = shutil.copytree(complete, tmp_path_factory.mktemp("weeks") / "copy")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert call(patch, "estimate", *asked("final=true")) == 0
        label(patch, "w45", "seed=7")
    return folder


@pytest.fixture
def next_week(two_weeks, tmp_path, monkeypatch):
    """What estimates the second sample in a copy of that folder."""
    monkeypatch.chdir(shutil.copytree(two_weeks, tmp_path / "copy"))
    return ["sample=w45", "labels=[w45-1.csv,w45-2.csv]", "estimate_dir=e45", "tracking=none"]


def test_two_estimates_of_a_series_stand_side_by_side(next_week, monkeypatch, capsys):
    assert call(monkeypatch, "estimate", *next_week, "previous=e44") == 0
    said = capsys.readouterr().out
    record, earlier = read_estimate(Path("e45")), read_estimate(Path("e44"))
    assert [one.id for one in record.publication.previous] == [earlier.id]
    assert record.publication.series == earlier.publication.series == "refer"
    [compared] = record.comparisons
    assert (compared.earlier, compared.later) == ("w44", "w45")
    assert compared.total.said == "no detectable change"
    assert "w44 and w45: No detectable change of the number" in said


def test_what_cannot_be_compared_is_refused(next_week, monkeypatch, capsys):
    previous = [*next_week, "previous=e44"]
    assert call(monkeypatch, "estimate", *previous, "series=other") == 2
    assert "different series: other, refer" in capsys.readouterr().err
    assert call(monkeypatch, "estimate", *next_week, "previous=[e44,e44]") == 2
    assert (
        "e44 is of the same sample as e44; previous= takes other weeks" in capsys.readouterr().err
    )
    change_an_answer()
    assert call(monkeypatch, "estimate", *asked("estimate_dir=e")) == 0
    assert call(monkeypatch, "estimate", *previous) == 3
    assert "changed since e44 was made" in capsys.readouterr().err
    assert not Path("e45").exists()


def test_an_earlier_sample_that_is_gone_or_another_is_refused(next_week, monkeypatch, capsys):
    Path("w44").rename("elsewhere")
    assert call(monkeypatch, "estimate", *next_week, "previous=e44") == 2
    assert "which is neither in w44 nor next to w45" in capsys.readouterr().err
    shutil.copytree("w45", "w44")
    assert call(monkeypatch, "estimate", *next_week, "previous=e44") == 2
    assert "which is neither in w44 nor next to w45" in capsys.readouterr().err


def test_two_samples_are_one_figure_in_which_each_advert_counts_once(next_week, monkeypatch):
    assert call(monkeypatch, "estimate", *next_week) == 0
    both = ["sample=[w44,w45]", "estimate_dir=both", "tracking=none"]
    assert call(monkeypatch, "estimate", *both) == 0
    record = read_estimate(Path("both"))
    assert record.figures[0].frame_total == 400
    assert len(record.samples) == 2
    assert "2 collections, each counted once" in Path("both/estimate.md").read_text()


def test_frames_are_never_added_where_their_overlap_is_not_known(own_scores, monkeypatch, capsys):
    label(monkeypatch, "w45", "seed=7")
    for name in ("w44", "w45"):
        sheets = f"labels=[{name}-1.csv,{name}-2.csv]"
        assert call(monkeypatch, "estimate", *asked(f"sample={name}", sheets)) == 0
    shutil.rmtree(own_scores)
    both = ["sample=[w44,w45]", "estimate_dir=both", "tracking=none"]
    assert call(monkeypatch, "estimate", *both) == 3
    assert "would count twice" in capsys.readouterr().err
    assert not Path("both").exists()


def test_figures_and_pages_are_tracked_without_content(labelled, monkeypatch):
    tracker = MemoryTracker()
    monkeypatch.setattr("adverts.tracking.open_tracker", lambda *_, **__: tracker)
    assert call(monkeypatch, "estimate", *asked("tracking=mlflow")) == 0
    [(_, metrics)] = tracker.logged_metrics
    record = read_estimate(Path("e44"))
    total = record.figures[0].total.by_design
    assert metrics["estimate/adverts/by_design"] == total.value
    assert metrics["estimate/adverts/by_design_low"] == total.low
    assert metrics["estimate/share/by_design_high"] == pytest.approx(total.high / 400)
    assert not [name for name in metrics if "views" in name]
    assert tracker.logged_tags["sample.seal"] == record.samples[0].seal
    assert tracker.logged_tags["estimate.id"] == record.id
    assert [path.name for path, _ in tracker.logged_artifacts] == list(PAGES)
    assert tracker.statuses == ["finished"]
