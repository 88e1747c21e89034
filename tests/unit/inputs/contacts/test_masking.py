import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adverts.inputs.contacts import masking
from adverts.inputs.contacts.masking import CONTACT_KINDS, Contact, find_contacts, mask_contacts

pytestmark = pytest.mark.promise

CONTACTS = {
    "PHONE": [
        "+44 7700 900142",
        "+447700900142",
        "+44 (0)7700-900-142",
        "+44(7700)900142",
        "(+44) 7700 900142",
        "0044 7700 900142",
        "07700 900142",
        "07700900142",
        "07700-900-142",
        "07700.900.142",
        "01632 960 123",
        "(01632) 960123",
        "447700900142",
        "44 7700 900142",
        "٠٧٧٠٠ ٩٠٠١٤٢",
        "۰۷۷۰۰۹۰۰۱۴۲",
        "+۴۴ ۷۷۰۰ ۹۰۰ ۱۴۲",
        "０７７００ ９００１４２",
        "07700\u2011900\u2011142",
        "+44\u00a07700\u00a0900142",
        "0️⃣7️⃣7️⃣0️⃣0️⃣9️⃣0️⃣0️⃣1️⃣4️⃣2️⃣",
        "0 7 7 0 0 9 0 0 1 4 2",
        "0=7=7=0=0 9=0=0=1=4=2",
        "0 = 7 = 7 = 0 = 0 = 9 = 0 = 0 = 1 = 4 = 2",
        "7=7=0=0=9=0=0=1=4=2",
        "+44=7700=900142",
        "07700 % 900 % 142",
        "06:39:98:00:12",
        "0\u03367\u03367\u03360\u03360\u0336 9\u03360\u03360\u03361\u03364\u03362\u0336",
        "0\u0301\u03167\u0301\u03167\u0301\u03160\u0301\u03160\u0301\u0316900142",
        "07700\u034f900142\u034f",
        "07700\u3164900\u2800142",
        "٠\u064e٧\u064e٧\u064e٠\u064e٠\u064e٩٠٠١٤٢",
        *(f"07700{sign}900{sign}142" for sign in "=%:+x|~"),
        *(sign.join("07700900142") for sign in "=%:+x|~"),
    ],
    "LINK": [
        "https://ferry.example/booking?id=1&x=2#top",
        "http://ferry.example",
        "www.ferry.example",
        "ferry.example",
        "ferry.example/booking",
        "dover.ferry.example",
        "HTTPS://FERRY.EXAMPLE",
        "wa.me/447700900142",
        "t.me/demo_fictional_01",
        "https://t.me/+Demo0Fictional",
        "tg://resolve?domain=demo_fictional_01",
        "xn--fhre-5qa.example/b",
        "ferry．example",
    ],
    "EMAIL": [
        "demo.fictional@ferry.example",
        "demo+01@dover.ferry.example",
        "mailto:demo@ferry.example",
        "demo (at) ferry (dot) example",
        "demo[at]ferry.example",
        "demo＠ferry.example",
    ],
    "HANDLE": [
        "@demo_fictional_07",
        "@demo_fic\u0336tional_07\u0336",
        "@Demo.Fictional",
        "@دیمو_نمونه",
        "＠demo_fictional_07",
    ],
    "WALLET": [
        "GB82 WEST 1234 5698 7654 32",
        "GB82WEST12345698765432",
        "gb82 west 1234 5698 7654 32",
        "0x" + "0123456789abcdefABCD" * 2,
        "bc1q" + "w508d6qejxtdg4y5" * 2,
        "1" + "BoatsFictiona2345" * 2,
        "T" + "BoatsFictiona234" * 2 + "X",
    ],
}

