"""N-grams beside a network are calibrated on adverts that they were not fitted on."""

from types import SimpleNamespace

import numpy as np

from adverts.advert import Task
from adverts.data.dataset.campaign_clusters import by_campaign
from adverts.inputs.hashing import hashed_features
from adverts.inputs.spec import HashSpec
from adverts.training.branch_lines import Labels
from adverts.training.fit_ngrams import FOLDS, NgramFit, fit_ngrams, folds_of

TASK = Task("refer", "single", ("no", "yes"), "yes")
SIGNALS = Task("signals", "multi", ("price", "urgency"))
SETTINGS = NgramFit((TASK,), num_features=1 << 12, inverse_regularisation=10.0, seed=0)
SPEC = HashSpec(1 << 12, (1, 2), (2, 3))
RNG = np.random.default_rng(0)


def table_of(count, *, signal, clusters=None, seed=0):
    """Adverts of words that nobody repeats; with ``signal``, one more word gives the label away."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    words = ["".join(rng.choice(list("abcdefghij"), 7)) for _ in range(3 * count)]
    texts = [
        " ".join([*words[3 * i : 3 * i + 3], *(["dinghy"] if signal and labels[i] else [])])
        for i in range(count)
    ]
    return SimpleNamespace(
        texts=texts,
        labels=labels,
        features=[hashed_features(text, SPEC) for text in texts],
        clusters=clusters or [f"{seed}-{i}" for i in range(count)],
        targets={"refer": np.eye(2, dtype=np.float32)[labels]},
    )


class Table:
    """What of a table the folds are dealt by."""

    def __init__(self, made, groups=None, campaigns=None):
        none = [None] * len(made.clusters)
        self.copies, self.targets = made.clusters, made.targets
        self.columns = {"group": groups or none, "campaign": campaigns or none}
        self.clusters = by_campaign(made.clusters, self.columns["campaign"])

    def values(self, name):
        return self.columns[name]

    def __len__(self):
        return len(self.clusters)


def fitted(train, held_out):
    tables = Table(train), Table(held_out)
    fold_of = folds_of(tables[0], [TASK])
    features = [*train.features, *held_out.features]
    ngrams = fit_ngrams(features, Labels.of(*tables), SETTINGS, fold_of)
    unseen = ngrams.unseen["refer"]
    count = len(train.features)
    return ngrams, SimpleNamespace(
        train={"refer": unseen[:count]}, validation={"refer": unseen[count:]}
    )


def accuracy(logits, labels):
    return (logits["refer"].argmax(axis=1) == labels).mean()


def test_scores_out_of_fold_know_nothing_of_their_own_labels():
    train = table_of(200, signal=False)
    ngrams, unseen = fitted(train, table_of(60, signal=False, seed=1))
    assert accuracy(ngrams.linear.logits(train.features), train.labels) == 1.0
    assert 0.3 < accuracy(unseen.train, train.labels) < 0.7


def test_what_was_learnt_by_heart_is_calibrated_to_be_unsure():
    train = table_of(200, signal=False)
    ngrams, _ = fitted(train, table_of(60, signal=False, seed=1))
    assert ngrams.slopes_K[0] < 0.5


def test_what_holds_for_new_adverts_is_calibrated_to_be_surer():
    train, held_out = table_of(200, signal=True), table_of(60, signal=True, seed=1)
    ngrams, unseen = fitted(train, held_out)
    assert accuracy(unseen.train, train.labels) == 1.0
    assert accuracy(unseen.validation, held_out.labels) == 1.0
    assert ngrams.slopes_K[0] > 1.0


def test_a_cluster_is_never_in_two_folds_and_labels_are_spread():
    clusters = [f"c{i // 7}" for i in range(210)]
    made = Table(table_of(210, signal=True, clusters=clusters))
    folds = folds_of(made, [TASK])
    assert set(folds) == set(range(FOLDS))
    assert all(len(set(folds[i : i + 7])) == 1 for i in range(0, 210, 7))
    positives = np.bincount(folds, made.targets["refer"][:, 1], minlength=FOLDS)
    assert positives.min() > 0.5 * positives.mean()


def test_signals_and_missing_labels_are_strata_too():
    made = Table(table_of(40, signal=True))
    made.targets["signals"] = np.full((40, 2), np.nan, np.float32)
    made.targets["signals"][:20] = RNG.integers(0, 2, (20, 2))
    assert len(folds_of(made, [TASK, SIGNALS])) == 40
    assert len(folds_of(made, [SIGNALS])) == 40


def test_a_task_that_the_other_folds_lack_has_no_logits():
    train = table_of(20, signal=True)
    train.targets["refer"][2:] = np.nan
    fold_of = np.array([0, 0] + [1] * 18)
    said = SETTINGS.out_of_fold(train.features, train.targets, fold_of)
    assert np.isnan(said["refer"][:2]).all()
    assert np.isfinite(said["refer"][2:]).all()


def test_the_same_adverts_are_dealt_to_the_same_folds():
    made = Table(table_of(50, signal=True))
    np.testing.assert_array_equal(folds_of(made, [TASK]), folds_of(made, [TASK]))


def folds_by(groups, clusters=None):
    made = table_of(len(groups), signal=True, clusters=clusters)
    return folds_of(Table(made, groups), [TASK])


def test_a_group_is_never_in_two_folds():
    groups = [f"brand {i % 12}" for i in range(120)]
    folds = folds_by(groups)
    assert all(
        len({f for f, g in zip(folds, groups, strict=True) if g == one}) == 1 for one in groups
    )


def test_a_cluster_joins_its_groups():
    groups = [f"brand {i % 12}" for i in range(120)]
    clusters = ["both" if i in {0, 1} else str(i) for i in range(120)]
    folds = folds_by(groups, clusters)
    assert len({folds[i] for i in range(120) if groups[i] in {"brand 0", "brand 1"}}) == 1


def test_with_too_few_groups_for_the_folds_clusters_alone_are_whole():
    np.testing.assert_array_equal(
        folds_by([f"brand {i % 4}" for i in range(120)]), folds_by([None] * 120)
    )


def test_a_campaign_is_never_in_two_folds_and_neither_are_copies_in_two_campaigns():
    campaigns = [f"c{i % 30}" if i < 90 else None for i in range(120)]
    clusters = ["copies" if i in {0, 1, 119} else str(i) for i in range(120)]
    made = Table(table_of(120, signal=True, clusters=clusters), campaigns=campaigns)
    folds = folds_of(made, [TASK])
    for one in set(campaigns) - {None, "c0", "c1"}:
        assert len({f for f, c in zip(folds, campaigns, strict=True) if c == one}) == 1
    both = [i for i in range(90) if i % 30 in {0, 1}]
    assert len({folds[i] for i in [*both, 119]}) == 1


def test_a_group_with_half_of_the_adverts_is_divided_and_the_others_are_not():
    groups = ["large" if i < 60 else f"brand {i % 6}" for i in range(120)]
    folds = folds_by(groups)
    assert len({fold for fold, group in zip(folds, groups, strict=True) if group == "large"}) == 5
    for one in set(groups) - {"large"}:
        assert len({f for f, g in zip(folds, groups, strict=True) if g == one}) == 1


def test_adverts_without_any_n_gram_get_logits_of_zero():
    nothing = (np.zeros(0, np.int32), np.zeros(0, np.float32))
    targets = {"refer": np.eye(2, dtype=np.float32)[[0, 1, 0, 1]]}
    fitted_to_nothing = SETTINGS.fit([nothing] * 4, targets)
    assert not fitted_to_nothing.logits([nothing])["refer"].any()
