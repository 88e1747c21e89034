"""Meaning of each figure for readers, and the order of figures in a table."""

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
from adverts.evaluation.statistics.stated_probabilities import (
    BRIER,
    CALIBRATION_ERROR,
    ERROR_AT_TOP,
    LOG_LOSS,
    LOG_LOSS_SKILL,
)

MEANINGS = {
    AVERAGE_PRECISION: (
        "how good the top of the list is: precision, averaged over the positives as they are "
        "found from the highest score down. A list in random order has the prevalence."
    ),
    AVERAGE_PRECISION_AT_PREVALENCE: (
        "average precision as it would be if positives were as common as stated; in a slice, as "
        "common as in all adverts unless stated. Positives and others are weighted, the scores do "
        "not change."
    ),
    RECALL_AT_PRECISION_AT_PREVALENCE: (
        "the share of positives that can be flagged while the required share of what is flagged "
        "would be positive if positives were as common as stated. Positives and others are "
        "weighted, the scores do not change. Its lower end allows for false alarms that so few "
        "negatives cannot show."
    ),
    PRECISION_AT_RECALL: (
        "the share of what is flagged that is positive, once the required share of positives is "
        "flagged. The threshold is chosen on these very adverts, as above."
    ),
    ROC_AUC: (
        "how often a positive advert scores above a negative one; 0.5 is chance. It does not "
        "change with prevalence, so it says little about the top of a list of rare positives. "
        "Where no label is special, the mean over the labels, each against the rest."
    ),
    RECALL_AT_PRECISION: (
        "the share of positives that can be flagged while at least this share of what is flagged "
        "is positive. The threshold is chosen on these very adverts, so this is the best that a "
        "threshold could do, not a promise."
    ),
    MACRO_F1: (
        "F1 of the likeliest label, averaged over the labels, so that a rare label counts as "
        "much as a common one. A signal counts as present from a probability of 0.5; the level "
        "is the median."
    ),
    MICRO_F1: "F1 of all signals' answers put together, so that a common signal counts for more.",
    ACCURACY: (
        "the share of adverts whose likeliest label is right; the same number as micro-F1, since "
        "each advert has one label."
    ),
    BRIER: (
        "mean squared distance of stated probability and truth, summed over the labels where none "
        "is special; lower is better. Where the share of positives in service is stated, adverts "
        "are weighted to it."
    ),
    LOG_LOSS: (
        "mean surprise at the truth, in nats; one confident error costs much; lower is better. "
        "Weighted to the share of positives in service, where that is stated."
    ),
    LOG_LOSS_SKILL: (
        "the share by which the model reduces the surprise of somebody who knows only how common "
        "each label is: 1 is certainty, 0 is no help, below 0 is worse than no help."
    ),
    ERROR_AT_TOP: (
        "gap between stated probability and true share among the likeliest adverts alone, as many "
        "as there are positives; lower is better. Where positives are rare, the error over "
        "all adverts is small for any model, but this one is not."
    ),
    CALIBRATION_ERROR: (
        "mean gap between stated probability and true share in ten bins of equally many adverts; "
        "lower is better. Chance alone keeps it above 0. Where no label is special, it uses "
        "the probability of the decided label. Weighted to the share of positives in service, "
        "where that is stated."
    ),
    MEAN_AVERAGE_PRECISION: (
        "average precision of each label against the rest, averaged over the labels that have "
        "both a positive and a negative advert."
    ),
    MACRO_MAE: (
        "how many levels the decision is off, averaged within each true level, then over levels; "
        "lower is better."
    ),
    QUADRATIC_KAPPA: (
        "agreement in levels beyond chance, errors are weighted by the square of their distance; "
        "1 is full agreement, 0 is chance."
    ),
}
ORDER = (
    MEAN_AVERAGE_PRECISION,
    AVERAGE_PRECISION,
    AVERAGE_PRECISION_AT_PREVALENCE,
    QUADRATIC_KAPPA,
    MACRO_MAE,
    RECALL_AT_PRECISION,
    RECALL_AT_PRECISION_AT_PREVALENCE,
    PRECISION_AT_RECALL,
    MACRO_F1,
    MICRO_F1,
    ROC_AUC,
    ACCURACY,
    BRIER,
    LOG_LOSS,
    LOG_LOSS_SKILL,
    CALIBRATION_ERROR,
    ERROR_AT_TOP,
)
