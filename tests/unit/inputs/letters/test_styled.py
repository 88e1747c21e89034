import pytest

from adverts.inputs.letters.folding import fold


@pytest.mark.parametrize(
    "written",
    [
        "ꜰᴇʀʀʏ ᴛᴏ ᴅᴏᴠᴇʀ",
        "🅵🅴🆁🆁🆈 🆃🅾 🅳🅾🆅🅴🆁",
        "🅕🅔🅡🅡🅨 🅣🅞 🅓🅞🅥🅔🅡",
        "🄵🄴🅁🅁🅈 ⓣⓞ ⓓⓞⓥⓔⓡ",
        "⒡⒠⒭⒭⒴ 🄣🄞 ⒟⒪⒱⒠⒭",
        "🇫🇪🇷🇷🇾 to 🇩🇴🇻🇪🇷",
        "ᶠᵉʳʳʸ ᵗᵒ ᵈᵒᵛᵉʳ",
        "ℱ𝖊𝓻𝐫𝗒 𝚝𝕠 𝔡𝑜𝗏𝘦𝙧",
        "ʎɹɹǝɟ oʇ ɹǝʌop",
        "f̶e̶r̶r̶y̶ t̲o̲ d⃝o⃝v⃝e⃝r⃝",
    ],
)
def test_letters_in_costume_fold_to_what_they_say(written):
    assert fold(written) == "ferry to dover"


@pytest.mark.parametrize("flags", ["🇬🇧", "🇦🇱🇬🇧", "🇫🇷 🇬🇧", "🇺🇦\u200b🇵🇱"])
def test_flags_of_regions_stay_flags(flags):
    assert fold(flags) == flags.replace("\u200b", "")


@pytest.mark.parametrize(
    ("halves", "word"), [("🇹🇦🇽🇮", "taxi"), ("🇬🇧🇫", "gbf"), ("🇹 🇦 🇽 🇮", "t a x i")]
)
def test_half_flags_that_make_no_flags_are_letters(halves, word):
    assert fold(halves) == word


@pytest.mark.parametrize("number", ["①", "❶", "➀", "➊", "⓵", "１", "𝟏", "¹", "₁", "፩", "١", "1️⃣"])
def test_a_digit_in_any_form_is_the_digit(number):
    assert fold(number) == "1"


@pytest.mark.parametrize(("number", "plain"), [("❿", "10"), ("⓫", "11"), ("⑳", "20"), ("⓿", "0")])
def test_a_number_in_a_circle_is_the_number(number, plain):
    assert fold(number) == plain


@pytest.mark.parametrize("word", ["ɔɛŋ", "ǝnd", "bdpq", "sun"])
def test_a_word_that_also_stands_upright_is_not_turned(word):
    assert fold(word) == word
