"""Nothing of the unit's people, names of adverts or the bank is in what a recipient imports."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from made_outgoing import ACCOUNT, APPROVER, History, histories, shared_item
from unit.findings.sharing.stix.reading import attributes_of, misp_of, of_type, stix_of

from adverts_findings.sharing.outgoing import Outgoing
from adverts_findings.sharing.stix.write_misp import write_misp
from adverts_findings.sharing.stix.write_stix import write_stix

pytestmark = pytest.mark.promise

A, B = shared_item(1), shared_item(2, campaign="c000077")


def _texts(folder: Path, outgoing: Outgoing) -> str:
    write_stix(folder, outgoing)
    write_misp(folder, outgoing)
    return "".join(
        (folder / name).read_text(encoding="utf-8") for name in ("stix.json", "misp.json")
    )


@settings(deadline=None, max_examples=20)
@given(histories())
def test_no_person_no_name_of_an_advert_and_no_name_of_the_bank_is_written(
    tmp_path_factory: pytest.TempPathFactory, made: History
) -> None:
    sent = made.outgoing()
    text = _texts(tmp_path_factory.mktemp("send"), sent)
    items = [one.item for one in (*sent.current, *sent.removed)]

    people = [APPROVER, "Ada", ACCOUNT, "Bo Demo", "a reason in words"]
    originals = [
        value
        for one in sent.originals.values()
        for value in (one.advert, one.platform_item_id, one.text, one.template)
    ]
    names = [value for one in items for value in (one.item, one.campaign, one.platform)]
    assert [one for one in (*people, *originals, *names) if one in text] == []
    assert re.findall(r"https?://\S+", text) == []


def test_the_banks_name_of_a_campaign_changes_nothing_that_is_written(tmp_path: Path) -> None:
    """Nobody can find it by trying all names: no id and no name is made of it."""

    def written(campaign: str) -> tuple[object, ...]:
        sent = History().share(replace(A, campaign=campaign), B)
        stix = {
            name: one for name, one in stix_of(tmp_path, sent).items() if one["type"] != "report"
        }
        return stix, attributes_of(misp_of(tmp_path, sent))

    assert written("c000012") == written("c000999")


def test_two_recipients_have_no_id_and_no_name_of_a_campaign_in_common(tmp_path: Path) -> None:
    def written(name: str, number: int) -> tuple[set[str], set[str]]:
        made = History(name=name)
        stix = stix_of(tmp_path, made.share(replace(A, reference=f"R-{number:016x}")))
        event = misp_of(tmp_path, made.outgoing())
        ids = {one for one in stix if not one.startswith("marking-definition")}
        names = {one["name"] for one in of_type(stix, "campaign")}
        assert {one["value"] for one in attributes_of(event)} >= names
        return ids | {one["uuid"] for one in (event, *attributes_of(event))}, names

    ids, names = written("demo-police", 1)
    other_ids, other_names = written("demo-partner", 2)
    assert ids.isdisjoint(other_ids)
    assert names.isdisjoint(other_names)


def test_both_files_name_a_campaign_alike(tmp_path: Path) -> None:
    sent = History().share(A)
    (campaign,) = of_type(stix_of(tmp_path, sent), "campaign")
    values = {one["value"] for one in attributes_of(misp_of(tmp_path, sent))}
    assert campaign["name"] in values
