import html
import re
import time
import unicodedata
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts_findings.sharing.leaving.posting_address import clean_id, clean_url

pytestmark = pytest.mark.promise


def quote_all(text):
    return "".join(f"%{one:02X}" for one in text.encode())


KEPT = {
    "https://a.example/p/Cx1?igsh=abc#c": "https://a.example/p/Cx1",
    "https://me:secret@a.example/status/12": "https://a.example/status/12",
    "HTTPS://A.example:8443/x/12": "https://a.example:8443/x/12",
    "https://a.example/watch?v=abc&lc=other&utm_source=x": "https://a.example/watch?v=abc",
    "https://a.example/story.php?story_fbid=1&id=2&mibextid=3": (
        "https://a.example/story.php?story_fbid=1&id=2"
    ),
    "https://a.example/show?lot=boat&session=9&utm_medium=z": "https://a.example/show?lot=boat",
    "https://a.example/user/status/123?t=Xyz&s=20": "https://a.example/user/status/123",
    "https://a.example/viewtopic.php?f=2&t=123&sid=9": "https://a.example/viewtopic.php?t=123",
}


@pytest.mark.parametrize(("url", "kept"), KEPT.items())
def test_an_address_keeps_what_names_the_post_and_loses_the_rest(url, kept):
    assert clean_url(url) == kept


def test_the_query_is_kept_where_it_holds_the_id_of_the_post():
    url = "https://a.example/show/2024?which=post-7&other=post-8"
    assert clean_url(url, "post-7") == "https://a.example/show/2024?which=post-7"


def test_the_query_is_dropped_where_the_path_holds_the_id_of_the_post():
    assert clean_url("https://a.example/x/post-7?v=post", "post-7") == "https://a.example/x/post-7"


def test_a_query_that_names_nothing_is_dropped_where_the_id_names_the_post():
    assert clean_url("https://a.example/show?lot=boat", "post-7") == "https://a.example/show"


@pytest.mark.parametrize(
    "url",
    [
        *("", "javascript:alert(1)", "data:text/html,x", "ftp://a.example/1", "//a.example/1"),
        *("https:///1", "https://a.example:port/1", "https://a.example/\u202egpj.1", "a.example"),
        *("https://a.example/a b", "https://a.example\\@b.example/1", "https://[::1/1"),
        "https://a.example/" + "x" * 3_000,
    ],
)
def test_what_is_no_address_of_the_web_is_dropped(url):
    assert clean_url(url) == ""


@settings(deadline=None, max_examples=200)
@given(st.text(), st.text())
def test_whatever_is_given_is_cleaned_once_and_for_all(url, name):
    for found in (clean_url(url, name), clean_url(f"https://a.example/{url}", name)):
        assert found == "" or found.startswith(("http://", "https://"))
        assert "#" not in found
        assert clean_url(found, name) == found


HIDDEN = [
    *("https://www.wa.me/447700900123", "https://wa.me:443/447700900123", "https://t.me/handle"),
    *("https://wa.me./447700900123", "https://user@wa.me/1", "https://WA.me/1", "https://ｗa.me/1"),
    *("https://t.me/+447700900123", "https://t.me/joinchat/abc", "https://m.me/somebody"),
    *("https://a.example/p/1;tel=447700900123", "https://a.example/p/1%3Btel=447700900123"),
    *("https://a.example/redirect?id=https://wa.me/447700900123", "https://a.example/r?id=wa.me"),
    *("https://a.example/r?id=%2525252525252Bwa.me", "https://a.example/%25252525252B447700900123"),
    *("https://a.example/r/https://wa.me/447700900123", "https://a.example/r//shop.example"),
    *("https://a.example/somebody＠mail.example/1", "https://a.example/r?v=somebody＠mail.example"),
    *("https://a.example/+44/7700/900123", "https://a.example/call-07700-900123"),
    *("https://a.example/&#43;447700900123", "https://a.example/r?v=+447700900123"),
    *("https://a.example/r?447700900123=1", "https://a.example/r?n=447700900123"),
    *("https://a.example/r?to=shop.example", "https://a.example/p/%2B44%E2%80%8B7700900123"),
    *("https://a.example/p/1%3Fphone=447700900123", "https://07700900123.example/1"),
]


