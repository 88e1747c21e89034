"""Comparing runs: what is found, what is refused, what is recorded, and what stays restricted."""

import dataclasses
import json
import re
import shutil
import stat

import pandas as pd
import pyarrow.parquet as pq
import pytest
from compared_runs import BLIND, judged, ledger_of, posts, trained, write_posts

from adverts.errors import InputError, IntegrityError
from adverts.evaluation.predictions.look_ledger import read_ledger
from adverts.evaluation.predictions.prediction_file import read_predictions, write_predictions
from adverts.judging.compare_runs import compare_runs
from adverts.judging.open_runs import unique_names

IDLE = "trainer.epochs=7"  # tf-idf takes no steps, so it decides nothing


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return write_posts(tmp_path_factory.mktemp("compared") / "prepared")


@pytest.fixture(scope="module")
def runs(prepared):
    """Three runs with a report in each: a good one, a poor one, and one like the first."""
    settings = {"good": (), "poor": BLIND, "alike": ("model.char_ngrams=[2,3]", IDLE)}
    found = {}
    for name, wanted in settings.items():
        found[name] = trained(prepared, prepared.parent / "runs" / name, *wanted)
        judged(found[name], prepared, found[name] / "report")
    return found


@pytest.fixture
def compared(prepared):
    def call(*folders, **changes):
        settings = {"ledger": ledger_of(prepared), "prepared": prepared, **changes}
        return compare_runs(folders, **settings)

    return call


@pytest.fixture
def copied(runs, tmp_path):
    """Copies of the reports alone, which a test may damage."""

    def call(name, to=None):
        return shutil.copytree(runs[name] / "report", tmp_path / (to or name))

    return call


@pytest.fixture(scope="module")
def comparison(runs, prepared):
    return compare_runs(list(runs.values()), ledger=ledger_of(prepared))


def answers(found, figure="average_precision"):
    return {one.run: one.answer for one in found.figures if one.figure == figure}


def test_the_worse_run_is_worse_and_the_like_one_is_not(comparison):
    assert answers(comparison) == {
        "good": None,
        "poor": "worse",
        "alike": "no detectable difference",
    }


def test_another_reference_turns_the_answers_and_comes_first(compared, runs):
    found = compared(*runs.values(), reference=runs["poor"])
    assert found.runs == ("poor", "good", "alike")
    assert answers(found) == {"poor": None, "good": "better", "alike": "better"}
    assert answers(compared(*runs.values(), reference="poor")) == answers(found)


def test_values_are_those_of_the_reports(comparison, runs):
    report = json.loads((runs["poor"] / "report" / "report.json").read_text())
    models = report["evaluation"]["reviewed"]["tasks"][0]["models"][0]["figures"]
    for one in comparison.figures:
        if one.run == "poor":
            ends = ("value", "low", "high")
            assert [getattr(one, end) for end in ends] == [models[one.figure][end] for end in ends]


def test_only_settings_that_differ_are_listed_and_no_folder(comparison):
    rows = {row["key"]: row for row in comparison.config_differences}
    assert set(rows) == {"model.char_ngrams", "model.name", "model.word_ngrams"}
    assert rows["model.name"] == {
        "key": "model.name",
        "good": "tfidf",
        "poor": "letters",
        "alike": "tfidf",
    }


def test_every_field_of_rows_makes_a_data_frame(comparison):
    for rows in (
        comparison.config_differences,
        comparison.data_differences,
        comparison.figures,
        comparison.changed,
    ):
        assert len(pd.DataFrame(rows)) == len(rows) > 0


def test_the_changed_adverts_are_those_that_a_count_by_hand_finds(comparison, runs):
    said = {
        name: read_predictions(one / "report" / "predictions.parquet") for name, one in runs.items()
    }
    first, second = (
        dict(zip(said[name].ids, said[name].probabilities["refer"].argmax(1), strict=True))
        for name in ("good", "poor")
    )
    wanted = {one for one in first if first[one] != second[one]}
    rows = [row for row in comparison.changed if row["run"] == "poor"]
    decided = {row["id"] for row in rows if row["decision"] != row["reference_decision"]}
    assert {row["id"] for row in rows} >= decided
    assert len(decided ^ wanted) <= 0.02 * len(first)  # the report stores them uncalibrated
    assert {row["label"] for row in rows} == {"no", "yes"}


