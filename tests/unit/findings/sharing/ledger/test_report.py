"""What is out and what came of it: counted once, by hand-worked cases, with no person's name."""

from __future__ import annotations

import datetime
import re
import stat

import numpy as np
import pytest
from made_ledger import START, answer, confirm, record, share, share_of, time, withdraw

from adverts.errors import InputError
from adverts_findings.sharing.ledger.open_ledger import ledger_turn, read_ledger
from adverts_findings.sharing.ledger.outstanding import outstanding
from adverts_findings.sharing.ledger.report import report
from adverts_findings.sharing.ledger.report_lines import removal_words, report_lines
from adverts_findings.sharing.ledger.time_to_removal import Wait, removal_of, wait_of
from adverts_findings.sharing.ledger.write_report import MOST_ROWS, report_page, write_report

pytestmark = pytest.mark.promise

NOW = START + datetime.timedelta(days=40)
EVIL = '"><script>alert(1)</script>\u202e'


@pytest.fixture
def ledger(tmp_path):
    """Two recipients; of the first, one item in each state and three of no importance."""
    path = tmp_path / "shared.jsonl"
    one, two, three, four = share(path, "one", ["i1", "i2", "i3", "i4"])
    share(path, "one", ["i5"], expires="2027-01-20")
    share(path, "two", ["i1"], 1, kinds=("hashes", "stix"), language="fr")
    withdraw(path, "one", [one, two], 2)
    confirm(path, "one", [one], 3)
    answer(path, "one", three, "removed", 4, appeal="reversed")
    answer(path, "one", four, "kept", 5)
    return path


def of(path, now=NOW):
    return report(read_ledger(path), now)


def test_each_item_is_in_one_state_and_every_count_is_right(ledger):
    found = of(ledger)
    one, two = found.recipients
    assert one.states == {"current": 2, "expired": 1, "still active": 1, "gone": 1}
    assert two.states == {"current": 1, "expired": 0, "still active": 0, "gone": 0}
    assert (one.items, one.withdrawn, one.reinstated) == (5, 2, 1)
    assert (found.all.items, sum(found.all.states.values())) == (6, 6)
    assert one.kinds == {"notice": 5}
    assert one.answers == {"unanswered": 3, "kept": 1, "removed": 1}
    assert two.answers == {}
    assert found.languages == {"en": {"unanswered": 3, "kept": 1, "removed": 1}}
    assert [len(one) for one in (found.expired, found.unconfirmed, found.reinstated)] == [1, 1, 1]
    assert [one.expires for one in found.expired] == ["2027-01-20"]


def test_an_item_expires_after_its_last_day(ledger):
    last = datetime.datetime(2027, 1, 20, 23, 59, tzinfo=datetime.UTC)
    assert of(ledger, last).expired == ()
    assert len(of(ledger, last + datetime.timedelta(minutes=1)).expired) == 1


def test_an_empty_ledger_is_said_to_be_empty():
    found = report((), NOW)
    assert list(report_lines(found)) == ["nothing was shared yet: the ledger has no lines"]
    assert "Nothing was shared yet." in report_page(found)
    assert found.figures()["share/items"] == 0


def test_the_lines_say_what_is_out_and_what_came_of_it(ledger):
    lines = list(report_lines(of(ledger)))
    assert lines[0].startswith("ledger: 7 lines, the newest with hash ")
    assert lines[1] == ("one: 5 items (notice 5): 2 current, 1 expired, 1 still active, 1 gone")
    assert lines[2] == "  answers: unanswered 3, kept 1, removed 1; 1 reinstated on appeal"
    assert lines[3].startswith("  time to removal: cannot say: 1 removal of 5 notices")
    text = "\n".join(lines)
    assert "two: 1 item (hashes 1, stix 1)" in text
    assert "all: 6 items" in text
    assert "expired and still out; run adverts share withdraw=true bank=… share_dir=…: R-" in text
    assert "withdrawn and still active: not confirmed: R-" in text


def test_figures_are_flat_numbers_with_names_that_a_server_takes(ledger):
    found = of(ledger).figures()
    assert found["share/items"] == 6
    assert found["share/one/still_active"] == 1
    assert found["share/one/answer/kept"] == 1
    assert all(re.fullmatch(r"[\w./-]+", name) for name in found)
    assert not any("median" in name for name in found)


def test_the_page_states_every_reference_once_more_and_no_person(ledger):
    found = of(ledger)
    page = report_page(found)
    for one in (*found.expired, *found.unconfirmed, *found.reinstated):
        assert one.item.reference in page
    for name in ("Ada Demo", "demo@host", "why it was done", "i1<", "c000001", "offer_crossing"):
        assert name not in page
    assert found.head in page
    assert page == report_page(of(ledger))


def test_nothing_hostile_reaches_page_or_terminal(tmp_path):
    path = tmp_path / "shared.jsonl"
    with ledger_turn(path) as turn:
        record(turn, EVIL, share_of(turn, EVIL, ["i1"], language=EVIL))
    found = of(path)
    page = report_page(found)
    assert "<script" not in page
    assert "\u202e" not in page
    assert "default-src 'none'" in page
    assert all(line.isprintable() for line in report_lines(found))


def test_a_page_has_at_most_a_thousand_rows_of_a_kind_and_counts_the_rest(tmp_path):
    path = tmp_path / "shared.jsonl"
    share(path, "one", [f"i{i}" for i in range(MOST_ROWS + 7)], expires="2027-01-02")
    page = report_page(of(path))
    assert page.count("<code>R-") == MOST_ROWS
    assert "And 7 more, which are not shown here." in page
    assert "1,007" in page


