"""Thresholds of their own for languages: only where held-out folds show a narrower gap."""

from dataclasses import replace

import numpy as np
import pytest
from evaluation_examples import predictions

from adverts.advert import Task
from adverts.evaluation.decisions.choose_thresholds import Promise, choose_thresholds
from adverts.evaluation.decisions.language_thresholds import compare_languages

QUEUE = Task("refer", "single", ("no", "yes"), "yes")
PROMISE = Promise(0.8, 0.9, 0.2, 0.95, per_language=True)


def two_languages(shift, n=4000):
    """Return adverts of two languages; the scores of one are lower by ``shift``."""
    rng = np.random.default_rng(0)
    positive = np.arange(n) % 4 == 0
    langs = np.where(np.arange(n) % 8 < 4, "en", "ps").astype(object)
    odds = np.where(positive, 2.5, -2.5) + rng.normal(size=n) - shift * (langs == "ps")
    return 1 / (1 + np.exp(-odds)), positive, langs


def chosen(shift, promise=PROMISE):
    scores, positive, langs = two_languages(shift)
    n = len(scores)
    said = replace(
        predictions(n, tasks=()),
        tasks=(QUEUE,),
        probabilities={"refer": np.stack([1 - scores, scores], axis=1)},
        clusters=[f"c{i}" for i in range(n)],
        langs=langs.tolist(),
        splits=["validation"] * n,
        seen=np.zeros(n, dtype=bool),
    )
    wanted = {"refer": np.stack([~positive, positive], axis=1).astype(np.float32)}
    return choose_thresholds(said, wanted, promise=promise, safeguarding=())


def test_a_language_that_scores_lower_gets_its_own_thresholds_with_the_reason():
    found = chosen(3.0)
    (compared,) = (one for one in found.comparisons if one.purpose == "precision")
    assert compared.languages == ("en", "ps")
    assert compared.gap_own < compared.gap_one
    assert compared.narrows
    own = found.find("refer", "yes", "precision", "ps")
    assert own.language == "ps"
    assert own.value < found.find("refer", "yes", "precision").value
    assert own.operating_prevalence == 0.2


def test_languages_alike_keep_one_threshold_and_the_comparison_is_recorded():
    found = chosen(0.0)
    assert {one.language for one in found.thresholds} == {None}
    assert {one.narrows for one in found.comparisons} == {False}


def test_nothing_is_tried_unless_asked_for():
    found = chosen(3.0, replace(PROMISE, per_language=False))
    assert found.comparisons == ()
    assert {one.language for one in found.thresholds} == {None}


def compare(langs, value_of, n=400):
    positive = np.arange(n) % 2 == 0
    clusters = np.array([f"c{i}" for i in range(n)], dtype=object)
    scores = np.where(positive, 0.8, 0.2)
    return compare_languages(scores, positive, clusters, langs, value_of=value_of, min_clusters=10)


def test_one_language_or_none_is_compared_with_nothing():
    assert compare(np.array(["en"] * 400, dtype=object), lambda rows: 0.5) is None
    assert compare(np.array([None] * 400, dtype=object), lambda rows: 0.5) is None
    few = np.array(["en"] * 390 + ["ps"] * 10, dtype=object)
    assert compare(few, lambda rows: 0.5) is None


def test_without_a_threshold_for_all_nothing_is_compared():
    langs = np.array(["en", "en", "ps", "ps"] * 100, dtype=object)
    assert compare(langs, lambda rows: None) is None


LANGS = np.array(["en", "en", "ps", "ps"] * 100, dtype=object)
LOWER = np.where(np.arange(400) % 8 == 2, 0.3, 0.0)
"""What half of the positives in ps, every other of them, score below the threshold of all."""


def compare_apart(value_of):
    """Recall at 0.5 is 1 in en and a half in ps; at 0.2 it is 1 in both."""
    positive = np.arange(400) % 2 == 0
    clusters = np.array([f"c{i}" for i in range(400)], dtype=object)
    scores = np.where(positive, 0.6, 0.1) - LOWER
    return compare_languages(scores, positive, clusters, LANGS, value_of=value_of, min_clusters=10)


def test_the_gap_is_measured_on_adverts_that_did_not_choose():
    chose = []
    found = compare_apart(lambda rows: chose.append(set(rows.tolist())) or 0.5)
    wholes = [rows for rows in chose if len({LANGS[row] for row in rows}) == 2]
    assert len(wholes) == 5
    held = [set(range(400)) - rows for rows in wholes]
    assert sorted(row for rows in held for row in rows) == list(range(400))
    for i, whole in enumerate(wholes):
        owns = chose[3 * i + 1 : 3 * i + 3]
        assert all(own <= whole for own in owns)
    assert found.gap_one == found.gap_own == pytest.approx(0.5)


def test_own_thresholds_close_the_gap_that_one_for_all_leaves():
    of_lang = {"en": 0.5, "ps": 0.2}
    found = compare_apart(lambda rows: min(of_lang[lang] for lang in set(LANGS[rows])))
    assert found.gap_one == found.gap_own == pytest.approx(0.0)  # 0.2 for all finds everything
    found = compare_apart(lambda rows: max(of_lang[lang] for lang in set(LANGS[rows])))
    assert (found.gap_one, found.gap_own) == (pytest.approx(0.5), pytest.approx(0.0))
    assert found.narrows


def test_a_language_without_a_threshold_of_its_own_keeps_the_one_for_all():
    found = compare_apart(lambda rows: None if set(LANGS[rows]) == {"ps"} else 0.5)
    assert found.gap_own == found.gap_one == pytest.approx(0.5)
    found = compare_apart(lambda rows: None if set(LANGS[rows]) == {"en"} else 0.2)
    assert found.gap_own == found.gap_one == pytest.approx(0.0)
