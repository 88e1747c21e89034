"""A sent folder and its ledger: each way in which they no longer fit is named in one line."""

from __future__ import annotations

import datetime
import hashlib
import json

import pytest
from made_ledger import confirm, record, share, share_of, withdraw

from adverts.errors import InputError, IntegrityError
from adverts_findings.sharing.ledger.open_ledger import ledger_turn, read_ledger
from adverts_findings.sharing.ledger.verify_sent import ended_lines, verified_words, verify_sent

pytestmark = pytest.mark.promise


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "shared.jsonl"
    share(path, "one", ["i1"])
    share(path, "two", ["i2"], 1)
    return path


@pytest.fixture
def sent(ledger, tmp_path):
    """The folder of the ledger's second line."""
    folder = tmp_path / "out" / "send"
    folder.mkdir(parents=True)
    for name in ("hashes.txt", "hashes.csv"):
        (folder / name).write_text(name)
    write_manifest(folder, read_ledger(ledger)[1])
    (folder / "signature.json").write_text("{}")
    return folder


def write_manifest(folder, entry, **more):
    files = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.iterdir()
             if one.name.startswith("hashes")}  # fmt: skip
    plain = {"schema_version": 1, "recipient": entry.recipient, "reference": entry.reference,
             "ledger": {"number": entry.number, "hash": entry.hash}, "files": files}  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(plain | more))


def anew(ledger, lines):
    """Remove a ledger with its count, and begin it anew."""
    ledger.unlink()
    ledger.with_name("shared_count.json").unlink()
    for number in range(lines):
        share(ledger, "one", [f"i{number + 1}"], number)


def test_a_folder_as_it_was_sent_has_no_fault_even_after_more_lines(ledger, sent):
    assert verify_sent(sent, ledger) == ()
    share(ledger, "one", ["i3"], 2)
    assert verify_sent(sent.parent, ledger) == ()
    assert "2 files as written, and line 2 of the ledger is there" in verified_words(sent)


def test_changed_missing_and_added_files_are_each_a_line(ledger, sent):
    (sent / "hashes.txt").write_text("more")
    (sent / "hashes.csv").unlink()
    (sent / "evil\x1b.sh").write_text("")
    lines = verify_sent(sent, ledger)
    assert [one.rpartition("/")[2] for one in lines] == [
        "hashes.csv is missing; it was sent",
        "hashes.txt is not the file that was sent: its sha256 is another one",
        "evil?.sh was not sent: the manifest does not name it",
    ]
    assert all(one.isprintable() for one in lines)


def test_a_link_in_place_of_a_file_is_no_file(ledger, sent, tmp_path):
    (tmp_path / "elsewhere").write_text("hashes.txt")
    (sent / "hashes.txt").unlink()
    (sent / "hashes.txt").symlink_to(tmp_path / "elsewhere")
    assert "hashes.txt is missing" in verify_sent(sent, ledger)[0]


@pytest.mark.parametrize("name", ["../shared.jsonl", "/etc/hostname", "..", "a/b"])
def test_a_manifest_that_names_files_elsewhere_is_named(ledger, sent, name):
    write_manifest(sent, read_ledger(ledger)[1], files={name: "0" * 64})
    assert "which is no file of the folder" in verify_sent(sent, ledger)[0]


def test_a_cut_ledger_is_named_even_if_its_count_was_made_to_fit(ledger, sent):
    first = ledger.read_bytes().split(b"\n")[0] + b"\n"
    ledger.write_bytes(first)
    [line] = verify_sent(sent, ledger)
    assert "ends at line 1 of 2: its end was cut off" in line
    told = {"schema_version": 1, "number": 1, "hash": read_hash(first)}
    ledger.with_name("shared_count.json").write_text(json.dumps(told))
    [line] = verify_sent(sent, ledger)
    assert "ends at line 1, but S-" in line
    assert "was sent with line 2: its end was cut off" in line


def read_hash(line):
    return json.loads(line)["hash"]


