"""What fills the slots is fictional, wide, and the same for every class."""

import math
import random
import re
import unicodedata

import numpy as np
import pytest

from adverts.data.synthetic.noise import roughen
from adverts.data.synthetic.slots import MAX_PRICE, MIN_PRICE, SLOTS, draw_values, fill

WORDS = {"uk": ("London", "Dover")}
PATTERN = "Crossing to {uk} tonight with {phone}, message the others please"


def _draw(language, count):
    return [
        draw_values(
            WORDS,
            language,
            random.Random(f"{language}{i}"),
            scene=random.Random(f"scene {language}{i}"),
        )
        for i in range(count)
    ]


def _ascii(text):
    return "".join(str(unicodedata.digit(c, c)) for c in text)


def test_every_slot_has_a_value():
    (values,) = _draw("en", 1)

    assert set(values) == SLOTS | {"uk"}
    assert all(values.values())


def test_adverts_of_one_scene_share_price_boat_and_flags_and_no_contact():
    words = {"boat": ("boat", "dinghy", "ferry"), "when": ("tonight", "tomorrow", "on Friday")}
    values = [
        draw_values(words, "fa", random.Random(f"advert {i}"), scene=random.Random("scene 7"))
        for i in range(40)
    ]

    counts = {slot: len({one[slot] for one in values}) for slot in values[0]}
    assert {slot for slot, count in counts.items() if count == 1} == {
        *("price", "price2", "boat", "boats", "flags")
    }
    assert counts["phone"] > 30


def test_fill_replaces_every_slot():
    assert fill("{a} and {b} and {a}", {"a": "1", "b": "2"}) == "1 and 2 and 1"


@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_phones_lie_in_the_ranges_kept_for_fiction(language):
    digits = {re.sub(r"[^\d+]", "", _ascii(v["phone"])) for v in _draw(language, 500)}

    assert all(re.fullmatch(r"\+447700900\d{3}|01632960\d{3}", phone) for phone in digits)
    assert len(digits) > 250


def test_handles_and_links_are_fictional():
    for values in _draw("en", 300):
        assert re.fullmatch(r"@demo_fictional_\d{2}", values["handle"])
        assert re.fullmatch(r"(?:https://|www\.)?[a-z]+\.example(?:/[a-z]+)?", values["link"])


def test_prices_are_spread_evenly_over_their_magnitude():
    prices = [int(re.sub(r"\D", "", v["price"])) for v in _draw("en", 3000)]
    share = np.log(np.array(prices) / MIN_PRICE) / math.log(MAX_PRICE / MIN_PRICE)

    assert min(prices) >= MIN_PRICE
    assert max(prices) <= MAX_PRICE
    assert np.quantile(share, [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9], abs=0.04)


@pytest.mark.parametrize(
    ("language", "digit"), [("ar", "٠"), ("ckb", "٠"), ("fa", "۰"), ("ps", "۰")]
)
def test_languages_with_own_digits_use_them_part_of_the_time(language, digit):
    phones = [v["phone"] for v in _draw(language, 400)]

    assert 0.3 < np.mean([digit in phone for phone in phones]) < 0.5


def test_other_languages_never_use_them():
    assert all(v["phone"].isascii() for v in _draw("en", 200))


def _noisy(script, count=4000, *, visible=False):
    return [
        roughen(PATTERN, script, random.Random(f"{script}{i}"), visible=visible)
        for i in range(count)
    ]


@pytest.mark.parametrize("script", ["Latn", "Arab"])
def test_noise_never_touches_a_slot(script):
    assert all("{uk}" in n.pattern and "{phone}" in n.pattern for n in _noisy(script, 1000))


def test_evasion_is_rare_and_declared_exactly_when_it_shows():
    noisy = _noisy("Latn")
    shares = {s: np.mean([s in n.signals for n in noisy]) for n in noisy for s in n.signals}

    assert set(shares) == {"leet_misspelling", "homoglyph", "spacing_zero_width"}
    assert 0.04 < sum(shares.values()) < 0.09
    for one in noisy:
        cyrillic = re.search("[а-яА-Я]", one.pattern) is not None
        assert cyrillic == ("homoglyph" in one.signals)
        leet = not set("013$@").isdisjoint(one.pattern)
        assert leet == ("leet_misspelling" in one.signals)


def test_misspelling_never_makes_a_handle():
    noisy = [roughen("L'ambassade", "Latn", random.Random(i), visible=True) for i in range(4000)]

    assert any("leet_misspelling" in n.signals for n in noisy)
    assert not any(re.search(r"(?<!\w)@\w", n.pattern) for n in noisy)


def test_a_picture_gets_no_invisible_character():
    assert not any("\u200b" in n.pattern for n in _noisy("Latn", visible=True))
    assert any("\u200b" in n.pattern for n in _noisy("Latn"))


def test_arabic_words_are_stretched_and_keep_their_letters():
    word = "السلامة"
    changed = [
        n
        for i in range(2000)
        if (n := roughen(word, "Arab", random.Random(i), visible=True)).signals
    ]

    assert changed
    assert all(word in n.pattern.replace("ـ", "") for n in changed)
