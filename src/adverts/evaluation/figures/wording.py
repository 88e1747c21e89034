"""Names of figures and formats of numbers, for messages, verdicts and every report."""

from __future__ import annotations

from adverts.evaluation.figures.figures_by_kind import (
    ACCURACY,
    AVERAGE_PRECISION,
    AVERAGE_PRECISION_AT_PREVALENCE,
    MACRO_F1,
    MACRO_MAE,
    MEAN_AVERAGE_PRECISION,
    MICRO_F1,
    PRECISION_AT_RECALL,
    QUADRATIC_KAPPA,
    RECALL_AT_PRECISION,
    RECALL_AT_PRECISION_AT_PREVALENCE,
    ROC_AUC,
)
from adverts.evaluation.figures.planned_figures import MAJORITY
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.statistics.stated_probabilities import (
    BRIER,
    CALIBRATION_ERROR,
    ERROR_AT_TOP,
    LOG_LOSS,
    LOG_LOSS_SKILL,
)
from adverts.inputs.spec import BranchName

MISSING = "–"
TITLES = {
    AVERAGE_PRECISION: "Average precision",
    AVERAGE_PRECISION_AT_PREVALENCE: "Average precision at one prevalence",
    RECALL_AT_PRECISION_AT_PREVALENCE: "Recall at the required precision at one prevalence",
    ROC_AUC: "ROC-AUC",
    PRECISION_AT_RECALL: "Precision at the required recall",
    MACRO_F1: "Macro-F1",
    MICRO_F1: "Micro-F1",
    ACCURACY: "Accuracy",
    MEAN_AVERAGE_PRECISION: "Mean average precision",
    MACRO_MAE: "Macro-MAE",
    QUADRATIC_KAPPA: "Quadratic kappa",
    BRIER: "Brier score",
    LOG_LOSS: "Log loss",
    LOG_LOSS_SKILL: "Log-loss skill",
    CALIBRATION_ERROR: "Calibration error",
    ERROR_AT_TOP: "Calibration error at the top",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
}


def title(figure: str, precision: float) -> str:
    """Return the name of a figure; ``precision`` is the one at which recall is measured."""
    if figure == RECALL_AT_PRECISION:
        return f"Recall at precision {precision:g}"
    if figure == RECALL_AT_PRECISION_AT_PREVALENCE:
        return f"Recall at precision {precision:g} at one prevalence"
    return TITLES[figure]


def in_sentence(figure: str, precision: float) -> str:
    """Return the name of a figure as it is written within a sentence."""
    name = title(figure, precision)
    return name if figure == ROC_AUC else name[0].lower() + name[1:]


def or_plain(figure: str, precision: float) -> str:
    """Return the name of a figure for use within a sentence, even if the figure is unknown."""
    try:
        return in_sentence(figure, precision)
    except KeyError:
        return figure.replace("_", " ")


def number(value: float | None) -> str:
    """Return a figure with three decimals, or a dash."""
    return MISSING if value is None else f"{value:.3f}".replace("-", "−")


def signed(value: float | None) -> str:
    """Return a difference with its sign."""
    return MISSING if value is None else f"{value:+.3f}".replace("-", "−")


def interval(estimate: Estimate, *, sign: bool = False) -> str:
    """Return the interval, or an empty string where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    write = signed if sign else number
    return f"{write(estimate.low)} to {write(estimate.high)}"


def with_interval(estimate: Estimate, *, sign: bool = False) -> str:
    """Return a figure followed by its interval in brackets."""
    value = (signed if sign else number)(estimate.value)
    ends = interval(estimate, sign=sign)
    return f"{value} [{ends}]" if ends else value


def percent(value: float | None) -> str:
    """Return a share as a percentage."""
    return MISSING if value is None else f"{100 * value:.1f} %"


def branch(name: BranchName) -> str:
    """Return what a branch of a model is called."""
    return {"network": "the network", "ngrams": "the n-gram branch"}[name]


def the(model: str) -> str:
    """Return a model's name as it is written within a sentence."""
    return f"the {model}" if model == MAJORITY else model
