"""A share is checked, recorded and written once; asked for again, it is the same bytes."""

import datetime
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from made_items import TODAY, at, item, recipient, reviewed
from made_shares import ITEMS, NOW, TAKE_BACK, WHO, config, known, offered, share, take_back

from adverts.errors import InputError
from adverts_findings.sharing.ledger.open_ledger import read_ledger
from adverts_findings.sharing.ledger.outstanding import outstanding
from adverts_findings.sharing.ledger.record_confirmed import record_confirmed
from adverts_findings.sharing.ledger.verify_sent import verify_sent
from adverts_findings.sharing.make_share import Offered
from adverts_findings.sharing.withdraw import withdraw_due

pytestmark = pytest.mark.promise


def contents(folder):
    """Return the bytes of all files of a folder by their path in it."""
    files = sorted(one for one in folder.rglob("*") if one.is_file())
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in files}


def test_a_share_is_one_line_of_the_ledger_and_a_folder_that_states_it(tmp_path):
    sent = share(config(tmp_path))
    [entry] = read_ledger(tmp_path / "shared.jsonl")
    assert sent.entry == entry
    manifest = json.loads((tmp_path / "out/send/manifest.json").read_bytes())
    assert manifest["reference"] == entry.reference
    assert manifest["ledger"] == {"number": 1, "hash": entry.hash}
    assert {one.kinds for one in entry.shared.items} == {("notice", "hashes", "stix", "misp")}
    assert entry.account.value == WHO


def test_the_same_share_again_is_not_recorded_twice_and_has_the_same_bytes(tmp_path):
    first = share(config(tmp_path))
    before = contents(tmp_path / "out")
    later = NOW + datetime.timedelta(days=2)
    again = share(config(tmp_path), now=later)
    assert again.is_again
    assert again.entry == first.entry
    assert contents(tmp_path / "out") == before
    assert len(read_ledger(tmp_path / "shared.jsonl")) == 1


def test_the_same_share_elsewhere_has_the_same_bytes_too(tmp_path):
    share(config(tmp_path))
    share(config(tmp_path, share_dir=tmp_path / "copy"))
    assert contents(tmp_path / "out") == contents(tmp_path / "copy")


def test_killed_before_it_is_recorded_nothing_is_there(tmp_path):
    def killed(entry):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        share(config(tmp_path), log=killed)
    assert not (tmp_path / "out").exists()
    assert read_ledger(tmp_path / "shared.jsonl") == ()


def test_killed_after_it_was_recorded_the_same_command_writes_the_same_reference(
    tmp_path, monkeypatch
):
    from adverts.files import staging

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(staging, "_swap", killed)
        with pytest.raises(KeyboardInterrupt):
            share(config(tmp_path))
    [entry] = read_ledger(tmp_path / "shared.jsonl")
    assert not (tmp_path / "out").exists()
    assert share(config(tmp_path)).entry == entry
    assert read_ledger(tmp_path / "shared.jsonl") == (entry,)


def test_what_is_out_keeps_its_reference_when_another_kind_follows(tmp_path):
    share(config(tmp_path, kinds=["notice"]))
    share(config(tmp_path, kinds=["hashes"], share_dir=tmp_path / "next"))
    first, second = read_ledger(tmp_path / "shared.jsonl")
    refs = [{one.item: one.reference for one in x.shared.items} for x in (first, second)]
    assert refs[0] == refs[1]
    assert {one.kinds for one in outstanding((first, second)).values()} == {("notice", "hashes")}


def test_what_is_out_in_that_kind_is_not_shared_again(tmp_path):
    share(config(tmp_path))
    more = offered(*ITEMS, item("a3"))
    sent = share(config(tmp_path, share_dir=tmp_path / "next"), more)
    assert [one.item for one in sent.entry.shared.items] == [more.items[2].item]
    listed = json.loads((tmp_path / "next/send/hashes.json").read_bytes())
    assert len(json.dumps(listed).split("R-")) - 1 >= 3  # the list is complete


def test_another_share_never_takes_the_folder_of_one(tmp_path):
    share(config(tmp_path))
    before = contents(tmp_path / "out")
    with pytest.raises(InputError, match="choose another share_dir"):
        share(config(tmp_path), offered(item("a3")))
    assert contents(tmp_path / "out") == before
    assert len(read_ledger(tmp_path / "shared.jsonl")) == 1


def test_of_what_may_not_leave_at_all_nothing_is_recorded(tmp_path):
    held = item("a1", reviewed=reviewed(safeguarding=("minor_present",)))
    sent = share(config(tmp_path), offered(held))
    assert sent.entry is None
    assert [one.kind for one in sent.refusals] == ["all"]
    assert not (tmp_path / "out").exists()
    assert read_ledger(tmp_path / "shared.jsonl") == ()


