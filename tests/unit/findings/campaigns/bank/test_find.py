from __future__ import annotations

import hashlib
import io
import random
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from made_bank import FIRST_DAY, advert, build_row, tables
from PIL import Image
from planted_images import photo, text_tile

from adverts.clusters.picture_hash import describe_picture
from adverts.errors import IntegrityError
from adverts.inputs.contacts.contact_tokens import account_token, contact_tokens, mask_and_token
from adverts.inputs.contacts.token_key import token_key_id
from adverts.inputs.letters.folding import fold
from adverts.scoring.evidence.evidence_rows import documents_of
from adverts_findings.campaigns.bank.answers import NOT_SEEN
from adverts_findings.campaigns.bank.asked_value import value_from
from adverts_findings.campaigns.bank.find import find_values
from adverts_findings.campaigns.bank.read_bank import open_bank
from adverts_findings.campaigns.bank.write_bank import write_build

pytestmark = pytest.mark.promise

TODAY = FIRST_DAY.date()
KEY = b"a key of tests only"
PHONE, HELPLINE = "+44 7700 900123", "+44 7700 900999"
OFFER = (
    "new flats by the river, three rooms and a large garden, furnished kitchen, call now {} and "
    "ask for the manager, price {} a month with heating, quiet street near school and market"
)


def _token(text):
    (found,) = contact_tokens(text, key=KEY)
    return found.token


def _document(text, of="text"):
    masked, _ = mask_and_token(text, key=KEY)
    (document,) = documents_of([fold(masked)], key=KEY)
    return {
        f"{of}_hash": document.hash,
        f"{of}_signature": document.signature,
        f"{of}_groups": document.groups,
    }


def _file(image, kind="PNG"):
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def _pictures(*images):
    return {
        "picture_sha256": [hashlib.sha256(_file(image)).digest() for image in images],
        "picture_hashes": [describe_picture(image).to_bytes() for image in images],
    }


