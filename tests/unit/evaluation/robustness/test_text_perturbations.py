"""Disguises of text in nine languages: what each changes, and what none may touch."""

import random
import re
import unicodedata

import pytest

from adverts.evaluation.robustness import word_disguises
from adverts.evaluation.robustness.disguise_attempt import Attempt
from adverts.evaluation.robustness.letter_disguises import (
    EMBEDDINGS,
    INVISIBLE,
    KASHIDA,
    SEPARATORS,
    truncation,
)
from adverts.evaluation.robustness.text_disguises import TEXT

TEXTS = {
    "en": "The boat leaves tonight, 4 seats left, call <PHONE> or <HANDLE>",
    "fr": "Le bateau part à la tombée de la nuit, 4 places, appelez <PHONE> ou <HANDLE>",
    "sq": "Varka niset sonte për në Angli, kanë mbetur 4 vende <PHONE> <HANDLE>",
    "tr": "Tekne bu gece kalkıyor, 4 kişilik yer kaldı, çabuk olun <PHONE> <HANDLE>",
    "vi": "Thuyền khởi hành tối nay, còn 4 chỗ, liên hệ <PHONE> <HANDLE>",
    "ar": "القارب يغادر الليلة إلى بريطانيا، بقي 4 أماكن <PHONE> <HANDLE>",
    "fa": "قایق امشب حرکت می‌کند، 4 نفر جا داریم، تماس <PHONE> <HANDLE>",
    "ckb": "بەلەم ئەمشەو دەڕوات، 4 جێگا ماوە، پەیوەندی <PHONE> <HANDLE>",
    "ps": "کښتۍ نن شپه ځي، 4 ځایونه پاتې دي، اړیکه <PHONE> <HANDLE>",
}
ARABIC = ("ar", "fa", "ckb", "ps")
# What a language has none of, or what the custom of writing it has no form for.
UNMOVED = {
    *(("leet", lang) for lang in ARABIC),
    *(("styled", lang) for lang in ARABIC),
    ("no_diacritics", "en"),
    ("no_diacritics", "fa"),
    ("transliteration", "en"),
    ("transliteration", "fr"),
    ("transliteration", "sq"),
}
CASES = [
    (name, lang, strength) for name in TEXT for lang in TEXTS for strength in ("light", "heavy")
]
MOVING = [case for case in CASES if case[:2] not in UNMOVED]
STILL = [case for case in CASES if case[:2] in UNMOVED]


def disguised(name, lang, strength, seed=0):
    return TEXT[name](TEXTS[lang], strength, random.Random(seed), lang=lang)


def differing(one, other):
    return sum(first != second for first, second in zip(one, other, strict=True))


@pytest.mark.parametrize(("name", "lang", "strength"), MOVING)
def test_a_text_that_can_be_disguised_is(name, lang, strength):
    assert disguised(name, lang, strength) != TEXTS[lang]


@pytest.mark.parametrize(("name", "lang", "strength"), STILL)
def test_a_text_that_a_disguise_has_no_hold_on_comes_back_as_it_was(name, lang, strength):
    assert disguised(name, lang, strength) == TEXTS[lang]


@pytest.mark.parametrize(("name", "lang", "strength"), CASES)
def test_equal_seeds_give_equal_disguises(name, lang, strength):
    assert disguised(name, lang, strength, seed=7) == disguised(name, lang, strength, seed=7)


@pytest.mark.parametrize(
    "name", ["look_alikes", "styled", "zero_width", "leet", "spacing", "typos"]
)
def test_another_seed_gives_another_disguise(name):
    assert disguised(name, "en", "light", seed=1) != disguised(name, "en", "light", seed=2)


@pytest.mark.parametrize("name", [name for name in TEXT if name != "truncation"])
@pytest.mark.parametrize("lang", TEXTS)
def test_masks_of_contacts_are_never_touched(name, lang):
    masks = re.findall(r"<[A-Z]+>", disguised(name, lang, "heavy"))
    assert masks == ["<PHONE>", "<HANDLE>"]


@pytest.mark.parametrize("text", ["", " \n", "<PHONE>", "<LINK> <EMAIL>", "…!", "👍 👍"])
@pytest.mark.parametrize("name", [name for name in TEXT if name != "truncation"])
def test_a_text_without_a_word_comes_back_as_it_was(name, text):
    assert TEXT[name](text, "heavy", random.Random(0)) == text


@pytest.mark.parametrize("lang", TEXTS)
def test_what_nobody_sees_can_be_taken_out_again(lang):
    unseen = dict.fromkeys(map(ord, INVISIBLE + "".join(map("".join, EMBEDDINGS))))
    assert disguised("zero_width", lang, "heavy").translate(unseen) == TEXTS[lang]


@pytest.mark.parametrize("lang", TEXTS)
def test_letters_set_apart_are_the_same_letters(lang):
    signs = dict.fromkeys(map(ord, "".join(SEPARATORS) + KASHIDA))
    found = disguised("spacing", lang, "heavy").translate(signs)
    assert found == TEXTS[lang].translate(signs)


@pytest.mark.parametrize("lang", TEXTS)
def test_a_look_alike_stands_for_one_letter_and_keeps_its_accents(lang):
    plain, found = (
        unicodedata.normalize("NFD", text)
        for text in (TEXTS[lang], disguised("look_alikes", lang, "heavy"))
    )
    assert len(found) == len(plain)
    assert differing(plain, found) > len(plain) / 4
    assert re.findall("[\u0300-\u036f]", found) == re.findall("[\u0300-\u036f]", plain)


