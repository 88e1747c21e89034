import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.sharing.leaving.posting_address import clean_id, clean_url

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


def test_an_id_is_kept_as_it_is_unless_it_misleads():
    assert clean_id(" 0007-a_b:c ") == "0007-a_b:c"
    assert (
        clean_id("at://did:plc:x/app.bsky.feed.post/3k") == "at://did:plc:x/app.bsky.feed.post/3k"
    )
    for one in ("", "a b", "a\n=b", "\u202eabc", "https://a.example/1", "x" * 201):
        assert clean_id(one) == ""