IN_CONTEXT = {
    "passport no AB1234567": "passport no <DOCNO>",
    "Passport: 123456789": "Passport: <DOCNO>",
    "ID number 12345678": "ID number <DOCNO>",
    "NI number QQ 12 34 56 C": "NI number <DOCNO>",
    "hộ chiếu số C1234567": "hộ chiếu số <DOCNO>",
    "گذرنامه شماره ۱۲۳۴۵۶۷۸": "گذرنامه شماره <DOCNO>",
    "card 4111 1111 1111 1111": "card <DOCNO>",
    "account 12345678901234567890": "account <DOCNO>",
    "snap: demo_fictional_01": "snap: <HANDLE>",
    "tel:07700=900=142. Now": "tel:<PHONE>. Now",
    "tel=0=7=7=0=0=9=0=0=1=4=2, ok": "tel=<PHONE>, ok",
    "500 € 07700%900%142": "500 € <PHONE>",
    "call07700=900=142now": "call<PHONE>now",
    "tel 7700142": "tel <PHONE>",
    "call07700900142now": "call<PHONE>now",
    "واتساب۰۷۷۰۰۹۰۰۱۴۲": "واتساب<PHONE>",
    "07700 900142 / 07700 900143": "<PHONE> / <PHONE>",
    "07700 900142, 07700 900143": "<PHONE>, <PHONE>",
    "3 07700 900142": "3 <PHONE>",
    "0 07700900142": "0 <PHONE>",
    "during 2500000, call 7700142": "during 2500000, call <PHONE>",
    "07700 900142 500€": "<PHONE> 500€",
    "£500 07700 900142": "£500 <PHONE>",
    "3000€ 07700 900142": "3000€ <PHONE>",
    "(see ferry.example/a).": "(see <LINK>).",
    "see https://ferry.example/a, then": "see <LINK>, then",
    "01.02.2026 07700 900142 14:30": "01.02.2026 <PHONE> 14:30",
    "(+44).1632.960279": "<PHONE>",
    "06 39 98 00 12 jours": "<PHONE> jours",
    "02.15 06 39 98 00 12": "02.15 <PHONE>",
    "£35, 041 000 0041": "£35, <PHONE>",
    "+44 1632. 960. 393": "<PHONE>",
    "770 090 01 42": "<PHONE>",
    "33 6 39 98 00 12": "<PHONE>",
    "07700 900 l 42": "<PHONE>",
    "l 07700 900142": "l <PHONE>",
    "06 39 98 00 12 3ème": "<PHONE> 3ème",
    "02 | 06 39 98 00 12": "02 | <PHONE>",
    "2 0639 98001": "2 <PHONE>",
    "0049 1632 96000, 30": "<PHONE>, 30",
    "call 49 1632 9600 01234": "call <PHONE>",  # of 15 digits, the most that there are
    "call 49 1632 9600 012345": "call <PHONE> 012345",
    "insta: demo_fictional_01 #demo_tag_2026": "insta: <HANDLE> #demo_tag_2026",
}

NO_CONTACTS = [
    "",
    "   ",
    "£2,900 each, half for kids",
    "3 000 € or 2 500 €",
    "4.000£ pagesa në mbërritje",
    "price 1.000.000.000 VND",
    "10 000 000 lek",
    "۳۰۰۰ پوند",
    "£2500-3000, 2500-3000£, €1.500,50",
    "100% s@fe",
    "12.05.2026 and 2026-05-12 and 12/5/26",
    "01/02/2026-05/02/2026",
    "01.02.2026 10.30",
    "14:30-16:45, 9pm, 10h30",
    "season 2025-2026, years 2024 2025 2026",
    "40 min, 4 seats, 3 days, 24/7, 12 hours",
    "1500000 views and 10,000,000 people, +10 000 000",
    "order 123456",
    "ID 123456",
    "passport 123456",
    "version 2.3.4, size 3.5, 0.333333333",
    "1 2 3 4 5 6 7 8 9 10 11 12",
    "0 1 2 3 4 5 6 7 8 9",
    "order 01234567",
    "50@3000, @5pm, @ 20",
    "Thanks.In the end it.is good. Hello.my friend",
    "photo.jpg e.g. a.m. etc.",
    "insta: follow us",
    "3000 4000 5000",
    "1111111111 and 11111111111111111111",
    "so lâu.shop again",
    "loan@11.5 percent",
    "100000000000",
    "room 101 - 102 - 103",
    "09-17 10-16 08-20",
    "one two three four five six seven eight nine",
    "GB12 BEST BOAT RIDE FAST NO",
    "0xabc dead beef",
    "passport BOSSOlO",
    "I left the shop. Example: red",
    "utf_8, mp_3 and IMG_20260512",
    "1850 | 2400 | 900",
    "un point de rencontre, visit us at five",
    "1400 / 500 / 3350",
    "08:00 09:00 10:00 11:00",
    "08:00:12:30:16:00",
    "01:30:00 + 02:15:00 + 03:45:00",
    "500+700+900+1200 and 500=600=700=800",
    "05%10%15%20%25%",
    "1080x1920x3, 10x20x30, 1x1 2x2 3x3 4x4 5x5",
    "3+1 4+1 5+1 6+1 7+1",
    "2x500=1000 3x500=1500",
    "1:2:3:4:5:6:7:8:9",
    "00:1A:2B:3C:4D:5E",
    "0x7=0, 2+2=4",
    "call 08-45 16-50",
    "33 6 39 98 00 1",
    "33 6 39 98 00 12 3",
    "GB12 FAME 34 FERRY 56 GAT 78",
]