def test_without_a_hash_that_may_leave_only_a_notice_leaves(tmp_path):
    from adverts_findings.sharing.leaving.item import Refusal

    one = item("a1")
    given = Offered("b1", (one,), {}, (Refusal(one.item, "hashes", "too common"),), {})
    sent = share(config(tmp_path), given)
    assert [one.kinds for one in sent.entry.shared.items] == [("notice",)]
    assert not (tmp_path / "out/send/stix.json").exists()


def test_an_item_is_taken_back_from_all_who_got_it(tmp_path):
    share(config(tmp_path))
    share(config(tmp_path, recipient="birch", share_dir=tmp_path / "birch"))
    first, second = read_ledger(tmp_path / "shared.jsonl")
    made = take_back(tmp_path, first.shared.items[0].reference)
    assert [one.entry.recipient for one in made] == ["aster", "birch"]
    gone = {one.entry.recipient: set(one.entry.withdrawn.causes) for one in made}
    names = {one.item for one in first.shared.items if one.reference in gone["aster"]}
    assert names == {one.item for one in second.shared.items if one.reference in gone["birch"]}
    assert gone["aster"].isdisjoint(gone["birch"])


def test_after_a_retraction_no_current_file_holds_it(tmp_path):
    share(config(tmp_path))
    [entry] = read_ledger(tmp_path / "shared.jsonl")
    gone = entry.shared.items[0]
    [made] = take_back(tmp_path, gone.reference)
    send_dir = made.folder / "send"
    pdq = next(one.value for one in gone.signals if one.type == "pdq")
    assert pdq not in (send_dir / "hashes.txt").read_text()
    assert pdq not in (send_dir / "hashes.csv").read_text()
    assert pdq in (send_dir / "removed.csv").read_text()
    assert gone.reference in (send_dir / "withdrawn.csv").read_text()
    stix = json.loads((send_dir / "stix.json").read_bytes())
    holding = [one for one in stix["objects"] if pdq in json.dumps(one)]
    assert holding
    assert all(one.get("revoked") for one in holding if one["type"] == "indicator")


def test_what_was_taken_back_is_not_written_again(tmp_path):
    share(config(tmp_path))
    [entry] = read_ledger(tmp_path / "shared.jsonl")
    take_back(tmp_path, entry.reference)
    with pytest.raises(InputError, match="was withdrawn"):
        share(config(tmp_path))


def test_what_was_taken_back_leaves_again_only_after_a_new_review_and_with_a_new_reference(
    tmp_path,
):
    share(config(tmp_path))
    [entry] = read_ledger(tmp_path / "shared.jsonl")
    take_back(tmp_path, entry.reference)
    later, days = NOW + datetime.timedelta(days=3), TODAY + datetime.timedelta(days=40)
    asked = config(tmp_path, share_dir=tmp_path / "next", expires=days)
    assert share(asked, now=later).entry is None
    anew = [replace(one, reviewed=reviewed(at=at(2))) for one in ITEMS]
    sent = share(asked, offered(*anew), now=later)
    old = {one.reference for one in entry.shared.items}
    assert old.isdisjoint(one.reference for one in sent.entry.shared.items)


def test_a_reference_that_is_none_is_one_line(tmp_path):
    share(config(tmp_path))
    with pytest.raises(InputError, match="no reference of the ledger"):
        take_back(tmp_path, "R-ffffffffffffffff")


def test_a_recipient_that_is_not_configured_any_more_is_named(tmp_path):
    share(config(tmp_path))
    [entry] = read_ledger(tmp_path / "shared.jsonl")
    with pytest.raises(InputError, match="aster"):
        take_back(tmp_path, entry.reference, recipients={"birch": recipient()})
    assert len(read_ledger(tmp_path / "shared.jsonl")) == 1


NAMES = [one.item for one in ITEMS]


