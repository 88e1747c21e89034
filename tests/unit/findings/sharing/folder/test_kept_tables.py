"""The tables that a unit keeps of a share."""

from dataclasses import replace

from csv_readers import rows_everywhere
from made_notices import item, outgoing

from adverts_findings.sharing.leaving.item import Refusal
from adverts_findings.sharing.write_folder import write_folder


def test_every_reader_sees_what_was_shared_and_what_was_not(tmp_path):
    share = outgoing(item(1), item(2))
    originals = {name: replace(one, advert=f"=1\r{name}") for name, one in share.originals.items()}
    refusals = [Refusal("i\r1", "notice", 'not "reviewed"\r\nyet'), Refusal("i2", "misp", "x")]
    write_folder(
        tmp_path / "out", replace(share, originals=originals), refusals=refusals, sign_with=None
    )
    header, *items = rows_everywhere(tmp_path / "out" / "keep" / "items.csv")
    assert header == ["reference", "advert", "campaign"]
    assert [row[1] for row in items] == [f"'=1\r{name}" for name in sorted(originals)]
    header, *refused = rows_everywhere(tmp_path / "out" / "keep" / "refused.csv")
    assert [row[0] for row in refused] == ["i\r1", "i2"]
    assert refused[0][header.index("reason")] == 'not "reviewed"\r\nyet'
