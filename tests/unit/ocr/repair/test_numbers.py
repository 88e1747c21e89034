import pytest

from adverts.ocr.repair.numbers import (
    four_for_pound,
    letters_for_signs,
    letters_in_arabic_digits,
    letters_in_prices,
    lira_read_as_kana,
    one_kind_of_digits,
    pounds_read_as_e,
    space_in_prices,
)
from adverts.ocr.repair.phones import letters_in_phones, plus_of_phones, turned_phones


def unchanged(*texts):
    return [(text, text) for text in texts]


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("£5OO", "£500"),
        ("£ l50 each", "£ 150 each"),
        ("£1B0 or £2S0", "£180 or £250"),
        ("€1.5OO,OO", "€1.500,00"),
        ("£O.50", "£0.50"),
        ("GBP 2OO", "GBP 200"),
        ("5OO euro", "500 euro"),
        ("5OO euros la place", "500 euros la place"),
        ("2O0 lekë", "200 lekë"),
        ("7OO paund", "700 paund"),
        ("1O00 TL", "1000 TL"),
        ("1O00₺", "1000₺"),
        ("3OO zł", "300 zł"),
        ("15O.OOO đồng", "150.000 đồng"),
        ("9OO يورو", "900 يورو"),
        ("25O تومان", "250 تومان"),
        ("1OO پاوەند", "100 پاوەند"),
        ("8OO افغانۍ", "800 افغانۍ"),
        *unchanged("£SOO", "£5B in debts", "£O2 sim", "£ISO", "$BTC", "50 euro", "a £10 l coin"),
        *unchanged("B50 euro", "A1O euro", "I5 euro", "D15 TL", "ISO 9001 euro", "IO euro"),
        *unchanged("room 5OO", "5OO km", "5OO people", "M2O £9", "BS8 1OO", "@l00 euro", "O2 5G"),
        *unchanged("10:3O €", "v1.O € edition", "Oslo, 5 € l'unité", "5 O levels € free"),
    ],
)
def test_letters_become_digits_beside_a_currency_alone(read, meant):
    assert letters_in_prices(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("£900-E1500", "£900-£1500"),
        ("€900 - C950", "€900 - €950"),
        ("£90, family f1,500", "£90, family £1,500"),
        ("L1,200 not £1,500", "£1,200 not £1,500"),
        ("#25.00 or 30 pounds", "£25.00 or 30 pounds"),
        ("E1.200 ose 1.500 €", "€1.200 ose 1.500 €"),
        ("C1.200 au lieu de 1500 euros", "€1.200 au lieu de 1500 euros"),
        *unchanged("E1,500", "f1,500", "E5 ferry £900", "L200 for £900", "M25 £20", "C14 euro"),
        *unchanged("A20, A2, E5: £5", "seat C12 €40", "£9 or €9 or E1,500", "L1,500 or 900 €"),
        *unchanged(
            "#12 of £20", "#2.5 £20", "f2.8 lens £90", "e10 €5", "SE1,500 £5", "E1.05.2026 £5"
        ),
        *unchanged("£900-E5", "E10:30 £5", "09:00-E17 £5", "5 £ E45"),
    ],
)
def test_letters_become_signs_where_the_line_tells_which(read, meant):
    assert letters_for_signs(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("£1 ,500", "£1,500"),
        ("€ 1 .500", "€ 1.500"),
        ("1 ,500 €", "1,500 €"),
        ("2 .500 lekë", "2.500 lekë"),
        ("12 .500 TL", "12.500 TL"),
        *unchanged(
            "£1, 500 people", "£1 ,5", "1 ,500", "£ 1500", "3 1 ,500 €", "£1 ,5000", "1 ,500 km"
        ),
    ],
)
def test_a_space_before_the_mark_of_thousands_goes_beside_a_currency(read, meant):
    assert space_in_prices(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("۲٠۰۰", "۲۰۰۰"),
        ("٢٥۰٠ يورو", "٢٥٠٠ يورو"),
        ("1٢,50۰", "12,500"),
        ("1٢", "12"),
        ("٢۰", "20"),
        *unchanged("٢٥٠٠ يورو", "۱۲۰۰ یورو", "٣ 1500", "2500", "۳-٤", "٢٥٠٠ = ۲۵۰۰", "x²"),
    ],
)
def test_a_number_is_of_one_kind_of_digits(read, meant):
    assert one_kind_of_digits(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("١ه٠ دينار", "١٥٠ دينار"),
        ("€ ٢ا٠", "€ ٢١٠"),
        ("۱o۰ یورو", "۱۰۰ یورو"),
        ("٢ه٠ پاوەند", "٢٥٠ پاوەند"),
        ("٠٧٧٠٠ ٩٠ه١٢٣", "٠٧٧٠٠ ٩٠٥١٢٣"),
        ("+٤٤ ٧٧٠٠ ٩٠ا١٢٣", "+٤٤ ٧٧٠٠ ٩٠١١٢٣"),
        *unchanged("١٤٤٧ه", "١ه٠", "سنة ١٤٤٧ه يورو", "٢ا٣ كم", "٥ه", "ه٥٠ يورو", "٣ه٤"),
    ],
)
def test_letters_become_arabic_digits_in_prices_and_phones_alone(read, meant):
    assert letters_in_arabic_digits(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("+44 77OO 900l23", "+44 7700 900123"),
        ("O7700 900123", "07700 900123"),
        ("0044 77OO 900l23", "0044 7700 900123"),
        ("(01632) 96OOO1", "(01632) 960001"),
        ("07700-9OO-I23", "07700-900-123"),
        ("07700 9001|3", "07700 900113"),
        ("Tel:01632 96OO01", "Tel:01632 960001"),
        ("Tél.01632 96OO01", "Tél.01632 960001"),
        ("Tel: 01632 960OO1 S1 2AB", "Tel: 01632 960001 S1 2AB"),
        ("07700 900l23 01632 96O001", "07700 900123 01632 960001"),
        ("اتصل 07700 9OO123 الآن", "اتصل 07700 900123 الآن"),
        ("gọi 01632 96O001 nhé", "gọi 01632 960001 nhé"),
        *unchanged("a.example/0163296OOO1", "1.0163296OOO1", "01632 96OO0S", "OO44 77OO 900l23"),
        *unchanged("07700 900123", "07700 900123 | 01632 960001", "SW1A 0AA", "0OO", "O2 5G"),
        *unchanged("02.05.2O26 1OO", "10:3O 2O.05.2026", "0l0 l0l 0l0 l0l", "£0163296OOO1"),
        *unchanged(
            "call 07700 900123 S1 2AB", "ref A0163296OOO1", "01632 96OOOI people", "OOOO OOOOOOO"
        ),
    ],
)
def test_letters_become_digits_within_a_phone_number_alone(read, meant):
    assert letters_in_phones(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("+ 44 7700 900123", "+44 7700 900123"),
        ("Tel:+  44 (7700) 900123", "Tel:+44 (7700) 900123"),
        ("هاتف + 44 7700 900123", "هاتف +44 7700 900123"),
        *unchanged(
            "2 + 44 7700 900123", "2+ 44 7700 900123", "+ 44", "+ 3 seats", "boat + 2 rooms"
        ),
        *unchanged("+ 44 7700", "x = 5) + 44 7700 900123", "+ 12 345"),
    ],
)
def test_a_plus_joins_an_international_number_alone(read, meant):
    assert plus_of_phones(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("تماس: 900123 07700", "تماس: 07700 900123"),
        ("هاتف ٩٠٠١٢٣ ٠٧٧٠٠ الآن", "هاتف ٠٧٧٠٠ ٩٠٠١٢٣ الآن"),
        ("شماره ۱۲۳ ۹۶۰ ۰۱۶۳۲", "شماره ۰۱۶۳۲ ۹۶۰ ۱۲۳"),
        *unchanged("تماس 07700 900123", "Call 900123 07700", "قیمت 900 تا 05", "تماس 07700900123"),
        *unchanged("قیمت 250 07700 900123", "کد 900123 07700 900123", "از 9001234 07700 است"),
    ],
)
def test_a_number_without_calling_code_is_turned_back_beside_letters_from_the_right(read, meant):
    assert turned_phones(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("900123 7700 44+", "+44 7700 900123"),
        ("پەیوەندی 900123 7700 44+ واتساپ", "پەیوەندی +44 7700 900123 واتساپ"),
        ("٩٠٠١٢٣ ٧٧٠٠ ٤٤+", "+٤٤ ٧٧٠٠ ٩٠٠١٢٣"),
        *unchanged("07700 900123 18+", "900123 7700 44", "900123 7700 18+", "01632 960 40+"),
        *unchanged("+44 7700 900123", "20 30 44+", "900123 7700 44+2", "ages 12 14 16+"),
    ],
)
def test_a_phone_number_shown_from_the_right_is_turned_back(read, meant):
    assert turned_phones(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("بيه 900۴ د هر کس", "بيه £900 د هر کس"),
        ("السعر 1500٤ للشخص", "السعر £1500 للشخص"),
        ("1,500۴", "£1,500"),
        *unchanged("1504", "۱۵۰۴", "١٥٠٤", "5۴", "15۴0", "1500 ۴", "1500۳", "1.5۴", "x15۴"),
    ],
)
def test_a_four_of_another_kind_after_a_number_is_a_pound_sign(read, meant):
    assert four_for_pound(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("E1,500 per person", "£1,500 per person"),
        ("E25.00", "£25.00"),
        ("Adult E90 child E45", "Adult £90 child £45"),
        ("from E450", "from £450"),
        ("E900-E950", "£900-£950"),
        ("E 700 only", "£ 700 only"),
        ("E45 each", "£45 each"),
        ("E1,5OO and from E45O", "£1,5OO and from £45O"),
        ("Çmimi: E850 nga Dunkerku", "Çmimi: £850 nga Dunkerku"),
        ("nga E1500", "nga £1500"),
        ("fiyat E1.200", "fiyat £1.200"),
        ("giá E900 một người", "giá £900 một người"),
        ("prix E750", "prix £750"),
        ("boat E1500 tonight", "boat £1500 tonight"),
        *unchanged(
            "E5", "E40 and E45", "from E14 to SE1", "E10 fuel", "E500", "additive E450", "E621"
        ),
        *unchanged(
            "E1.200 ose 1.500 €", "E1.05.2026", "E1500W", "SE1500", "E10:30", "E1502", "E3-E5"
        ),
        *unchanged("for E5 only", "E45-E50", "E2000/3", "450 E", "Route E1", "#E1500", "E1,50", ""),
    ],
)
def test_an_e_before_a_price_is_a_pound_sign(read, meant):
    assert pounds_read_as_e(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("も12.500", "₺12.500"),
        ("sadece も750", "sadece ₺750"),
        *unchanged("もも12", "これも12人", "も", "も 12.500", "12.500も", "も5"),
    ],
)
def test_a_kana_before_a_price_is_a_lira_sign(read, meant):
    assert lira_read_as_kana(read) == meant