HIDDEN += [
    "https://a.example/p/%u002B447700900147",
    "https://a.example/p/=2B447700900149",
    "https://a.example/p/smuggler%u0040example.org",
    "https://a.example/p/smuggler=40example.org",
    "https://vk.me/smuggler_x18",
    "https://linktr.ee/smuggler_x34",
    "https://www.truecaller.com/search/gb/447700900206",
]


@pytest.mark.parametrize("url", HIDDEN)
def test_an_address_keeps_no_contact_whatever_hides_it(url):
    found = clean_url(url)
    for sign in ("7700", "smuggler", "wa.me", "handle", "somebody", "joinchat", "shop.example"):
        assert sign not in found


def test_the_address_of_a_post_on_telegram_is_kept():
    for url in ("https://t.me/demo_fictional_01/12", "https://t.me/s/demo_fictional_01/12"):
        assert clean_url(url + "?single") == url
    assert clean_url("https://t.me/c/1234567890/12") == "https://t.me/c/1234567890/12"


CONTACTS = [
    *("+447700900123", "+44 7700 900123", "+44 (0)7700-900-123", "somebody@mail.example"),
    *(
        "https://wa.me/447700900123",
        "wa.me/447700900123",
        "tel:447700900123",
        "t.me/demo_fictional_01",
    ),
    *("//api.whatsapp.com/send?phone=447700900123", "https://shop.example/join", "07700 900123"),
]
WRAPPINGS = [
    *(quote_all, quote_all, lambda text: quote(text, safe="")),
    lambda text: "".join(f"&#{ord(one)};" for one in text),
    lambda text: text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}),
    lambda text: "\u200b".join(text),
    lambda text: f"https://b.example/?to={quote(text, safe='')}",
]
PLACES = [
    *("https://a.example/{}", "https://a.example/p/{}/1", "https://a.example/p/1;x={}"),
    *("https://a.example/r?id={}", "https://a.example/r?v={}&x=1", "https://a.example/r?to={}"),
    *("https://a.example/p/1#{}", "https://a.example/r?{}=1", "https://a.example/r?x=1;y={}"),
]


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(CONTACTS),
    st.lists(st.sampled_from(WRAPPINGS), max_size=3),
    st.sampled_from(PLACES),
)
def test_no_wrapping_of_a_contact_survives(contact, wrappings, place):
    for wrap in wrappings:
        contact = wrap(contact)
    found = clean_url(place.format(quote(contact, safe="") if wrappings else contact))
    for _ in range(10):
        found = unicodedata.normalize("NFKC", html.unescape(unquote(found))).replace("\u200b", "")
    for sign in ("7700", "mail.example", "wa.me", "fictional", "shop.example"):
        assert sign not in re.sub(r"[\s()-]", "", found)


def test_an_id_is_kept_as_it_is_unless_it_misleads():
    assert clean_id(" 0007-a_b:c ") == "0007-a_b:c"
    assert (
        clean_id("at://did:plc:x/app.bsky.feed.post/3k") == "at://did:plc:x/app.bsky.feed.post/3k"
    )
    for one in ("", "a b", "a\n=b", "\u202eabc", "https://a.example/1", "x" * 201):
        assert clean_id(one) == ""


NUMBERS = [
    *(
        "٠٧٧٠٠٩٠٠١٢٣",
        "۰۷۷۰۰۹۰۰۱۲۳",
        "०७७००९००१२३",
        "𝟎𝟕𝟕𝟎𝟎𝟗𝟎𝟎𝟏𝟐𝟑",
        "⓿❼❼⓿⓿❾⓿⓿❶❷❸",
        "〇七七〇〇九〇〇一二三",
    ),
    *("07700·900·123", "07700,900,123", "07700*900*123", "07700'900'123", "07700:900:123"),
    *("07700|900|123", "07700!900!123", "07700•900•123", "07700$900$123", "07700=900=123"),
    *("07700+900+123", "+/44/7700/900123", "+·44·7700·900123", "➕447700900123", "0ー7700ー900123"),
    *(
        "07700%900%123",
        "+44%7700%900%123",
        "07700%26%23900%26%23123",
        "07700 - 900 --- 123",
        "1/07700/900/123",
    ),
    *("2026/03/01/07700900123", "0/7700/900/123", "07700\u3164900\uffa0123", "07700ꞏ900ㆍ123"),
    *("07700ǀ900ǃ123", "07700%B7900%B7123", "07700\u2800900\u2800123", "+/2026/03/7700900123"),
]
OTHERS = [
    *("demo@unit。example", "demo@unit．example", "demo@unit｡example", "demo@unit۔example"),
    *(
        "t。me/demo_fictional_01",
        "|t。me/demo_fictional_01",
        "sips:447700900123",
        "sip:447700900123",
    ),
    *("xmpp:demo_fictional_01", "tel∶447700900123", "facetime:447700900123"),
    *("teleg.run/demo_fictional_01", "wa.link/demo_fictional_01", "telegram.dog/demo_fictional_01"),
    *("t-do.ru/demo_fictional_01", "matrix.to/demo_fictional_01", "tx.me/demo_fictional_01"),
]
SIGNS = ("7700", "900", "demo", "fictional", "unit")


