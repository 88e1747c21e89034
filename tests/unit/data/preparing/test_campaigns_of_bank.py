"""The campaigns of a bank for a prepared dataset: who is left out, what is refused and logged."""

import datetime
import shutil
import stat

import pyarrow.compute as pc
import pytest
from made_bank import FIRST_DAY, advert, build_row, tables, token
from old_bank import make_older

from adverts.data.erasing.erasure_report import bank_line
from adverts.data.preparing.given_campaigns import (
    read_campaign_csv,
    read_campaigns_of_bank,
)
from adverts.errors import InputError, IntegrityError
from adverts.formats.campaigns import read_campaigns
from adverts.inputs.contacts.token_key import token_key_id
from adverts_findings.campaigns.bank.access_log import read_log, verify_log
from adverts_findings.campaigns.bank.erased_ids import add_erased
from adverts_findings.campaigns.bank.write_bank import write_build

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
    hashes = None if key is None else lambda texts: [one.encode() or None for one in texts]
    return read_campaigns_of_bank(folder, key=key, hash_texts=hashes, who="Ana", now=now)


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
    assert taken(bank).hash_texts(["a text", ""]) == [b"a text", None]


def test_a_bank_without_a_campaign_is_refused(tmp_path):
    bank = bank_of(tmp_path, [advert("a"), advert("b")])
    with pytest.raises(InputError, match="no advert of build 1 is in a campaign"):
        taken(bank)


def test_a_folder_without_a_bank_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no bank"):
        taken(tmp_path)


@pytest.mark.parametrize("damage", ["changed", "cut off", "of another build", "a link"])
def test_a_file_of_campaigns_that_is_not_that_of_the_build_gives_nothing(tmp_path, damage):
    bank = bank_of(tmp_path, [advert("a", campaign="c1")])
    former = (bank / "campaigns-000001.parquet").read_bytes()
    bank_of(tmp_path, [advert("a", campaign="c2")], build=2)
    file = bank / "campaigns-000002.parquet"
    content = file.read_bytes()
    file.unlink()
    match damage:
        case "changed":
            file.write_bytes(content[:-1] + b"x")
        case "cut off":
            file.write_bytes(content[:-1])
        case "of another build":
            file.write_bytes(former)
        case "a link":
            (tmp_path / "elsewhere").write_bytes(content)
            file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(IntegrityError, match=r"campaigns-000002.parquet: .* bring back the folder"):
        taken(bank)
    assert not read_log(bank)


def test_a_file_of_campaigns_that_was_removed_is_missed(tmp_path):
    bank = bank_of(tmp_path, [advert("a", campaign="c1")])
    (bank / "campaigns-000001.parquet").unlink()
    with pytest.raises(IntegrityError, match="the file is missing"):
        taken(bank)


def test_of_a_bank_of_an_earlier_release_the_command_is_named_that_writes_the_file(tmp_path):
    bank = bank_of(tmp_path, [advert("a", campaign="c1")])
    make_older(bank)
    with pytest.raises(InputError, match=f"write it: adverts link bank={bank} refresh=true"):
        taken(bank)


@pytest.mark.parametrize(
    "pointer", ["[]", '{"build": "1"}', '{"build": true, "campaigns_sha256": "x"}', "{"]
)
def test_a_damaged_pointer_is_refused(tmp_path, pointer):
    bank = bank_of(tmp_path, [advert("a", campaign="c1")])
    (bank / "bank.json").write_text(pointer)
    with pytest.raises((InputError, IntegrityError), match=r"bank\.json is damaged"):
        taken(bank)


def test_it_is_told_which_tables_of_a_bank_hold_adverts(tmp_path):
    bank = bank_of(
        tmp_path,
        [advert("a", campaign="c1"), advert("b"), advert("other")],
        candidates=[{"id": "flagged", "source": "scores/posts"}],
        restricted=[advert("held") | {"until": TODAY, "held_by": "Ana", "why": "case 7"}],
    )
    found = read_campaigns(bank)
    assert found.held(["a", "b", "flagged", "held", "unknown"]) == {
        "adverts": 2,
        "restricted": 1,
        "candidates": 1,
    }
    restricted = found.table.filter(pc.equal(found.table["held"], "restricted")).to_pylist()
    assert restricted == [
        {"id": "held", "held": "restricted", "campaign": None, "text_hash": None, "last_day": TODAY}
    ]
    take_out = f"adverts link bank={bank} erase=ids.txt"
    line = bank_line(bank, ["b", "flagged"], take_out)
    assert line.endswith(
        f"2 adverts of them (1 in adverts, 1 in candidates); take them out: adverts link "
        f"bank={bank} erase=ids.txt"
    )
    assert bank_line(bank, ["unknown"], take_out) == f"the bank {bank} holds none of them"


def test_a_parquet_file_alone_is_refused_since_nobody_would_log_it(tmp_path):
    bank = bank_of(tmp_path, [advert("a", campaign="c1")])
    with pytest.raises(InputError, match="give the folder of its bank"):
        read_campaign_csv(bank / "campaigns-000001.parquet")


def test_the_file_is_readable_for_its_owner_alone(tmp_path):
    bank = bank_of(tmp_path, [advert("a", campaign="c1")])
    assert stat.S_IMODE((bank / "campaigns-000001.parquet").stat().st_mode) == 0o600


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
