import pytest
from hypothesis import given
from hypothesis import strategies as st
from repair_sentences import ARABIC, PASHTO, PERSIAN, SORANI

from adverts.inputs.contacts.masking import find_contacts, mask_contacts
from adverts.ocr.repair.line import LANGUAGE_RULES, RULES, repair

LATIN = (
    "Ferry to Dover from £90, children £45, seats left: 3",
    "Visa help: call +44 7700 900123 or 01632 960001",
    "Open 09:00-17.30 on 12.05.2026, SW1A 0AA, M25, A20, C14, E5",
    "L200 for sale, ISO 9001, size B12, 5G, B&B, iPhone S8, BS8 1TH",
    "Dhoma me qira në Tiranë, 25.000 lekë në muaj, pa parapagim",
    "Çmimi 1.500 € për person, nisja në orën 14:30",
    "Chambre à louer, 450 € par mois, l'eau et l’électricité comprises",
    "Départ à 18h30, 1 500 euros, tél. 01 99 00 12 34, « sérieux »",
    "Kiralık daire, 12.500 TL, İstanbul Işık Sokağı, ısıtmalı",
    "Her gün saat 10.00'da, 3 kişilik oda, ÖZEL indirim %20",
    "Cho thuê phòng 3.500.000 đ, liên hệ trước 20 giờ, Ô tô 7 chỗ",
    "Bán xe cũ, giá 1,500 USD, đời 2019, chạy 50.000 km",
    "Pokój do wynajęcia, 900 zł, ul. Łąkowa 5, od 1.06",
    "F E R R Y  t0 U.K. — s3cure, DM @demo_fictional_07",
    "🚤🇬🇧 👨‍👩‍👧 1️⃣ boat.example/book?id=O0l1",
    "5 + 44 = 49, 3x2 4x1, 100%, 24/7, 1 l milk, 2 O levels",
    "",
    " ",
)
MISREAD = (
    ("£1 ,5OO per person", "£1,500 per person"),
    ("E1,5OO per person", "£1,500 per person"),
    ("O7700 9OO123", "07700 900123"),
    ("Call + 44 77OO 900l23 now", "Call +44 7700 900123 now"),
    ("Nga 9OO € deri 1.2OO €", "Nga 900 € deri 1.200 €"),
    ("à partir de 4SO euros", "à partir de 450 euros"),
    ("fiyat l2.500 TL", "fiyat 12.500 TL"),
    ("giá 3.5OO.000 đồng", "giá 3.500.000 đồng"),
    ("tel. 016\u00ad32 960 001\u200e", "tel. 01632 960 001"),
    ("قیمت هر نفر ۲٠۰۰ يورو است", "قیمت هر نفر ۲۰۰۰ یورو است"),
    ("قيمة كل تذكرة ١ه٠ دينار", "قيمة كل تذكرة ١٥٠ دينار"),
    ("خانوويهكى چوّلّ ههيه له نزيک دهريا", "خانوویەکی چۆڵ هەیە لە نزیک دەریا"),
    ("ﻗﺎﺭﺏ ﺳﺮﻳﻊ", "قارب سريع"),
)
PHONES = (
    "+44 77OO 900123",
    "+ 44 7700 9OO 123",
    "O7700 900l23",
    "0163296OOO1",
    "01632 96O OO1",
    "00 44 77OO 900123",
    "٠٧٧٠٠ ٩٠ه١٢٣",
    "+٤٤ ٧٧٠٠ ٩٠٠١٢٣",
    "۰۷۷۰۰ ۹۰٠۱۲۳",
)


@pytest.mark.parametrize("text", [*LATIN, *SORANI, *ARABIC, *PERSIAN, *PASHTO])
def test_sound_lines_stay(text):
    assert repair(text) == text


@pytest.mark.parametrize("rule", [*RULES.values(), *LANGUAGE_RULES.values()])
@pytest.mark.parametrize("text", [*LATIN, *SORANI[:8], *ARABIC[:8], *PERSIAN[:8], *PASHTO[:8]])
def test_no_rule_touches_a_sound_line(rule, text):
    assert rule(text) == text


@pytest.mark.parametrize(("read", "meant"), MISREAD)
def test_a_misread_line_is_mended(read, meant):
    assert repair(read) == meant


@pytest.mark.parametrize(
    ("read", "page", "meant"),
    [
        ("بلیتی کهشتی", "ckb", "بلیتی کەشتی"),
        ("سهگی بچووک", "ckb", "سەگی بچووک"),
        ("بليت كشتي", "fa", "بلیت کشتی"),
        ("قدیم کبیر", "ar", "قديم كبير"),
        ("بلیتی کهشتی", None, "بلیتی کهشتی"),
        ("هذا السعر في المدينة", "ckb", "هذا السعر في المدينة"),
        ("SALE £90 only", "ckb", "SALE £90 only"),
    ],
)
def test_the_page_tells_the_language_of_a_line_that_does_not(read, page, meant):
    assert repair(read, page) == meant


@given(
    st.text(
        alphabet="OoDlISB|0123456789 .,+-()£€EeCfL#eurTL٠٢٥۰۲ههەایيىكکئێۆرلوء\u200c\u0640ّ",
        max_size=30,
    )
)
def test_repairing_twice_changes_nothing_more(text):
    assert repair(repair(text)) == repair(text)


@given(st.text(max_size=40))
def test_any_text_can_be_repaired_and_then_stays(text):
    assert repair(repair(text)) == repair(text)


@given(
    st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd", "Po", "Zs"], max_codepoint=127))
)
def test_letters_without_an_amount_or_a_phone_stay(text):
    words = "".join(letter for letter in text if not letter.isdigit())
    assert repair(words) == words


@pytest.mark.parametrize("phone", PHONES)
@pytest.mark.parametrize("around", ["{}", "WhatsApp {} now", "اتصل {} الآن", "Tel: {}, 3 seats"])
def test_a_mended_phone_is_masked_whole(phone, around):
    mended = repair(around.format(phone))
    assert [contact.kind for contact in find_contacts(mended)] == ["PHONE"]
    assert mask_contacts(mended) == repair(around.format("<PHONE>"))


def test_a_line_of_letters_and_digits_is_repaired_in_linear_time():
    long = "0O l" * 5000 + "£" * 5000 + "ه" * 5000 + "+ 4" * 5000
    assert len(repair(long)) <= len(long)
