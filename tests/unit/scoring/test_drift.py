"""Drift: found where it is planted, silent where there is none, and honest about too little."""

from __future__ import annotations

import numpy as np
import pytest
from collected import SEEN_FACTS, sample_of

from adverts.runtime.rules.seen_facts import (
    SeenFact,
    SeenFacts,
    effective_number,
    seen_names,
    seen_numbers,
)
from adverts.scoring import drift as drift_module
from adverts.scoring.drift import compare
from adverts.scoring.drift_wording import lines, sentence

LANGUAGES = np.array(["en", "ckb", "so", "am"])


def drawn(seed, number, *, shift=0.0, longer=1.0, sorani=0.1):
    """Return scores, lengths and languages of texts, and how often each was posted."""
    rng = np.random.default_rng(seed)
    shares = [0.9 - sorani, sorani, 0.07, 0.03]
    scores = 1 / (1 + np.exp(-(rng.normal(size=number) * 2 - 2 + shift)))
    lengths = np.round(rng.lognormal(4.5, 0.6, number) * longer)
    copies = np.minimum(rng.zipf(2.5, number), 6)
    return scores, lengths, rng.choice(LANGUAGES, number, p=shares), copies


def judged_on(seed, number=800):
    """Return the facts of adverts that a bundle was judged on."""
    scores, lengths, languages, copies = drawn(seed, number)
    clusters = [str(one) for one in np.repeat(np.arange(number), copies)]
    effective = effective_number(clusters)
    facts = (
        seen_numbers("score", np.repeat(scores, copies).tolist(), effective=effective),
        seen_numbers("characters", np.repeat(lengths, copies).tolist(), effective=effective),
        seen_names("language", np.repeat(languages, copies).tolist()),
    )
    assert all(one is not None for one in facts)
    return SeenFacts("validation", len(clusters), effective, facts)


def rows_of(seen, seed, number=3_000, **planted):
    """Return the rows of a sample."""
    scores, lengths, languages, copies = drawn(seed, number, **planted)
    score, characters, language = seen.facts
    return {
        (
            place,
            score.group_of(float(scores[place])),
            characters.group_of(float(lengths[place])),
            language.group_of(str(languages[place])),
        ): int(copies[place])
        for place in range(number)
    }


def test_without_drift_an_interval_leaves_out_zero_as_rarely_as_promised(monkeypatch):
    monkeypatch.setattr(drift_module, "_RESAMPLES", 200)
    excluded, drifted, repeats = 0, 0, 60
    for seed in range(repeats):
        seen = judged_on(2 * seed)
        found = compare(rows_of(seen, 2 * seed + 1, 1_500), seen)
        excluded += sum(one.distance.low > 0 for one in found.facts)
        drifted += found.verdict == "drifted"
    assert excluded <= 0.1 * 3 * repeats  # 5 % promised; 180 intervals, so at most 18 by far
    assert drifted <= 1


@pytest.mark.parametrize(
    ("name", "planted"),
    [("score", {"shift": 1.0}), ("characters", {"longer": 1.6}), ("language", {"sorani": 0.4})],
)
def test_a_planted_shift_is_found_where_it_is(name, planted):
    seen = judged_on(0)
    found = compare(rows_of(seen, 1, **planted), seen)
    assert found.verdict == "drifted"
    assert [one.name for one in found.facts if one.verdict == "drifted"] == [name]


def test_a_sentence_says_what_differs_most():
    found = compare(sample_of(sorani=430).whole(), SEEN_FACTS)
    told = [sentence(one) for one in found.facts if one.name == "language"]
    assert told == [
        "43 % of the adverts are in the language ckb; it is 2.0 % among those that the model was "
        "judged on."
    ]
    assert "languages: drifted, 41 % (" in "\n".join(lines(found))


def test_rare_languages_are_compared_together_and_named():
    rows = {(key, "0", "am" if key % 2 else "so", "none"): 1 for key in range(1_000)}
    found = next(one for one in compare(rows, SEEN_FACTS).facts if one.name == "language")
    assert found.largest.group == "(other)"
    assert found.others == ("am", "so")
    assert "rare or missing there (mostly am, so)" in sentence(found)
    assert found.distance.value == pytest.approx(0.92)


def test_the_same_mix_has_no_distance():
    found = compare(sample_of().whole(), SEEN_FACTS)
    assert [one.distance.value for one in found.facts] == pytest.approx([0, 0, 0], abs=1e-9)
    assert found.verdict == "not drifted"


def test_few_texts_say_nothing_however_often_each_was_posted():
    found = compare(sample_of(sorani=40, texts=40, copies=10_000).whole(), SEEN_FACTS)
    assert found.verdict == "cannot say"
    assert found.adverts == 400_000
    assert "too few independent texts (40)" in "\n".join(lines(found))


def test_one_text_posted_everywhere_is_no_evidence_of_drift():
    rows = dict(sample_of().whole())
    rows[5_000, "0", "ckb", "none"] = 100_000
    assert compare(rows, SEEN_FACTS).verdict == "cannot say"


def test_a_bundle_judged_on_few_clusters_says_nothing():
    seen = SeenFacts("validation", 1_000, 30.0, SEEN_FACTS.facts)
    found = compare(sample_of(sorani=900).whole(), seen)
    assert found.verdict == "cannot say"
    assert "judged on too few clusters (30)" in "\n".join(lines(found))


def test_nothing_collected_says_nothing():
    found = compare({}, SEEN_FACTS)
    assert found.verdict == "cannot say"
    assert found.facts == ()
    assert "cannot say" in "\n".join(lines(found))


def test_a_number_that_is_missing_now_is_drift():
    seen = SeenFacts("validation", 1_000, 800.0, (SeenFact("score", (), {"0": 1_000}),))
    rows = {(key, seen.facts[0].group_of(None)): 1 for key in range(1_000)}
    found = compare(rows, seen)
    assert found.verdict == "drifted"
    assert sentence(found.facts[0]).startswith("100 % of the adverts have no score")


def test_the_order_of_rows_changes_nothing_but_the_last_digits():
    whole = sample_of(sorani=100).whole()
    backwards = dict(reversed(whole.items()))
    first, second = compare(whole, SEEN_FACTS), compare(dict(sorted(backwards.items())), SEEN_FACTS)
    assert first == second


def test_where_more_than_is_tolerated_would_not_show_nothing_is_said():
    seen = judged_on(0)
    found = compare(rows_of(seen, 1, 300), seen)
    assert found.lack is None
    score = next(one for one in found.facts if one.name == "score")
    assert score.distance.high - score.distance.value > drift_module.WIDEST
    assert (score.verdict, found.verdict) == ("cannot say", "cannot say")
