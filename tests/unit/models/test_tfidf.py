"""The baseline, against scikit-learn's own vectoriser and regression."""

import numpy as np
import pytest
import torch
from scipy.sparse import hstack
from scipy.special import softmax
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression

from adverts.advert import Task
from adverts.errors import InputError
from adverts.models.hashed_linear import HashedLinear
from adverts.models.tfidf import fit_tfidf

FEATURES = 32
SINGLE = Task("refer", "single", ("no", "yes"))
KIND = Task("kind", "single", ("a", "b", "c", "d"))
SIGNALS = Task("signals", "multi", ("price", "urgency"))
RISK = Task("risk", "ordinal", ("0", "1", "2"))


def counts_of(adverts, *, features=FEATURES - 2, seed=0):
    """Dense counts ``(N, FEATURES)``; the last two features never occur."""
    counts = np.random.default_rng(seed).poisson(0.4, (adverts, features)).astype(np.float32)
    return np.pad(counts, ((0, 0), (0, FEATURES - features)))


def sparse(counts):
    return [(np.flatnonzero(row).astype(np.int32), row[row > 0]) for row in counts]


def feeds_of(counts):
    """A padded batch: every advert carries all features, many with count 0."""
    ids = np.tile(np.arange(FEATURES), (len(counts), 1))
    return {"feature_ids": torch.from_numpy(ids), "feature_counts": torch.from_numpy(counts)}


def fit(counts, targets, tasks, **changes):
    settings = {"num_features": FEATURES, "inverse_regularisation": 10.0, "seed": 0, **changes}
    return fit_tfidf(sparse(counts), targets, tasks, **settings)


def reference_values(train, other):
    """Two vectorisers side by side, as ``FeatureUnion`` would join them."""
    half = FEATURES // 2
    blocks = []
    for part in (slice(0, half), slice(half, FEATURES - 2)):
        transformer = TfidfTransformer(sublinear_tf=True).fit(train[:, part].astype(float))
        blocks.append(transformer.transform(other[:, part].astype(float)))
    return hstack(blocks).tocsr()


def regression_of(inverse_regularisation=10.0):
    """Another solver than ours, run to the end."""
    return LogisticRegression(C=inverse_regularisation, solver="lbfgs", tol=1e-9, max_iter=9999)


def one_hot(labels, width):
    return np.eye(width, dtype=np.float32)[labels]


@pytest.fixture
def counts():
    return counts_of(60)


@pytest.fixture
def labels(counts):
    return (counts[:, 0] + counts[:, 20] > counts[:, 1]).astype(int)


def test_values_are_those_of_two_sublinear_vectorisers(counts, labels):
    model, other = fit(counts, {"refer": one_hot(labels, 2)}, [SINGLE]), counts_of(9, seed=1)
    values = model.values(sparse(other)).toarray()
    expected = reference_values(counts, other).toarray()
    np.testing.assert_allclose(values[:, :-2], expected, atol=1e-6)
    assert (values[:, -2:] == 0).all()


def test_two_labels_score_as_the_regression_of_scikit_learn(counts, labels):
    model, other = fit(counts, {"refer": one_hot(labels, 2)}, [SINGLE]), counts_of(9, seed=1)
    regression = regression_of()
    regression.fit(reference_values(counts, counts), labels)
    logits = model.logits(sparse(other))["refer"]
    expected = regression.predict_proba(reference_values(counts, other))
    np.testing.assert_allclose(softmax(logits, axis=1), expected, atol=1e-4)


def test_many_labels_score_as_the_multinomial_regression(counts):
    kinds = np.arange(60) % 4
    model, other = fit(counts, {"kind": one_hot(kinds, 4)}, [KIND]), counts_of(9, seed=1)
    regression = regression_of()
    regression.fit(reference_values(counts, counts), kinds)
    expected = regression.predict_proba(reference_values(counts, other))
    logits = model.logits(sparse(other))["kind"]
    np.testing.assert_allclose(softmax(logits, axis=1), expected, atol=1e-3)


def test_a_feature_never_seen_in_training_changes_nothing(counts, labels):
    model, other = fit(counts, {"refer": one_hot(labels, 2)}, [SINGLE]), counts_of(3, seed=1)
    with_unseen = other.copy()
    with_unseen[:, -1] = 5.0
    one, two = model.logits(sparse(other))["refer"], model.logits(sparse(with_unseen))["refer"]
    assert np.array_equal(one, two)


def test_torch_computes_what_numpy_does(counts, labels):
    targets = {"refer": one_hot(labels, 2), "risk": one_hot(labels * 2, 3)}
    model, other = fit(counts, targets, [SINGLE, RISK]), counts_of(9, seed=1)
    other[0] = 0
    module = HashedLinear.of(model)
    for name, logits in model.logits(sparse(other)).items():
        np.testing.assert_allclose(module(feeds_of(other))[name].numpy(), logits, atol=1e-5)
    again = module.as_ngrams().tensors
    assert all(np.array_equal(again[name], one) for name, one in model.tensors.items())


def test_padding_and_neighbours_never_change_the_result(counts, labels):
    model = HashedLinear.of(fit(counts, {"refer": one_hot(labels, 2)}, [SINGLE]))
    together = model(feeds_of(counts[:5]))["refer"]
    for row, (ids, values) in enumerate(sparse(counts[:5])):
        feeds = {
            "feature_ids": torch.from_numpy(ids.astype(np.int64))[None],
            "feature_counts": torch.from_numpy(values)[None],
        }
        torch.testing.assert_close(model(feeds)["refer"][0], together[row], atol=1e-5, rtol=1e-5)


