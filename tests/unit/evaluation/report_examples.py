"""A report in which every part is filled, with made-up figures, for the tests of its pages."""

from functools import cache

import numpy as np
from evaluation_examples import evaluation, origin, predictions

from adverts.evaluation.comparison.compared import (
    ChampionComparison,
    ComparedFigure,
    DecisionsCompared,
)
from adverts.evaluation.decisions.calibrate import CalibrationFigures, CalibrationReport
from adverts.evaluation.decisions.operating_points import OperatingPoint
from adverts.evaluation.figures.budgets import BudgetFigures, Desk
from adverts.evaluation.figures.curves import Reliability
from adverts.evaluation.figures.look_alikes import GroupRate
from adverts.evaluation.gate.gate_record import AbstainedSlice, ConditionResult, GateRecord
from adverts.evaluation.report_content import Report
from adverts.evaluation.robustness.robustness_results import Perturbed, Robustness
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.statistics.metrics import ReliabilityBin
from adverts.runtime.rules.calibration import Calibration, TaskCalibration
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.thresholds import LanguageComparison, Threshold, Thresholds

NOTHING = Estimate(None, reason="undefined")
PRECISION = Threshold(
    "refer", "yes", "precision", 0.9, 0.713, operating_prevalence=0.01, recall=0.62,
    recall_low=0.55, false_positive_rate=0.0004, false_positive_rate_high=0.0007,
    positive_clusters=412, negative_clusters=9650,
)  # fmt: skip
RECALL = Threshold(
    "refer", "yes", "recall", 0.95, 0.118, recall=0.97, recall_low=0.953,
    false_positive_rate=0.08, false_positive_rate_high=0.086,
    positive_clusters=412, negative_clusters=9650,
)  # fmt: skip
NONE_SHIPPED = Threshold(
    "signals", "boat", "precision", 0.9, None, operating_prevalence=0.01,
    positive_clusters=31, negative_clusters=120,
    lack="120 clean negative clusters cannot show so low a false-positive rate; 2,880 more can",
)  # fmt: skip
DEFAULT = Threshold(
    "signals", "boat", "recall", 0.95, 0.1, positive_clusters=31, negative_clusters=120,
    caution="the promised recall is not shown, this is a default",
)  # fmt: skip
LANGUAGES = LanguageComparison("refer", "yes", "recall", ("en", "fr"), 0.21, 0.05, 0.11, 0.2)
THRESHOLDS = Thresholds(
    (PRECISION, RECALL, NONE_SHIPPED, DEFAULT),
    ("boat",),
    data_hash="cd" * 32,
    comparisons=(LANGUAGES,),
)
RULES = DecisionRules(
    Calibration((TaskCalibration("refer", "temperature", 1.62),), {"split": "validation"}),
    THRESHOLDS,
)


def reliability(squeeze):
    stated = np.linspace(0.05, 0.95, 8)
    true = 0.5 + (stated - 0.5) * squeeze
    bins = tuple(
        ReliabilityBin(count=30, mean_probability=float(s), positive_share=float(t))
        for s, t in zip(stated, true, strict=True)
    )
    gap = float(np.abs(stated - true).mean())
    return Reliability("text", bins, 0.2 - 0.05 * squeeze, gap)


def calibration_figures(log_loss, brier, gap):
    return CalibrationFigures(
        *(Estimate(value, value - 0.01, value + 0.01) for value in (log_loss, brier, gap))
    )


CALIBRATION = (
    CalibrationReport(
        "refer", "temperature", {"none": 0.412, "temperature": 0.371, "platt": 0.372},
        reliability(0.6), reliability(0.97), 1200, 900,
        calibration_figures(0.431, 0.17, 0.103), calibration_figures(0.395, 0.152, 0.008),
        calibration_figures(-0.036, -0.018, -0.095), 0.35, 0.01, 0.36,
    ),
    CalibrationReport("signals", "none", {}, None, None, reason="3 clusters, wanted 50"),
)  # fmt: skip
GROUPS = (
    GroupRate("news", "look_alike", 420, 310, 3, 0.0071, 0.0015, 0.0207, 2),
    GroupRate("people who ask for help", "look_alike", 95, 91, 4, 0.0421, 0.0116, 0.1043, 4),
    GroupRate("diaspora", "look_alike", 0, 0, 0, None, None, None),
    GroupRate("A2 lawful travel or not", "ambiguous", 130, 120, 41, 0.3154, 0.2367, 0.4027, 38),
)
OPERATING = (
    OperatingPoint(
        PRECISION, 1200, 260, Estimate(0.953, 0.931, 0.971), Estimate(0.91, 0.86, 0.95),
        Estimate(0.61, 0.55, 0.67), Estimate(0.0005, 0.0001, 0.0009), None, GROUPS,
    ),
    OperatingPoint(
        RECALL, 1200, 470, Estimate(0.71, 0.66, 0.75), None, Estimate(0.931, 0.905, 0.946),
        Estimate(0.09, 0.08, 0.1), False,
    ),
)  # fmt: skip
EVERYONE = Desk("everyone", (), 20000, 0.01, 200)
PASHTO = Desk("Pashto and Dari", ("ps", "fa-AF"), 900, 0.03, 40)
CURVE = tuple((float(k), 1 - float(np.exp(-k / 160))) for k in range(0, 801, 40))
BUDGETS = (
    BudgetFigures(
        EVERYONE, "post", 1200, Estimate(0.62, 0.55, 0.68), Estimate(0.63, 0.57, 0.7), CURVE
    ),
    BudgetFigures(
        EVERYONE, "cluster", 1200, Estimate(0.58, 0.5, 0.65), Estimate(0.74, 0.68, 0.8),
        tuple((k, min(1.0, 1.15 * found)) for k, found in CURVE),
    ),
    BudgetFigures(
        PASHTO, "post", 41, NOTHING, NOTHING, lack="9 positive clusters, wanted 100"
    ),
)  # fmt: skip