def test_pages_and_text_name_no_advert_and_hold_no_text(comparison, prepared, tmp_path):
    folder = comparison.write(tmp_path / "out")
    pages = [(folder / f"comparison.{kind}").read_text() for kind in ("json", "md", "html")]
    for page in (*pages, str(comparison), repr(comparison)):
        assert not re.search(r"\b[ac]\d+\b", page)
        assert str(prepared.parent) not in page
    for page in (*pages[1:], str(comparison)):
        assert "worse" in page
        assert "no detectable difference" in page


def test_ids_are_in_a_file_for_its_owner_alone_without_text(comparison, tmp_path):
    folder = comparison.write(tmp_path / "out")
    path = folder / "restricted" / "changed.parquet"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    table = pq.read_table(path)
    assert table.num_rows == len(comparison.changed)
    assert not any("text" in name for name in table.column_names)


def test_a_comparison_replaces_an_earlier_one_and_nothing_else(comparison, tmp_path):
    comparison.write(tmp_path / "out")
    comparison.write(tmp_path / "out")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="did not write"):
        comparison.write(tmp_path / "other")


def test_each_run_is_recorded_as_a_look_at_the_test_adverts(compared, runs, prepared):
    before = len(read_ledger(ledger_of(prepared)).looks)
    compared(runs["good"], runs["poor"])
    new = read_ledger(ledger_of(prepared)).looks[before:]
    assert [(one.gate, one.split, one.name) for one in new] == [
        ("compare", "test", "tfidf"),
        ("compare", "test", "letters"),
    ]
    assert new[0].adverts.count > 500
    beside = read_ledger(prepared.with_name("prepared.looks.jsonl")).looks
    assert set(new) <= set(beside)


def test_models_that_were_tried_and_are_not_compared_are_told(compared, runs):
    found = compared(runs["good"], runs["poor"])
    assert any("3 models were tried on these adverts" in note for note in found.notes)


def test_without_a_ledger_that_can_be_written_nothing_is_compared(runs, prepared, tmp_path):
    copy = shutil.copytree(prepared, tmp_path / "prepared")
    (tmp_path / "prepared.looks.jsonl").mkdir()
    (tmp_path / "looks").mkdir()
    with pytest.raises(InputError, match="ledger"):
        compare_runs([runs["good"], runs["poor"]], prepared=copy, ledger=tmp_path / "looks")


@pytest.mark.slow
def test_a_bundle_beside_its_report_is_compared(compared, runs, prepared, tmp_path):
    from composing import load

    from adverts.export import export

    bundle = tmp_path / "mine" / "bundle"
    places = (f"checkpoint={runs['good']}", f"prepared={prepared}", f"bundle_dir={bundle}")
    export(load("export", "tracking=none", f"ledger={ledger_of(prepared)}", *places))
    with pytest.raises(InputError, match=re.escape("run: adverts evaluate candidate=")):
        compared(bundle, runs["poor"])
    judged(bundle, prepared, tmp_path / "mine" / "report")
    found = compared(bundle, runs["poor"])
    assert found.runs == ("mine/bundle", "poor")
    assert answers(found)["poor"] == "worse"


def test_a_run_is_known_by_its_report_wherever_it_is(compared, runs, copied):
    found = compared(copied("good"), copied("poor"))
    assert answers(found)["poor"] == "worse"


def test_one_run_is_refused(compared, runs):
    with pytest.raises(InputError, match="1 run to compare; give at least two"):
        compared(runs["good"])


def test_the_same_run_twice_is_refused_under_whatever_name(compared, runs):
    for again in (runs["good"], runs["good"] / "report", runs["good"] / ".." / "good"):
        with pytest.raises(InputError, match="are the same evaluation"):
            compared(runs["good"], again)


def test_a_copy_of_a_run_shows_no_difference_and_is_named(compared, runs, copied):
    found = compared(runs["good"], copied("good", "again"))
    assert set(answers(found).values()) == {None, "no detectable difference"}
    assert found.changed == []
    assert "again is the same model as good." in found.notes


