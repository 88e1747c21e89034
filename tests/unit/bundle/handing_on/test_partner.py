import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from told_examples import (
    RULES,
    SECRETS,
    TEXTS,
    gate_record,
    internal_bundle,
    judged_bundle,
    slices,
)

from adverts.bundle.handing_on.gate_evidence import require_promotable
from adverts.bundle.handing_on.partner import partner_bundle, partner_rules
from adverts.errors import InputError, IntegrityError, ParityError
from adverts.runtime import Classifier, open_bundle
from adverts.runtime.__main__ import main as runtime
from adverts.runtime.rules.calibration import Calibration, TaskCalibration
from adverts.runtime.stream.examples import replay_examples


@pytest.fixture(scope="module")
def internal(tmp_path_factory):
    return judged_bundle(tmp_path_factory.mktemp("told") / "internal")


@pytest.fixture(scope="module")
def partner(internal):
    return partner_bundle(internal, internal.with_name("partner")).folder


def everything(folder):
    return b"\n".join(file.read_bytes() for file in sorted(folder.iterdir()))


@pytest.mark.parametrize("what", SECRETS)
def test_a_partner_is_not_told(internal, partner, what):
    assert SECRETS[what].encode() in everything(internal)
    assert SECRETS[what].encode() not in everything(partner)


def test_no_file_of_a_partner_names_this_machine(partner, tmp_path):
    said = everything(partner)
    for place in (b"/home/", b"/root/", b"site-packages", str(tmp_path.parent).encode()):
        assert place not in said


def test_a_partner_gets_these_files_and_no_other(internal, partner):
    names = {file.name for file in partner.iterdir()}
    assert names == {file.name for file in internal.iterdir()} - {"parity.json", "seen.json"}


def test_a_partner_s_bundle_says_what_it_was_made_from(internal, partner):
    manifest = open_bundle(partner).manifest
    assert manifest.audience == "partner"
    assert manifest.derived_from == open_bundle(internal).manifest.identity()
    assert manifest.identity() != manifest.derived_from


def test_its_probabilities_are_the_internal_ones_to_the_last_bit(internal, partner):
    here = Classifier.load(partner).predict(texts=TEXTS)
    there = Classifier.load(internal).predict(texts=TEXTS)
    assert [one.probabilities for one in here] == [one.probabilities for one in there]


def test_a_service_that_asks_for_a_gate_takes_both(internal, partner):
    for folder in (internal, partner):
        assert open_bundle(folder, require_gate=True).manifest.files["gate.json"]


def test_it_verifies(partner):
    assert replay_examples(Classifier.load(partner)).examples == 20
    assert runtime([str(partner), "--verify"]) == 0


def test_recall_thresholds_stay_behind_but_for_danger_and_for_those_that_lack_evidence(partner):
    found = open_bundle(partner).rules.thresholds
    assert [(one.label, one.purpose, one.value) for one in found.thresholds] == [
        ("yes", "precision", 0.61),
        ("price", "recall", None),
        ("flag", "recall", 0.231111),
    ]
    assert found.withheld == ("recall",)
    assert found.find("refer", "yes", "precision").false_positive_rate_high == 0.02
    assert found.safeguarding == RULES.thresholds.safeguarding


def test_the_gate_is_told_in_eight_facts_and_the_hash_of_the_rest(internal, partner):
    import hashlib

    told = json.loads((partner / "gate.json").read_text())
    assert told == {
        "schema_version": 2,
        "gate": "first",
        "verdict": "passed",
        "created": "2026-11-26",
        "split": "test",
        "adverts": 60,
        "gate_changed": None,  # the record does not say
        "model": open_bundle(internal).manifest.identity(),
        "record_sha256": hashlib.sha256((internal / "gate.json").read_bytes()).hexdigest(),
    }


def test_languages_keep_their_status_and_lose_its_figures(internal, partner):
    here, there = slices(partner).slices, slices(internal).slices
    assert [(one.language, one.status) for one in here] == [
        (one.language, one.status) for one in there
    ]
    assert {one.reason for one in here} == {"not enough evidence on its own"}


def test_a_bundle_that_was_not_promoted_can_be_shared_too(tmp_path):
    made = partner_bundle(internal_bundle(tmp_path / "internal"), tmp_path / "partner")
    assert "gate.json" not in made.manifest.files
    assert made.coverage.slices == ()


def test_the_same_bundle_gives_a_partner_the_same_bytes(internal, partner, tmp_path):
    again = partner_bundle(internal, tmp_path / "again").folder
    assert everything(again) == everything(partner)


def test_the_internal_bundle_stays_as_it_is(internal, tmp_path):
    before = everything(internal)
    partner_bundle(internal, tmp_path / "partner")
    assert everything(internal) == before


def test_a_partner_s_bundle_is_neither_shared_on_nor_promoted(partner, tmp_path):
    with pytest.raises(InputError, match="already a partner's bundle; give an internal one"):
        partner_bundle(partner, tmp_path / "again")
    manifest = open_bundle(partner).manifest
    with pytest.raises(InputError, match="promote the internal bundle"):
        require_promotable(manifest, gate_record(manifest.identity()))


def test_data_that_may_not_be_shared_leave_nothing_behind(tmp_path):
    terms = {"name": "desk", "data_hash": "d" * 64, "provenance": "desk", "licence": "MIT"}
    folder = internal_bundle(
        tmp_path / "internal", dataset=terms | {"sensitivity": "operational_restricted"}
    )
    with pytest.raises(InputError, match="trained on desk, which is operational_restricted"):
        partner_bundle(folder, tmp_path / "partner")
    assert [file.name for file in tmp_path.iterdir()] == ["internal"]


def test_a_taken_folder_is_refused_and_stays(internal, tmp_path):
    (tmp_path / "mine").write_text("kept")
    with pytest.raises(InputError, match="is taken"):
        partner_bundle(internal, tmp_path)
    assert (tmp_path / "mine").read_text() == "kept"


def test_an_archive_is_refused_in_one_line(internal, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "internal"), "zip", internal)
    with pytest.raises(InputError, match="is an archive; unpack it"):
        partner_bundle(Path(archive), tmp_path / "partner")
    assert [one.name for one in tmp_path.iterdir()] == ["internal.zip"]


def test_a_copy_that_says_something_else_is_refused_and_leaves_nothing(
    internal, tmp_path, monkeypatch
):
    warmer = TaskCalibration("refer", "temperature", 2.5)
    monkeypatch.setattr(
        "adverts.bundle.handing_on.partner.partner_rules",
        lambda rules: replace(partner_rules(rules), calibration=Calibration((warmer,))),
    )
    with pytest.raises(ParityError, match="the probabilities of a partner's copy differ"):
        partner_bundle(internal, tmp_path / "partner")
    assert list(tmp_path.iterdir()) == []


def test_a_broken_internal_bundle_gives_none(internal, tmp_path):
    broken = shutil.copytree(internal, tmp_path / "broken")
    (broken / "gate.json").write_text("[]")
    with pytest.raises(IntegrityError, match=r"gate\.json is not the file"):
        partner_bundle(broken, tmp_path / "partner")
    assert not (tmp_path / "partner").exists()


def test_the_card_of_a_partner_says_what_is_withheld(partner):
    card = (partner / "README.md").read_text()
    assert "This is a partner's bundle" in card
    assert "Thresholds for recall are withheld" in card
    assert "| refer: yes | all | precision ≥ 0.9 where 1.00% of adverts have the label |" in card
