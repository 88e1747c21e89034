"""The ledger: whatever was changed, torn, cut or begun anew is named, and what is out is right."""

from __future__ import annotations

import datetime
import json
import os
import stat
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_ledger import WHO, answer, answered, confirm, record, share, share_of, time, withdraw

from adverts.chained_file import ChainedFile
from adverts.errors import InputError, IntegrityError
from adverts.record_chain import chained, line_of
from adverts_findings.sharing.ledger.erase_people import erase_people
from adverts_findings.sharing.ledger.ledger_entry import LEDGER_VERSION, Answered, Withdrawn
from adverts_findings.sharing.ledger.open_ledger import ledger_turn, read_ledger
from adverts_findings.sharing.ledger.outstanding import outstanding
from adverts_findings.sharing.ledger.references import act_reference, item_reference

pytestmark = pytest.mark.promise


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "shared.jsonl"
    one, two = share(path, "one", ["i1", "i2"])
    share(path, "two", ["i1"], 1)
    withdraw(path, "one", [one], 2)
    answer(path, "one", two, day=3)
    return path


def count_of(path):
    return path.with_name("shared_count.json")


def lines_of(path):
    return path.read_bytes().splitlines(keepends=True)


def change(path, line, **more):
    lines = lines_of(path)
    lines[line - 1] = json.dumps(json.loads(lines[line - 1]) | more).encode() + b"\n"
    path.write_bytes(b"".join(lines))


def rewrite(path, *entries):
    """Write a ledger anew with a whole chain, whatever its entries say."""
    made, before = [], "0" * 64
    for number, entry in enumerate(entries, start=1):
        entry = chained(replace(entry, number=number, before=before), LEDGER_VERSION)
        before = entry.hash
        made.append(entry)
    path.write_bytes(b"".join(line_of(one, LEDGER_VERSION) for one in made))
    told = {"schema_version": LEDGER_VERSION, "number": len(made), "hash": before}
    count_of(path).write_text(json.dumps(told))