@pytest.mark.parametrize("lang", ["en", "fr", "sq", "tr", "vi"])
def test_costumes_are_undone_by_the_compatibility_form(lang):
    found = unicodedata.normalize("NFKC", disguised("styled", lang, "heavy"))
    assert found == unicodedata.normalize("NFC", TEXTS[lang])


@pytest.mark.parametrize("name", ["look_alikes", "zero_width", "leet", "spacing", "typos"])
def test_a_heavy_disguise_changes_more_words_than_a_light_one(name):
    plain = TEXTS["en"].split()
    light, heavy = (set(disguised(name, "en", strength).split()) for strength in ("light", "heavy"))
    assert len(set(plain) - light) < len(set(plain) - heavy)


def test_typos_swap_drop_or_double_one_inner_letter():
    draws = {TEXT["typos"]("boat", "light", random.Random(seed)) for seed in range(50)}
    assert draws == {"baot", "bota", "bat", "bot", "booat", "boaat"}


def test_short_words_are_left_to_typos_and_spacing():
    assert TEXT["typos"]("go to sea", "heavy", random.Random(0)) == "go to sea"
    assert TEXT["spacing"]("go to it", "heavy", random.Random(0)) == "go to it"


@pytest.mark.parametrize(("strength", "words"), [("light", 7), ("heavy", 3)])
def test_truncation_leaves_the_beginning(strength, words):
    text = "one two  three four\nfive six seven <PHONE> nine ten"
    found = TEXT["truncation"](text, strength, random.Random(0))
    assert text.startswith(found)
    assert len(found.split()) == words


def test_truncation_leaves_one_word():
    assert TEXT["truncation"]("boat", "heavy", random.Random(0)) == "boat"
    assert truncation("boat <PHONE>", Attempt(1.0, random.Random(0))) == "boat"


@pytest.mark.parametrize(
    ("text", "lang", "found"),
    [
        ("tối nay còn chỗ đường", "vi", "toi nay con cho duong"),
        ("çıkıyor güneş", "tr", "cikiyor gunes"),
        ("kanë mbërritur", "sq", "kane mberritur"),
        ("traversée à l'été", "fr", "traversee a l'ete"),
        ("أسعار إلى جزيرة", "ar", "اسعار الى جزيره"),
        ("مُرُور", "ar", "مرور"),
        ("جێگا دەڕوات", "ckb", "جیگا دەروات"),
        ("پاتې ځي", "ps", "پاتی حي"),
    ],
)
def test_missing_diacritics_by_hand(text, lang, found):
    assert TEXT["no_diacritics"](text, "heavy", random.Random(0), lang=lang) == found


@pytest.mark.parametrize(
    ("text", "lang", "found"),
    [
        ("مرحبا", "ar", "mr7ba"),
        ("الليلة عراق", "ar", "allila 3raq"),
        ("قایق خوب", "fa", "qaiq khob"),
        ("بەلەم", "ckb", "belem"),
        ("یار و دوست", "fa", "yar w dost"),
        ("tối nay", "vi", "toois nay"),
        ("Đường", "vi", "Dduwowngf"),
        ("đường đi", None, "dduwowngf ddi"),
        ("kalkış çabuk üç", "tr", "kalkish chabuk uech"),
        ("niset për çmim", "sq", "niset për chmim"),
    ],
)
def test_transliteration_by_hand(text, lang, found):
    assert TEXT["transliteration"](text, "heavy", random.Random(0), lang=lang) == found


@pytest.mark.parametrize(
    ("text", "lang", "found"),
    [
        ("4 seats", "en", "four seats"),
        ("four seats", "en", "4 seats"),
        ("only 1 or one", "en", "only one or one"),
        ("10 seats", "en", "ten seats"),
        ("price 250 now", "en", "price two five zero now"),
        ("3 places, sept jours", "fr", "trois places, 7 jours"),
        ("beş kişi 2 gece", "tr", "5 kişi iki gece"),
        ("còn năm chỗ", "vi", "còn 5 chỗ"),
        ("٣ أماكن", "ar", "ثلاثة أماكن"),
        ("۴ نفر پنج شب", "fa", "چهار نفر 5 شب"),
        ("4 Plätze", "de", "4 Plätze"),
        ("4 seats", None, "four seats"),
        ("at 5:30 on 3/4 for 2.50, v2", "en", "at 5:30 on 3/4 for 2.50, v2"),
        ("ends on 7.", "en", "ends on seven."),
    ],
)
def test_number_words_by_hand(text, lang, found):
    assert TEXT["number_words"](text, "heavy", random.Random(0), lang=lang) == found


def test_emoji_stand_for_key_words_alone_and_in_their_language():
    found = TEXT["emoji"]("Boat and carton", "heavy", random.Random(0), lang="en-GB")
    assert found in {"⛵ and carton", "🚤 and carton", "🛥️ and carton"}
    assert TEXT["emoji"]("the car", "heavy", random.Random(0), lang="fr") == "the car"
    assert TEXT["emoji"]("boat", "heavy", random.Random(0), lang="de") == "boat"


def test_a_phrase_of_several_words_becomes_one_picture():
    assert TEXT["emoji"]("đi máy bay", "heavy", random.Random(0), lang="vi") in {"đi ✈️", "đi 🛫"}


def test_the_tables_know_the_nine_languages():
    assert (
        set(word_disguises.emoji_languages())
        == set(word_disguises.number_languages())
        == set(TEXTS)
    )


def test_at_least_one_word_is_changed_however_light():
    text = "boat " + "<PHONE> " * 3
    assert TEXT["leet"](text, "light", random.Random(0)) != text
