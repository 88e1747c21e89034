"""What sharing promises, tried as a killed process, a second run, or a careless user would."""

import datetime
import json
from dataclasses import replace

import pytest
from made_items import TODAY, at, item, recipient, reviewed
from made_shares import (
    ITEMS,
    NOW,
    TAKE_BACK,
    WHO,
    config,
    known,
    offered,
    share,
    take_back,
)

from adverts.errors import InputError
from adverts_findings.sharing.ledger.open_ledger import read_ledger
from adverts_findings.sharing.ledger.outstanding import outstanding
from adverts_findings.sharing.withdraw import withdraw_due

pytestmark = pytest.mark.promise

FIRST, SECOND = ITEMS


def days(number):
    return TODAY + datetime.timedelta(days=number)


def later(number):
    return NOW + datetime.timedelta(days=number)


def reference_of(folder, one):
    entries = read_ledger(folder / "shared.jsonl")
    return next(name for name, out in outstanding(entries).items() if out.item.item == one.item)


def test_a_share_written_again_never_lists_what_was_taken_back_of_an_earlier_one(tmp_path):
    share(config(tmp_path), offered(FIRST))
    second = config(tmp_path, share_dir=tmp_path / "second")
    share(second, offered(SECOND))
    take_back(tmp_path, reference_of(tmp_path, FIRST))
    before = (tmp_path / "second/send/hashes.json").read_bytes()
    with pytest.raises(InputError, match="was withdrawn"):
        share(config(tmp_path, share_dir=tmp_path / "again"), offered(SECOND))
    assert not (tmp_path / "again").exists()
    assert (tmp_path / "second/send/hashes.json").read_bytes() == before


@pytest.mark.parametrize("due", [False, True])
def test_a_withdrawal_that_is_killed_at_any_step_is_told_by_the_same_command(
    tmp_path, monkeypatch, due
):
    from adverts.files import staging

    share(config(tmp_path), offered(FIRST))
    share(config(tmp_path, recipient="birch", share_dir=tmp_path / "b"), offered(FIRST))
    asked = config(tmp_path, **TAKE_BACK, withdraw=True, share_dir=tmp_path / "back")
    reference = reference_of(tmp_path, FIRST)

    def run():
        if due:
            return withdraw_due(asked, known(campaigns={}), now=NOW, account=WHO)
        return take_back(tmp_path, reference)

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(staging, "_swap", killed)
        with pytest.raises(KeyboardInterrupt):
            run()
    run()
    for name in ("aster", "birch"):
        told = json.loads((tmp_path / f"back/{name}/send/manifest.json").read_bytes())
        entry = read_ledger(tmp_path / "shared.jsonl")[told["ledger"]["number"] - 1]
        assert (entry.hash, entry.reference) == (told["ledger"]["hash"], told["reference"])
        assert entry.withdrawn is not None


def test_hashes_that_expired_are_not_in_use_again_because_a_notice_follows(tmp_path):
    share(config(tmp_path, kinds=["hashes"], expires=days(10)), offered(FIRST))
    asked = config(tmp_path, kinds=["notice"], expires=days(60), share_dir=tmp_path / "n")
    sent = share(asked, offered(FIRST), now=later(20))
    assert sent.entry is None
    assert "expired" in sent.refusals[0].reason
    assert not (tmp_path / "n").exists()


def test_a_later_share_of_another_kind_never_extends_or_hardens_an_earlier_one(tmp_path):
    share(config(tmp_path, kinds=["hashes"], expires=days(10)), offered(FIRST))
    for changed in ({"expires": days(60)}, {"action": "block", "expires": days(10)}):
        asked = config(tmp_path, kinds=["notice"], share_dir=tmp_path / "n", **changed)
        sent = share(asked, offered(FIRST))
        assert sent.entry is None
        assert sent.refusals[0].until


def test_a_clock_that_was_behind_at_a_withdrawal_lets_nothing_out_again(tmp_path):
    share(config(tmp_path), offered(FIRST))
    past = later(-20)
    asked = {**TAKE_BACK, "retract": reference_of(tmp_path, FIRST), "reason": "an error"}
    from adverts_findings.sharing.withdraw import retract

    retract(config(tmp_path, **asked, share_dir=tmp_path / "back"), now=past, account=WHO)
    again = config(tmp_path, share_dir=tmp_path / "again", expires=days(40))
    assert share(again, offered(FIRST)).entry is None
    anew = replace(FIRST, reviewed=reviewed(at=at(0, 1)))
    assert share(again, offered(anew)).entry is not None


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("javascript:alert(1)", ""),
        ("https://a.example/" + "x" * 3000, " "),
        ("no address", "a b"),
        ("https://aster.example/+447700900123", ""),
        ("", "someone@demo.example"),
        ("", "+447700900123"),
        ("https://wa.me/447700900123", ""),
    ],
)
def test_a_posting_whose_place_may_not_be_written_gets_no_notice(tmp_path, url, name):
    placeless = item("a1", url=url, platform_item_id=name)
    sent = share(config(tmp_path, kinds=["notice"]), offered(placeless))
    assert sent.entry is None


