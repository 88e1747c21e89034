import pytest
from hypothesis import given
from hypothesis import strategies as st

from adverts.inputs.letters.folding import fold
from adverts.inputs.letters.lookalikes import to_latin

STAND_INS = "ягипшцчσςωγλπδ"  # these fold next to a letter that shows Latin only
LOOKALIKES: dict[str, list[str]] = {}
for code, latin in to_latin().items():
    if chr(code).lower() not in STAND_INS:
        LOOKALIKES.setdefault(latin, []).append(chr(code))
LATIN_WORDS = ["ferry", "London", "VISA", "transport", "documents", "HOTEL", "udhëtim", "giấy"]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("fеrrу", "ferry"),  # Cyrillic е and у
        ("ρrice", "price"),  # Greek ρ
        ("νisa", "visa"),
        ("ΝEW", "new"),  # a Greek capital looks like another letter than its small one
        ("ᖴEᖇᖇY", "ferry"),  # Canadian syllabics
        ("ᎠOᏙER", "dover"),  # Cherokee
        ("ꓐOAꓔ to London", "boat to london"),  # Lisu
        ("bօat", "boat"),  # Armenian
        ("bⲟat", "boat"),  # Coptic
        ("udhёtim", "udhëtim"),
        ("pе\u0301re", "pére"),  # an accent over a Cyrillic letter
        ("best pяice to dover", "best price to dover"),
        ("daпa, sekaгang", "dana, sekarang"),
        ("ɗᴑνeꭇ ƒɩgһt", "dover fight"),
        ("ЅеϹuгiту", "security"),  # a lunate sigma looks like C
        ("𐌕𐊫 𐔜ⲁlais", "to calais"),
        ("ҽurо", "euro"),
    ],
)
def test_a_latin_word_gets_its_own_letters_back(written, plain):
    assert fold(written) == plain


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("привeт, мoй дoм", "привет, мой дом"),
        ("moй Лондoн, viber", "moй лондон, viber"),
        ("cдaётcя кoмнaтa", "сдаётся комната"),
        ("κaλημέρa, δωμάτιo", "καλημέρα, δωμάτιο"),
        ("MOСKBA, большой дом, viber", "москва, большой дом, viber"),
    ],
)
def test_a_cyrillic_or_greek_word_gets_its_own_letters_back(written, plain):
    assert fold(written) == plain


@pytest.mark.parametrize(
    "written", ["воаt to dover", "воат to dover", "ВОАТ to dover", "ⲃⲟat to dover"]
)
def test_a_whole_word_of_lookalikes_folds_within_a_latin_text(written):
    assert fold(written) == "boat to dover"


@pytest.mark.parametrize(
    "sentence",
    [
        "москва",
        "он сам, как и мама",
        "работа в manchester, такси от heathrow",
        "ресторан на oxford street, нужен повар",
        "сок, рис и мёд: tesco",
        "кафе на baker street",
        "стая в london до метрото, тока и вода",
        "кімната в london, є місце",
        "το δωμάτιο στο london, και νερό",
        "και το νερό, whatsapp",
        "սենյակ london կայարանի մոտ",
    ],
)
def test_a_sentence_of_another_script_keeps_its_whole_words(sentence):
    assert fold(sentence) == sentence.replace("ς", "σ")


def test_a_masked_contact_says_nothing_about_the_script():
    assert fold("москва <PHONE>") == "москва <phone>"
    assert fold("привeт <LINK>") == fold("привeт") + " <link>"


@given(st.data())
def test_any_lookalikes_inside_a_latin_word_fold_to_the_word(data):
    words = data.draw(st.lists(st.sampled_from(LATIN_WORDS), min_size=1, max_size=4))
    text = " ".join([*words, "ferry"])
    letters = [data.draw(st.sampled_from([letter, *LOOKALIKES.get(letter, [])])) for letter in text]
    written = "".join(letters) + "gold"
    assert fold(written) == fold(text + "gold")


def test_lookalikes_come_in_both_cases():
    table = to_latin()
    alone = [
        chr(code)
        for code in table
        for other in (chr(code).upper(), chr(code).lower())
        if ord(other) not in table
    ]
    assert not alone
