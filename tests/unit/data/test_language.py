"""Language and script."""

import pytest

from adverts.data.language import Identified, identify
from adverts.inputs.scripts import script_of


@pytest.mark.parametrize(
    ("text", "lang", "script"),
    [
        ("There are two seats left in the coach on Friday evening", "en", "Latn"),
        ("Il reste deux places dans le car de vendredi soir", "fr", "Latn"),
        ("این هفته دو صندلی خالی در اتوبوس مانده است", "fa", "Arab"),
        ("Xe khách tối thứ sáu vẫn còn hai chỗ trống", "vi", "Latn"),
        ("لە ئێوارەی هەینیدا دوو کورسی لە پاسەکەدا ماوە", "ckb", "Arab"),
    ],
)
def test_a_plain_sentence_is_identified(text, lang, script):
    assert identify([text]) == [Identified(lang, script)]


@pytest.mark.parametrize("text", ["", "123 456", "<PHONE> <HANDLE>", "\U0001f6a4"])
def test_a_text_without_letters_has_neither(text):
    assert identify([text]) == [Identified(None, None)]


def test_what_is_not_likelier_than_not_stays_unknown():
    assert identify(["ok"]) == [Identified(None, "Latn")]


def test_the_script_is_that_of_most_letters():
    assert script_of("abc قارب صغير") == "Arab"
    assert script_of("лодка boats x") == "Latn"