def decoded(text):
    """Return what a text says once it is decoded, in ASCII digits and without separators."""
    for _ in range(8):
        text = unicodedata.normalize("NFKC", html.unescape(unquote(text)))
    return bare(text)


def bare(text):
    digits = (str(unicodedata.digit(one, one)) for one in text)
    return "".join(one for one in digits if one.isalnum() and unicodedata.category(one) != "Lm")


@pytest.mark.parametrize("contact", NUMBERS + OTHERS)
@pytest.mark.parametrize("times", [0, 1, 2, 5])
def test_no_digits_separators_points_or_schemes_hide_a_contact(contact, times):
    for _ in range(times):
        contact = quote(contact, safe="")
    for place in (
        *("https://a.example/p/{}", "https://a.example/{}/1", "https://a.example/r?v={}"),
        "https://a.example/r?id={}&x=1",
    ):
        found = clean_url(place.format(contact))
        assert not [one for one in SIGNS if one in decoded(found) or one in bare(found)]


@pytest.mark.parametrize(
    "contact", [*NUMBERS, *OTHERS, "@demo_fictional_01", "＠demo_fictional_01", "|@·demo"]
)
def test_no_id_is_a_contact(contact):
    assert clean_id(contact) == ""
    assert clean_id(quote(contact, safe="")) == ""
    assert contact not in clean_url("https://a.example/p/1", contact)


@pytest.mark.parametrize(
    "host",
    [
        *("xn--8hbaaaaghi3aay.aster.example", "٠٧٧٠٠٩٠٠١٢٣.aster.example", "teleg.run", "wa.link"),
        *("07700.900.123.example", "telegram.dog", "07700.900:123", "tx.me"),
    ],
)
def test_no_host_is_a_contact(host):
    assert clean_url(f"https://{host}/p/1") == ""


def test_the_name_of_a_parameter_is_no_contact():
    for name in ("x07700900123", "x447700900123", "t.me"):
        assert clean_url(f"https://a.example/show?{name}=post-7", "post-7") == (
            "https://a.example/show"
        )
    assert clean_url("https://a.example/show?x07700=900123", "900123") == "https://a.example/show"
    assert clean_url("https://a.example/show?x07700=900123") == "https://a.example/show"


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://a.example/p/12345678901234567890",
            "https://a.example/status/1790123456789012345",
        ),
        *("https://a.example/2026/03/01/slug-12345", "https://a.example/2026/03/01/0123"),
        *("https://a.example/2026/03/01/1234567890", "https://a.example/2026-03-01/12345678"),
        *("https://a.example/blog/2026.03.01-123456", "https://a.example/2026/03/slug-7"),
        "https://a.example/p/550e8400-e29b-41d4-a716-446655440000",
        "https://a.example/p/123e4567-e89b-12d3-a456-426614174000",
        *("https://a.example/watch?v=dQw4w9WgXcQ", "https://a.example/watch?v=a_0-9bC7_1x"),
        *("https://a.example/dQw4w9WgXcQ", "https://a.example/p/CxA0_9-b12Q"),
        *(
            "https://a.example/@demo_fictional_01/video/7301234567890123456",
            "https://a.example/p/007",
        ),
        *("https://a.example/@demo_fictional_01", "https://a.example/@demo_fictional_01/1234567"),
        *("https://a.example/%D0%901234567", "https://a.example/%D8%B4%D9%82%D8%A9-12345"),
        *("https://a.example/listing/3-bed,2-bath,1200/98765", "https://a.example/c+d/12"),
        *("https://xn--mnchen-3ya.example/p/12", "https://10.0.0.12:8080/p/1"),
        *("https://a.example/t/09:30:15/7", "https://a.example/index.php?id=0123456"),
        *("https://a.example/posts/pfbid02AbC1234567890xyz", "https://a.example/%E2%82%AC1200/7"),
        *(
            "https://about.me.example/p/1",
            "https://a.example/online:12",
            "https://a.example/1.0.2/3",
        ),
        "https://a.example/feed/update/urn:li:activity:7123456789012345678",
    ],
)
def test_honest_addresses_of_posts_stay(url):
    assert clean_url(url) == url


