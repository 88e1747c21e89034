"""A disk that is full while something is taken back: what was done is said, and ended next time."""

from __future__ import annotations

import errno

import pytest
from made_shares import ITEMS, NOW, TAKE_BACK, WHO, config, known, offered, share, take_back

from adverts import chained_file
from adverts.errors import InputError
from adverts_findings.sharing.ledger.open_ledger import read_ledger
from adverts_findings.sharing.ledger.record_confirmed import record_confirmed
from adverts_findings.sharing.withdraw import withdraw_due

pytestmark = pytest.mark.promise

FIRST = ITEMS[0]


def full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def fill(patch, step, *, after=0):
    """Let the disk be full at one step of recording, after so many of them went well."""
    from adverts_findings.sharing import write_folder

    left = [2 * after + 1 if step == "count" else after]  # a line is counted before and after it

    def counted(real):
        def call(*given, **named):
            if left[0]:
                left[0] -= 1
                return real(*given, **named)
            return full()

        return call

    if step == "count":
        patch.setattr(chained_file, "replace_file", counted(chained_file.replace_file))
    elif step == "fsync":
        patch.setattr(chained_file.os, "fsync", counted(chained_file.os.fsync))
    elif step == "line":
        real = chained_file.ChainedFile._write
        patch.setattr(chained_file.ChainedFile, "_write", counted(real))
    else:
        patch.setattr(write_folder, "write_manifest", counted(write_folder.write_manifest))


@pytest.fixture
def ledger(tmp_path):
    share(config(tmp_path), offered(FIRST))
    share(config(tmp_path, recipient="birch", share_dir=tmp_path / "b"), offered(FIRST))
    return tmp_path / "shared.jsonl"


def acts(path):
    return [one.reference[:1] for one in read_ledger(path)]


def reference(path):
    return read_ledger(path)[0].shared.items[0].reference


@pytest.mark.parametrize("step", ["count", "line", "folder"])
@pytest.mark.parametrize("after", [0, 1])
def test_a_retraction_on_a_full_disk_says_what_was_done_and_the_same_command_ends_it(
    ledger, tmp_path, monkeypatch, step, after
):
    with monkeypatch.context() as patch:
        fill(patch, step, after=after)
        with pytest.raises(InputError) as told:
            take_back(tmp_path, reference(ledger))
    text = str(told.value)
    done = acts(ledger).count("W")
    assert done == after + (step == "count")
    assert "\n" not in text
    assert "same command again" in text
    for entry in read_ledger(ledger)[2:]:
        assert entry.reference in text
        assert f"{entry.recipient}/send" in text
    if step == "count":
        assert "cannot be written" not in text
        assert "is in it" in text
    made = take_back(tmp_path, reference(ledger))
    assert [one.entry.recipient for one in made] == ["aster", "birch"]
    assert all((one.folder / "send/withdrawn.json").is_file() for one in made)
    assert acts(ledger) == ["S", "S", "W", "W"]


def test_an_advert_that_was_withdrawn_and_whose_folder_is_elsewhere_is_told_by_whom(
    ledger, tmp_path
):
    take_back(tmp_path, reference(ledger))
    with pytest.raises(InputError, match="was withdrawn on .* by W-"):
        take_back(tmp_path, reference(ledger), "elsewhere")
    assert len(acts(ledger)) == 4


@pytest.mark.parametrize("step", ["count", "line"])
def test_a_due_withdrawal_on_a_full_disk_is_ended_by_the_same_command(
    ledger, tmp_path, monkeypatch, step
):
    asked = config(tmp_path, **TAKE_BACK, withdraw=True, share_dir=tmp_path / "due")

    def run():
        return withdraw_due(asked, known(campaigns={}), now=NOW, account=WHO)

    with monkeypatch.context() as patch:
        fill(patch, step)
        with pytest.raises(InputError, match="same command again"):
            run()
    made = run()
    assert len(made) == 2
    assert acts(ledger) == ["S", "S", "W", "W"]
    assert run() == made
    assert acts(ledger) == ["S", "S", "W", "W"]


@pytest.mark.parametrize("step", ["count", "line", "fsync"])
def test_a_confirmation_on_a_full_disk_is_recorded_once(ledger, tmp_path, monkeypatch, step):
    take_back(tmp_path, reference(ledger))
    name = read_ledger(ledger)[2].reference

    def run():
        return record_confirmed(ledger, name, by="Bo Demo", account=WHO, at=NOW.isoformat())

    with monkeypatch.context() as patch:
        fill(patch, step)
        with pytest.raises(InputError) as told:
            run()
    assert ("is in it" in str(told.value)) == (acts(ledger).count("C") == 1)
    run()
    assert acts(ledger) == ["S", "S", "W", "W", "C"]


def test_a_share_on_a_full_disk_is_written_by_the_same_command(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        fill(patch, "count")
        with pytest.raises(InputError, match="is in it.*same command again"):
            share(config(tmp_path), offered(FIRST))
    assert not (tmp_path / "out").exists()
    sent = share(config(tmp_path), offered(FIRST))
    assert sent.is_again
    assert (tmp_path / "out/send/manifest.json").is_file()
    assert acts(tmp_path / "shared.jsonl") == ["S"]
