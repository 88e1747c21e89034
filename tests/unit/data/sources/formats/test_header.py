"""Which names of columns a message may show."""

import pytest

from adverts.data.sources.formats.header import (
    check_header,
    is_name,
    may_be_header,
    shown_names,
)
from adverts.errors import InputError

NAMES = (
    *("id", "Unnamed: 0", "n°", "légende", "author.name", "posted_at", "text (en)", "2019"),
    *(
        "النص",
        "متن آگهی",
        "شماره تماس",
        "نام\u200cکاربری",
        "\u200fالنص",
        "nội dung",
        "Số điện thoại",
    ),
    *("user.info", "price_1000000", "author.name.link"),
    *("телефон", "תוכן", "पाठ", "முகவரி", "内容", "label\n(0/1)", "column 4", "phone number"),
)
ADVERTS = (
    *("BOAT to uk call +44 7700 900142", "+44 7700 900142", "447700900142", "٠٧٧٠٠٩٠٠١٤٢"),
    *("@demo_fictional_01", "t.me/demo_fictional_01", "a@b.example", "boats every week to the uk"),
    *("boatsboatsboatsboatsboatsboatsboatsboatsboats", "PK\x03\x04", "\ufffd\ufffd", "a\x1b[2J"),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_header_in_any_script_is_shown(name):
    assert is_name(name)
    assert shown_names([name, "id"]) == f"{' '.join(name.split())}, id"


@pytest.mark.parametrize("text", ADVERTS)
def test_an_advert_in_place_of_a_header_is_counted_and_not_shown(text):
    told = shown_names(["id", text])
    assert told.startswith("id and 1 not shown")
    assert "does the file begin with the names of its columns?" in told
    assert text not in told
    assert shown_names([text]).startswith("1 not shown")


def test_a_column_that_occurs_twice_is_shown_if_it_has_a_name():
    with pytest.raises(InputError, match="the header names id twice"):
        check_header(["id", "id"], "a.csv")
    with pytest.raises(InputError) as found:
        check_header([ADVERTS[0]] * 2, "a.csv")
    assert "7700" not in str(found.value)
    assert "BOAT" not in str(found.value)


def test_a_long_question_may_be_a_header_and_an_advert_with_a_contact_may_not():
    question = "What is the main message that this post wants to bring across?"
    assert may_be_header(question)
    assert not is_name(question)
    for one in (*ADVERTS[:7], "+44 7700 900142 " + "x" * 200, "boat " * 40):
        assert not may_be_header(one)