@pytest.mark.parametrize(
    "name",
    [
        *(
            "1790123456789012345",
            "dQw4w9WgXcQ",
            "550e8400-e29b-41d4-a716-446655440000",
            "2026-03-01-7",
        ),
        *(
            "urn:li:activity:7123456789012345678",
            "-100123456789_42",
            "t3_1abc0",
            "3123456789_987654",
        ),
        *("at://did:plc:x/app.bsky.feed.post/3k", "CxA0_9-b12Q", "0012345"),
    ],
)
def test_honest_ids_stay(name):
    assert clean_id(name) == name


ZEROS = [chr(code) for code in range(0x110000) if unicodedata.decimal(chr(code), 1) == 0]
SEPARATORS = st.text(
    st.characters(whitelist_categories=("P", "S", "Z", "Lm")).filter(
        lambda sign: (
            not re.search("[a-z0-9]", unicodedata.normalize("NFKC", sign), re.IGNORECASE)
            and not [
                one
                for one in unicodedata.normalize("NFKC", sign)
                if one.isalnum() and unicodedata.category(one) != "Lm"
            ]
        )
    )
    | st.sampled_from("+-./_%&#;:,()"),
    max_size=3,
)
PHONES = st.one_of(
    st.integers(0, 999).map("+447700900{:03d}".format),
    st.integers(0, 999).map("07700900{:03d}".format),
    st.integers(0, 999).map("01632960{:03d}".format),
)


@settings(deadline=None, max_examples=400)
@given(PHONES, st.data(), st.integers(0, 5))
def test_no_fictional_phone_survives(phone, data, times):
    zero = data.draw(st.sampled_from(ZEROS))
    groups = [data.draw(SEPARATORS) for _ in range(3)]
    at = sorted(data.draw(st.lists(st.integers(1, len(phone)), min_size=3, max_size=3)))
    written = "".join(one if one == "+" else chr(ord(zero) + int(one)) for one in phone)
    for place, group in zip(reversed(at), groups, strict=True):
        written = written[:place] + group + written[place:]
    encoded = written
    for _ in range(times):
        encoded = quote(encoded, safe="")
    found = [
        *(clean_url(f"https://a.example/p/{encoded}"), clean_url(f"https://a.example/{encoded}/x")),
        *(clean_url(f"https://a.example/r?v={encoded}"), clean_id(encoded)),
        clean_url("https://a.example/r?v=" + quote(encoded, safe=""), encoded),
    ]
    for one in found:
        assert phone[-10:] not in bare(one)
        assert phone[-10:] not in decoded(one)


@pytest.mark.parametrize(
    "hostile",
    [
        *(
            "0",
            "0-",
            "+",
            "+1",
            "+-",
            "%25",
            "%2525",
            "&#48;",
            "a@",
            "@",
            "a.",
            "@a.",
            "t.me",
            "tel",
        ),
        *("2026/03/01/", "٠", "·", "0·", "a0", "%D0%90", "xn--", "a@b.1", "&amp", "\u0301", "://"),
    ],
)
def test_hostile_addresses_take_linear_time(hostile):
    def took(size):
        url = ("https://a.example/p/" + hostile * size)[:size]
        times = []
        for _ in range(5):
            began = time.process_time()
            clean_url(url)
            clean_id(url[-200:])
            times.append(time.process_time() - began)
        return min(times)

    assert took(2_000) < 24 * took(250) + 0.005  # eight times as long; a square takes 64 times
