import html
import re
import unicodedata
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.sharing.leaving.posting_address import clean_id, clean_url


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


@pytest.mark.parametrize("url", HIDDEN)
def test_an_address_keeps_no_contact_whatever_hides_it(url):
    found = clean_url(url)
    for sign in ("7700", "wa.me", "handle", "somebody", "joinchat", "shop.example"):
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