def test_what_was_recorded_is_read_and_private(ledger):
    entries = read_ledger(ledger)
    assert [one.number for one in entries] == [1, 2, 3, 4]
    assert entries[0].approved_by.value == "Ada Demo"
    for path in (ledger, count_of(ledger)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_ledger_has_no_entries_and_none_is_made(tmp_path):
    assert read_ledger(tmp_path / "shared.jsonl") == ()
    assert list(tmp_path.iterdir()) == []


def test_whole_numbers_in_place_of_decimal_ones_keep_the_chain(tmp_path):
    path = tmp_path / "shared.jsonl"
    with ledger_turn(path) as turn:
        one = replace(share_of(turn, "one", ["i1"]), probability={"c000001": -1})
        record(turn, "one", one)
    assert read_ledger(path)[0].shared.probability == {"c000001": -1.0}


@pytest.mark.parametrize("line", [1, 3, 4])
@pytest.mark.parametrize("more", [{"at": time(9)}, {"recipient": "two"}, {"before": "e" * 64}])
def test_an_edited_line_is_named(ledger, line, more):
    change(ledger, line, **more)
    with pytest.raises(IntegrityError, match=rf"shared.jsonl, line {line}: it is not what was"):
        read_ledger(ledger)
    with pytest.raises(IntegrityError, match=f"line {line}"), ledger_turn(ledger):
        pass


def test_a_changed_item_of_a_share_is_named(ledger):
    text = ledger.read_text()
    ledger.write_text(text.replace('"item": "i2"', '"item": "i3"', 1))
    with pytest.raises(IntegrityError, match="line 1: it is not what was written"):
        read_ledger(ledger)


@pytest.mark.parametrize("kept", [0, 1, 3])
def test_a_tail_that_was_cut_is_named(ledger, kept):
    ledger.write_bytes(b"".join(lines_of(ledger)[:kept]))
    with pytest.raises(IntegrityError, match=f"ends at line {kept} of 4: its end was cut off"):
        read_ledger(ledger)


def test_a_removed_ledger_is_named_as_long_as_its_count_is_there(ledger):
    ledger.unlink()
    with pytest.raises(IntegrityError, match="ends at line 0 of 4"):
        read_ledger(ledger)


def test_a_cut_tail_with_its_count_removed_is_named(ledger):
    ledger.write_bytes(b"".join(lines_of(ledger)[:3]))
    count_of(ledger).unlink()
    with pytest.raises(IntegrityError, match="shared_count.json counts 0 of 3 lines of the ledger"):
        read_ledger(ledger)


def test_a_torn_last_line_is_no_line_and_is_written_over(ledger):
    with ledger.open("ab") as file:
        file.write(b'{"schema_version": 1, "number": 5')
    assert len(read_ledger(ledger)) == 4
    share(ledger, "two", ["i5"], 5)
    assert len(read_ledger(ledger)) == 5


def test_a_counted_line_that_lost_its_end_is_named(ledger):
    os.truncate(ledger, ledger.stat().st_size - 1)
    with pytest.raises(IntegrityError, match="ends at line 3 of 4"):
        read_ledger(ledger)


class _Killed(BaseException):
    """Stands for a SIGKILL."""


def test_a_writer_killed_between_line_and_count_is_mended_by_the_next(ledger, monkeypatch):
    def killed(*_):
        raise _Killed

    for number in (5, 6):
        with monkeypatch.context() as patch:
            patch.setattr(ChainedFile, "_count_as_last", killed)
            if number == 6:  # the next writer first counts the line before its own
                patch.undo()
            if number == 5:
                with pytest.raises(_Killed):
                    share(ledger, "two", ["i5"], 5)
            else:
                share(ledger, "two", ["i6"], 6)
        assert len(read_ledger(ledger)) == number
    assert json.loads(count_of(ledger).read_text())["number"] == 6


def test_a_ledger_of_another_version_says_so(ledger):
    change(ledger, 1, schema_version=2)
    with pytest.raises(
        IntegrityError, match="line 1: schema_version is 2, this release reads 1; .*use the release"
    ):
        read_ledger(ledger)


def test_any_other_file_is_no_ledger(tmp_path):
    path = tmp_path / "reviews.jsonl"
    path.write_text('{"schema_version": 1, "item": "i1"}\n')
    with pytest.raises(IntegrityError, match=r"reviews.jsonl, line 1"):
        read_ledger(path)


@pytest.mark.parametrize(
    ("alter", "told"),
    [
        (lambda one: replace(one, withdrawn=Withdrawn({"R-0": "asked"})), "withdraws R-0, which"),
        (lambda one: replace(one, withdrawn=Withdrawn({})), "withdraws nothing"),
        (lambda one: replace(one, recipient="two"), "never shared with two"),
        (lambda one: replace(one, withdrawn=None), "has 0 acts"),
        (lambda one: replace(one, answered=answered("R-0")), "has 2 acts"),
        (lambda one: replace(one, at="2027-01-01"), "has the time '2027-01-01', wanted one in UTC"),
        (lambda one: replace(one, withdrawn=None, answered=answered("R-0")), "answers R-0"),
    ],
)
def test_a_line_that_cannot_follow_is_named_even_if_its_chain_holds(ledger, alter, told):
    entries = list(read_ledger(ledger))
    rewrite(ledger, *entries[:2], alter(entries[2]), entries[3])
    with pytest.raises(IntegrityError, match=f"shared.jsonl, line 3: it .*{told}"):
        read_ledger(ledger)


@pytest.mark.parametrize(
    ("recipient", "more", "told"),
    [
        ("one", {"expires": "soon"}, "expires on 'soon'"),
        ("one", {"items": ()}, "shares nothing"),
        ("two", {}, "is the reference of another item"),
    ],
)
def test_a_share_that_cannot_be_is_refused_and_nothing_is_recorded(ledger, recipient, more, told):
    before = ledger.read_bytes()
    with ledger_turn(ledger) as turn:
        made = replace(share_of(turn, "one", ["i2"]), **more)
        with pytest.raises(InputError, match=f"the next line .*{told}.*; nothing was recorded"):
            record(turn, recipient, made)
    assert ledger.read_bytes() == before


def test_two_acts_of_one_reference_are_refused_and_named(ledger):
    entries = read_ledger(ledger)
    with ledger_turn(ledger) as turn, pytest.raises(InputError, match="which an earlier line has"):
        turn.append(replace(entries[3], number=5, before=turn.head))
    again = replace(entries[3], reference=entries[0].reference)
    rewrite(ledger, *entries[:3], again)
    with pytest.raises(IntegrityError, match="line 4: it has the reference S-"):
        read_ledger(ledger)


def test_a_withdrawn_reference_is_never_given_again(ledger):
    [old] = [name for name, one in outstanding(read_ledger(ledger)).items() if one.withdrawal]
    with ledger_turn(ledger) as turn:
        again = share_of(turn, "one", ["i1"])
        assert again.items[0].reference != old
        withdrawn = replace(again, items=(replace(again.items[0], reference=old),))
        with pytest.raises(InputError, match="again, which was withdrawn"):
            record(turn, "one", withdrawn)
    [new] = share(ledger, "one", ["i1"], 5)
    assert share(ledger, "one", ["i1"], 6, kinds=("hashes",)) == [new]
    assert outstanding(read_ledger(ledger))[new].kinds == ("notice", "hashes")


def test_an_item_that_is_out_keeps_its_reference(ledger):
    with ledger_turn(ledger) as turn:
        made = share_of(turn, "one", ["i2"])
        other = replace(made, items=(replace(made.items[0], reference="R-0"),))
        with pytest.raises(InputError, match="shares R-0, which is out as R-"):
            record(turn, "one", other)


def test_a_line_that_could_not_be_read_again_is_not_written(ledger):
    before = ledger.read_bytes()
    with ledger_turn(ledger) as turn:
        for value in (float("nan"), "\ud800"):
            made = replace(share_of(turn, "one", ["i7"]), probability={"c1": value})
            with pytest.raises(InputError, match="cannot be kept"):
                record(turn, "one", made)
    assert ledger.read_bytes() == before


def test_several_acts_of_one_turn_follow_each_other(tmp_path):
    path = tmp_path / "new" / "shared.jsonl"
    with ledger_turn(path) as turn:
        assert turn.head == "0" * 64
        first = record(turn, "one", share_of(turn, "one", ["i1"]))
        assert turn.head == first.hash
        record(turn, "one", Withdrawn({first.shared.items[0].reference: "expired"}))
        assert len(turn.entries) == 2
    assert len(read_ledger(path)) == 2


def test_an_error_of_the_block_is_its_own_and_leaves_the_ledger_free(ledger):
    with pytest.raises(OSError, match="elsewhere"), ledger_turn(ledger):
        raise OSError("elsewhere")
    share(ledger, "two", ["i9"], 9)


def test_after_a_full_disk_nothing_more_is_recorded_in_the_turn(ledger, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with ledger_turn(ledger) as turn:
        with monkeypatch.context() as patch:
            patch.setattr(ChainedFile, "_count_as_last", full)
            with pytest.raises(InputError, match=r"could not be ended: S-\w+ is in it as line 5"):
                record(turn, "two", share_of(turn, "two", ["i8"]))
        with pytest.raises(InputError, match="start again"):
            record(turn, "two", share_of(turn, "two", ["i8"]))
    share(ledger, "two", ["i9"], 9)
    assert len(read_ledger(ledger)) in (5, 6)


def test_names_up_to_a_day_are_erased_and_nothing_else(ledger):
    whole = outstanding(read_ledger(ledger))
    assert erase_people(ledger, datetime.date(2027, 1, 2)) == 2
    assert erase_people(ledger, datetime.date(2027, 1, 2)) == 0
    entries = read_ledger(ledger)
    assert [one.approved_by.value for one in entries] == ["", "", "Ada Demo", "Ada Demo"]
    assert outstanding(entries) == whole
    first = ledger.read_bytes().split(b"\n")[0]
    for name in WHO.values():
        assert name.encode() not in first
    share(ledger, "two", ["i9"], 9)
    assert len(read_ledger(ledger)) == 5
    erase_people(ledger, datetime.date(2030, 1, 1))
    assert b"Ada" not in ledger.read_bytes()
    assert stat.S_IMODE(ledger.stat().st_mode) == 0o600


def test_references_differ_by_recipient_item_and_generation():
    made = {item_reference(who, item, before) for who in "ab" for item in "cd" for before in "ef"}
    assert len(made) == 8
    assert item_reference("a", "bc", "d") != item_reference("ab", "c", "d")
    assert item_reference("a", "b", "c") == item_reference("a", "b", "c")
    assert act_reference("S", "h", "a") != act_reference("W", "h", "a")[:1].replace("W", "S")
    assert len(act_reference("S", "h", "a")) == 18


ITEMS, RECIPIENTS = ("i1", "i2", "i3"), ("one", "two")
ACT = st.tuples(
    st.sampled_from(["share", "withdraw", "confirm", "answer", "erase"]),
    st.sampled_from(RECIPIENTS),
    st.sets(st.sampled_from(ITEMS), min_size=1),
)


class Model:
    """What is out, in as few words as can be: state, whether confirmed, answers, by reference."""

    def __init__(self):
        self.newest, self.states = {}, {}

    def share(self, path, who, items, day):
        for item, name in zip(items, share(path, who, items, day), strict=True):
            old = self.newest.get((who, item))
            assert (name == old) == (old is not None and self.states[old][0] == "out")
            self.newest[who, item] = name
            self.states[name] = ["out", False, self.states[name][2] if name in self.states else 0]

    def withdraw(self, path, who, items, day):
        for name in self._told(withdraw, path, who, items, day):
            self.states[name][0] = "withdrawn"

    def confirm(self, path, who, items, day):
        for name in self._told(confirm, path, who, items, day):
            self.states[name][1] = True

    def answer(self, path, who, items, day):
        for name in self._told(lambda *of: answer(of[0], of[1], of[2][0], day=day), path, who,
                               items[:1], day):  # fmt: skip
            self.states[name][2] += 1

    def erase(self, path, _who, _items, day):
        erase_people(path, datetime.date(2027, 1, 1 + day))

    def _told(self, act, path, who, items, day):
        known = [self.newest[who, one] for one in items if (who, one) in self.newest]
        if known:
            act(path, who, known, day)
        return known


@settings(deadline=None, max_examples=25)
@given(st.lists(ACT, max_size=8))
def test_what_is_out_is_what_a_simple_model_says(tmp_path_factory, acts):
    path, model = tmp_path_factory.mktemp("ledger") / "shared.jsonl", Model()
    for day, (what, who, items) in enumerate(acts):
        getattr(model, what)(path, who, sorted(items), day)
    out = outstanding(read_ledger(path))
    found = {
        name: ["out" if one.withdrawal is None else "withdrawn", not one.is_active,
               len(one.answers)]
        for name, one in out.items()
    }  # fmt: skip
    assert found == model.states
    assert {(one.recipient, one.item.item) for one in out.values()} == set(model.newest)


def test_an_answer_is_read_as_it_was_recorded(ledger):
    entry = read_ledger(ledger)[3]
    assert isinstance(entry.answered, Answered)
    assert entry.answered.answer == "removed"