def test_runs_that_share_a_name_are_told_apart(compared, copied, tmp_path):
    one, two = tmp_path / "x" / "run", tmp_path / "y" / "run"
    shutil.copytree(copied("good"), one)
    shutil.copytree(copied("poor"), two)
    assert compared(one, two).runs == ("x/run", "y/run")


def test_names_are_as_short_as_they_can_be(tmp_path):
    names = ["a/report", "b/report", "c", "x/c"]
    assert unique_names([tmp_path / one for one in names])[:2] == ["a/report", "b/report"]
    assert len(set(unique_names([tmp_path / one for one in names]))) == 4


def test_a_report_on_another_split_is_refused_with_the_command(compared, runs, prepared, tmp_path):
    other = judged(runs["poor"], prepared, tmp_path / "validation", "split=validation")
    with pytest.raises(InputError, match="split validation, and test .*adverts evaluate"):
        compared(runs["good"], other)


def test_a_run_without_a_report_is_refused_with_the_command_to_type(
    compared, runs, prepared, tmp_path
):
    bare = shutil.copytree(
        runs["poor"], tmp_path / "deep" / "bare", ignore=shutil.ignore_patterns("report")
    )
    with pytest.raises(InputError) as error:
        compared(runs["good"], bare)
    command = str(error.value).partition("run: ")[2]
    assert command.startswith(f"adverts evaluate candidate={bare} prepared=")
    assert "\n" not in str(error.value)
    judged(bare, prepared, bare / "report")
    assert answers(compared(runs["good"], bare))["bare"] == "worse"


def test_a_report_killed_in_the_middle_is_refused(compared, runs, copied):
    half = copied("poor")
    (half / "report.json").unlink()
    with pytest.raises(InputError, match="was not finished"):
        compared(runs["good"], half)
    (half / "report.json").write_text('{"origin": {"split": "te')
    with pytest.raises(IntegrityError, match="damaged"):
        compared(runs["good"], half)
    (half / "report.json").write_text('{"origin": {"split": "test"}}')
    with pytest.raises(IntegrityError, match="no evaluation"):
        compared(runs["good"], half)


def test_predictions_other_than_those_of_the_report_are_refused(compared, runs, copied):
    changed = copied("poor")
    path = changed / "predictions.parquet"
    said = read_predictions(path)
    better = {name: 1 - values for name, values in said.probabilities.items()}
    write_predictions(path, dataclasses.replace(said, probabilities=better))
    with pytest.raises(IntegrityError, match="is not what report.json judged"):
        compared(runs["good"], changed)


def test_a_strangers_folder_is_refused(compared, runs, prepared, tmp_path):
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "photo.jpg").write_bytes(b"x")
    with pytest.raises(InputError, match="neither a finished run nor a bundle nor a report"):
        compared(runs["good"], tmp_path / "holiday")
    with pytest.raises(InputError, match="is not a folder"):
        compared(runs["good"], tmp_path / "nothing")
    with pytest.raises((InputError, IntegrityError)):
        compared(runs["good"], prepared)


def test_an_unknown_reference_figure_or_split_is_refused_with_the_legal_ones(compared, runs):
    both = runs["good"], runs["poor"]
    with pytest.raises(InputError, match="good, poor"):
        compared(*both, reference="nobody")
    with pytest.raises(InputError, match="average_precision"):
        compared(*both, figures=["averge_precision"])
    with pytest.raises(InputError, match="test or validation"):
        compared(*both, split="train")


def test_fewer_figures_have_narrower_intervals_at_most(compared, runs):
    def width(found):
        one = next(f for f in found.figures if f.run == "poor" and f.figure == "average_precision")
        return one.difference_high - one.difference_low

    one = compared(*runs.values(), figures=["average_precision"])
    assert {row.figure for row in one.figures} == {"average_precision"}
    assert width(one) <= width(compared(*runs.values()))


def test_a_dataset_that_is_not_found_is_asked_for(copied, prepared, tmp_path):
    both = copied("good"), copied("poor")
    with pytest.raises(InputError, match="prepared="):
        compare_runs(both, prepared=tmp_path, ledger=ledger_of(prepared))


def run_on(folder, rows):
    prepared = write_posts(folder / "prepared", rows)
    run = trained(prepared, folder / "run", *BLIND)
    judged(run, prepared, run / "report")
    return run


