"""Tokens of contacts: equal for equal contacts, and of no use without the key."""

import hashlib
import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted_contacts import planted_contacts

from adverts.errors import InputError
from adverts.inputs.contacts.contact_tokens import contact_tokens
from adverts.inputs.contacts.contact_values import canonical_value
from adverts.inputs.contacts.masking import find_contacts, mask_contacts

pytestmark = pytest.mark.promise

KEY = b"a key of the tests"
PHONE = "+44 7700 900142"


def tokens(text, key=KEY):
    return [one.token for one in contact_tokens(text, key=key)]


def test_a_token_is_the_kind_and_128_bits_of_the_keyed_hash_of_kind_and_value():
    digest = hmac.new(KEY, b"PHONE\x007700900142", hashlib.sha256).hexdigest()
    assert tokens(PHONE) == ["PHONE:" + digest[:32]]


def test_tokens_are_distinct_and_in_the_order_of_the_text():
    found = tokens(f"@demo_fictional_01 {PHONE} @demo_fictional_02, 07700900142 @DEMO_fictional_01")
    kinds = [token.partition(":")[0] for token in found]
    assert kinds == ["HANDLE", "PHONE", "HANDLE"]
    assert len(set(found)) == 3


@pytest.mark.parametrize("phone", [PHONE, "+33 6 39 98 00 12"])
def test_a_link_to_a_chat_has_the_token_of_its_number(phone):
    digits = phone.replace(" ", "").removeprefix("+")
    links = [f"wa.me/{digits}", f"https://wa.me/+{digits}", f"api.whatsapp.com/send?phone={digits}"]
    assert {one for link in links for one in tokens(link)} == set(tokens(phone))
    assert tokens("wa.me/07700900142") == tokens(PHONE), "as people type it at home"


def test_another_key_gives_other_tokens():
    assert tokens(PHONE) != tokens(PHONE, b"another key of the tests")


@pytest.mark.parametrize(
    "text",
    [
        "0=7=7=0=0 9=0=0=1=4=2",
        "07700%900%142",
        "07700\u3164900142",
        "+44 7\u03367\u033600 900142\u0336",
    ],
)
def test_signs_marks_and_blank_letters_within_a_phone_change_no_token(text):
    assert tokens(text) == tokens(PHONE)


@pytest.mark.parametrize("key", [b"", b"fifteen bytes.."])
def test_a_key_that_could_be_guessed_is_refused_without_being_told(key):
    with pytest.raises(InputError, match="at least 16") as error:
        contact_tokens(PHONE, key=key)
    assert "fifteen" not in str(error.value)


@pytest.mark.parametrize("text", ["", "  ", "<PHONE> <LINK> <DOCNO>", "£500, 14:30, 12.05.2026"])
def test_masks_and_plain_numbers_have_no_token(text):
    assert tokens(text) == []


def test_a_masked_text_has_no_token_left():
    texts = [row.text for row in planted_contacts(500, seed=5)]
    assert [tokens(mask_contacts(text)) for text in texts] == [[]] * len(texts)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("+383 41 000 123", "41000123"),
        ("041 000 123", "41000123"),
        ("+355 66 000 1234", "660001234"),
        ("066 000 1234", "660001234"),
        ("+222 1000 1234", "10001234"),
        ("44 7700 900142", "7700900142"),
        ("7700 900142", "7700900142"),
        ("33 6 39 98 00 12", "639980012"),
    ],
)
def test_a_phone_is_its_national_digits_without_the_leading_zero(text, value):
    assert canonical_value("PHONE", text) == ("PHONE", value)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        (
            "https://FERRY.example:443/Book/?fbclid=1&b=2&a=1#top",
            "LINK",
            "ferry.example/Book?a=1&b=2",
        ),
        ("m.facebook.com/profile.php?id=1", "LINK", "facebook.com/profile.php?id=1"),
        ("facebook.com/groups/demo", "LINK", "facebook.com/groups/demo"),
        ("youtube.com/watch?v=demo&si=1", "LINK", "youtube.com/watch?v=demo"),
        ("t.me/s/demo_fictional_07/12", "HANDLE", "demo_fictional_07"),
        ("snapchat.com/add/demo.fictional", "HANDLE", "demo.fictional"),
        ("t.me/+447700900142", "PHONE", "7700900142"),
        ("api.whatsapp.com/send?phone=447700900142&text=hi", "PHONE", "7700900142"),
        ("tg://join?invite=Demo0Fictional", "LINK", "t.me/+Demo0Fictional"),
        ("instagram.com/p/Demo0", "LINK", "instagram.com/p/Demo0"),
        ("t me/demo_fictional_07", "HANDLE", "demo_fictional_07"),
    ],
)
def test_a_link_is_the_page_the_profile_or_the_phone_that_it_opens(text, kind, value):
    assert canonical_value("LINK", text) == (kind, value)


def test_an_email_whose_sign_was_read_as_a_letter_is_the_same_email():
    assert canonical_value("EMAIL", "q.01Qferry.example") == ("EMAIL", "q.01@ferry.example")


def test_a_wallet_whose_letters_differ_in_case_is_another_wallet():
    wallet = "T" + "BoatsFictiona234" * 2 + "X"
    assert canonical_value("WALLET", wallet) == ("WALLET", wallet)
    assert canonical_value("WALLET", wallet.swapcase())[1] != wallet


def test_digits_that_a_reader_took_for_letters_are_digits_again():
    assert canonical_value("DOCNO", "AB 12E4S6B")[1] == "AB12E4568"
    assert canonical_value("WALLET", "GBB2 WEST 1234 S69B 7654 32")[1] == "GB82WEST12345698765432"


@given(
    st.text(max_size=60), st.sampled_from(["PHONE", "LINK", "EMAIL", "WALLET", "DOCNO", "HANDLE"])
)
def test_every_text_has_a_value_of_some_kind(text, kind):
    found, value = canonical_value(kind, text)
    assert re.fullmatch("[A-Z]+", found)
    assert isinstance(value, str)


@given(st.text(st.characters(), max_size=40))
def test_no_text_is_too_strange_for_tokens(text):
    links = f"{text} ferry.example/?{text} t.me/{text} 07700900142"
    assert len(contact_tokens(links, key=KEY)) <= len(find_contacts(links))
