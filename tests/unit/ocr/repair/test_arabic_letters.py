import pytest
from repair_sentences import ARABIC, PASHTO, PERSIAN, SORANI

from adverts.ocr.repair.arabic_letters import (
    hamza_for_comma,
    letter_variants,
    plain_forms,
    quote_for_comma,
    sorani_ae,
    sorani_carons,
    sorani_neighbours,
    without_kashida,
    without_unseen,
)
from adverts.ocr.repair.line import repair
from adverts.ocr.repair.line_language import arabic_language

UNSEEN = "\u00ad\u061c\u200b\u200e\u200f\u202a\u202c\u2060\u2066\u2069\ufeff"


def unchanged(*texts):
    return [(text, text) for text in texts]


def restored(lines):
    """Lines that come back when every ە of theirs is read as ه."""
    return [line for line in lines if repair(line.replace("ە", "ه")) == line]


def test_nearly_all_sorani_lines_come_back_from_the_arabic_heh():
    assert len(restored(SORANI)) >= len(SORANI) - 1


@pytest.mark.parametrize(
    "keyboard",
    [
        {"ە": "ه", "ی": "ي", "ک": "ك"},
        {"ە": "ه", "ی": "ى"},
        {"ە": "ه\u200c"},
        {"ە": "ە\u200c"},
        {"ه": "ھ"},
        {"ە": "ه", "ڵ": "لّ", "ێ": "یّ"},
    ],
)
def test_nearly_all_sorani_lines_come_back_from_the_letters_of_an_engine(keyboard):
    back = [repair(line.translate(str.maketrans(keyboard))) == line for line in SORANI]
    assert sum(back) >= 0.93 * len(SORANI)


@pytest.mark.parametrize(
    "word",
    ["هەموو", "هاتن", "بەهار", "بەهێز", "شەهید", "بەرهەم", "گوناه", "ڕاهێنان", "دهۆک", "ئەهلی"]
    + [
        "تەهران",
        "نییە",
        "ناوەوە",
        "ئێوە",
        "پەناهەندە",
        "بەهەڵە",
        "قەهوە",
        "میهرەبان",
        "هیچ",
        "جیهان",
        "کەشوهەوا",
    ],
)
def test_heh_is_told_from_ae_by_its_place(word):
    assert sorani_ae(f"ئێمە ڕۆژی {word.replace('ە', 'ه')}") == f"ئێمە ڕۆژی {word}"