@pytest.mark.parametrize(
    ("kind", "contact"), [(kind, text) for kind, texts in CONTACTS.items() for text in texts]
)
def test_a_contact_becomes_its_mask_and_what_surrounds_it_stays(kind, contact):
    assert mask_contacts(f"write {contact} today") == f"write <{kind}> today"


@pytest.mark.parametrize(("text", "masked"), IN_CONTEXT.items())
def test_a_contact_is_told_from_its_neighbours(text, masked):
    assert mask_contacts(text) == masked


@pytest.mark.parametrize("text", NO_CONTACTS)
def test_prices_dates_times_and_counts_stay(text):
    assert mask_contacts(text) == text


@pytest.mark.parametrize("kind", CONTACT_KINDS)
def test_masks_in_the_text_stay(kind):
    assert mask_contacts(f"call <{kind}> or <{kind}>now") == f"call <{kind}> or <{kind}>now"


def test_contacts_are_reported_where_they_stand_in_the_original_text():
    text = "\u200fتماس: ۰۷۷۰۰\u200c ۹۰۰۱۴۲ یا @demo_fictional_07"
    phone, handle = find_contacts(text)
    assert phone == Contact("PHONE", text.index("۰"), text.index("۲") + 1)
    assert text[handle.start : handle.end] == "@demo_fictional_07"


_PIECES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [*sum(CONTACTS.values(), []), *NO_CONTACTS, "<PHONE>", "<LINK>", "@", ".", "+"]
    ),
    st.text(alphabet="0123456789٠١٢۷ -.()/+@:a€_<>=%x|~\u0336\u0301\u3164", max_size=16),
)
_TEXTS = st.lists(_PIECES, max_size=6).map("".join)


@given(_TEXTS)
def test_masking_twice_is_masking_once(text):
    once = mask_contacts(text)
    assert mask_contacts(once) == once


@given(_TEXTS)
def test_contacts_are_in_order_and_never_overlap(text):
    found = find_contacts(text)
    places = [place for contact in found for place in (contact.start, contact.end)]
    assert places == sorted(places)
    assert all(0 <= contact.start < contact.end <= len(text) for contact in found)


@given(
    st.text(
        st.characters(
            blacklist_categories=["Nd", "Cs"], blacklist_characters="@._/([＠﹫．․。｡·／∕＿"
        )
    )
)
def test_a_text_without_digits_at_signs_and_dots_never_changes(text):
    assert mask_contacts(text) == text


@given(_TEXTS)
def test_no_long_run_of_digits_is_left(text):
    left = re.findall(r"\d{9,}", mask_contacts(f"{text} 07700900853"), re.ASCII)
    assert "07700900853" not in left


