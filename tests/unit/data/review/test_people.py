import itertools
import time
import unicodedata

import pytest
from confusable_homoglyphs.confusables import confusables_data
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.data.review.people import person, require_person
from adverts.errors import InputError

ONE = [
    *(
        "Ada Demo",
        "ada  demo",
        "ADA DEMO",
        "AdaDemo",
        "Ada Demo.",
        "Ada-Demo",
        "Ada_Demo!",
        "Ádá Dêmo",
    ),
    *(
        "ɑda Demo",
        "Аdа Dеmо",
        "ΑDΑ DΕΜΟ",
        "Ａｄａ Ｄｅｍｏ",
        "𝐀𝐝𝐚 𝐃𝐞𝐦𝐨",
        "Ⓐⓓⓐ Ⓓⓔⓜⓞ",
        "ᴀᴅᴀ ᴅᴇᴍᴏ",
        "Ada Derno",
    ),
    *("Ada\u3164Demo", "Ada\u1160Demo", "Ada\uffa0Demo", "Ada\u2800Demo", "Ada\U0001d159Demo"),
    *(
        "Ada Dem0",
        "Ada Demoʼ",
        "Ada Demoǃ",
        "Ada Demoー",
        "Ada Demo\u05d9",
        "Ada Demo 🦊",
        "Ⓐda Đemo",
    ),
]
SEVERAL = [
    *("Ada Demo", "Ida Demo", "Eda Demo", "Ada Memo", "Ben Demo", "reviewer-1", "reviewer-2"),
    *("reviewer-10", "reviewer-11", "Elia Demo", "Elsa Demo", "Mila Demo", "Mina Demo", "R1", "R2"),
    *("سارة نور", "شارة نور", "هدى نور", "Nguyễn Văn An", "Nguyễn Văn Ân Bình", "Trần Thị Hoa"),
    *("राम", "रीमा", "रमा", "たなか", "だなか", "サトウ", "サトー", "李明", "李鸣", "יעל", "על"),
    *("Анна Галина", "Анна Полина", "Νίκος Δ", "Μίκος Δ", "김철수", "김영수", "7", "11", "21"),
    *(
        "김은수",
        "木村",
        "木下",
        "三木",
        "二木",
        "王小明",
        "王大明",
        "工藤",
        "佐藤",
        "くみこ",
        "みこ",
    ),
    *("Vera", "Nera", "مراجع ١", "مراجع ٢", "সীমা", "সোমা", "సీత", "సీతం", "Зоя", "Ծովիկ", "Ծովակ"),
]
NOT_SEEN = [
    chr(code)
    for code in (*range(0x20000), *range(0xE0000, 0xE1000))
    if unicodedata.category(chr(code)) in ("Cf", "Zs", "Zl", "Zp", "Cc")
    or 0xFE00 <= code <= 0xFE0F
    or 0xE0100 <= code <= 0xE01EF
    or chr(code) in "\u034f\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5\u180b\u180c\u180d\u180f"
    or chr(code) in "\U00016fe4\U0001d159\U00013441\U00013442\u20e3\u0301\u0323\u0489"
]


@pytest.mark.parametrize("name", ONE)
def test_a_name_that_looks_like_another_is_the_same_person(name):
    assert person(name) == person("Ada Demo")