@pytest.mark.parametrize(
    ("lines", "told"), [(0, "ends at line 0"), (1, "ends at line 1"), (2, "another ledger"),
                        (5, "another ledger")],
)  # fmt: skip
def test_a_ledger_that_was_removed_and_begun_anew_is_named(ledger, sent, lines, told):
    anew(ledger, lines)
    [line] = verify_sent(sent, ledger)
    assert told in line


def test_an_edited_ledger_is_named_beside_faults_of_files(ledger, sent):
    ledger.write_text(ledger.read_text().replace("removal", "revenge", 1))
    (sent / "hashes.txt").write_text("more")
    first, second = verify_sent(sent, ledger)
    assert "hashes.txt" in first
    assert "shared.jsonl, line 1: it is not what was written" in second


def test_a_manifest_with_the_head_of_another_act_is_named(ledger, sent):
    write_manifest(sent, read_ledger(ledger)[0], reference="S-0000000000000000")
    [line] = verify_sent(sent, ledger)
    assert "the manifest was changed" in line


def test_a_folder_of_which_no_line_was_written_is_named(ledger, sent):
    with ledger_turn(ledger) as turn:
        made = share_of(turn, "one", ["i9"])
        args = {"at": "2027-02-01T00:00:00+00:00", "reference": "S-1", "recipient": "one",
                "account": "a", "approved_by": "b", "reason": ""}  # fmt: skip
        entry = turn.next_entry(**args, act=made)
    write_manifest(sent, entry)
    assert "ends at line 2, but S-1 was sent with line 3" in verify_sent(sent, ledger)[0]
    with ledger_turn(ledger) as turn:
        record(turn, "one", made, 3)
    assert "line 3 is not the one that S-1 was sent with" in verify_sent(sent, ledger)[0]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"ledger": 1, "files": {}}', '{"files": 3}', "\0", "[" * 1000,
             '{"reference": "S", "ledger": {"number": "1", "hash": ""}, "files": {}}'],
)  # fmt: skip
def test_a_damaged_manifest_is_one_line(ledger, sent, text):
    (sent / "manifest.json").write_text(text)
    with pytest.raises(IntegrityError, match=r"manifest.json is"):
        verify_sent(sent, ledger)


def test_a_folder_without_a_manifest_is_one_line(ledger, tmp_path):
    with pytest.raises(InputError, match="give the folder send/ of a share"):
        verify_sent(tmp_path / "nowhere", ledger)


@pytest.mark.parametrize("name", ["at", "purpose", "expires"])
def test_a_manifest_that_states_something_else_than_the_ledger_is_named(ledger, sent, name):
    write_manifest(sent, read_ledger(ledger)[1], **{name: "2099-01-01"})
    [line] = verify_sent(sent, ledger)
    assert f"states {name} '2099-01-01'" in line


def test_what_is_over_of_a_folder_is_said_with_when_and_why(ledger, sent):
    day = datetime.date(2027, 6, 30)
    assert ended_lines(sent, read_ledger(ledger), day) == []
    [head, told] = ended_lines(sent, read_ledger(ledger), day + datetime.timedelta(days=1))
    assert head.startswith("expired: 1 of 1 item of S-")
    assert "expired on 2027-06-30, and not withdrawn: R-" in told
    [name] = [one.reference for one in read_ledger(ledger)[1].shared.items]
    withdraw(ledger, "two", [name], 3, cause="appeal upheld")
    confirm(ledger, "two", [name], 4)
    [head, told] = ended_lines(sent, read_ledger(ledger), day)
    assert head.startswith("withdrawn: 1 of 1 item of S-")
    assert "withdrawn on 2027-01-04 by W-" in told
    assert "(appeal upheld: why it was done), 1 of 1 confirmed gone: R-" in told


def test_a_list_of_hashes_is_over_in_part_where_an_earlier_share_was_taken_back(ledger, sent):
    [old] = share(ledger, "two", ["i7"], 2, kinds=("hashes",))
    share(ledger, "two", ["i8"], 3, kinds=("hashes",))
    write_manifest(sent, read_ledger(ledger)[3])
    withdraw(ledger, "two", [old], 4)
    head, told = ended_lines(sent, read_ledger(ledger), datetime.date(2027, 2, 1))
    assert "1 of 2 items" in head
    assert old in told
