import random
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from planted_images import text_tile
from scipy.stats import binom
from shared_hashes import LONG, encoded, flipped, item, photos, picture_of

from adverts_findings.sharing.hashes.count_near import hashes_of
from adverts_findings.sharing.hashes.negatives import Negatives, Shown
from adverts_findings.sharing.hashes.signals import false_per_million, signals_of
from adverts_findings.sharing.hashes.text_fingerprint import fingerprint_text

DRAW = np.random.default_rng(0)


def shown(pdq=(), texts=(), simhashes=(), files=(), random_ones=100):
    """A half with the given things among random ones."""
    looks, words = (DRAW.integers(0, 256, (random_ones, size), np.uint8) for size in (32, 8))
    return Shown(
        frozenset(files),
        np.concatenate([looks, hashes_of(list(pdq), 32)]),
        frozenset(texts),
        np.concatenate([words, hashes_of(list(simhashes), 8)]),
    )


NOTHING_ALIKE = Negatives(shown(), shown())


@pytest.fixture(scope="module")
def picture():
    return picture_of(encoded(photos(1, seed=2)[0]))


def types(signals):
    return [one.type for one in signals]


def only(items, negatives):
    found, refusals = signals_of(items, negatives)
    assert len(found) + len(refusals) == len(items) == 1
    return found.get(items[0].item, ()), refusals[0] if refusals else None


def test_a_rare_picture_and_text_have_all_five_hashes(picture):
    signals, refusal = only([item(1, text=LONG, pictures=[picture])], NOTHING_ALIKE)
    assert refusal is None
    assert types(signals) == ["pdq", "sha256", "md5", "text_sha256", "text_simhash"]
    assert [one.value for one in signals[:3]] == [picture.pdq, picture.sha256, picture.md5]
    assert signals[3].value == fingerprint_text(LONG).sha256
    assert signals[0].quality == picture.quality
    assert signals[0].false_per_million == false_per_million(0, 100) < 30_000


def test_without_negatives_every_advert_is_refused_with_what_to_give(picture):
    found, refusals = signals_of([item(1, pictures=[picture]), item(2, text=LONG)], None)
    assert not found
    assert [one.item for one in refusals] == [item(1).item, item(2).item]
    assert all("negatives=" in one.until for one in refusals)


@pytest.mark.parametrize("empty", ["refusing", "apart"])
def test_negatives_with_an_empty_half_let_nothing_leave(picture, empty):
    negatives = replace(NOTHING_ALIKE, **{empty: shown(random_ones=0)})
    signals, refusal = only([item(1, text=LONG, pictures=[picture])], negatives)
    assert not signals
    assert "too few pictures" in refusal.reason
    assert "too few texts" in refusal.reason
    assert refusal.until == "give more negatives="


def test_negatives_of_texts_alone_let_no_hash_of_a_picture_leave(picture):
    texts = replace(shown(), pdq=np.zeros((0, 32), np.uint8))
    signals, _ = only([item(1, text=LONG, pictures=[picture])], Negatives(texts, texts))
    assert types(signals) == ["text_sha256", "text_simhash"]


def test_a_picture_within_31_bits_of_a_refusing_one_is_refused_whole(picture):
    for bits, refused in ((0, True), (31, True), (32, False)):
        near = Negatives(shown([flipped(picture.pdq, bits)]), shown())
        signals, refusal = only([item(1, pictures=[picture])], near)
        assert (refusal is not None) is refused
        assert bool(signals) is not refused


def test_the_very_file_or_text_of_a_negative_is_refused_whichever_half_has_it(picture):
    text = fingerprint_text(LONG).sha256
    for held in (shown(files=[picture.sha256]), shown(texts=[text])):
        for negatives in (Negatives(held, shown()), Negatives(shown(), held)):
            given = item(1, text=LONG if held.texts else "", pictures=[picture][: len(held.files)])
            signals, refusal = only([given], negatives)
            assert not signals
            assert "negatives=" in refusal.reason


def test_a_match_held_apart_refuses_the_picture_too(picture):
    apart = shown([flipped(picture.pdq, 10)])
    signals, refusal = only([item(1, pictures=[picture])], Negatives(shown(), apart))
    assert not signals
    assert "looks like one that negatives= show" in refusal.reason


