"""Columns that tell the label alone, against scikit-learn's regression and metrics."""

import io
from dataclasses import replace

import numpy as np
import pytest
from audit_examples import NO, NONE, YES, row, subject_of
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from adverts.advert import ReadQuality
from adverts.auditing.context_columns import (
    AuditedColumn,
    bins_of_names,
    bins_of_numbers,
    columns_of,
)
from adverts.auditing.folds import deal_folds
from adverts.auditing.shortcuts import GroupedScores, find_shortcuts
from adverts.data.dataset.prepared_rows import StoredImage

COUNT = 240
QUALITY = ReadQuality(0.9, 20.0, 0.5, 3, 1)


def watch(rows, title):
    return rows


def drawn(seed=0):
    draw = np.random.default_rng(seed)
    return draw, draw.integers(0, 2, COUNT)


def searched(tmp_path, labels, bins, *, clusters=None, margin=0.1):
    rows = [
        row(f"a{i:03d}", (NO, YES, NONE)[label], cluster=str((clusters or range(COUNT))[i]))
        for i, label in enumerate(labels)
    ]
    subject = subject_of(tmp_path, rows)
    folds = deal_folds(subject, np.asarray(labels), folds=5, seed=0)
    columns = [AuditedColumn(name, np.asarray(values)) for name, values in bins.items()]
    found = find_shortcuts(subject, columns, folds, margin=margin, resamples=200, seed=0)
    return found, folds


def test_a_column_that_tells_the_label_is_flagged_and_noise_is_not(tmp_path):
    draw, labels = drawn()
    told = np.where(draw.random(COUNT) < 0.85, labels, 1 - labels)
    found, _ = searched(tmp_path, labels, {"told": told, "noise": draw.integers(0, 9, COUNT)})
    assert found.flagged == ("told",)
    assert [one.column for one in found.columns] == ["told", "noise"]
    strong, weak = found.columns
    assert strong.balanced_accuracy.value == pytest.approx(0.85, abs=0.06)
    assert weak.balanced_accuracy.value == pytest.approx(0.5, abs=0.1)
    assert weak.auc.value == pytest.approx(0.5, abs=0.12)


def test_the_figures_are_those_of_a_one_hot_regression(tmp_path):
    draw, labels = drawn(1)
    bins = (labels * 2 + draw.integers(0, 4, COUNT)) % 5
    found, folds = searched(tmp_path, labels, {"column": bins})
    one_hot = np.eye(5)[bins]
    scores = np.zeros(COUNT)
    for fold in range(5):
        train = folds != fold
        model = LogisticRegression(C=1e4, class_weight="balanced", max_iter=5000)
        model.fit(one_hot[train], labels[train])
        scores[~train] = model.decision_function(one_hot[~train])
    accuracy = balanced_accuracy_score(labels, scores > 0)
    assert found.columns[0].balanced_accuracy.value == pytest.approx(accuracy, abs=0.02)
    assert found.columns[0].auc.value == pytest.approx(roc_auc_score(labels, scores), abs=0.02)


def test_weighted_figures_are_those_of_scikit_learn():
    draw = np.random.default_rng(2)
    groups, labels = draw.integers(0, 6, 300), draw.integers(0, 2, 300)
    lift = draw.random((6, 2)).round(1)
    weights = draw.integers(0, 4, (1, 300)).astype(np.float32)
    accuracy, auc = GroupedScores(groups, labels, lift, positive=np.array([1]))(weights)[0]
    scores = lift[groups]
    expected = roc_auc_score(labels, scores[:, 1], sample_weight=weights[0])
    assert auc == pytest.approx(expected)
    decided = np.where(scores[:, 1] > scores[:, 0], 1, 0)
    ties = scores[:, 1] == scores[:, 0]
    halves = [
        balanced_accuracy_score(labels, np.where(ties, side, decided), sample_weight=weights[0])
        for side in (0, 1)
    ]
    assert accuracy == pytest.approx(np.mean(halves))


