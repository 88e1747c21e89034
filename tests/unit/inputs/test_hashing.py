import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from adverts.inputs import hashing
from adverts.inputs.hashing import hashed_features, hashed_features_of
from adverts.inputs.letters.folding import fold
from adverts.inputs.spec import HashSpec

SPEC = HashSpec(num_features=1 << 22, word_ngrams=(1, 2), char_ngrams=(2, 5))
TEXTS = [
    "ferry to dover, ferry to calais",
    "a",
    "a b",
    "ab",
    "Đi Anh bằng thuyền 2 lần, đi nhanh!!",
    "سفر به انگلیس با قایق",
    "  spaces \n everywhere\t",
    "one-two one-two",
    "🚤🇬🇧 3 🚤",
    "x" * 300,
]


def sklearn_counts(text, **settings):
    analyse = CountVectorizer(lowercase=False, **settings).build_analyzer()
    return sorted(Counter(analyse(fold(text))).values())


@pytest.mark.parametrize("text", TEXTS)
def test_n_grams_are_those_of_scikit_learn(text):
    ids, counts = hashed_features(text, SPEC)
    is_char = ids >= SPEC.num_features // 2
    assert sorted(counts[~is_char]) == sklearn_counts(text, ngram_range=(1, 2))
    assert sorted(counts[is_char]) == sklearn_counts(text, ngram_range=(2, 5), analyzer="char_wb")


def test_equal_n_grams_of_different_texts_share_their_features():
    first, _ = hashed_features("ferry to dover", SPEC)
    second, _ = hashed_features("late ferry to calais", SPEC)
    shared_words = {"ferry", "to", "ferry to"}
    words = np.intersect1d(first, second) < SPEC.num_features // 2
    assert words.sum() == len(shared_words)


@given(
    st.lists(st.text("ab 1é<>\u200b", max_size=12) | st.sampled_from(TEXTS), max_size=8),
    st.integers(1, 400),
    st.tuples(st.integers(1, 2), st.integers(2, 3)),
)
def test_texts_that_are_counted_together_are_counted_as_alone(texts, at_once, lengths):
    spec = HashSpec(1 << 20, lengths, lengths)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "_AT_ONCE", at_once)
        together = hashed_features_of(texts, spec)
    alone = [hashed_features(text, spec) for text in texts]
    assert [(i.tolist(), c.tolist()) for i, c in together] == [
        (i.tolist(), c.tolist()) for i, c in alone
    ]
    assert all(i.dtype == np.int32 and c.dtype == np.float32 for i, c in together)


def test_a_mask_is_a_word_of_its_own():
    masked, _ = hashed_features("<PHONE>", SPEC)
    plain, _ = hashed_features("phone", SPEC)
    words = SPEC.num_features // 2
    assert not set(masked[masked < words]) & set(plain[plain < words])


@pytest.mark.parametrize("text", ["", "  ", "\u200b"])
def test_the_empty_text_has_no_features(text):
    ids, counts = hashed_features(text, SPEC)
    assert ids.shape == counts.shape == (0,)
    assert (ids.dtype, counts.dtype) == (np.int32, np.float32)


@given(st.text(max_size=60), st.integers(1, 24))
def test_ids_are_ascending_distinct_and_within_the_feature_space(text, bits):
    ids, counts = hashed_features(text, HashSpec(1 << bits, (1, 2), (2, 5)))
    assert np.all(np.diff(ids) > 0)
    assert np.all((ids >= 0) & (ids < 1 << bits))
    assert np.all(counts >= 1)


def test_collisions_are_as_rare_as_chance():
    words = " ".join(f"word{number}" for number in range(4000))
    ids, _ = hashed_features(words, HashSpec(1 << 19, (1, 1), (5, 5)))
    found = np.sum(ids < 1 << 18)
    expected = (1 << 18) * (1 - np.exp(-4000 / (1 << 18)))
    assert abs(found - expected) < 25


def test_features_are_the_same_in_every_process():
    program = (
        "from adverts.inputs.hashing import hashed_features as h;"
        "from adverts.inputs.spec import HashSpec as S;"
        "print(h('ferry to dover', S(1 << 18, (1, 2), (2, 3)))[0].tolist())"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    here = hashed_features("ferry to dover", HashSpec(1 << 18, (1, 2), (2, 3)))[0].tolist()
    assert answers == {f"{here}\n"}


def test_known_features_stay_what_they_are():
    ids, counts = hashed_features("Ferry ferry", HashSpec(1 << 10, (1, 1), (5, 5)))
    assert ids.tolist() == [227, 720, 752, 1002]
    assert counts.tolist() == [2, 2, 2, 2]


def test_threads_get_the_same_features_while_the_tables_grow(monkeypatch):
    texts = [f"{'long ' * length}{'tail' * length}" for length in (1, 40, 400, 3000, 60, 9000)] * 4
    expected = [hashed_features(text, SPEC)[0].tolist() for text in texts]
    for _ in range(5):
        monkeypatch.setattr(hashing, "_power_tables", (np.ones(0, np.uint64),) * 2)
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda text: hashed_features(text, SPEC)[0].tolist(), texts))
        assert found == expected


def test_the_power_tables_grow_together_and_never_shrink(monkeypatch):
    monkeypatch.setattr(hashing, "_power_tables", (np.ones(0, np.uint64),) * 2)
    sizes = []
    for length in (3, 5000, 7):
        hashed_features("x" * length, SPEC)
        sizes.append({len(table) for table in hashing._power_tables})
    assert sizes == [{1024}, {8192}, {8192}]