@pytest.mark.parametrize("rule", [sorani_ae, sorani_carons, sorani_neighbours])
@pytest.mark.parametrize("line", [*ARABIC, *PERSIAN, *PASHTO, "قوّة ه ټ", "به هم", ""])
def test_sorani_rules_leave_other_languages(rule, line):
    assert rule(line) == line


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("بەلّێ گەلێّک خۆش", "بەڵێ گەلێک خۆش"),
        ("رّۆژی خوّش", "ڕۆژی خۆش"),
        ("دوێْنێ لە شاٌر", "دوێنێ لە شار"),
        *unchanged("قوّة السيّارة", "لطفاً این را بخوانید", "ماڵ و ڕێگا"),
    ],
)
def test_vowel_signs_become_the_marks_of_sorani_letters(read, meant):
    assert sorani_carons(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("شەوټک بۆ ئێوە", "شەوێک بۆ ئێوە"),
        ("پارەت پئ بێت", "پارەت پێ بێت"),
        ("ئەم رۆژە", "ئەم ڕۆژە"),
        *unchanged("ئەم ئاوە لە شار", "ټول ښار", "رسالة إلى شاطئ البحر", "روز خوب است"),
    ],
)
def test_letters_that_sorani_lacks_there_become_its_own(read, meant):
    assert sorani_neighbours(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("ارسال به همه‌ي شهر رايگان است", "ارسال به همه‌ی شهر رایگان است"),
        ("ما در كنار شما هستيم", "ما در کنار شما هستیم"),
        ("پول را به ما بدهىد", "پول را به ما بدهید"),
        ("كاتى ئێمە لە شار", "کاتی ئێمە لە شار"),
        ("ھەموو ڕۆژێک", "هەموو ڕۆژێک"),
        ("د ښار په مرکز كې يو كور", "د ښار په مرکز کې یو کور"),
        ("کل قارب في المدینة جدید", "كل قارب في المدينة جديد"),
        ("سيّارة للإیجار", "سيّارة للإيجار"),
        ("پيام بفرستيد كنار", "پیام بفرستید کنار"),
        *unchanged("د کور نوي څښتن وايي", "هغه یوازې کښتۍ ته ځي", "مصطفى على متن القارب"),
        *unchanged("مكتبي في الشركة", "مصطفی في المدينة", "ليره", "كريم", "I ı İ i ç ş", ""),
        *unchanged("یہ کشتی کے ساتھ ہے", "٢٥٠ = ۲۵۰"),
    ],
)
def test_variants_of_a_letter_follow_the_language_of_the_line(read, meant):
    assert letter_variants(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("قاربء لندنء", "قاربء لندنء"),
        ("تا لندنء این شهر را ببینید", "تا لندن، این شهر را ببینید"),
        ("باکووری فەرەنساء بۆ ڕاوەماسی", "باکووری فەرەنسا، بۆ ڕاوەماسی"),
        ("له ښارهء څخه", "له ښاره، څخه"),
        ("سألتموني كثيراًء فنعم في المدينةء", "سألتموني كثيراً، فنعم في المدينة،"),
        *unchanged("ضوء وماء وهواء وجزء من الشيء", "مساءً في البناء", "شیء این را املاء است"),
        *unchanged("انبیاء و سوء این شهر است", "قرآن و جزء آن است"),
    ],
)
def test_a_hamza_becomes_a_comma_where_no_word_ends_so(read, meant):
    assert hamza_for_comma(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("څوک چې ستړي شوي» زموږ کور", "څوک چې ستړي شوي، زموږ کور"),
        ("ئیشی باش هەیە» ڕۆژانە", "ئیشی باش هەیە، ڕۆژانە"),
        ("سلام به شما» این «قایق» را ببینید", "سلام به شما، این «قایق» را ببینید"),
        ("«دوای گەیشتن»» بەڵام لە ڕێگا", "«دوای گەیشتن»، بەڵام لە ڕێگا"),
        *unchanged("قال «نعم» في المدينة", "في المدينة جديد»", "» في المدينة", "« oui » et non"),
        *unchanged("fin» et la suite", "«این «قایق» خوب» است", "في المدينة» 3", ""),
    ],
)
def test_a_closing_quote_that_nothing_opened_is_a_comma(read, meant):
    assert quote_for_comma(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        (f"bo{UNSEEN}at", "boat"),
        ("قار\u00adب", "قارب"),
        ("\u200e۲۰۰\u200f یورو", "۲۰۰ یورو"),
        ("می\u200c\u200cروم", "می\u200cروم"),
        ("\u200cقایق\u200c تند\u200c", "قایق تند"),
        ("bo\u200cat", "boat"),
        ("ه\u200dـ", "هـ"),
        *unchanged(
            "می\u200cروم", "بچه\u200cها", "👨\u200d👩\u200d👧", "🇬🇧 1️⃣", "a-b – c", "đồng ğ ı"
        ),
    ],
)
def test_what_is_unseen_goes(read, meant):
    assert without_unseen(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("ﻗﺎﺭﺏ", "قارب"),
        ("ﻻ ﻷ", "لا لأ"),
        ("ﭘﻮﻝ ﮔﺮﻡ", "پول گرم"),
        *unchanged("قارب", "﷼ ﷺ", "½ ﬁ ２", "ḽ"),
    ],
)
def test_forms_of_letters_become_letters(read, meant):
    assert plain_forms(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("قـــارب", "قارب"),
        ("مّـا", "مّا"),
        *unchanged("بـ1500", "١٤٤٧ هـ", "ـــ", "a_b", "قارب"),
    ],
)
def test_strokes_that_make_words_longer_go(read, meant):
    assert without_kashida(read) == meant


@pytest.mark.parametrize(
    ("language", "lines"), [("ckb", SORANI), ("ar", ARABIC), ("fa", PERSIAN), ("ps", PASHTO)]
)
def test_the_language_of_a_line_is_told_or_left_open(language, lines):
    told = [arabic_language(line) for line in lines]
    assert set(told) <= {language, None}
    assert told.count(language) >= 0.95 * len(lines)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", None),
        ("ferry to Dover", None),
        ("قارب", None),
        ("٢٥٠ £", None),
        ("یہ کشتی بڑی ہے", "ur"),
        ("سلام", None),
        ("نهڕوات با", "ckb"),
        ("اڕیکه", None),
    ],
)
def test_where_nothing_speaks_for_a_language_none_is_told(text, language):
    assert arabic_language(text) == language
