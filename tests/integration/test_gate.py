"""The gate within the verb: verdicts, exit statuses, files, the ledger, and misuse."""

import hashlib
import json
import random
import shutil
from xml.etree import ElementTree

import pytest
from composing import load

from adverts.advert import LabelSchema, Task
from adverts.command import exit_status
from adverts.config import EvaluateConfig
from adverts.data.dataset.prepared import write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow
from adverts.errors import CannotJudgeError, GateFailedError, InputError
from adverts.evaluate import evaluate
from adverts.evaluation.gate.gate_record import read_record
from adverts.evaluation.predictions.advert_set import unpack
from adverts.evaluation.predictions.look_ledger import ledger_beside, read_ledger
from adverts.files.file_hash import file_sha256
from adverts.training.runs.checkpoint import read_checkpoint

pytestmark = pytest.mark.promise

LOOSE = (
    "gate=first",
    "gate.conditions.ranks_well.at_least=0.1",
    "gate.conditions.ranks_well.must_see=0.9",
    "gate.conditions.calibrated.must_see=0.9",
    "gate.conditions.calibrated.at_most=1.0",
    "gate.conditions.calibrated.if_insufficient=report",
    "gate.promises=null",
    "accept_no_prevalence=made-up words",
    "decisions.recall=0.7",  # which so few adverts can show, so that a threshold ships
)


def trained(prepared, folder, *overrides):
    from adverts.train import train

    train(
        load(
            "train",
            f"prepared={prepared}",
            f"run_dir={folder}",
            "model=tfidf",
            "tracking=none",
            *overrides,
        )
    )
    return folder


@pytest.fixture(scope="module")
def run(tiny_prepared, tmp_path_factory):
    """A tf-idf model of the made-up words."""
    return trained(tiny_prepared, tmp_path_factory.mktemp("runs") / "tfidf")


@pytest.fixture
def prepared(run, tiny_prepared, tmp_path_factory):
    """A copy of the dataset, with the ledger as it is where only the run was trained."""
    training = read_checkpoint(run).record.training
    mine = ("", file_sha256(run / "checkpoints" / "best" / "checkpoint.json"))
    lines = ledger_beside(tiny_prepared).read_text().splitlines(keepends=True)
    own = [one for one in lines if json.loads(one).get("training") == training]
    copy = shutil.copytree(tiny_prepared, tmp_path_factory.mktemp("copy") / "tiny")
    ledger_beside(copy).write_text("".join(one for one in own if json.loads(one)["model"] in mine))
    return copy


@pytest.fixture
def judge(run, prepared, tmp_path):
    """Evaluate the run on the test split, with a ledger of its own, unless told otherwise."""

    def call(*overrides):
        return evaluate(
            load(
                "evaluate",
                f"candidate={run}",
                f"prepared={prepared}",
                f"run_dir={tmp_path / 'report'}",
                f"ledger={tmp_path / 'looks.jsonl'}",
                "bootstrap_resamples=100",
                "tracking=none",
                *overrides,
            )
        )

    return call