@pytest.mark.parametrize(
    ("told", "cause", "number"),
    [
        (known(), None, 0),
        (known(TODAY + datetime.timedelta(days=31)), "expired", 2),
        (known(TODAY + datetime.timedelta(days=30)), None, 0),
        (known(campaigns={NAMES[0]: "c000001"}), "left the bank", 1),
        (known(bank="b2", campaigns={}, reviewed={}), None, 0),
        (known(campaigns=dict.fromkeys(NAMES, "c000007")), "judged apart", 2),
        (known(campaigns=dict.fromkeys(NAMES, "c000007"), became={"c000001": "c000007"}), None, 0),
    ],
)
def test_what_is_due_is_withdrawn_once(tmp_path, told, cause, number):
    share(config(tmp_path))
    asked = config(tmp_path, **TAKE_BACK, withdraw=True, share_dir=tmp_path / "due")
    made = withdraw_due(asked, told, now=NOW, account=WHO)
    causes = [cause for one in made for cause in one.entry.withdrawn.causes.values()]
    assert causes == [cause] * number
    lines = len(read_ledger(tmp_path / "shared.jsonl"))
    assert withdraw_due(asked, told, now=NOW, account=WHO) == made  # told until it is confirmed
    assert len(read_ledger(tmp_path / "shared.jsonl")) == lines
    assert (tmp_path / "due").exists() is bool(number)


@pytest.mark.parametrize("group", ["A", "N", "U", "?"])
def test_a_review_that_says_otherwise_is_due(tmp_path, group):
    share(config(tmp_path))
    asked = config(tmp_path, **TAKE_BACK, withdraw=True, share_dir=tmp_path / "due")
    said = {NAMES[0]: reviewed(group=group), NAMES[1]: reviewed()}
    [made] = withdraw_due(asked, known(reviewed=said), now=NOW, account=WHO)
    assert list(made.entry.withdrawn.causes.values()) == ["reviewed anew"]


def test_a_share_dir_is_private(tmp_path):
    share(config(tmp_path))
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0
    assert Path(tmp_path / "shared.jsonl").stat().st_mode & 0o077 == 0


def test_reviews_that_were_lost_withdraw_nothing(tmp_path):
    share(config(tmp_path))
    asked = config(tmp_path, **TAKE_BACK, withdraw=True, share_dir=tmp_path / "due")
    with pytest.raises(InputError, match="the reviews say nothing of 1 advert"):
        withdraw_due(asked, known(reviewed={NAMES[0]: reviewed()}), now=NOW, account=WHO)
    assert len(read_ledger(tmp_path / "shared.jsonl")) == 1


def test_what_is_gone_is_confirmed_once_and_only_after_it_was_withdrawn(tmp_path):
    share(config(tmp_path))
    [entry] = read_ledger(tmp_path / "shared.jsonl")

    def confirmed(reference):
        ledger = tmp_path / "shared.jsonl"
        return record_confirmed(ledger, reference, by="Bo", account=WHO, at=at(1))

    with pytest.raises(InputError, match="not withdrawn"):
        confirmed(entry.reference)
    [made] = take_back(tmp_path, entry.shared.items[0].reference)
    told = confirmed(made.entry.reference)
    assert (len(told.confirmed.references), told.recipient) == (1, "aster")
    assert confirmed(made.entry.reference) is None
    with pytest.raises(InputError, match="has no item, share or withdrawal"):
        confirmed("W-0000000000000000")


def test_a_list_no_longer_names_what_was_confirmed_gone(tmp_path):
    share(config(tmp_path))
    [entry] = read_ledger(tmp_path / "shared.jsonl")
    first, second = (one.reference for one in entry.shared.items)
    [made] = take_back(tmp_path, first)
    ledger = tmp_path / "shared.jsonl"
    record_confirmed(ledger, made.entry.reference, by="Bo", account=WHO, at=at(1))
    [later] = take_back(tmp_path, second, name="later")
    removed = (later.folder / "send/removed.csv").read_text()
    assert second in removed
    assert first not in removed


def test_a_manifest_that_was_made_to_fit_a_changed_file_is_told_by_its_signature(tmp_path):
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    pem, public = tmp_path / "key.pem", tmp_path / "public.pem"
    coding = serialization.Encoding.PEM
    nothing = serialization.NoEncryption()
    pem.write_bytes(key.private_bytes(coding, serialization.PrivateFormat.PKCS8, nothing))
    pem.chmod(0o600)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.public_key().public_bytes(coding, form))
    share(config(tmp_path, sign_with=pem))
    folder, ledger = tmp_path / "out/send", tmp_path / "shared.jsonl"
    assert verify_sent(folder, ledger, public_key=public) == ()
    (folder / "notices.csv").write_text("reference\n")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    digest = hashlib.sha256((folder / "notices.csv").read_bytes()).hexdigest()
    manifest["files"]["notices.csv"] = digest
    (folder / "manifest.json").write_text(json.dumps(manifest))
    [fault] = verify_sent(folder, ledger, public_key=public)
    assert "signature.json does not match this manifest" in fault
    (folder / "signature.json").unlink()
    assert "is missing" in " ".join(verify_sent(folder, ledger, public_key=public))