def test_the_file_of_a_refusing_picture_is_refused_even_if_its_pdq_is_not_near(picture):
    negatives = Negatives(shown(files=[picture.sha256]), shown())
    signals, refusal = only([item(1, pictures=[picture])], negatives)
    assert not signals
    assert "negatives= show" in refusal.reason


def test_a_text_tile_is_known_by_its_file_alone():
    tile = picture_of(encoded(text_tile(random.Random(0), style=0)))
    assert tile.is_text_tile
    signals, _ = only([item(1, pictures=[tile])], NOTHING_ALIKE)
    assert types(signals) == ["sha256", "md5"]


def test_a_tile_like_a_refusing_one_keeps_the_hashes_of_its_file():
    tile = picture_of(encoded(text_tile(random.Random(0), style=0)))
    signals, _ = only([item(1, pictures=[tile])], Negatives(shown([tile.pdq]), shown()))
    assert types(signals) == ["sha256", "md5"]


@pytest.mark.parametrize("changes", [{"quality": 49}, {"pdq": "", "quality": 0}, {"pdq": ""}])
def test_a_picture_of_little_detail_or_that_was_not_read_has_no_hash(picture, changes):
    signals, refusal = only([item(1, pictures=[replace(picture, **changes)])], NOTHING_ALIKE)
    assert not signals
    assert "too little detail" in refusal.reason


def test_a_picture_of_one_colour_has_no_hash():
    plain = picture_of(encoded(Image.new("RGB", (64, 64), (9, 9, 9))))
    assert only([item(1, pictures=[plain])], NOTHING_ALIKE)[0] == ()


def test_a_picture_whose_file_was_not_read_has_no_md5(picture):
    signals, _ = only([item(1, pictures=[replace(picture, md5="")])], NOTHING_ALIKE)
    assert types(signals) == ["pdq", "sha256"]


def test_a_text_that_negatives_have_is_refused_and_a_near_one_keeps_its_exact_hash():
    mine = fingerprint_text(LONG)
    same = Negatives(shown(texts=[mine.sha256], simhashes=[mine.simhash]), shown())
    near = Negatives(shown(simhashes=[f"{int(mine.simhash, 16) ^ 0xFF:016x}"]), shown())
    assert only([item(1, text=LONG)], same)[0] == ()
    assert types(only([item(1, text=LONG)], near)[0]) == ["text_sha256"]


def test_short_texts_and_adverts_of_nothing_are_refused_with_the_reason():
    assert "fewer than 40 letters" in only([item(1, text="call now")], NOTHING_ALIKE)[1].reason
    assert "neither a picture nor a text" in only([item(1)], NOTHING_ALIKE)[1].reason


def test_reasons_hold_no_text_and_no_hash(picture):
    same = fingerprint_text(LONG)
    negatives = Negatives(shown([picture.pdq], texts=[same.sha256]), shown())
    refusal = only([item(1, text=LONG, pictures=[picture])], negatives)[1]
    for secret in (LONG, picture.pdq, picture.sha256, same.sha256, "a1"):
        assert secret not in refusal.reason + refusal.until


def test_two_adverts_with_one_picture_have_equal_signals_and_a_repeated_picture_counts_once(
    picture,
):
    items = [item(1, pictures=[picture, picture]), item(2, pictures=[picture])]
    found, refusals = signals_of(items, NOTHING_ALIKE)
    assert not refusals
    assert found[items[0].item] == found[items[1].item]


def test_no_advert_gives_no_signal_and_no_refusal():
    assert signals_of([], NOTHING_ALIKE) == ({}, ())


@pytest.mark.parametrize(("matches", "others"), [(0, 1), (0, 5000), (1, 100), (7, 20_000)])
def test_at_the_bound_so_few_matches_are_seen_in_one_of_twenty_draws(matches, others):
    share = false_per_million(matches, others) / 1e6
    assert binom.cdf(matches, others, share) == pytest.approx(0.05, rel=0.01)


def test_bounds_without_a_match_are_about_three_over_n_and_minus_one_without_any_other():
    assert false_per_million(0, 100_000) == pytest.approx(30, rel=0.01)
    assert false_per_million(5, 5) == 1e6
    assert false_per_million(0, 0) == -1
