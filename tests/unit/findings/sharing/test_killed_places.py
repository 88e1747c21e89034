"""Shares and retractions killed at every place where they change a file: the same act ends each."""

import pytest
from kills.places import forked
from made_shares import config, share, take_back

from adverts_findings.sharing.ledger.open_ledger import read_ledger
from adverts_findings.sharing.ledger.verify_sent import verify_sent

pytestmark = pytest.mark.promise


def names(folder):
    return {str(one.relative_to(folder)) for one in folder.rglob("*")}


def kill_everywhere(tmp_path, ready, act, *, from_place, wanted):
    """Kill an act at each place from the first of a name on, do it again, and look at the files."""
    whole = tmp_path / "whole"
    whole.mkdir()
    ready(whole)
    act(whole)
    traced = tmp_path / "traced"
    traced.mkdir()
    ready(traced)
    places = forked(lambda: act(traced), traced)
    first = 1 + next(i for i, place in enumerate(places) if from_place in place)
    for number in range(first, len(places) + 1):
        folder = tmp_path / f"at{number}"
        folder.mkdir()
        ready(folder)
        assert forked(lambda: act(folder), folder, number) is None  # noqa: B023 - called here
        act(folder)
        where = f"killed before {places[number - 1]}"
        assert len(read_ledger(folder / "shared.jsonl")) == wanted, where
        assert names(folder) == names(whole), where
        for record in folder.rglob("share.json"):
            assert verify_sent(record.parent, folder / "shared.jsonl") == (), where
    return places


def share_notice(folder, recipient="aster"):
    out = folder / f"out-{recipient}"
    share(config(folder, kinds=["notice"], recipient=recipient, share_dir=out))


def share_twice(folder):
    share_notice(folder)
    share_notice(folder, "birch")


def take_back_first(folder):
    first = read_ledger(folder / "shared.jsonl")[0].shared.items[0].reference
    made = take_back(folder, first)
    assert [one.entry.recipient for one in made] == ["aster", "birch"]


def test_a_share_killed_between_its_last_file_and_its_folder_is_ended_by_the_same_act(tmp_path):
    start = "out-aster.partial/share.json"
    ready = lambda folder: None  # noqa: E731
    places = kill_everywhere(tmp_path, ready, share_notice, from_place=start, wanted=1)
    assert "os.rename out-aster.partial out-aster" in places


@pytest.mark.slow
def test_a_retraction_killed_between_two_recipients_tells_of_both_when_it_is_done_again(tmp_path):
    start = "os.rename back/aster.partial"
    kill_everywhere(tmp_path, share_twice, take_back_first, from_place=start, wanted=4)


@pytest.mark.slow
def test_a_share_of_all_kinds_killed_at_any_place_is_ended_by_the_same_act(tmp_path):
    act = lambda folder: share(config(folder))  # noqa: E731
    kill_everywhere(tmp_path, lambda folder: None, act, from_place="", wanted=1)
