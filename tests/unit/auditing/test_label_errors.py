"""Out-of-fold predictions that never see a cluster's own labels, and the labels they doubt."""

import numpy as np
import pytest
from audit_examples import (
    FLIPPED,
    NO,
    REFER,
    RISK,
    YES,
    open_folder,
    row,
    subject_of,
    write_planted,
)
from cleanlab.rank import get_self_confidence_for_each_label

from adverts.advert import LabelSchema
from adverts.auditing.folds import FoldSettings, deal_folds, out_of_fold
from adverts.auditing.label_errors import find_label_errors, search_label_errors

SETTINGS = FoldSettings(folds=4, fit_adverts=10_000, seed=0)


def watch(rows, title):
    return rows


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted") / "prepared"
    return write_planted(folder), open_folder(folder)


def judged(subject, settings=SETTINGS, task=REFER):
    folds = deal_folds(subject, subject.labels(task), folds=settings.folds, seed=settings.seed)
    return folds, out_of_fold(subject, [task], folds, settings=settings, watch=watch)[task.name]


def test_a_fold_never_cuts_a_cluster_and_holds_its_share_of_each_label(planted):
    _, subject = planted
    folds, _ = judged(subject)
    for cluster in np.unique(subject.clusters):
        assert len(np.unique(folds[subject.clusters == cluster])) == 1
    positives = [(subject.labels(REFER)[folds == fold] == 1).mean() for fold in range(4)]
    assert max(positives) - min(positives) < 0.05


def test_planted_flips_are_found(planted):
    names, subject = planted
    _, said = judged(subject)
    found = find_label_errors(subject, REFER, said)
    doubted = {error.id for error in found.errors}
    # an advert that a copy of the other label disputes is doubted with good reason
    others = {n for n in doubted - names["flipped"] if subject.table.ids.index(n) < 480}
    assert len(doubted & names["flipped"]) >= 0.9 * FLIPPED
    assert len(others) <= 0.05 * 480
    assert found.accuracy > 0.85


def test_the_worst_label_comes_first_and_names_the_likelier_one(planted):
    _, subject = planted
    _, said = judged(subject)
    errors = find_label_errors(subject, REFER, said).errors
    qualities = [error.quality for error in errors]
    assert qualities == sorted(qualities)
    assert all(error.given != error.likely for error in errors[:10])
    rows = [subject.table.ids.index(error.id) for error in errors]
    assert [error.part for error in errors] == [subject.part_names[subject.parts[i]] for i in rows]
    labels = subject.labels(REFER)
    expected = get_self_confidence_for_each_label(labels, said)
    assert qualities == pytest.approx(expected[rows], abs=1e-4)


def test_the_same_seed_gives_the_same_probabilities(planted):
    _, subject = planted
    small = FoldSettings(folds=3, fit_adverts=100, seed=5)
    np.testing.assert_array_equal(judged(subject, small)[1], judged(subject, small)[1])


def test_a_prediction_never_sees_the_label_of_its_own_cluster(tmp_path):
    """Every cluster has words of its own, so nothing can be known of it from the others."""
    draw = np.random.default_rng(0)
    words = ["".join(draw.choice(list("abcdefghijklmnopqrstuvwxyz"), 9)) for _ in range(40)]
    rows = [
        row(f"a{i}", (NO, YES)[i % 2], cluster=f"c{i % 40}", text=words[i % 40]) for i in range(160)
    ]
    _, said = judged(subject_of(tmp_path, rows))
    assert np.abs(said[:, 1] - 0.5).max() < 0.25


def test_an_advert_with_nothing_to_read_is_not_judged(tmp_path):
    rows = [row(f"a{i}", (NO, YES)[i % 2], text="" if i < 4 else f"w{i} x{i}") for i in range(40)]
    subject = subject_of(tmp_path, rows)
    _, said = judged(subject)
    assert np.isnan(said[:4]).all()
    assert not np.isnan(said[4:]).any()
    assert find_label_errors(subject, REFER, said).judged == 36


def test_picture_text_is_read(tmp_path):
    rows = [
        row(f"a{i}", (NO, YES)[i % 2], text="", ocr_text=f"{('sea', 'sky')[i % 2]} filler{i}")
        for i in range(60)
    ]
    subject = subject_of(tmp_path, rows)
    assert find_label_errors(subject, REFER, judged(subject)[1]).accuracy == 1


def test_levels_count_as_labels(tmp_path):
    schema = LabelSchema("levels", (RISK,), "risk")
    words = ("calm", "middling", "stormy")
    rows = [row(f"a{i}", None, text=f"{words[i % 3]} {words[i % 3]}s filler{i}") for i in range(90)]
    rows = [
        type(one)(
            id=one.id,
            split=one.split,
            cluster=one.cluster,
            text=one.text,
            targets={"risk": np.eye(3)[(i + (i == 4)) % 3].tolist()},
        )
        for i, one in enumerate(rows)
    ]
    subject = subject_of(tmp_path, rows, schema=schema)
    found = find_label_errors(subject, RISK, judged(subject, task=RISK)[1])
    assert found.errors[0].id == "a4"
    assert (found.errors[0].given, found.errors[0].likely) == ("2", "1")


def test_where_one_label_stands_alone_nothing_is_judged(tmp_path):
    subject = subject_of(tmp_path, [row(f"a{i}") for i in range(20)])
    _, said = judged(subject)
    assert np.isnan(said).all()
    (found,) = search_label_errors(subject, {"refer": said})
    assert (found.judged, found.reason) == (0, "adverts with text must have two labels or more")
