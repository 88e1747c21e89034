"""Figures of one set of adverts, from the functions that compute them under many weightings."""

import numpy as np

from adverts.evaluation.statistics import classes, ranking
from adverts.evaluation.statistics.classes import Decisions
from adverts.evaluation.statistics.metrics import negative_log
from adverts.evaluation.statistics.ranking import Ranking


def ones(adverts):
    return np.ones((1, len(adverts)), dtype=np.float32)


def _ranked(figure, scores, labels, *at):
    return float(figure(*Ranking(scores, labels).counts(ones(scores)), *at)[0])


def roc_auc(scores, labels):
    return _ranked(ranking.roc_auc, scores, labels)


def average_precision_at_prevalence(scores, labels, prevalence):
    return _ranked(ranking.average_precision_at_prevalence, scores, labels, prevalence)


def recall_at_precision_at_prevalence(scores, labels, precision, prevalence):
    at = (precision, prevalence)
    return _ranked(ranking.recall_at_precision_at_prevalence, scores, labels, *at)


def precision_at_recall(scores, labels, recall):
    return _ranked(ranking.precision_at_recall, scores, labels, recall)


def accuracy(predicted, labels, num_labels):
    return float(
        classes.accuracy(*Decisions(predicted, labels, num_labels).counts(ones(labels)))[0]
    )


def log_loss(probabilities, labels):
    chance, truth = np.asarray(probabilities), np.asarray(labels)
    return float(negative_log(np.where(truth, chance, 1 - chance)).mean())
