"""A recipient's word that something is gone: of an item, a share or a withdrawal, and once."""

from __future__ import annotations

import pytest
from made_ledger import share, time, withdraw

from adverts.errors import InputError
from adverts_findings.sharing.ledger.open_ledger import read_ledger
from adverts_findings.sharing.ledger.outstanding import outstanding
from adverts_findings.sharing.ledger.record_confirmed import record_confirmed

pytestmark = pytest.mark.promise


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "shared.jsonl"
    one, two, _ = share(path, "one", ["i1", "i2", "i3"])
    share(path, "two", ["i1"], 1)
    withdraw(path, "one", [one, two], 2)
    return path


def confirmed(path, reference, by="Bo Demo"):
    """Return the items that are confirmed after a reference was."""
    record_confirmed(path, reference, by=by, account="demo@host", at=time(5))
    out = outstanding(read_ledger(path)).values()
    return sorted((one.recipient, one.item.item) for one in out if not one.is_active)


def test_all_items_of_a_withdrawal_are_confirmed_at_its_recipient_alone(ledger):
    reference = read_ledger(ledger)[2].reference
    assert confirmed(ledger, reference) == [("one", "i1"), ("one", "i2")]


def test_what_may_still_be_used_is_not_confirmed_gone(ledger):
    before = ledger.read_bytes()
    with pytest.raises(InputError, match="is not withdrawn"):
        confirmed(ledger, read_ledger(ledger)[0].reference)
    assert ledger.read_bytes() == before


def test_one_item_is_confirmed_once(ledger):
    reference = next(iter(outstanding(read_ledger(ledger))))
    assert confirmed(ledger, reference) == [("one", "i1")]
    lines = len(read_ledger(ledger))
    again = record_confirmed(ledger, reference, by="Bo Demo", account="a", at=time(6))
    assert again is None
    assert len(read_ledger(ledger)) == lines


def test_what_is_confirmed_twice_keeps_the_first_time(ledger):
    reference = next(iter(outstanding(read_ledger(ledger))))
    confirmed(ledger, reference)
    withdrawal = read_ledger(ledger)[2].reference
    record_confirmed(ledger, withdrawal, by="Bo Demo", account="a", at=time(9))
    out = outstanding(read_ledger(ledger))
    assert out[reference].confirmed_at == time(5)


@pytest.mark.parametrize("reference", ["R-0000000000000000", "", "S-1\x1b"])
def test_an_unknown_reference_records_nothing(ledger, reference):
    before = ledger.read_bytes()
    with pytest.raises(InputError, match="has no item, share or withdrawal"):
        confirmed(ledger, reference)
    assert ledger.read_bytes() == before


def test_nobody_is_refused(ledger):
    with pytest.raises(InputError, match="who records it"):
        confirmed(ledger, "R-0", by="")
