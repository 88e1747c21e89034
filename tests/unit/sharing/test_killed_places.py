"""A share and a retraction killed at every place where they change a file: the same act ends each."""

from kills.places import forked
from made_shares import config, share

from adverts.sharing.ledger.open_ledger import read_ledger
from adverts.sharing.ledger.verify_sent import verify_sent


def names(folder):
    return {str(one.relative_to(folder)) for one in folder.rglob("*")}


def test_a_share_killed_at_every_place_is_ended_by_the_same_command(tmp_path):
    def act(folder):
        return lambda: share(config(folder))

    whole = tmp_path / "whole"
    whole.mkdir()
    places = forked(act(whole), whole)
    for number in range(1, len(places) + 1):
        folder = tmp_path / f"at{number}"
        folder.mkdir()
        assert forked(act(folder), folder, number) is None
        assert forked(act(folder), folder), places[number - 1]
        assert len(read_ledger(folder / "shared.jsonl")) == 1, places[number - 1]
        assert verify_sent(folder / "out", folder / "shared.jsonl") == ()
        assert names(folder) == names(whole), places[number - 1]
