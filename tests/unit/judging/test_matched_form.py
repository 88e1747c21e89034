"""What a ranking owes to the form of adverts, such as their length."""

import numpy as np
import pytest

from adverts.judging.matched_form import _bins, forms_of, owed_to_form
from adverts.judging.ngram_rankings import drawn_weights

pytestmark = pytest.mark.promise


def judged(seed, *, spread=300.0, of_positives=300.0, share=0.3, adverts=1_500):
    """Return labels, lengths and clusters; both labels are drawn around a length of their own."""
    rng = np.random.default_rng(seed)
    positive = rng.random(adverts) < share
    middle = np.where(positive, of_positives, 300.0)
    lengths = np.maximum(1, rng.normal(middle, spread)).round()
    return rng, positive, lengths, np.arange(adverts)


def owed(scores, positive, form, clusters, prevalence=None):
    weights_RN = drawn_weights(clusters, np.random.default_rng(0))
    return owed_to_form(scores, positive, form, weights_RN, prevalence=prevalence, seed=0)


@pytest.mark.parametrize("seed", range(5))
def test_a_model_that_reads_owes_nothing_to_length(seed):
    rng, positive, lengths, clusters = judged(seed, of_positives=400.0)
    scores = 2.0 * positive + rng.normal(size=len(positive))
    assert owed(scores, positive, lengths, clusters) < 0.02


@pytest.mark.parametrize("prevalence", [None, 0.02])
def test_a_model_that_only_counts_letters_owes_all_of_it(prevalence):
    _, positive, lengths, clusters = judged(0, spread=40.0, of_positives=380.0)
    lost = owed(lengths, positive, lengths, clusters, prevalence=prevalence)
    assert lost > (0.3 if prevalence is None else 0.1)


def test_positives_of_a_length_that_no_negative_has_are_anywhere_in_the_order():
    _, positive, lengths, clusters = judged(0, spread=10.0, of_positives=900.0)
    rng = np.random.default_rng(1)
    reads = 3.0 * positive + rng.normal(size=len(positive))
    assert owed(reads, positive, lengths, clusters) > 0.6


@pytest.mark.parametrize("of_positives", [20.0, 900.0])
def test_lengths_that_have_nothing_in_common_leave_a_random_order(of_positives):
    rng, positive, lengths, clusters = judged(0, spread=1.0, of_positives=of_positives)
    scores = 9.0 * positive + rng.normal(size=len(positive))
    lost = owed(scores, positive, lengths, clusters)
    assert lost == pytest.approx(1 - positive.mean(), abs=0.01)


def test_adverts_of_one_length_are_matched_already():
    rng, positive, _, clusters = judged(0)
    scores = 2.0 * positive + rng.normal(size=len(positive))
    same = np.full(len(positive), 140.0)
    assert owed(scores, positive, same, clusters) < 1e-6


def test_a_few_easy_negatives_of_that_length_do_not_hide_it():
    rng, positive, lengths, clusters = judged(0, spread=10.0, of_positives=900.0)
    lengths[np.flatnonzero(~positive)[:30]] = 900
    by_length = lengths + rng.normal(size=len(lengths))
    assert owed(by_length, positive, lengths, clusters) > 0.4


def test_too_few_of_a_label_say_nothing():
    lengths = np.array([500.0] * 9 + [10.0] * 200)
    positive = np.arange(209) < 9
    assert owed(1.0 * positive, positive, lengths, np.arange(209)) == 0.0


@pytest.mark.parametrize("seed", range(10))
def test_gaps_between_few_adverts_are_no_form(seed):
    rng, positive, lengths, clusters = judged(seed, adverts=70, share=0.45)
    scores = 4.0 * positive + rng.normal(size=len(positive))
    assert owed(scores, positive, lengths, clusters) < 0.03


def test_copies_are_one_piece_in_its_interval():
    rng, positive, lengths, clusters = judged(3, of_positives=450.0, adverts=300)
    scores = 1.0 * positive + lengths / 300 + rng.normal(size=len(positive))
    once = owed(scores, positive, lengths, clusters)
    copied = [np.repeat(one, 8) for one in (scores, positive, lengths)]
    as_copies = owed(*copied, np.repeat(clusters, 8))
    as_adverts = owed(*copied, np.arange(8 * 300))
    assert as_copies == pytest.approx(once, abs=0.02)
    assert as_adverts > as_copies


def test_positives_in_capitals_are_not_hidden_by_a_tenth_that_are_not():
    rng, positive, _, clusters = judged(0)
    in_capitals = np.where(positive, rng.random(len(positive)) < 0.9, False)
    scores = in_capitals + 0.1 * rng.normal(size=len(positive))
    lost = owed(scores, positive, in_capitals * 1.0, clusters)
    assert lost > 0.5


def test_how_a_text_is_written_is_measured_by_its_letters():
    found = {name: values.tolist() for name, values in forms_of(["AB, c1\n", "", "ÄßΩ ب!"]).items()}
    assert found == {
        "how long adverts are": [7, 0, 6],
        "how many lines adverts have": [1, 0, 0],
        "capitals": pytest.approx([2 / 7, 0, 2 / 6]),
        "digits": pytest.approx([1 / 7, 0, 0]),
        "signs between words": pytest.approx([1 / 7, 0, 1 / 6]),
    }


def bin_by_hand(value, edges, repeated):
    """Return the bin of a value: where it lies among the edges, or that it is one many have."""
    if value > edges[-1]:
        return "beyond"
    if value in repeated:
        return ("one value", value)
    return sum(edge <= value for edge in edges[:-1])


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("count", [1, 2, 5, 10])
def test_bins_are_those_of_a_plain_loop(seed, count):
    rng = np.random.default_rng(seed)
    form = rng.choice([0.0, 1.0, 2.0, *range(3, 40)], 400, p=[0.3, 0.25, 0.2, *[0.25 / 37] * 37])
    of_positives = form[rng.random(400) < 0.2]
    quantiles = np.quantile(of_positives, np.arange(count + 1) / count).tolist()
    repeated = {one for one in quantiles if quantiles.count(one) > 1}
    wanted = [bin_by_hand(one, sorted(set(quantiles)), repeated) for one in form.tolist()]
    found = _bins(form, of_positives, count).tolist()
    assert (found.count(0) == 0) == ("beyond" not in wanted)
    pairs = {*zip(wanted, found, strict=True)}
    assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})


@pytest.mark.parametrize("few", ["positives", "negatives"])
def test_too_few_of_a_label_show_nothing(few):
    positive = np.arange(400) < (9 if few == "positives" else 391)
    lengths = np.where(positive, 500.0, 100.0) + np.arange(400) % 7
    assert owed(lengths, positive, lengths, np.arange(400)) == 0
