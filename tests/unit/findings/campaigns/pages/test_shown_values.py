"""What may be shown: 8 digits of a token, links that mislead nobody, times in UTC."""

import datetime
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shown_bank import digits, phone

from adverts_findings.campaigns.pages import shown_values

EAST = datetime.timezone(datetime.timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("PHONE:" + "0123456789abcdef" * 2, "PHONE:01234567"),
        ("HANDLE:site:" + "0123456789abcdef" * 2, "HANDLE:site:01234567"),
        ("0123456789abcdef" * 2, "01234567"),
        ("c000123", "c000123"),
        ("i1234567", "i1234567"),
        ("j0123456789abcdef", "j0123456789abcdef"),
    ],
)
def test_a_token_keeps_its_kind_and_8_digits_and_a_name_stays_whole(value, shown):
    assert shown_values.shortened(value) == shown


@pytest.mark.parametrize(
    "value",
    [
        "+44 7700 900123",
        "447700900123",
        "@demo_fictional_01",
        "PHONE:+447700900123",
        "PHONE:447700900123",
        "EMAIL:somebody@demo.example",
        "https://demo.example/x",
        "4477009001234567",
        "PHONE:" + "0" * 31,
        "PHONE:" + "0" * 32 + " call now",
        "0" * 33,
        "",
    ],
)
def test_what_is_no_token_is_never_shown(value):
    shown = shown_values.shortened(value)
    assert re.fullmatch("#[0-9a-f]{8}", shown)
    assert shown != shown_values.shortened(value + "0")


@settings(deadline=None, max_examples=200)
@given(
    st.one_of(
        st.text(),
        st.from_regex(r"(PHONE:|HANDLE:[a-z]{1,9}:)?[0-9a-f]{30,34}", fullmatch=True),
    )
)
def test_no_value_shows_more_than_8_of_its_digits(value):
    shown = shown_values.shortened(value)
    if not re.fullmatch("[cit][0-9]{6,12}|[je][0-9a-f]{16}", value):
        assert re.fullmatch(r"(?:#|[A-Z_:a-z0-9.-]*:)?[0-9a-f]{8}", shown)


@pytest.mark.parametrize(
    "url",
    [
        "https://site.example/posts/1?a=b#c",
        "http://site.example",
        "https://пример.example/é",
        "https://[2001:db8::1]/x",
        "HTTPS://site.example/",
    ],
)
def test_an_address_of_the_web_is_a_link(url):
    assert shown_values.opens(url)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "tel:+447700900123",
        "//site.example/x",
        "https:site.example",
        "https://",
        "https:///path",
        "https://good.example@evil.example/",
        "https://good.example\\@evil.example/",
        "https://site.example/a b",
        "https://site.example/\u202egpj.exe",
        "https://site.example/\x00",
        "http://[broken/",
        "https://site.example/" + "x" * 2_000,
    ],
)
def test_an_address_that_may_mislead_is_no_link(url):
    assert not shown_values.opens(url)


def test_times_are_in_utc_whatever_their_zone():
    time = datetime.datetime(2026, 3, 1, 2, 15, 9, 123, tzinfo=EAST)
    assert shown_values.moment(time) == "2026-02-28T20:45:09Z"
    assert shown_values.minute("2026-02-28T20:45:09Z") == "2026-02-28 20:45"
    assert shown_values.day(None) == shown_values.minute(None) == "not known"


@pytest.mark.parametrize(
    ("days", "words"),
    [(0.2, "less than a day"), (1, "1 day"), (13.4, "13 days"), (14, "2 weeks"), (38, "5 weeks")],
)
def test_a_length_of_time_is_in_days_and_then_in_whole_weeks(days, words):
    assert shown_values.span(days) == words


@pytest.mark.parametrize("number", [None, float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_none_is_not_known(number):
    assert shown_values.known(number) is None


def test_what_is_shared_has_a_name_for_people():
    assert shown_values.thing("contact", phone("x")) == "phone number"
    assert shown_values.thing("contact", "ODD:" + digits("x")) == "contact"
    assert shown_values.thing("link_target", "LINK:" + digits("x")) == "link target"
    assert shown_values.thing("account", digits("x")) == "account"


def test_a_long_text_is_cut_and_says_so():
    assert shown_values.cut("x" * 80) == "x" * 80
    assert shown_values.cut("x" * 81) == "x" * 79 + "…"
