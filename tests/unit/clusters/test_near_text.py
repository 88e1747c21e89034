"""Near-duplicates, against every pair compared by hand."""

import random

import numpy as np
import pytest

from adverts.clusters.near_text import (
    MIN_SHINGLES,
    near_duplicates,
    near_one,
    near_signatures,
    required_similarity,
)
from adverts.clusters.shingles import Shingles, shingle, signatures
from adverts.inputs.letters.folding import fold

ALPHABETS = {
    "en": "abcdefghijklmnoprstuvwy",
    "ar": "ابتثجحخدرزسشصطعغفقكلمنهوي",
    "ckb": "ئابپتجچحخدرڕزژسشعغفڤقکگلڵمنۆوەیێ",
    "vi": "aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạếềệốồộ",
}


def planted(language, seed=0, count=120):
    """Unrelated texts, some followed by copies with another price, a look-alike or new order."""
    draw = random.Random(seed)

    def word():
        return "".join(draw.choices(ALPHABETS[language], k=draw.randint(2, 7)))

    words = [word() for _ in range(400)]
    texts, sources = [], []
    for source in range(count):
        text = draw.choices(words, k=draw.randint(12, 24))
        copies = [text]
        for _ in range(draw.choice((0, 0, 1, 3))):
            copy = list(text)
            copy[draw.randrange(len(copy))] = str(draw.randint(100, 9999))
            if draw.random() < 0.4:
                draw.shuffle(copy)
            copies.append(copy)
        texts += [" ".join(copy) for copy in copies]
        sources += [source] * len(copies)
    return texts, np.array(sources)


def pairs_of(texts):
    shingles = shingle(texts)
    return near_duplicates(shingles, signatures(shingles))


def joined(texts):
    """Smallest text that each text is connected to."""
    found = list(range(len(texts)))
    pairs = pairs_of(texts)
    for _ in range(len(texts)):
        before = list(found)
        for a, b in zip(pairs.first, pairs.second, strict=True):
            found[a] = found[b] = min(found[a], found[b])
        if found == before:
            return np.array(found)
    raise AssertionError


@pytest.mark.parametrize("language", ALPHABETS)
def test_copies_are_found_in_every_script_and_nothing_else(language):
    texts, sources = planted(language)
    found = joined(texts)
    same = sources[:, None] == sources[None, :]
    together = found[:, None] == found[None, :]
    off_diagonal = ~np.eye(len(texts), dtype=bool)
    assert not (together & ~same).any()
    assert (together & same & off_diagonal).sum() >= 0.99 * (same & off_diagonal).sum()


def test_pairs_and_similarities_are_those_that_every_pair_compared_by_hand_gives():
    texts, _ = planted("en", seed=1, count=80)
    shingles = shingle(texts)
    sets = [
        set(shingles.hashes[a:b].tolist())
        for a, b in zip(shingles.starts, shingles.starts[1:], strict=False)
    ]
    pairs = pairs_of(texts)
    for a, b, similarity in zip(pairs.first, pairs.second, pairs.similarity, strict=True):
        assert a < b
        assert similarity == pytest.approx(len(sets[a] & sets[b]) / len(sets[a] | sets[b]))
        assert similarity >= required_similarity(np.array([min(len(sets[a]), len(sets[b]))]))[0]
    assert len(set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))) == len(pairs)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Two seats left for Friday, 900 each, family price, write to Karim <HANDLE>",
            "Two seats left for Sunday, 1100 each, family price, write to Ali <HANDLE>",
        ),
        (
            "رحلة إلى لندن يوم الجمعة على متن قارب سريع. الأماكن المتبقية 3. "
            "السعر 900 للشخص والدفع عند الوصول",
            "رحلة إلى لندن يوم السبت على متن قارب سريع. الأماكن المتبقية 5. "
            "السعر 1200 للشخص والدفع عند الوصول",
        ),
    ],
)
def test_a_template_with_other_slots_is_linked(one, other):
    assert len(pairs_of([fold(one), fold(other)])) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("good morning everyone", "good evening everyone"),
        ("hello my friends", "hello dear friends"),
        ("السلام عليكم ورحمة الله", "السلام عليكم جميعا"),
        ("chào cả nhà", "chào các bạn"),
        (
            "Ferry to the islands on Friday, 40 each, children half price, bicycles travel free",
            "Two seats left for Friday, 900 each, family price, write to Karim <HANDLE>",
        ),
    ],
)
def test_short_greetings_and_look_alikes_are_not(one, other):
    assert len(pairs_of([fold(one), fold(other)])) == 0