def test_copies_of_few_campaigns_do_not_make_a_shortcut(tmp_path):
    """Each campaign has its own value: within it the value tells all, elsewhere nothing."""
    draw, _ = drawn()
    campaigns = np.arange(COUNT) // 6
    labels = draw.integers(0, 2, 40)[campaigns]
    found, _ = searched(tmp_path, labels, {"campaign": campaigns}, clusters=campaigns.tolist())
    assert found.flagged == ()
    assert found.columns[0].balanced_accuracy.value == pytest.approx(0.5, abs=0.1)


def test_copies_of_one_campaign_are_one_observation(tmp_path):
    draw, _ = drawn(3)
    campaigns = np.arange(COUNT) // 6
    labels = draw.integers(0, 2, 40)[campaigns]
    told = np.where(draw.random(40)[campaigns] < 0.8, labels, 1 - labels)
    whole, _ = searched(tmp_path / "whole", labels, {"told": told}, clusters=campaigns.tolist())
    apart, _ = searched(tmp_path / "apart", labels, {"told": told})
    widths = [
        one.columns[0].balanced_accuracy.high - one.columns[0].balanced_accuracy.low
        for one in (whole, apart)
    ]
    assert widths[0] > 1.7 * widths[1]


def test_the_lower_end_of_the_interval_decides(tmp_path):
    draw, labels = drawn(4)
    told = np.where(draw.random(COUNT) < 0.75, labels, 1 - labels)
    first, _ = searched(tmp_path / "1", labels, {"told": told})
    lower = max(first.columns[0].balanced_accuracy.low, first.columns[0].auc.low) - 0.5
    above, _ = searched(tmp_path / "2", labels, {"told": told}, margin=lower + 0.01)
    below, _ = searched(tmp_path / "3", labels, {"told": told}, margin=lower - 0.01)
    assert (above.flagged, below.flagged) == ((), ("told",))


def test_too_few_clusters_of_a_label_say_so(tmp_path):
    labels = np.array([1] * 9 + [0] * (COUNT - 9))
    found, _ = searched(tmp_path, labels, {"told": labels})
    assert found.reason == "two labels or more must each occur in 10 clusters; 1 did"
    assert found.flagged == ()


def test_adverts_without_a_label_play_no_role(tmp_path):
    _, labels = drawn()
    labels = np.where(np.arange(COUNT) < 40, 2, labels)
    found, _ = searched(tmp_path, labels, {"told": labels % 2})
    assert found.adverts == COUNT - 40
    assert found.columns[0].auc.value == 1


def test_numbers_are_cut_into_tenths_with_a_bin_for_what_is_missing():
    bins = bins_of_numbers([*range(100), None, None])
    assert np.bincount(bins).tolist() == [10] * 10 + [2]
    assert bins_of_numbers([None, None]).tolist() == [0, 0]
    assert bins_of_numbers([3.0, 3.0, 3.0]).tolist() == [0, 0, 0]


def test_rare_names_share_a_bin_and_missing_is_a_name():
    bins = bins_of_names([None, None, *["a"] * 3, *(f"n{i}" for i in range(80))])
    assert bins.max() == 50
    assert bins[:5].tolist() == [1, 1, 0, 0, 0]


def test_columns_of_a_dataset_are_read_without_decoding_pictures(tmp_path):
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30)).save(buffer, "PNG")
    rows = [
        row("a", text="x", images=(StoredImage(buffer.getvalue()),), platform="one"),
        row("b", text="a longer text", split="test", platform="two"),
        row("c", text="", platform="two", ocr_text="read", ocr_quality=QUALITY),
    ]
    found = {
        column.name: column.bins.tolist()
        for column in columns_of(subject_of(tmp_path, rows), watch)
    }
    assert found["platform"] == [1, 0, 0]
    assert found["picture width"] == [0, 1, 1]
    assert found["text length"] == [1, 2, 0]
    assert found["OCR confidence"] == [1, 1, 0]
    assert {"split", "picture present", "text present"} <= set(found)
    assert not {"language", "stratum", "reviewed"} & set(found)


def test_campaigns_that_were_made_from_labels_are_no_shortcut(tmp_path):
    rows = [row("a", text="x", campaign="c1"), row("b", text="y", split="test")]
    subject = subject_of(tmp_path, rows)
    names = [
        {column.name for column in columns_of(one, watch)}
        for one in (subject, replace(subject, of_labels=frozenset({"campaign"})))
    ]
    assert names[0] - names[1] == {"campaign"}