def test_an_advert_without_features_gets_the_biases(counts, labels):
    model = fit(counts, {"refer": one_hot(labels, 2)}, [SINGLE])
    nothing = [(np.zeros(0, np.int32), np.zeros(0, np.float32))]
    assert np.array_equal(model.logits(nothing)["refer"][0], model.bias_K)


def test_shared_labels_weigh_as_repeated_adverts(counts, labels):
    shares = one_hot(labels, 2)
    shares[:10] = (0.25, 0.75)
    whole = np.repeat(np.arange(60), 4)
    repeated = one_hot(labels, 2)[whole]
    repeated[:40] = one_hot(np.tile([0, 1, 1, 1], 10), 2)
    model = fit(counts, {"refer": shares}, [SINGLE])
    values = reference_values(counts, counts)
    regression = regression_of(2.5)
    regression.fit(values[whole], repeated.argmax(axis=1))
    np.testing.assert_allclose(
        softmax(model.logits(sparse(counts))["refer"], axis=1),
        regression.predict_proba(values),
        atol=1e-4,
    )


def test_unlabelled_adverts_are_left_out(counts, labels):
    targets = one_hot(labels, 2)
    targets[30:] = np.nan
    model = fit(counts, {"refer": targets}, [SINGLE])
    values = reference_values(counts, counts)
    regression = regression_of().fit(values[:30], labels[:30])
    logits = model.logits(sparse(counts))["refer"]
    np.testing.assert_allclose(softmax(logits, axis=1), regression.predict_proba(values), atol=1e-4)


def test_each_signal_is_fitted_by_itself_on_its_labelled_adverts(counts, labels):
    targets = np.stack([labels, 1 - labels], axis=1).astype(np.float32)
    targets[40:, 1] = np.nan
    logits = fit(counts, {"signals": targets}, [SIGNALS]).logits(sparse(counts))["signals"]
    values = reference_values(counts, counts)
    price = regression_of().fit(values, labels)
    urgency = regression_of().fit(values[:40], 1 - labels[:40])
    np.testing.assert_allclose(logits[:, 0], price.decision_function(values), atol=1e-3)
    np.testing.assert_allclose(logits[:, 1], urgency.decision_function(values), atol=1e-3)


def test_ordinal_logits_ask_whether_each_level_is_exceeded(counts, labels):
    levels = labels + (counts[:, 5] > 0)
    logits = fit(counts, {"risk": one_hot(levels, 3)}, [RISK]).logits(sparse(counts))["risk"]
    values = reference_values(counts, counts)
    for threshold in (0, 1):
        regression = regression_of()
        regression.fit(values, levels > threshold)
        np.testing.assert_allclose(
            logits[:, threshold], regression.decision_function(values), atol=1e-3
        )


def test_a_signal_that_nobody_carries_is_constantly_improbable(counts, labels):
    targets = np.stack([labels, np.zeros(60)], axis=1).astype(np.float32)
    logits = fit(counts, {"signals": targets}, [SIGNALS]).logits(sparse(counts))["signals"]
    assert logits[:, 1].tolist() == pytest.approx([float(np.log(0.5 / 60.5))] * 60)


@pytest.mark.parametrize("carried", [[0, 2], [1], [0, 1, 3]])
def test_a_label_that_nobody_carries_stays_improbable(counts, carried):
    kinds = np.array(carried)[np.arange(60) % len(carried)]
    logits = fit(counts, {"kind": one_hot(kinds, 4)}, [KIND]).logits(sparse(counts))["kind"]
    shares = softmax(logits, axis=1)
    absent = [label for label in range(4) if label not in carried]
    assert (shares[:, absent] < 0.05).all()
    assert (shares[:, carried].mean(axis=0) > 0.2).all()


def test_several_tasks_keep_their_columns_apart(counts, labels):
    targets = {"refer": one_hot(labels, 2), "risk": one_hot(labels * 2, 3)}
    both = fit(counts, targets, [SINGLE, RISK]).logits(sparse(counts))
    for task in (SINGLE, RISK):
        alone = fit(counts, targets, [task]).logits(sparse(counts))
        np.testing.assert_allclose(both[task.name], alone[task.name], atol=1e-5, rtol=1e-5)


def test_the_same_input_gives_the_same_module(counts, labels):
    one, two = (fit(counts, {"refer": one_hot(labels, 2)}, [SINGLE]) for _ in range(2))
    assert all(np.array_equal(x, two.tensors[name]) for name, x in one.tensors.items())


def test_no_labelled_advert_and_no_advert_are_refused(counts):
    nothing = np.full((60, 2), np.nan, dtype=np.float32)
    with pytest.raises(InputError, match="task 'refer' has no labelled advert"):
        fit(counts, {"refer": nothing}, [SINGLE])
    with pytest.raises(InputError, match="no advert to fit on"):
        fit(counts[:0], {"refer": nothing[:0]}, [SINGLE])


def test_nothing_of_the_baseline_learns_by_gradient():
    assert list(HashedLinear([SINGLE], FEATURES).parameters()) == []