def test_the_page_is_private_and_is_replaced(ledger, tmp_path):
    folder = tmp_path / "pages"
    page = write_report(folder, of(ledger))
    assert write_report(folder, of(ledger)) == page
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [one.name for one in folder.iterdir()] == ["ledger.html"]
    with pytest.raises(InputError, match="cannot be written"):
        write_report(page, of(ledger))


def wait(path, reference, now=NOW):
    return wait_of(outstanding(read_ledger(path))[reference], time(), now)


@pytest.mark.parametrize(
    ("answers", "days", "removed"),
    [
        ([], 40, False),
        ([("removed", 4)], 4, True),
        ([("removed", None)], 9, True),
        ([("kept", 3), ("removed", 20)], 20, True),
        ([("removed", 4), ("removed", 8)], 4, True),
        ([("no answer", 3)], 40, False),
        ([("restricted", 6)], 6, False),
        ([("account action", 6)], 6, False),
        *(([(kind, 5)], 5, False) for kind in ("already gone", "not found", "duplicate", "kept")),
        ([("already gone", 2), ("removed", 6)], 2, False),
        ([("removed", 2), ("already gone", 6)], 6, False),
    ],
)
def test_what_a_notice_waited_for(tmp_path, answers, days, removed):
    path = tmp_path / "shared.jsonl"
    [name] = share(path, "one", ["i1"])
    for kind, day in answers:
        answer(path, "one", name, kind, day, recorded=9 if day is None else day)
    found = wait(path, name)
    assert (found.days, found.removed) == (days, removed)
    assert found.at_latest == (answers == [("removed", None)])


def test_a_withdrawal_ends_the_wait(tmp_path):
    path = tmp_path / "shared.jsonl"
    [name] = share(path, "one", ["i1"])
    withdraw(path, "one", [name], 6)
    assert wait(path, name) == Wait(6, False)
    answer(path, "one", name, "removed", 10)
    assert wait(path, name) == Wait(6, False)


def test_a_clock_that_went_back_gives_no_negative_wait(tmp_path):
    path = tmp_path / "shared.jsonl"
    [name] = share(path, "one", ["i1"])
    assert wait(path, name, START - datetime.timedelta(days=1)).days == 0


def test_hashes_are_no_notices_and_a_later_notice_starts_its_own_wait(tmp_path):
    path = tmp_path / "shared.jsonl"
    [name] = share(path, "one", ["i1"], kinds=("hashes",))
    assert of(path).all.removal.notices == 0
    share(path, "one", ["i1"], 10)
    answer(path, "one", name, "removed", 12)
    found = of(path).all.removal
    assert (found.notices, found.removed) == (1, 1)


def test_below_ten_removals_nothing_is_said():
    waits = [Wait(float(day), True) for day in range(9)] + [Wait(50, False)] * 90
    assert not removal_of(waits).can_say
    assert removal_of(waits).median is None
    assert removal_of(waits).by_day == ()
    assert removal_words(removal_of(waits)).startswith("cannot say: 9 removals of 99 notices")
    assert removal_words(removal_of([])) == "no notice was sent"


def survival(waits):
    """Kaplan and Meier's product, worked without a library."""
    left, steps = 1.0, []
    for day in sorted({one.days for one in waits}):
        risk = sum(one.days >= day for one in waits)
        left *= 1 - sum(one.removed and one.days == day for one in waits) / risk
        steps.append((day, left))
    return steps


@pytest.mark.parametrize("seed", range(3))
def test_times_are_those_of_the_product_worked_by_hand(seed):
    rng = np.random.default_rng(seed)
    waits = [Wait(float(day), bool(hit)) for day, hit in
             zip(rng.integers(0, 60, 80), rng.random(80) < 0.6, strict=True)]  # fmt: skip
    steps, found = survival(waits), removal_of(waits)
    assert found.median == next((day for day, left in steps if left <= 0.5), None)
    for one in found.by_day:
        wanted = [1.0, *(left for day, left in steps if day <= one.days)][-1]
        assert one.share == pytest.approx(1 - wanted)
        assert 0 <= one.low <= one.share <= one.high <= 1
    assert found.low is None or found.low <= found.median


def test_when_all_are_removed_the_interval_of_the_end_is_no_number_that_is_none():
    found = removal_of([Wait(float(day), True) for day in range(1, 21)])
    assert found.median == 10
    assert found.low == pytest.approx(5, abs=1)
    assert found.high == pytest.approx(14, abs=1)
    same = removal_of([Wait(2.0, True)] * 12)
    assert (same.median, same.low, same.high) == (2, 2, None)
    assert "no upper end" in removal_words(same)


def test_a_median_that_is_not_reached_is_said_so():
    waits = [Wait(float(day), True) for day in range(12)] + [Wait(50.0, False)] * 88
    assert removal_of(waits).median is None
    assert "fewer than half of 100 notices are removed" in removal_words(removal_of(waits))
    assert removal_of(waits).by_day[-1].days == 30
    assert removal_of(waits).by_day[-1].share == pytest.approx(0.12)


def test_the_median_of_a_ledger_is_on_page_and_in_figures(tmp_path):
    path = tmp_path / "shared.jsonl"
    names = share(path, "one", [f"i{i:02}" for i in range(12)])
    for day, name in enumerate(names):
        answer(path, "one", name, "removed", day + 1)
    found = of(path)
    assert found.figures()["share/median_days_to_removal"] == 6
    assert "Half are removed within 6.0 days" in report_page(found)
    assert "58 %" in report_page(found)