def perturbed(name, kind, strength, kept, gained, **changes):
    facts = {
        "adverts": 400,
        "positives": 160,
        "found_clusters": 120,
        "recall_kept": Estimate(kept, kept - 0.04, min(1.0, kept + 0.03)),
        "worst_recall_kept": Estimate(kept - 0.06, kept - 0.1, kept - 0.02),
        "false_positives_gained": Estimate(gained, 0.0, gained + 0.01),
        "draws": 3,
    }
    return Perturbed(name, kind, strength, **{**facts, **changes})


ROBUSTNESS = Robustness(
    "refer", "yes", 0.713, 400,
    (
        perturbed("zero_width", "text", "light", 1.0, 0.0),
        perturbed("zero_width", "text", "heavy", 0.99, 0.001),
        perturbed("look_alike_letters", "text", "light", 0.93, 0.002),
        perturbed("look_alike_letters", "text", "heavy", 0.71, 0.013),
        perturbed("leet", "text", "light", 0.88, 0.0),
        perturbed("leet", "text", "heavy", 0.42, 0.031),
        perturbed("jpeg", "image", "light", 0.98, 0.0),
        perturbed(
            "rotation", "image", "heavy", 0.5, 0.0, recall_kept=NOTHING, worst_recall_kept=NOTHING,
            false_positives_gained=NOTHING, lack="2 positive adverts changed, wanted 20",
        ),
    ),
)  # fmt: skip


def compared(figure, candidate, champion, answer, **changes):
    gap = candidate - champion
    facts = {
        "task": "refer",
        "slice": "",
        "smallest_visible": 0.021,
        "adverts_needed": None,
        "difference": Estimate(gap, gap - 0.02, gap + 0.02),
        "samples": np.zeros(3),
        "independent": 200,
    }
    return ComparedFigure(
        figure=figure,
        candidate=Estimate(candidate, candidate - 0.03, candidate + 0.03),
        champion=Estimate(champion, champion - 0.03, champion + 0.03),
        answer=answer,
        **{**facts, **changes},
    )


COMPARISON = ChampionComparison(
    candidate="text",
    champion="text, release 3",
    relevant=0.03,
    figures=(
        compared("average_precision", 0.91, 0.88, "better"),
        compared("recall_at_precision", 0.62, 0.63, "no detectable difference"),
        compared("macro_f1", 0.79, 0.83, "worse"),
        compared("roc_auc", 0.8, 0.8, "not enough data", difference=NOTHING),
        compared(
            "average_precision", 0.8, 0.85, "not enough data", slice="language=ps",
            smallest_visible=0.14, adverts_needed=2300,
        ),
        compared(
            "average_precision", 0.9, 0.9, "not enough data", slice="language=vi",
            difference=NOTHING, smallest_visible=None,
        ),
    ),
    decisions=(
        DecisionsCompared("refer", "yes", "precision", 14, 9, 0.405),
        DecisionsCompared("refer", "yes", "recall", 40, 11, 0.00006),
    ),
    notes=("The champion was trained on another version of this dataset.",),
)  # fmt: skip
RESULTS = (
    ConditionResult(
        "recall kept under disguise", "robustness", "refer, leet heavy", "failed", "at least 0.80",
        "0.420", Estimate(0.42, 0.38, 0.45),
        message="Adverts in leet are lost; train with such adverts or fold them.",
    ),
    ConditionResult(
        "no worse than the champion", "relative", "refer, language=ps", "insufficient",
        "drop of less than 0.03", "−0.050", Estimate(-0.05, -0.12, 0.02), 0.14,
        "These adverts show a drop of 0.14 at the least; about 2,300 more adverts are needed.",
    ),
    ConditionResult(
        "recall by language", "absolute", "refer, ckb × image", "abstained", "at least 0.60",
        "4 positive clusters", message="Left to people until there is more evidence.",
    ),
    ConditionResult("size", "size", "bundle", "reported", "at most 500 MB", "118 MB"),
    ConditionResult(
        "average precision", "absolute", "refer", "passed", "at least 0.85", "0.910",
        Estimate(0.91, 0.88, 0.93), message="Holds with its whole interval.",
    ),
)  # fmt: skip


def gate(verdict="failed", results=RESULTS, **changes):
    facts = {
        "gate": "release",
        "abstained": (AbstainedSlice("ckb", "Arab", "image"),),
        "model": "12" * 32,
        "champion": "34" * 32,
        "data_hash": "ab" * 32,
        "split": "test",
        "adverts": 240,
        "earlier_looks": 3,
        "created": "2026-01-02T03:04:05+00:00",
        "created_by": "adverts 0.1.0",
    }
    return GateRecord(verdict=verdict, results=results, **{**facts, **changes})


@cache
def _reviewed_in_part():
    return evaluation(said=predictions(reviewed=np.arange(240) < 200))


def full_report(**changes):
    """Return a report with every part but the gate; the adverts nobody reviewed stand apart."""
    parts = {
        "evaluation": _reviewed_in_part(),
        "origin": origin(),
        "rules": RULES,
        "calibration": CALIBRATION,
        "operating": OPERATING,
        "budgets": BUDGETS,
        "robustness": ROBUSTNESS,
        "comparison": COMPARISON,
    }
    return Report(**{**parts, **changes})
