"""What an engineer reads about both files is true."""

from __future__ import annotations

import typing

from made_outgoing import History, recipient, shared_item

from adverts_findings.campaigns.grouping.yardstick import word
from adverts_findings.sharing.ledger.ledger_entry import SignalType
from adverts_findings.sharing.stix.carries import CARRIES
from adverts_findings.sharing.stix.misp_event import RELATIONS
from adverts_findings.sharing.stix.objects_of_stays import HASHES
from adverts_findings.sharing.stix.readme_stix import misp_section, stix_section


def test_the_scale_of_confidence_is_that_of_the_bank() -> None:
    text = " ".join(stix_section(History().share(shared_item(1))).split())
    for low, high in ((95, 99), (80, 90), (55, 75), (40, 50)):
        name = word(low / 100, calibrated=True)
        assert name == word(high / 100, calibrated=True)
        assert f"{low} to {high} {name.split(' or ')[0]}" in text.replace(" a real", " real")


def test_the_sections_state_the_traffic_light_and_whether_to_detect() -> None:
    made = History(recipient=recipient(tlp="green", to_ids=False))
    sent = made.share(shared_item(1))
    assert "TLP:GREEN" in stix_section(sent)
    assert "`tlp:green`" in misp_section(sent)
    assert "`to_ids` is false as agreed" in misp_section(sent)


def test_each_section_is_short() -> None:
    sent = History().share(shared_item(1))
    assert all(text(sent).count("\n* ") <= 11 for text in (stix_section, misp_section))


def test_the_table_of_what_formats_carry_covers_every_kind_of_hash() -> None:
    texts = {one for one in typing.get_args(SignalType) if one.startswith("text_")}
    assert set(typing.get_args(SignalType)) - texts == set(HASHES) == set(RELATIONS)
    rows = {one.thing: one for one in CARRIES}
    assert len(rows) == len(CARRIES)
    fingerprint = rows["fingerprint of a text, exact or near"]
    assert (fingerprint.stix, fingerprint.misp) == ("", "")