def test_a_long_run_of_digits_and_signs_takes_linear_time():
    start = time.process_time()
    mask_contacts("1=" * 10_000 + "1%")
    assert time.process_time() - start < 1.0


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "a",
            "1",
            "1 ",
            "a.",
            "@",
            "(",
            "+1-",
            "a@",
            "www.",
            "0x1",
            "1.1/",
            "£1 ",
            "0_",
            "O0",
            "0 O",
        ),
        *(
            "a dot ",
            "a[.]",
            "a . ",
            "a at ",
            "a at b dot ",
            "zero ",
            "1\n",
            "1⭐",
            "@a_ ",
            "a_1",
            "a_ 1",
        ),
        *(
            "GB00 ",
            "GB001",
            "0x1 ",
            "bc1a1 ",
            "T1a ",
            "a1b",
            "www. a. ",
            "http: //a, ",
            "t . me/",
            "a, com",
        ),
        *(
            "passport 1",
            "passport O1 ",
            "tel 1, ",
            "1, 000",
            "1-1 ",
            "01.01.",
            "1 000 €-",
            "insta a1 ",
        ),
        *("1=1=", "1= ", "0%11%", "0=11", "1\u0336", "\u0301", "1 x "),
        *("@ooa", "@11GB82", "1aQb.", "aQ", "0. ", "00 0 ", "telegram: a", "٠١", "①", "0\u200b"),
    ],
)
def test_a_hostile_text_takes_linear_time(unit):
    assert_quick(unit * (20_000 // len(unit)))


@pytest.mark.parametrize("text", ["@" + "_" * 20_000, "1" * 20_000 + " Qa @x.com"])
def test_a_hostile_word_takes_linear_time(text):
    assert_quick(text)


def test_a_chain_of_handles_is_found_alike_in_one_round_and_in_many(monkeypatch):
    text = "@ooa@a_b@demo_fictional_07@demo_fictional_08@ooa@ooa@"
    each_in_its_round = find_contacts(text)
    assert len(each_in_its_round) == 6
    monkeypatch.setattr(masking, "_ROUNDS_IN_TURN", 9)
    assert find_contacts(text) == each_in_its_round


@pytest.mark.parametrize("handles", ["@ooa@ooa", "@ooa@a_b@ooa"])
def test_a_contact_that_is_seen_beside_another_is_seen_at_the_end_of_a_long_text_too(handles):
    words = "good seats on this boat, " * 40
    assert mask_contacts(words + handles) == words + "<HANDLE>" * handles.count("@")


def assert_quick(text):
    start = time.process_time()
    mask_contacts(text)
    assert time.process_time() - start < 1.0


@pytest.mark.parametrize("country", ["\u212az", "\u0130t", "\u0130q"])
def test_a_letter_that_only_looks_like_one_of_a_country_breaks_nothing(country):
    text = f"{country}45 5000 0000 0583 9825 7466"
    assert mask_contacts(mask_contacts(text)) == mask_contacts(text)


@pytest.mark.parametrize("links", [400, 5000])
def test_of_a_chain_that_no_advert_has_everything_is_masked_in_few_rounds(links):
    text = "call 07700 900142, a friend! " + ".com" * links + " now"
    masked = mask_contacts(text)
    assert masked.startswith("call <PHONE>")
    assert masked.endswith("<LINK> now")
    assert "com" not in masked
    assert masked.count("<LINK>") < 16
    places = [place for one in find_contacts(text) for place in (one.start, one.end)]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("size", "masked"),
    [(37, "<WALLET> w508d6qejxtdg4y5w"), (38, "<WALLET>"), (64, "<WALLET>"), (65, "<WALLET> <")],
)
def test_a_torn_wallet_has_38_to_64_characters(size, masked):
    plain = "bc1q" + ("w508d6qejxtdg4y5" * 5)[: size - 4]
    found = mask_contacts(f"to {plain[:20]} {plain[20:]} now")
    assert found.startswith(f"to {masked}")
    assert (found == f"to {masked} now") == (size <= 64)


@given(st.lists(st.sampled_from([".com", "@a_b", " 07700 900142", "a.in/x", " "]), max_size=60))
def test_masking_a_chain_twice_is_masking_it_once(parts):
    once = mask_contacts("".join(parts))
    assert mask_contacts(once) == once


def test_a_contact_far_from_another_is_seen_as_without_it():
    words = "good seats on this boat, " * 40
    text = f"@demo_fictional_07 {words}07700 900142 {words}ferry.example"
    assert mask_contacts(text) == f"<HANDLE> {words}<PHONE> {words}<LINK>"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("see a.b.c.d.e.f.g.com now", "see a.b.<LINK> now"),
        ("a.b.c.d.e.com", "<LINK>"),
        ("a.b.c.d.e.f.com.x", "a.b.c.d.e.f.com.x"),
        ("co.uk.-b.jp.a-.at.jp", "<LINK>.-b.jp.a-.<LINK>"),
        ("www.a.b.c.d.e.f.g.h.com", "<LINK>"),
        ("a.b.c.d.e.f.g://x", "<LINK>"),
        ("a.b.c.d.e.f.g.me/x", "a.b.<LINK>"),
    ],
)
def test_of_a_chain_of_labels_the_end_is_a_link(text, masked):
    assert mask_contacts(text) == masked
