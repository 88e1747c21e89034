"""Which tokens of a bank a person means, and how an answer is worded."""

from collections import Counter

import pyarrow as pa
import pytest
from made_bank import rows
from shown_bank import advert, digits, identity, phone

from adverts.errors import InputError
from adverts_findings.campaigns.exports.plain_values import advert_tokens
from adverts_findings.campaigns.reveal import MOST_TOKENS, Revealed, asked_tokens, tokens_in_bank

KEY = b"a key of sixteen bytes or more"


def known(*asked, adverts=None):
    given = adverts or [
        advert("a1", None, contacts=[phone("x"), phone("y")], account=digits("one")),
        advert("a2", None, contacts=[phone("x")], account=None),
        advert("a3", None, contacts=[], account=digits("one")),
    ]
    identities = [
        identity("i000001", None, value=phone("x")),
        identity("i000002", None, kind="account", value=digits("one")),
    ]
    found = tokens_in_bank(asked, rows("adverts", given), rows("identities", identities), key=KEY)
    return {one.token: set(one.adverts) for one in found}


def test_a_token_is_meant_whole_shortened_or_by_its_identity():
    for asked in (phone("x"), phone("x")[:14], "i000001"):
        assert known(asked) == {phone("x"): {"a1", "a2"}}


def test_an_account_is_meant_with_or_without_its_kind():
    for asked in (digits("one"), f"account:{digits('one')}", digits("one")[:8], "i000002"):
        assert known(asked) == {f"account:{digits('one')}": {"a1", "a3"}}


def test_the_same_token_asked_for_twice_is_answered_once():
    assert known("i000001", phone("x"), phone("x")[:14]) == {phone("x"): {"a1", "a2"}}


def test_a_beginning_of_several_tokens_is_refused():
    alike = ["PHONE:" + "0" * 8 + end * 24 for end in "ab"]
    with pytest.raises(InputError, match="the beginning of 2 tokens"):
        known(alike[0][:14], adverts=[advert("a1", None, contacts=alike)])


def test_the_token_of_an_advert_is_its_own():
    [token] = advert_tokens(pa.array(["a2"]), KEY).to_pylist()
    assert known(token) == {token: {"a2"}}
    [other] = advert_tokens(pa.array(["a2"]), b"another key of sixteen bytes").to_pylist()
    with pytest.raises(InputError, match="not in the bank"):
        known(other)


@pytest.mark.parametrize("asked", ["i000009", "PHONE:" + "0" * 32, "0" * 8])
def test_what_is_not_in_the_bank_is_refused(asked):
    with pytest.raises(InputError, match="is not in the bank"):
        known(asked)


def test_identity_documents_are_never_revealed():
    token = "DOCNO:" + "0" * 32
    with pytest.raises(InputError, match="is no token"):
        asked_tokens(token.encode())
    with pytest.raises(InputError, match="is not in the bank"):
        known("i000003", adverts=[advert("a1", None, contacts=[token])])


def test_at_most_so_many_tokens_are_asked_for_at_once():
    many = [f"i{number:06d}" for number in range(MOST_TOKENS + 1)]
    assert asked_tokens(" ".join(many[1:]).encode()) == tuple(many[1:])
    with pytest.raises(InputError, match="standard input"):
        asked_tokens(" ".join(many).encode())


def test_an_answer_names_each_way_of_writing_the_commonest_first():
    shown = Revealed("PHONE:1", frozenset(["a1", "a2"]), Counter({"07700": 1, "+44 7700": 2}))
    assert str(shown) == "PHONE:1, in 2 adverts: +44 7700  |  07700"


def test_a_contact_on_a_picture_leads_to_the_adverts_to_look_at():
    shown = str(Revealed("PHONE:1", frozenset(["a2", "a1"])))
    assert "it is on a picture" in shown
    assert shown.endswith("look at a1, a2")