@pytest.mark.parametrize(("one", "other"), [("Ida", "lda"), ("ILSE", "llse"), ("ΝΙΝΑ", "Nina")])
def test_capitals_that_look_like_small_letters_are_the_same(one, other):
    assert person(one) == person(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(
            ("王⼩明", "王小明"),
            ("⻁⻅", "虎见"),
            ("日本", "曰本"),
            ("高木", "髙木"),
            ("山崎", "山﨑"),
        ),
        *(
            ("ミ木", "三木"),
            ("ﾐ木", "三木"),
            ("サト一", "サトー"),
            ("サト—", "サトー"),
            ("タ子", "夕子"),
        ),
        *(("Ada丨", "Adal"), ("ᛏᛋᛒ", "↑ᛋᛒ")),
    ],
)
def test_ideographs_kana_and_radicals_that_look_alike_are_the_same(one, other):
    assert person(one) == person(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("Ada D℮mo", "Ada Demo"), ("Ad∀ Demo", "Ada Demo"), ("Ada Dem◯", "Ada Demo")),
        *(("Bi|| Li||e", "Bill Lille"), ("Bi∣∣ Li∣∣e", "Bill Lille"), ("∨era", "Vera")),
        *(("⭘tto", "Otto"), ("∃va", "Eva"), ("Ma×", "Max"), ("E㎜a", "Emma"), ("¥ael", "Yael")),
        *(("Νίκος △", "Νίκος Δ"), ("Veſa", "Vefa"), ("Зоя", "зоя"), ("Քալ", "քալ")),
    ],
)
def test_a_symbol_that_looks_like_a_letter_is_that_letter(one, other):
    assert person(one) == person(other)


@pytest.mark.parametrize(
    "sign",
    [
        "%",
        "&",
        "*",
        "+",
        "/",
        "~",
        "^",
        "$",
        "♥",
        "™",
        "®",
        "↑",
        "△",
        "♢",
        "☰",
        "★",
        "¯",
        "˘",
        "ˉ",
        "ˇ",
        "ː",
        "-",
        "—",
        "一",
    ],
)
def test_a_symbol_that_looks_like_no_letter_of_the_name_tells_nobody_apart(sign):
    assert person(f"Ada {sign} Demo{sign}") == person("Ada Demo")


def test_whatever_unicode_says_looks_like_a_letter_or_digit_is_that_one():
    told_apart = [
        (one, alike)
        for one, several in confusables_data.items()
        for alike in (several[0]["c"],)
        if len(several) == 1 and alike.isascii() and alike.isalnum() and len(alike) == 1
        if person(f"A{one}bcd") != person(f"A{alike}bcd")
    ]
    assert told_apart == []


def test_people_whose_names_differ_stay_different():
    assert [
        (one, other)
        for one, other in itertools.combinations(SEVERAL, 2)
        if person(one) == person(other)
    ] == []


def test_tone_marks_and_vowel_points_tell_nobody_apart():
    assert person("Nguyễn Văn Hòa") == person("Nguyen Van Hoa") == person("NGUYỄN VĂN HOÁ")
    assert person("مُحَمَّد") == person("محمد")


def test_a_name_in_capitals_is_the_name_in_small_letters():
    for name in SEVERAL:
        assert person(name.upper()) == person(name) == person(name.lower())


@settings(deadline=None, max_examples=300)
@given(
    name=st.sampled_from(SEVERAL),
    signs=st.lists(st.tuples(st.integers(0, 30), st.sampled_from(NOT_SEEN)), min_size=1),
)
def test_nothing_that_nobody_sees_makes_another_person(name, signs):
    letters = list(name)
    for place, sign in signs:
        letters.insert(place % (len(letters) + 1), sign)
    assert person("".join(letters)) == person(name)


@pytest.mark.parametrize(
    "name", ["\u2800", "\u3164\u3164", "", " ", "a", "⠀a⠀", "!!", "12", "1", "R1", "🦊🦊"]
)
def test_a_name_of_nobody_is_refused_and_not_repeated(name):
    with pytest.raises(InputError, match="sheet.csv, row 3: reviewer .*two letters") as error:
        require_person("sheet.csv, row 3: reviewer", name)
    assert "🦊" not in str(error.value)


@pytest.mark.parametrize(
    "name", ["Al", "RA1", "李明", "王一", "نور", "somebody@mail.example", "Ana "]
)
def test_initials_numbered_names_and_addresses_are_names(name):
    assert require_person("by", name) == name


@pytest.mark.parametrize("name", ["a" * 201, "Ada\u202eDemo", "Ada\nDemo"])
def test_a_name_that_cannot_be_shown_is_refused(name):
    with pytest.raises(InputError, match="wanted at most 200"):
        require_person("by", name)


def test_a_name_of_very_many_marks_is_compared_at_once():
    began = time.process_time()
    person("Ada" + "\u0301\u0323" * 50_000)
    assert time.process_time() - began < 2