def test_digits_and_letters_of_other_scripts_count():
    assert shingle(["900"]).hashes.tolist() != shingle(["800"]).hashes.tolist()
    moved = "".join(chr(ord(letter) + 0x400) for letter in "seats")  # equal in its lower bits
    assert not set(shingle(["seats"]).hashes) & set(shingle([moved]).hashes)
    assert shingle(["لندن"]).sizes[0] == shingle(["ldnn"]).sizes[0] > 1


@pytest.mark.parametrize("texts", [[], ["only one text that is long enough to count"], ["", ""]])
def test_too_few_texts_give_no_pair(texts):
    assert len(pairs_of(texts)) == 0


def test_more_is_required_of_short_texts():
    wanted = required_similarity(np.array([1, MIN_SHINGLES, 40, 100, 10_000]))
    assert wanted.tolist() == pytest.approx([1.0, 1.0, 0.65, 0.56, 0.5006])


def test_threads_change_nothing():
    texts, _ = planted("vi", seed=2)
    shingles = shingle(texts)
    one = near_duplicates(shingles, signatures(shingles))
    two = near_duplicates(shingles, signatures(shingles, threads=2), threads=2)
    assert np.array_equal(one.first, two.first)
    assert np.array_equal(one.second, two.second)


def pairs_of_sets(similarity, count=400, groups=100, seed=0):
    """Letter groups of pairs of texts, each pair as similar as wanted: rows 0 and 1, 2 and 3, …"""
    draw = np.random.default_rng(seed)
    shared = round(2 * groups * similarity / (1 + similarity))
    hashes = []
    for _ in range(count):
        drawn = draw.choice(1 << 31, 2 * groups - shared, replace=False).astype(np.uint32)
        hashes += [np.sort(drawn[:groups]), np.sort(np.append(drawn[:shared], drawn[groups:]))]
    starts = np.arange(0, len(hashes) * groups + 1, groups, dtype=np.int64)
    return Shingles(np.concatenate(hashes), starts)


@pytest.mark.parametrize(
    ("beyond", "fewest", "most"),
    [(-0.15, 0, 0.01), (-0.09, 0, 0.05), (0.09, 0.9, 1), (0.2, 0.98, 1)],
)
def test_signatures_alone_judge_pairs_away_from_the_limit_as_the_texts_do(beyond, fewest, most):
    shingles = pairs_of_sets(0.56 + beyond)
    found = near_signatures(signatures(shingles), shingles.sizes)
    assert (found.second - found.first == 1).all()
    assert fewest <= len(found) / 400 <= most


def test_signatures_alone_find_the_planted_pairs():
    texts, _ = planted("en", seed=3)
    shingles = shingle(texts)
    exact, found = pairs_of(texts), near_signatures(signatures(shingles), shingles.sizes)
    wanted = set(zip(exact.first.tolist(), exact.second.tolist(), strict=True))
    pairs = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert len(pairs ^ wanted) <= 0.05 * len(wanted)


@pytest.mark.parametrize("language", ALPHABETS)
def test_one_text_is_like_those_that_its_signature_pairs_it_with(language):
    texts, _ = planted(language)
    shingles = shingle([fold(text) for text in texts])
    signed = signatures(shingles)
    pairs = near_signatures(signed, shingles.sizes)
    told = zip(pairs.first.tolist(), pairs.second.tolist(), pairs.similarity.tolist(), strict=True)
    for first, second, similarity in list(told)[:40]:
        found = near_one(signed[first], int(shingles.sizes[first]), signed, shingles.sizes)
        assert found[second] == pytest.approx(similarity)
        assert found[first] == 1


def test_a_text_that_is_too_short_is_like_none_not_even_itself():
    shingles = shingle(["hello you", "another text with many more words than the first one has"])
    signed = signatures(shingles)
    assert near_one(signed[0], int(shingles.sizes[0]), signed, shingles.sizes).tolist() == [0, 0]
