import unicodedata
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adverts.inputs.letters import folding
from adverts.inputs.letters.characters import invisible_codes
from adverts.inputs.letters.folding import fold
from adverts.inputs.letters.marks import mark_letters

SAME = [
    ("Ferry TO Dover", "ferry to dover"),
    ("ｆｅｒｒｙ", "ferry"),
    ("𝗙𝗲𝗿𝗿𝘆", "ferry"),
    ("fer\u200bry\u2060", "ferry"),
    ("\ufeffferry\u200e", "ferry"),
    ("cafe\u034f\u0301", "café"),  # marks that nobody sees
    ("ក\u17b4រ", "ករ"),
    ("ᠠ\u180bᠯ", "ᠠᠯ"),
    ("ferry\u3164to\u2800dover", "ferry to dover"),  # blank letters
    ("٣٠٠٠", "3000"),
    ("۳۰۰۰", "3000"),
    ("៣០០០", "3000"),
    ("كتابي", "کتابی"),
    ("بەلەم", "بهلهم"),
    ("ھەیە", "هەیە"),  # the two h of Sorani keyboards
    ("مَرْحَبـــا", "مرحبا"),
    ("ﻣﺮﺣﺒﺎ", "مرحبا"),  # presentation forms
    ("مرح\ufe76با", "مرحبا"),  # and one of a vowel sign
    ("خانهٔ", "خانه"),
    ("ګوره", "گوره"),
    ("می\u200cخواهم", "میخواهم"),
    ("İNGİLTERE", "ingiltere"),
    ("KAPI", "kapı"),
    ("Straße", "strasse"),
    ("e\u0301te\u0301", "été"),
    ("thuye\u0302\u0300n", "thuyền"),
    ("preț", "preţ"),  # comma and cedilla
    ("don’t", "don't"),
    ("п’ять", "п'ять"),
    ("don´t", "don't"),
    ("ש״ח", 'ש"ח'),
    ("  a \t b\n", "a b"),
]

# What an innocent sentence folds to, letter for letter.
SENTENCES = {
    "en": ("Don’t wait! Room near the naïve café", "don't wait! room near the naïve café"),
    "fr": ("Où êtes-vous ? Ça coûte 30 €, à l'œuvre", "où êtes-vous ? ça coûte 30 €, à l'œuvre"),
    "sq": ("Çdo ditë është e mirë në Tiranë", "çdo ditë është e mirë në tiranë"),
    "tr": ("İstanbul'da ışık söndü, güneş", "istanbul'da işik söndü, güneş"),
    "vi": ("Mẹ tôi nấu phở, mỗi tô 50 nghìn đồng", "mẹ tôi nấu phở, mỗi tô 50 nghìn đồng"),
    "ar": ("الغُرفةُ قريبةٌ وأجرتها ٣٠٠ جنيه، أهلاً", "الغرفه قریبه واجرتها 300 جنیه، اهلا"),
    "fa": ("می‌خواهم خانهٔ کوچکی با ۵۰۰ پوند", "میخواهم خانه کوچکی با 500 پوند"),
    "ckb": ("ژوورێکی گەورە بۆ کرێ هەیە، ٥٠٠", "ژوورێکی گهوره بۆ کرێ ههیه، 500"),
    "kmr": ("Odeyeke mezin nêzîkî stasyonê, şev û roj", "odeyeke mezin nêzîkî stasyonê, şev û roj"),
    "ps": ("زه غواړم کوټه په ۵۰۰ واخلم، ښه ځای دی", "زه غواړم کوټه په 500 واخلم، ښه ځای دی"),
    "ru": ("Сдаётся комната у метро, мой WhatsApp", "сдаётся комната у метро, мой whatsapp"),
    "uk": ("Їдальня й ґанок: п'ять хвилин, є місце", "їдальня й ґанок: п'ять хвилин, є місце"),
    "bg": ("Давам стая под наем, цената е 300 лв.", "давам стая под наем, цената е 300 лв."),
    "el": ("Φωτεινό δωμάτιο, οι τιμές είναι καλές", "φωτεινό δωμάτιο, οι τιμέσ είναι καλέσ"),
    "hi": ("कमरा किराए पर है, ज़रूर देखें, ५०० रुपये", "कमरा किराए पर है, ज़रूर देखें, 500 रुपये"),
    "th": ("ให้เช่าห้องใกล้สถานี ๕๐๐ บาท", "ให้เช่าห้องใกล้สถานี 500 บาท"),
    "he": ("חדר להשכרה, שׁוּק קרוב, 300 לחודש", "חדר להשכרה, שׁוּק קרוב, 300 לחודש"),
    "ro": ("Închiriez cameră lângă gară", "închiriez cameră lângă gară"),
    "pl": ("Żółty dom, świetna łazienka", "żółty dom, świetna łazienka"),
    "ja": ("駅のそばの部屋、がパ ５００円", "駅のそばの部屋、がパ 500円"),
    "ko": ("역 근처 방 있어요", "역 근처 방 있어요"),
    "hy": ("Սենյակ վարձով կայարանի մոտ", "սենյակ վարձով կայարանի մոտ"),
    "chr": ("ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ", "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ"),
}

