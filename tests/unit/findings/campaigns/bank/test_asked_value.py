from __future__ import annotations

import io
import random

import pytest
from planted_images import photo

from adverts.errors import InputError
from adverts.inputs.contacts.contact_tokens import account_token, contact_tokens
from adverts.inputs.contacts.token_key import token_key_id
from adverts_findings.campaigns.bank.asked_value import MOST_LETTERS, value_from

pytestmark = pytest.mark.promise

KEY = b"a key of tests only"
KEY_ID = token_key_id(KEY)
OFFER = "new flat by the river, three rooms and a garden, call now {} ask for the manager today"


def _asked(given):
    return value_from(given, key=KEY, bank_key_id=KEY_ID)


def _picture(kind):
    file = io.BytesIO()
    photo(random.Random(1)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(
    "given",
    [
        "+44 7700 900123",
        "07700 900123",
        "447700900123",
        "(07700) 900-123",
        "wa.me/447700900123",
        b"07700 900123\n",
        b"\xef\xbb\xbf07700 900123\r\n",
        "\u0660\u0667\u0667\u0660\u0660 \u0669\u0660\u0660\u0661\u0662\u0663",
    ],
)
def test_a_phone_number_is_one_token_however_it_is_written(given):
    asked = _asked(given)
    (wanted,) = contact_tokens("+44 7700 900123", key=KEY)
    assert asked.tokens == (wanted.token,)
    assert (asked.text, asked.picture) == (None, None)


@pytest.mark.parametrize(
    "given", ["@demo_fictional_01", "demo_fictional_01", "t.me/demo_fictional_01"]
)
def test_a_handle_is_one_token_with_or_without_its_sign(given):
    (wanted,) = contact_tokens("@demo_fictional_01", key=KEY)
    assert _asked(given).tokens == (wanted.token,)


def test_a_plain_word_may_be_a_handle_or_an_account():
    asked = _asked("rosalind")
    (wanted,) = contact_tokens("@rosalind", key=KEY)
    assert asked.tokens == (wanted.token,)
    assert asked.account == account_token("rosalind", key=KEY)
    assert _asked("@rosalind") == asked


@pytest.mark.parametrize(
    "name", ["Jane Doe", "o'neil_shop", "https://fict.example/u/jane", "+44 7700 900123"]
)
def test_any_line_may_be_the_name_of_an_account(name):
    assert _asked(f"{name}\n").account == account_token(name, key=KEY)
    assert _asked(f"{name}\nand more").account is None


@pytest.mark.parametrize("given", ["https://www.offers.example/a?utm_source=x", "offers.example/a"])
def test_a_link_is_one_token_without_what_only_counts_visitors(given):
    (token,) = _asked(given).tokens
    (wanted,) = contact_tokens("offers.example/a", key=KEY)
    assert token == wanted.token


def test_a_text_with_a_contact_is_both():
    asked = _asked(OFFER.format("+44 7700 900123"))
    assert len(asked.tokens) == 1
    assert asked.text is not None
    assert asked.text.signature is not None
    assert asked.text == _asked(OFFER.format("+44 7700 900456")).text


def test_a_few_words_around_a_contact_are_no_text():
    assert _asked("telegram: @demo_fictional_01").text is None


def test_a_short_text_without_a_contact_is_looked_up_as_it_is():
    asked = _asked("hello there")
    assert asked.tokens == ()
    assert asked.text is not None
    assert asked.text.signature is None


def test_a_public_contact_is_marked_as_such():
    asked = _asked("https://www.google.com/maps/place/somewhere")
    assert asked.public == asked.tokens != ()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_a_picture_is_known_by_its_first_bytes(kind):
    asked = _asked(_picture(kind))
    assert asked.picture is not None
    assert asked.picture_sha256 is not None
    assert asked.tokens == ()


def test_a_text_that_begins_like_a_picture_is_a_text():
    assert _asked(b"BMW for sale").text is not None


@pytest.mark.parametrize("given", ["", "  \n", b"", b"\xef\xbb\xbf"])
def test_nothing_is_refused(given):
    with pytest.raises(InputError, match="nothing was asked for; give a phone number"):
        _asked(given)


@pytest.mark.parametrize("given", [b"\xff\xfe\x00", b"\x80abc", b"\x00\xff"])
def test_bytes_that_are_neither_text_nor_picture_are_refused(given):
    with pytest.raises(InputError, match="neither a picture nor a text in UTF-8"):
        _asked(given)


@pytest.mark.parametrize("size", [20, 60, 200])
def test_a_damaged_picture_is_refused_in_one_line(size):
    with pytest.raises(InputError, match="picture"):
        _asked(_picture("PNG")[:size] + b"\0" * 9)


@pytest.mark.parametrize("unit", ["a ", b"a ", "é ".encode()])
def test_a_text_that_is_too_long_is_refused(unit):
    with pytest.raises(InputError, match="at most 100,000 letters"):
        _asked(unit * MOST_LETTERS)


def test_another_key_is_refused_and_both_are_named_by_their_ids():
    other = token_key_id(b"another key of tests")
    with pytest.raises(InputError) as caught:
        value_from("07700 900123", key=KEY, bank_key_id=other)
    assert str(caught.value) == (
        f"$ADVERTS_TOKEN_KEY has the id {KEY_ID}, but the bank was built with the key {other}; "
        "set that key"
    )
    assert "900123" not in str(caught.value)


@pytest.mark.parametrize("given", ["07700 900123", "demo_fictional_01", OFFER, "hello there"])
def test_what_the_log_keeps_holds_nothing_of_what_was_typed(given):
    name = _asked(given).name
    assert name
    assert not any(word in name for word in given.split() if len(word) > 3)


def test_a_lone_surrogate_is_looked_up_and_not_fatal():
    assert _asked("a text with \ud800 in it").text is not None


def test_the_log_names_tokens_and_hashes_of_every_kind():
    word, text, picture = _asked("rosalind"), _asked("hello there"), _asked(_picture("PNG"))
    assert word.name == f"{word.tokens[0]} account:{word.account}"
    assert text.text is not None
    assert text.name == f"account:{text.account} text:{text.text.hash.hex()}"
    assert picture.picture_sha256 is not None
    assert picture.name == f"picture:{picture.picture_sha256.hex()}"
