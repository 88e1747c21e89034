"""Precision where the model will work, in the verb: stated, frozen into a model, and missing."""

import contextlib
import re

import pytest
from composing import load

from adverts.errors import AdvertsError
from adverts.evaluate import evaluate
from adverts.evaluation.gate.gate_record import read_record
from adverts.train import train

pytestmark = pytest.mark.promise

IN_SERVICE = ("finds_as_much_in_service", "ranks_as_well_in_service")
RELEASE = ("gate=release", "~gate.conditions.survives_disguise", "~gate.conditions.as_fast")


@pytest.fixture(scope="module")
def run(tiny_prepared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "tfidf"
    train(
        load(
            "train",
            f"prepared={tiny_prepared}",
            f"run_dir={folder}",
            "model=tfidf",
            "tracking=none",
        )
    )
    return folder


@pytest.fixture
def judge(run, tiny_prepared, tmp_path):
    """Evaluate the run; return the folder of its report, whatever the verdict."""

    def call(*overrides, name="report", candidate=run):
        with contextlib.suppress(AdvertsError):
            evaluate(
                load(
                    "evaluate",
                    f"candidate={candidate}",
                    f"prepared={tiny_prepared}",
                    f"run_dir={tmp_path / name}",
                    f"ledger={tmp_path / 'looks.jsonl'}",
                    "bootstrap_resamples=100",
                    "baseline=false",
                    "tracking=none",
                    *overrides,
                )
            )
        return tmp_path / name

    return call


def in_service(folder):
    results = read_record(folder / "gate.json").results
    return {one.name: one for one in results if one.name in IN_SERVICE}


def test_a_stated_prevalence_has_precision_judged_there_and_names_the_negatives_that_are_missing(
    judge, run
):
    stated = "decisions.operating_prevalence=0.005"
    found = in_service(judge(*RELEASE, f"champion={run}", stated))
    assert found.keys() == set(IN_SERVICE)
    for one in found.values():
        assert one.outcome == "insufficient"
        assert "at a precision of 0.9 where 0.5 % are positive" in one.message
        assert "more negative clusters are missing" in one.message


def test_without_a_stated_prevalence_nothing_in_service_can_be_judged(judge, run):
    folder = judge(*RELEASE, f"champion={run}")
    found = in_service(folder)
    assert {one.outcome for one in found.values()} == {"insufficient"}
    for one in found.values():
        assert "no operating prevalence is stated" in one.found
        assert re.search("would (no longer|not) hold where [25]0 %", one.found)
        assert one.found in (folder / "gate.md").read_text()


def test_a_reason_for_saying_nothing_is_a_change_of_the_gate(judge, run):
    reason = "accept_no_prevalence=nobody has counted, it's new"
    folder = judge(*RELEASE, f"champion={run}", reason)
    assert {one.outcome for one in in_service(folder).values()} == {"reported"}
    told = "no operating prevalence is asked for, since nobody has counted, it's new"
    assert told in read_record(folder / "gate.json").gate_changes


def test_what_was_frozen_into_the_champion_counts_where_the_candidate_is_silent(judge):
    champion = judge("decisions.operating_prevalence=0.005", name="champion")
    found = in_service(judge(*RELEASE, f"champion={champion}"))
    assert {one.outcome for one in found.values()} == {"insufficient"}
    assert "where 0.5 % are positive" in found[IN_SERVICE[0]].wanted


def test_a_candidate_that_states_more_positives_is_judged_where_the_champion_works(judge):
    candidate = judge("decisions.operating_prevalence=0.5", name="candidate")
    champion = judge("decisions.operating_prevalence=0.005", name="champion")
    folder = judge(*RELEASE, f"champion={champion}", candidate=candidate)
    found = in_service(folder)
    assert "where 0.5 % are positive" in found[IN_SERVICE[0]].wanted
    assert {one.outcome for one in found.values()} == {"insufficient"}


def test_a_prevalence_that_neither_model_was_made_for_changes_the_gate(judge):
    champion = judge("decisions.operating_prevalence=0.005", name="champion")
    stated = "decisions.operating_prevalence=0.5"
    folder = judge(*RELEASE, f"champion={champion}", stated)
    changes = read_record(folder / "gate.json").gate_changes
    assert "decisions.operating_prevalence=0.5, champion made for 0.005" in changes
    first = (folder / "gate.md").read_text().split("\n")[0]
    assert "operating_prevalence=0.5, champion made for 0.005" in first


def test_the_first_gate_asks_for_a_good_list_in_service(judge):
    folder = judge("gate=first", "decisions.operating_prevalence=0.005")
    (found,) = [
        one
        for one in read_record(folder / "gate.json").results
        if one.name == "ranks_well_in_service"
    ]
    assert found.outcome == "insufficient"
    assert "negative clusters are missing" in found.message