def other_dataset(folder, *, labelled=True, split="test"):
    rng = random.Random(1)
    rows = [
        PreparedRow(
            id=f"b{i}",
            split=split,
            cluster=f"c{i}",
            text=f"word{rng.randrange(40)} word7",
            targets={"refer": (1.0, 0.0) if i % 2 else (0.0, 1.0)} if labelled else {},
        )
        for i in range(60)
    ]
    schema = LabelSchema("other", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
    write_prepared(folder, rows, name="other", schema=schema)
    return folder


def test_a_model_that_meets_its_conditions_passes_and_the_verdict_is_written(judge):
    done = judge(*LOOSE)
    record = read_record(done.folder / "gate.json")
    assert record == done.gate
    assert record.verdict == "passed"
    assert record.data_hash == done.predictions.data_hash
    assert (done.folder / "gate.md").read_text().startswith("## ✅ **Passed** · gate `first`")
    assert ElementTree.parse(done.folder / "gate.xml").getroot()[0].get("failures") == "0"
    assert {path.stat().st_mode & 0o077 for path in done.folder.iterdir()} == {0}


def test_a_model_that_ships_no_threshold_and_marks_every_advert_abstain_does_not_pass(
    judge, tmp_path
):
    with pytest.raises(CannotJudgeError, match="answers_enough"):
        judge(*LOOSE, "decisions.recall=0.9999")
    record = read_record(tmp_path / "report" / "gate.json")
    silent = [one for one in record.results if one.outcome == "insufficient"]
    assert {one.name for one in silent} == {"answers_enough"}
    assert silent[0].found.startswith("0 of ")
    assert "no threshold ships with the model: " in silent[0].message
    assert "more positive clusters are needed" in silent[0].message


def test_a_weaker_promise_frozen_into_a_bundle_is_a_change_and_no_answer(
    run, prepared, judge, tmp_path
):
    from adverts.export import export

    bundle = tmp_path / "bundle"
    weak = ("decisions.recall=0.2", "decisions.confidence=0.51", "tracking=none")
    export(
        load("export", f"checkpoint={run}", f"prepared={prepared}", f"bundle_dir={bundle}", *weak)
    )
    loose = [one for one in LOOSE if not one.startswith(("gate.promises", "decisions."))]
    with pytest.raises(CannotJudgeError, match="answers_enough"):
        judge(f"candidate={bundle}", *loose)
    record = read_record(tmp_path / "report" / "gate.json")
    assert {
        "decisions.recall=0.2, shipped with 0.95",
        "decisions.confidence=0.51, shipped with 0.95",
    } <= set(record.gate_changes)
    [silent] = {one.message for one in record.results if one.name == "answers_enough"}
    assert "a weaker promise is no answer" in silent
    assert "export with decisions.recall=0.95" in silent


def test_the_record_of_a_gate_is_signed_by_who_judged(judge, tmp_path):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from adverts.runtime.opening.signature import check_signature

    private, path = Ed25519PrivateKey.from_private_bytes(b"7" * 32), tmp_path / "ci.pem"
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(private.private_bytes(serialization.Encoding.PEM, *form))
    path.chmod(0o644)
    with pytest.raises(InputError, match="others can read it"):
        judge(*LOOSE, f"signing_key={path}")
    path.chmod(0o600)
    folder = judge(*LOOSE, f"signing_key={path}").folder
    record = (folder / "gate.json").read_bytes()
    signature = (folder / "gate_signature.json").read_bytes()
    check_signature(record, signature, private.public_key().public_bytes_raw())
    assert "signing_key" not in (folder / "report.json").read_text()
    assert not (judge(*LOOSE).folder / "gate_signature.json").exists()


CRIPPLED = ("model.num_features_log2=10", "model.inverse_regularisation=0.02")


@pytest.mark.parametrize("setting", CRIPPLED)
def test_only_tfidf_as_it_ships_is_excused_from_a_comparison_with_it(
    judge, run, prepared, tmp_path, setting
):
    other = trained(prepared, tmp_path / "other", setting)
    with pytest.raises(CannotJudgeError, match="as_good_as_tfidf"):
        judge(*LOOSE, f"candidate={other}")
    with pytest.raises((GateFailedError, CannotJudgeError)) as told:
        judge(*LOOSE, f"candidate={other}", f"baseline={run}")
    record = read_record(tmp_path / "report" / "gate.json")
    [over] = [one for one in record.results if one.name == "as_good_as_tfidf"]
    assert "against" in over.found, told.value
    with pytest.raises(InputError, match="not known to be tf-idf with the shipped settings"):
        judge(*LOOSE, f"baseline={other}")
    shutil.copytree(other, tmp_path / "beside" / "run")
    shutil.copytree(other, tmp_path / "beside" / "baseline")
    with pytest.raises(CannotJudgeError, match="as_good_as_tfidf"):
        judge(*LOOSE, f"candidate={tmp_path / 'beside' / 'run'}", f"run_dir={tmp_path / 'third'}")


def test_the_page_names_the_hash_of_the_record(judge):
    folder = judge(*LOOSE).folder
    digest = hashlib.sha256((folder / "gate.json").read_bytes()).hexdigest()
    assert digest in (folder / "gate.md").read_text()


def test_settings_that_decide_beside_the_gate_stand_in_the_first_line_of_the_verdict(judge):
    done = judge(*LOOSE, "recall_at_precision=0.05")
    assert "recall_at_precision=0.05, shipped with 0.9" in done.gate.gate_changes
    first = (done.folder / "gate.md").read_text().split("\n")[0]
    assert "recall_at_precision=0.05, shipped with 0.9" in first


@pytest.mark.parametrize("name", [pytest.param("majority class", marks=pytest.mark.slow), "tf-idf"])
def test_a_model_of_the_name_of_a_reference_is_not_judged_by_the_figures_of_that(
    name, tiny_prepared, tmp_path
):
    run = trained(tiny_prepared, tmp_path / "run", f"model.name='{name}'")
    place = [f"candidate={run}", f"prepared={tiny_prepared}", f"run_dir={tmp_path / 'report'}"]
    rest = [f"ledger={tmp_path / 'looks.jsonl'}", "tracking=none", "bootstrap_resamples=100"]
    report = evaluate(load("evaluate", *place, *rest)).report
    models = report.evaluation.reviewed.tasks[0].models
    assert [one.model for one in models] == [f"{name}, the model", "majority class"]
    assert models[0].figures["average_precision"].value > 0.9


def test_a_model_that_fails_is_refused_after_everything_is_written(judge, tmp_path):
    with pytest.raises(GateFailedError, match="gate=first failed: 1 of .* fits") as told:
        judge(*LOOSE, "gate.conditions.fits.at_most=0.000001")
    assert told.value.exit_status == 1
    assert read_record(tmp_path / "report" / "gate.json").verdict == "failed"
    assert (tmp_path / "report" / "report.html").is_file()


def test_too_few_adverts_are_no_verdict(judge, tmp_path):
    with pytest.raises(CannotJudgeError, match="could not judge: .* ranks_well") as told:
        judge("gate=first")
    assert told.value.exit_status == 3
    assert "these adverts detect only one that is" in (tmp_path / "report" / "gate.md").read_text()


def test_without_its_champion_a_gate_refuses_before_anything_is_scored(judge, tmp_path):
    with pytest.raises(InputError, match="gate=release .* champion=.* or take gate=first"):
        judge("gate=release")
    assert list(tmp_path.iterdir()) == []


def test_a_gate_that_asks_for_disguises_wants_a_suite(judge, tmp_path):
    with pytest.raises(InputError, match="add robustness=quick"):
        judge("gate=release", "champion=nobody")
    assert list(tmp_path.iterdir()) == []


def test_a_condition_on_a_task_of_another_model_is_named(judge, tmp_path):
    with pytest.raises(InputError, match="ranks_well.task: found 'risk'; .* answers refer"):
        judge(*LOOSE, "gate.conditions.ranks_well.task=risk")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("split", ["train", "validation", "all"])
def test_adverts_that_the_model_knows_are_no_verdict(judge, tmp_path, split):
    with pytest.raises(CannotJudgeError, match="held-out adverts"):
        judge(*LOOSE, f"split={split}")
    assert read_record(tmp_path / "report" / "gate.json").verdict == "could not judge"


def test_adverts_whose_overlap_nobody_can_count_are_no_verdict(judge, tmp_path):
    elsewhere = other_dataset(tmp_path / "other")
    gone = ("calibrated", "ranks_well")  # its labels are others there
    others = [line for line in LOOSE if not any(f".{name}." in line for name in gone)]
    with pytest.raises(CannotJudgeError, match="no_leak"):
        judge(*others, *(f"~gate.conditions.{name}" for name in gone), f"prepared={elsewhere}")
    assert (
        "the model was trained on another dataset, tiny, in which only identical adverts"
        in (tmp_path / "report" / "gate.md").read_text()
    )


def test_adverts_without_a_label_are_no_verdict(judge, tmp_path):
    plain = other_dataset(tmp_path / "plain", labelled=False)
    with pytest.raises(CannotJudgeError, match="no advert of split test has a label"):
        judge(*LOOSE, f"prepared={plain}")
    ledger = read_ledger(tmp_path / "looks.jsonl")  # whoever saw scores may choose what to label
    assert unpack(ledger.members[ledger.looks[-1].members]).size


def test_the_folder_of_a_verdict_is_replaced_by_the_next(judge):
    judge(*LOOSE)
    done = judge()
    assert done.gate is None
    assert not (done.folder / "gate.json").exists()


def test_every_look_at_held_out_adverts_is_in_the_ledger(judge, tmp_path):
    judge()
    judge(*LOOSE)
    judge("split=validation", f"run_dir={tmp_path / 'validation'}")
    looks = read_ledger(tmp_path / "looks.jsonl").looks
    assert [(one.split, one.gate, one.name) for one in looks] == [
        ("test", "none", "tfidf"),
        ("validation", "rules", "tfidf"),
        ("test", "first", "tfidf"),
        ("validation", "none", "tfidf"),
    ]


def test_looks_of_other_models_are_told_and_own_ones_are_not(judge, tmp_path):
    judge()
    ledger = tmp_path / "looks.jsonl"
    lines = [json.loads(line) for line in ledger.read_text().splitlines()]
    first = next(line for line in lines if "packed" not in line)
    other = {**first, "model": "another", "training": "another"}
    with ledger.open("a") as file:
        file.write("half a line\n" + json.dumps(other) + "\n" + json.dumps(other) + "\n")
    record = judge(*LOOSE, "gate.conditions.nothing_lost.if_insufficient=report").gate
    assert record.earlier_looks == 2
    assert "2 times by other models" in (tmp_path / "report" / "gate.md").read_text()


def test_a_damaged_ledger_is_told_and_may_hide_that_adverts_are_gone(judge, tmp_path, capsys):
    (tmp_path / "looks.jsonl").write_text("half a line\n")
    with pytest.raises(CannotJudgeError, match="nothing_lost"):
        judge(*LOOSE)
    assert "1 line of the ledger cannot be read (1)" in capsys.readouterr().err


def test_a_ledger_that_cannot_be_written_stops_before_anything_is_scored(judge, tmp_path):
    (tmp_path / "looks.jsonl").mkdir()
    with pytest.raises(InputError, match="looks.jsonl"):
        judge()
    assert not (tmp_path / "report").exists()


def test_the_ledger_stands_beside_the_dataset_unless_told(run, tmp_path):
    elsewhere = other_dataset(tmp_path / "other")
    evaluate(
        load(
            "evaluate",
            f"candidate={run}",
            f"prepared={elsewhere}",
            f"run_dir={tmp_path / 'report'}",
            "bootstrap_resamples=100",
            "tracking=none",
        )
    )
    assert len(read_ledger(tmp_path / "other.looks.jsonl").looks) == 1


@pytest.mark.parametrize(
    ("overrides", "status"),
    [
        (LOOSE, 0),
        ((*LOOSE, "gate.conditions.fits.at_most=0.000001"), 1),
        (("gate=release",), 2),
        (("gate=first",), 3),
    ],
)
def test_the_exit_status_is_the_verdict(judge, overrides, status):
    assert exit_status("evaluate", EvaluateConfig, lambda: judge(*overrides)) == status


def test_a_model_against_itself_is_never_worse_and_few_adverts_cannot_show_more(
    judge, run, tmp_path
):
    with pytest.raises(CannotJudgeError, match="finds_as_much"):
        judge("gate=release", f"champion={run}", "robustness=quick", "robustness.adverts=20")
    record = read_record(tmp_path / "report" / "gate.json")
    by_name = {one.name: one for one in record.results}
    assert record.champion == record.model
    (drop,) = [one for one in record.results if (one.name, one.scope) == ("finds_as_much", "refer")]
    assert drop.measured.value == 0.0
    assert drop.smallest_visible > 0.03
    assert by_name["as_fast"].outcome == "reported"
    itself = by_name["another champion"]
    assert (itself.outcome, record.verdict) == ("insufficient", "could not judge")
    assert "gate=first" in itself.message


@pytest.mark.parametrize("whose", ["its own", "another"])
def test_a_look_at_training_adverts_is_a_look(judge, tmp_path, whose):
    elsewhere = other_dataset(tmp_path / "other", split="train")
    judge("split=train", *([f"prepared={elsewhere}"] if whose == "another" else []))
    looks = read_ledger(tmp_path / "looks.jsonl").looks
    assert ("train", "none") in [(one.split, one.gate) for one in looks]