PHOTOS = [photo(random.Random(seed)) for seed in range(4)]
TILES = [text_tile(random.Random(seed), style=0) for seed in range(2)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "bank"
    given = tables(
        builds=[{**build_row(1), "token_key_id": token_key_id(KEY)}],
        adverts=[
            advert("a", contacts=[_token(PHONE)], campaign="c000001", day=2, account="A"),
            advert("b", contacts=[_token(PHONE)], campaign="c000001", day=9, account="A"),
            advert("c", contacts=[_token(PHONE)], campaign="c000002", day=5, account="B"),
            advert("d", contacts=[_token(PHONE)], posted_at=None, account=None),
            advert("e", contacts=[_token(HELPLINE)], **_document(OFFER.format(PHONE, 900))),
            advert("f", account=account_token("rosalind", key=KEY)),
            advert("g", **_document("hello there"), **_pictures(PHOTOS[0], PHOTOS[1])),
            advert("h", **_document(OFFER.format("", 700), of="page"), **_pictures(TILES[0])),
            advert("i", picture_sha256=[b"\1" * 32], picture_hashes=[None]),
        ],
        campaigns=[
            {"campaign": "c000001", "probability": 0.9, "calibrated": True},
            {"campaign": "c000002", "calibrated": False},
        ],
        listed=[{"kind": "contact", "value": _token(HELPLINE), "reason": "shown by many (900)"}],
        candidates=[{"id": "w", "source": "s"}],
    )
    write_build(folder, given, expected=None)
    return folder


@pytest.fixture
def bank(whole, tmp_path):
    return Path(shutil.copytree(whole, tmp_path / "bank"))


def _find(folder, given, today=TODAY):
    with open_bank(folder) as opened:
        asked = value_from(given, key=KEY, bank_key_id=token_key_id(KEY))
        return find_values(opened, asked, today=today)


def test_a_contact_says_campaigns_times_and_rarity(bank):
    (answer,) = _find(bank, PHONE)
    assert answer.ids == ("a", "c", "b", "d")
    assert answer.accounts == 2
    assert answer.first_seen == FIRST_DAY + timedelta(days=2)
    assert answer.last_seen == FIRST_DAY + timedelta(days=9)
    assert [(one.campaign, one.adverts) for one in answer.campaigns] == [
        ("c000001", 2),
        ("c000002", 1),
    ]
    assert (answer.campaigns[0].probability, answer.campaigns[0].calibrated) == (0.9, True)
    assert answer.campaigns[1].probability is None
    assert answer.campaigns[0].last_seen == FIRST_DAY + timedelta(days=9)
    assert (answer.alone, answer.joins_nothing, answer.told) == (1, "", ())


def test_an_answer_is_one_line_that_holds_no_token(bank):
    (answer,) = _find(bank, PHONE)
    assert str(answer) == (
        "contact: 4 adverts of 2 accounts, seen from 2026-03-03 to 2026-03-10, "
        "c000001 (2 adverts), c000002 (1 advert), 1 advert in no campaign"
    )


@pytest.mark.parametrize("given", ["07700 900456", "site.example", OFFER[:9] * 9, "what", "x y"])
def test_what_no_advert_shows_is_answered_as_not_seen_in_what_was_collected(bank, given):
    answers = _find(bank, given)
    assert answers
    for answer in answers:
        assert not answer.is_seen
        assert str(answer).endswith(NOT_SEEN)


def test_a_picture_that_no_advert_shows_is_answered_too(bank):
    (answer,) = _find(bank, _file(PHOTOS[3]))
    assert (answer.kind, answer.is_seen, answer.similarity) == ("picture", False, None)


def test_a_value_that_joins_nothing_says_so(bank):
    (answer,) = _find(bank, HELPLINE)
    assert answer.joins_nothing == "shown by many (900)"
    assert "joins nothing: shown by many (900)" in str(answer)


def test_a_public_contact_that_no_advert_shows_is_still_said_to_join_nothing(bank):
    (answer,) = _find(bank, "https://www.google.com/maps/place/somewhere")
    assert (answer.is_seen, answer.joins_nothing) == (False, "public")


def test_a_word_is_looked_up_as_handle_and_as_account(bank):
    handle, account = _find(bank, "rosalind")
    assert (handle.kind, handle.is_seen) == ("contact", False)
    assert (account.kind, account.ids) == ("account", ("f",))


def test_a_text_is_found_with_another_price_and_contact_in_captions_and_on_pictures(bank):
    contact, text = _find(bank, OFFER.format("07700 900456", 450))
    assert not contact.is_seen
    assert text.ids == ("e", "h")
    assert text.similarity is not None
    assert 0.65 < text.similarity <= 1


def test_a_short_text_is_found_only_where_it_is_equal(bank):
    (answer,) = _find(bank, "Hello there")
    assert (answer.ids, answer.similarity) == (("g",), 1.0)
    (answer,) = _find(bank, "Hello there you")
    assert not answer.is_seen


def test_a_picture_is_found_by_its_file_and_when_it_was_saved_again_or_cropped(bank):
    for given in (
        _file(PHOTOS[1]),
        _file(PHOTOS[1], "JPEG"),
        _file(_cropped(PHOTOS[1])),
        _file(PHOTOS[1].transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
    ):
        (answer,) = _find(bank, given)
        assert answer.ids == ("g",)


def _cropped(image):
    wide, high = image.size
    return image.crop((wide // 18, high // 18, wide - wide // 18, high - high // 18))


def test_a_picture_of_text_is_found_only_by_its_file(bank):
    (answer,) = _find(bank, _file(TILES[0]))
    assert (answer.ids, answer.similarity) == (("h",), 1.0)
    (answer,) = _find(bank, _file(TILES[0], "JPEG"))
    assert not answer.is_seen


def test_restricted_adverts_are_counted_and_nothing_else_is_said_of_them(tmp_path):
    held = advert("r", contacts=[_token(PHONE)]) | {"held_by": "court", "why": "case 7"}
    given = tables(restricted=[held])
    write_build(tmp_path / "bank", given, expected=None)
    (answer,) = _find(tmp_path / "bank", PHONE)
    assert (answer.is_seen, answer.ids, answer.first_seen) == (True, (), None)
    assert NOT_SEEN not in str(answer)
    assert str(answer).endswith("1 advert restricted")


def test_candidates_are_never_answered(tmp_path):
    given = tables(candidates=[{"id": "w", "source": "s", "score": 0.9}])
    write_build(tmp_path / "bank", given, expected=None)
    (answer,) = _find(tmp_path / "bank", PHONE)
    assert not answer.is_seen


def test_an_empty_bank_answers_every_kind_of_value(tmp_path):
    write_build(tmp_path / "bank", tables(), expected=None)
    for given in (PHONE, "rosalind", OFFER, _file(PHOTOS[0])):
        assert all(not one.is_seen for one in _find(tmp_path / "bank", given))


def test_what_a_person_types_is_never_read_as_sql(bank):
    with open_bank(bank) as opened:
        before = opened.table("adverts")
        _find(bank, "'; DROP TABLE adverts; --")
        assert opened.table("adverts").equals(before)


def test_a_signature_of_another_size_is_named(tmp_path):
    given = tables(adverts=[advert("a", text_signature=b"12", text_groups=40)])
    write_build(tmp_path / "bank", given, expected=None)
    with pytest.raises(IntegrityError, match="not of 256 bytes; build it again"):
        _find(tmp_path / "bank", OFFER)


def test_pictures_that_another_release_described_are_not_said_to_be_unseen(tmp_path):
    look = b"\2" + describe_picture(PHOTOS[0]).to_bytes()[1:]
    shown = advert("a", picture_sha256=[b"\1" * 32], picture_hashes=[look])
    write_build(tmp_path / "bank", tables(adverts=[shown]), expected=None)
    with pytest.raises(IntegrityError, match="another release described the pictures"):
        _find(tmp_path / "bank", _file(PHOTOS[0]))


def test_a_picture_without_a_hash_of_its_file_is_found_by_none(tmp_path):
    shown = advert("a", picture_sha256=[None], picture_hashes=[None])
    write_build(tmp_path / "bank", tables(adverts=[shown]), expected=None)
    (answer,) = _find(tmp_path / "bank", _file(PHOTOS[0]))
    assert not answer.is_seen


def _late(folder, day):
    """Build a bank in which two adverts and a restricted one may be kept until a day."""
    shown = {"contacts": [_token(PHONE)], **_document(OFFER.format("", 900))}
    restricted = {**advert("r", **shown), "until": day}
    del restricted["entered_build"]
    given = tables(
        builds=[{**build_row(1), "token_key_id": token_key_id(KEY)}],
        adverts=[
            advert("a", campaign="c000001", account="A", retain_until=day, **shown),
            advert("b", campaign="c000001", account="B", day=3, **shown),
            advert("c", campaign="c000001", account="B", retain_until=day, **shown),
        ],
        campaigns=[{"campaign": "c000001"}],
        restricted=[restricted],
    )
    write_build(folder, given, expected=None)
    return folder


@pytest.mark.parametrize("asked", [PHONE, OFFER.format("", 900)])
def test_adverts_beyond_their_last_day_are_counted_and_nothing_else_is_said_of_them(
    tmp_path, asked
):
    folder = _late(tmp_path / "bank", TODAY)
    for answer in _find(folder, asked):
        assert (answer.ids, answer.restricted, answer.hidden) == (("a", "c", "b"), 1, 0)
    for answer in _find(folder, asked, TODAY + timedelta(days=1)):
        assert (answer.ids, answer.restricted, answer.hidden) == (("b",), 0, 3)
        assert [one.adverts for one in answer.campaigns] == [1]
        assert answer.first_seen == FIRST_DAY + timedelta(days=3)
        assert answer.accounts == 1
        assert "3 adverts hidden: the last day on which they may be kept is over" in str(answer)
        assert "refresh=true takes them out" in str(answer)


def test_a_value_of_which_all_is_hidden_is_not_said_to_be_unseen_and_shows_nothing(tmp_path):
    given = tables(
        builds=[{**build_row(1), "token_key_id": token_key_id(KEY)}],
        adverts=[
            advert("a", contacts=[_token(PHONE)], campaign="c000001", retain_until=TODAY),
            advert("b", **_document("hello there"), retain_until=TODAY),
        ],
    )
    write_build(tmp_path / "bank", given, expected=None)
    (answer,) = _find(tmp_path / "bank", PHONE, TODAY + timedelta(days=1))
    assert answer.is_seen
    assert (answer.ids, answer.campaigns, answer.first_seen) == ((), (), None)
    assert str(answer).startswith("contact: 1 advert hidden: ")
    (text,) = _find(tmp_path / "bank", "hello there", TODAY + timedelta(days=1))
    assert (text.hidden, text.similarity) == (1, None)
