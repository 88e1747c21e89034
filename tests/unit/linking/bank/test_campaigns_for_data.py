"""The campaigns of a bank for a prepared dataset: who is left out, what is refused and logged."""

import datetime
import shutil

import pytest
from made_bank import FIRST_DAY, advert, build_row, tables, token

from adverts.errors import InputError, IntegrityError
from adverts.inputs.contacts.token_key import token_key_id
from adverts.linking.bank.access_log import read_log, verify_log
from adverts.linking.bank.campaigns_for_data import campaigns_for_data
from adverts.linking.bank.erased_ids import add_erased
from adverts.linking.bank.write_bank import write_build

pytestmark = pytest.mark.promise

KEY = b"a key of at least thirty-two bytes for tests"
NOW = FIRST_DAY + datetime.timedelta(days=10)
TODAY = NOW.date()
DAY = datetime.timedelta(days=1)


def builds(*numbers, key=KEY):
    return [build_row(i) | {"token_key_id": token_key_id(key)} for i in numbers]


def bank_of(tmp_path, adverts, *, build=1, **more):
    write_build(
        tmp_path / "bank",
        tables(builds=builds(*range(1, build + 1)), adverts=adverts, **more),
        expected=build - 1 or None,
    )
    return tmp_path / "bank"


def taken(folder, *, key=KEY, now=NOW):
    return campaigns_for_data(folder, key=key, who="Ana", now=now)


def test_adverts_in_campaigns_are_given_and_those_alone_are_not(tmp_path):
    bank = bank_of(tmp_path, [advert("a", campaign="c1"), advert("b"), advert("c", campaign="c2")])
    given = taken(bank)
    assert given.of == {"a": "c1", "c": "c2"}
    assert (given.taken.kind, given.taken.build) == ("bank", 1)


def test_what_the_bank_may_no_longer_show_is_not_given(tmp_path):
    bank = bank_of(
        tmp_path,
        [
            advert("erased", campaign="c1"),
            advert("expired", campaign="c1", retain_until=TODAY - DAY),
            advert("last day", campaign="c1", retain_until=TODAY),
            advert("kept", campaign="c1"),
        ],
        restricted=[advert("held") | {"until": TODAY + DAY, "held_by": "Ana", "why": "case 7"}],
        candidates=[{"id": "flagged", "source": "scores/posts"}],
    )
    add_erased(bank, ["erased"])  # the builder was killed before the next build
    assert set(taken(bank).of) == {"last day", "kept"}
    assert set(taken(bank, now=NOW + DAY).of) == {"kept"}


def test_a_build_with_the_same_campaigns_is_the_same_input(tmp_path):
    one = [advert("a", campaign="c1"), advert("b", campaign="c1")]
    first = taken(bank_of(tmp_path, one)).taken
    second = taken(bank_of(tmp_path, one, build=2)).taken
    assert (first.sha256, first.build, second.build) == (second.sha256, 1, 2)


def test_a_bank_of_another_key_is_refused_by_the_ids_of_both(tmp_path):
    bank = bank_of(tmp_path, [advert("a", campaign="c1")])
    other = b"another key of at least thirty-two bytes"
    with pytest.raises(InputError, match=f"key {token_key_id(KEY)}, but .* {token_key_id(other)}"):
        taken(bank, key=other)


def test_texts_are_compared_only_with_a_key(tmp_path):
    bank = bank_of(tmp_path, [advert("a", campaign="c1", text_hash=b"h" * 16)])
    assert taken(bank, key=None).hash_texts is None
    assert taken(bank).texts == {"a": b"h" * 16}
    (one, empty) = taken(bank).hash_texts(["a text", ""])
    assert len(one) == 16
    assert empty is None


def test_a_bank_without_a_campaign_is_refused(tmp_path):
    bank = bank_of(tmp_path, [advert("a"), advert("b")])
    with pytest.raises(InputError, match="no advert of build 1 is in a campaign"):
        taken(bank)


def test_a_folder_without_a_bank_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no bank"):
        taken(tmp_path)


def test_a_damaged_bank_gives_nothing(tmp_path):
    bank = bank_of(tmp_path, [advert("a", campaign="c1")])
    file = bank / "bank-000001.duckdb"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(IntegrityError, match="was changed"):
        taken(bank)
    assert not read_log(bank)


def test_it_is_logged_who_took_how_many_and_no_advert_is_named(tmp_path):
    bank = bank_of(
        tmp_path, [advert(f"advert-{i}", campaign="c1", contacts=[token("x")]) for i in range(7)]
    )
    taken(bank)
    (entry,) = read_log(bank)
    assert (entry.act, entry.build, entry.who.value) == ("export", 1, "Ana")
    assert entry.asked.value == "campaigns of 7 adverts"
    assert "advert-" not in (bank / "log.jsonl").read_text()
    assert verify_log(bank) == 1


def test_nothing_is_given_that_cannot_be_logged(tmp_path):
    bank = bank_of(tmp_path, [advert("a", campaign="c1")])
    (bank / "log.jsonl").unlink(missing_ok=True)
    (bank / "log.jsonl").mkdir()
    with pytest.raises(InputError, match="is a folder, not a file"):
        taken(bank)
    shutil.rmtree(bank / "log.jsonl")