@pytest.mark.slow
def test_another_preparation_of_the_same_adverts_is_compared(runs, prepared, tmp_path):
    rows = [dataclasses.replace(row, cluster=f"z{row.cluster}") for row in posts()][:-40]
    other = run_on(tmp_path / "other", rows)
    found = compare_runs([runs["good"], other], ledger=ledger_of(prepared))
    assert found.adverts == 560
    assert answers(found)["run"] == "worse"
    facts = {row["fact"]: row for row in found.data_differences}
    assert facts["data hash"]["good"] != facts["data hash"]["run"]
    assert (facts["adverts judged"]["good"], facts["adverts judged"]["run"]) == (600, 560)
    assert facts["in common"]["good"] == 560


@pytest.mark.slow
def test_clusters_of_two_preparations_are_joined(runs, prepared, tmp_path):
    rows = [
        dataclasses.replace(row, cluster=f"z{i // 2}" if row.split == "test" else row.cluster)
        for i, row in enumerate(posts())
    ]
    found = compare_runs([runs["good"], run_on(tmp_path, rows)], ledger=ledger_of(prepared))
    assert (found.adverts, found.clusters) == (600, 300)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"text": "quite other words"},
            "3 adverts of one id have other content and 0 other labels",
        ),
        pytest.param(
            {"targets": {"refer": (0.5, 0.5)}},
            "0 adverts of one id have other content and 3 other",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_adverts_of_one_id_and_other_content_or_labels_are_refused_by_number(
    runs, prepared, tmp_path, change, told
):
    rows = posts()
    rows[-3:] = [dataclasses.replace(row, **change) for row in rows[-3:]]
    other = run_on(tmp_path / "other", rows)
    with pytest.raises(InputError, match=told) as error:
        compare_runs([runs["good"], other], ledger=ledger_of(prepared))
    assert "a999" not in str(error.value)


def test_adverts_that_taught_one_of_the_runs_are_set_aside(runs, prepared, tmp_path):
    rows = posts()
    rows[-100:] = [dataclasses.replace(row, cluster="c5") for row in rows[-100:]]
    other = run_on(tmp_path / "other", rows)
    found = compare_runs([runs["good"], other], ledger=ledger_of(prepared))
    assert found.adverts == 500
    facts = {row["fact"]: row for row in found.data_differences}
    assert facts["set aside, linked to training"]["run"] == 100


def test_other_labels_are_refused_and_both_runs_named(runs, prepared, tmp_path, monkeypatch):
    import compared_runs

    from adverts.advert import LabelSchema, Task

    asked = Task("refer", "single", ("yes", "no"), "yes")
    monkeypatch.setattr(compared_runs, "SCHEMA", LabelSchema("tiny", (asked,), "refer"))
    other = run_on(tmp_path, posts())
    with pytest.raises(InputError, match="good and run have other label schemas"):
        compare_runs([runs["good"], other], ledger=ledger_of(prepared))


@pytest.mark.slow
def test_thresholds_for_another_prevalence_are_told_and_their_decisions_not_compared(
    compared, runs, prepared, tmp_path
):
    settings = ("decisions.precision=0.3", "decisions.confidence=0.6", "decisions.recall=0.5")
    reports = [
        judged(runs[name], prepared, tmp_path / f"{name}-{share}", *settings, f"{at}={share}")
        for at in ("decisions.operating_prevalence",)
        for name, share in (("good", 0.3), ("poor", 0.3), ("alike", 0.1))
    ]
    found = compared(*reports)
    told = [note for note in found.notes if "mean different things" in note]
    assert len(told) == 1
    assert "0.1, those of good-0.3 for 0.3" in told[0]
    assert {one.run for one in found.decisions} == {"poor-0.3"}
    bands = {row["band"] for row in found.changed}
    assert bands - {"abstain"}


@pytest.mark.slow
def test_few_clusters_are_too_little_evidence(prepared, tmp_path):
    small = write_posts(tmp_path / "prepared", posts(60))
    reports = []
    for name, settings in (("a", ()), ("b", BLIND)):
        run = trained(small, tmp_path / name, *settings)
        reports.append(judged(run, small, run / "report"))
    found = compare_runs(reports, prepared=[small], ledger=ledger_of(prepared))
    assert answers(found)["b/report"] == "too little evidence"
    assert all(row.answer != "better" for row in found.figures)