# Common words that only a mark, or a letter close to another, tells apart.
DISTINCT = [
    ["ma", "má", "mà", "mả", "mã", "mạ"],
    ["ou", "où"],
    ["sur", "sûr"],
    ["per", "për"],
    ["oldu", "öldü"],
    ["şok", "sok"],
    ["roj", "rój"],
    ["ser", "sêr"],
    ["los", "łoś"],
    ["ئاو", "او"],
    ["کور", "کوڕ"],
    ["دل", "دڵ"],
    ["کۆر", "کور"],
    ["کور", "کوړ"],
    ["все", "всё"],
    ["мой", "мои"],
    ["гніт", "ґніт"],
    ["πότε", "ποτέ"],
    ["कल", "काल", "कला"],
    ["ราค", "ราคา"],
    ["ปา", "ป่า", "ป้า"],
    ["は", "ば", "ぱ"],
]
GENTLE = st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"]), max_size=20)
AWKWARD = st.text(
    st.sampled_from(
        "aеoіIİıßſ\u0345\u0307\u0301\u0336\u0338\u200bيكە٣۳Σςϒΐǰᾳﬁ가ᄀ\u1161̈Ǆ 𝗙½™M²ȘᲀᎠꭰᴀƦɐƜ"
        "\U0001f1ec\U0001f1e7🅰❶⒜⑴अ़क़\u0e47שּׁשﹰ´ŉ\u0378<>"
    ),
    max_size=20,
)


@pytest.mark.parametrize(("written", "plain"), SAME)
def test_texts_that_read_the_same_fold_to_the_same(written, plain):
    assert fold(written) == fold(plain)


@pytest.mark.parametrize("text", ["", " \n\t ", "\u200b\ufeff", "\u3164", "\u0336", "\u0e47"])
def test_a_text_of_nothing_folds_to_nothing(text):
    assert fold(text) == ""


@pytest.mark.parametrize("language", SENTENCES)
def test_an_innocent_sentence_stays_readable(language):
    written, folded = SENTENCES[language]
    assert fold(written) == folded


@pytest.mark.parametrize("words", DISTINCT, ids=lambda words: words[0])
def test_words_that_a_language_tells_apart_stay_apart(words):
    assert len({fold(word) for word in words}) == len(words)


@pytest.mark.parametrize("first", range(0, 0x30000, 0x8000))
def test_no_letter_digit_or_sign_is_ever_deleted(first):
    gone = [
        letter
        for letter in map(chr, range(first, first + 0x8000))
        if unicodedata.category(letter)[0] in "LNPS" and fold(f"ж{letter}ж") == "жж"
    ]
    # Kashida only makes a word longer; the others are marks with a letter's number.
    nothing = mark_letters() | {" ", "\u0640"}
    assert not [one for one in gone if set(unicodedata.normalize("NFKC", one)) - nothing]


@pytest.mark.parametrize(
    "text", ["İ\u0307", "i" + "\u0307" * 30, "ı\u0301", "еﬁᾳ\u0307\u0307", "ᾳ™"]
)
def test_folding_goes_on_until_nothing_changes(text):
    assert fold(fold(text)) == fold(text)


@given(st.text() | AWKWARD)
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.text() | AWKWARD | st.text(st.sampled_from("дaоbТM -1"), max_size=20))
def test_folding_ends_after_a_few_passes(text):
    with mock.patch.object(folding, "_fold_once", wraps=folding._fold_once) as fold_once:
        fold(text)
    assert fold_once.call_count <= 5


@given(GENTLE | AWKWARD)
def test_equivalent_spellings_in_unicode_fold_to_the_same(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)
    assert fold(unicodedata.normalize("NFC", text)) == fold(text)


@given(st.text() | AWKWARD)
def test_no_letter_becomes_more_than_its_longest_written_out_form(text):
    assert len(fold(text)) <= 18 * len(text)  # the longest of Unicode's compatibility forms


@given(st.text() | AWKWARD, st.sampled_from(sorted(invisible_codes())), st.integers(0, 20))
def test_invisible_characters_change_nothing_wherever_they_stand(text, code, place):
    assert fold(text[:place] + chr(code) + text[place:]) == fold(text)


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_gives_what_the_long_way_gives(text):
    assert fold(text) == fold(text + "\u200b")