@pytest.mark.parametrize(
    "url",
    [
        "https://aster.example/show?tel=%2B447700900123",
        "https://aster.example/show?whatsapp=447700900123",
        "https://aster.example/show?mail=someone@demo.example",
        "https://aster.example/posts/7/someone%40demo.example",
        "https://aster.example/posts/%2B44%207700%20900123",
    ],
)
def test_no_contact_leaves_in_an_address(tmp_path, url):
    share(config(tmp_path, kinds=["notice"]), offered(item("a1", url=url, platform_item_id="")))
    text = b"".join(one.read_bytes() for one in tmp_path.glob("out/send/*"))
    for contact in (b"7700", b"demo.example"):
        assert contact not in text


def test_no_folder_is_written_into_what_a_recipient_gets(tmp_path):
    share(config(tmp_path), offered(FIRST))
    for place in ("out/send/next", "out/send/a/b"):
        with pytest.raises(InputError, match="send"):
            share(config(tmp_path, share_dir=tmp_path / place), offered(SECOND))
    assert len(read_ledger(tmp_path / "shared.jsonl")) == 1


@pytest.mark.parametrize(
    "name", ["Ada\u200b Demo", "\u0410da Demo", "ADA\u00ad  demo", "Ada D\u0435mo"]
)
def test_a_name_that_only_looks_different_is_the_same_person(tmp_path, name):
    mine = replace(FIRST, reviewed=reviewed(reviewers=("Cleo Demo", name)))
    assert share(config(tmp_path), offered(mine)).entry is None


def test_a_name_that_nobody_can_read_is_no_person(tmp_path):
    nobody = replace(FIRST, reviewed=reviewed(reviewers=("\u200b",)))
    assert share(config(tmp_path), offered(nobody)).entry is None


def test_a_recipient_of_whom_nothing_is_configured_stops_a_withdrawal_for_nobody_else(tmp_path):
    share(config(tmp_path), offered(FIRST))
    share(config(tmp_path, recipient="birch", share_dir=tmp_path / "b"), offered(FIRST))
    with pytest.raises(InputError, match="birch"):
        take_back(tmp_path, reference_of(tmp_path, FIRST), recipients={"aster": recipient()})
    state = {
        one.recipient: one for one in outstanding(read_ledger(tmp_path / "shared.jsonl")).values()
    }
    assert state["aster"].withdrawal is not None


def test_a_hash_is_listed_as_long_as_another_advert_with_its_picture_is_out(tmp_path):
    given = offered(FIRST, SECOND)
    same = given.signals[FIRST.item]
    share(config(tmp_path), replace(given, signals={FIRST.item: same, SECOND.item: same}))
    value = same[0].value
    for number, one in enumerate((FIRST, SECOND)):
        reference = reference_of(tmp_path, one)
        [made] = take_back(tmp_path, reference, f"back{number}")
        listed = json.loads((made.folder / "send/hashes.json").read_bytes())
        assert [each["references"] for each in listed["hashes"] if each["value"] == value] == (
            [[reference_of(tmp_path, SECOND)]] if number == 0 else []
        )
        gone = [each["reference"] for each in listed["removed"] if each["value"] == value]
        assert len(gone) == (0 if number == 0 else 2)


def test_adverts_of_another_bank_of_which_only_the_expiry_is_known_are_said(tmp_path, capsys):
    from adverts_findings.share import _say_elsewhere

    share(config(tmp_path))
    asked = config(tmp_path, **TAKE_BACK, withdraw=True)
    _say_elsewhere(asked, "b1")
    assert capsys.readouterr().err == ""
    _say_elsewhere(asked, "b2")
    said = capsys.readouterr()
    assert "2 items of another bank: only their expiry was looked at" in said.out + said.err


def test_a_review_later_today_than_a_withdrawal_is_no_new_review(tmp_path):
    share(config(tmp_path), offered(FIRST))
    take_back(tmp_path, reference_of(tmp_path, FIRST))
    ahead = replace(FIRST, reviewed=reviewed(at=at(0, 23)))
    asked = config(tmp_path, share_dir=tmp_path / "next", expires=days(40))
    assert share(asked, offered(ahead), now=later(0)).entry is None


def test_a_contact_in_the_place_of_a_language_stays(tmp_path):
    share(config(tmp_path, kinds=["notice"]), offered(item("a1", language="en-447700-900123")))
    text = b"".join(one.read_bytes() for one in tmp_path.glob("out/send/*"))
    assert b"900123" not in text
    assert b"posts/a1" in text
