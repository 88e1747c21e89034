"""The MISP event that a recipient gets: read without loss, and true to what may be used."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import replace
from pathlib import Path
from unittest import TestCase

import pytest
from hypothesis import given, settings
from made_outgoing import (
    History,
    hash_of,
    histories,
    picture_signals,
    recipient,
    shared_item,
    signal,
)
from pymisp import MISPEvent
from unit.findings.sharing.stix.reading import Plain, attribute_of, attributes_of, misp_of

from adverts_findings.sharing.outgoing import Outgoing
from adverts_findings.sharing.stix.write_misp import write_misp

A, B = shared_item(1), shared_item(2)
SAME = shared_item(3, signals=picture_signals(1), campaign="c000077")


def _eventful() -> Outgoing:
    made = History()
    made.share(A, B, shared_item(4, signals=(signal("pdq", 4),)), expires="2026-03-04")
    made.share(SAME, shared_item(5, signals=(*picture_signals(6), *picture_signals(7))))
    return made.withdraw(B.reference, hours=90)


def test_an_event_is_read_by_pymisp_without_loss(tmp_path: Path) -> None:
    with TestCase().assertNoLogs(level=logging.WARNING):
        written = misp_of(tmp_path, _eventful())
        read = MISPEvent()
        read.load_file(tmp_path / "misp.json")
    assert json.loads(read.to_json()) == written


def test_the_same_is_written_twice_byte_by_byte_in_every_time_zone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = set()
    try:
        for zone in ("UTC", "Pacific/Kiritimati", "America/Los_Angeles"):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            write_misp(tmp_path, _eventful())
            texts.add((tmp_path / "misp.json").read_bytes())
    finally:
        monkeypatch.undo()
        time.tzset()
    assert len(texts) == 1


def test_hashes_of_one_picture_are_one_object(tmp_path: Path) -> None:
    event = misp_of(tmp_path, History().share(A, SAME))
    (file,) = (one for one in event["Object"] if one["name"] == "file")
    values = {(one["object_relation"], one["value"]) for one in file["Attribute"]}
    assert values == {
        ("sha256", hash_of("sha256", 1)),
        ("md5", hash_of("md5", 1)),
        ("text", hash_of("pdq", 1)),
    }


def test_hashes_of_several_pictures_are_not_taken_for_one_picture(tmp_path: Path) -> None:
    item = replace(A, signals=(*picture_signals(6), *picture_signals(7)))
    event = misp_of(tmp_path, History().share(item))
    files = [one for one in event["Object"] if one["name"] == "file"]
    assert [len(one["Attribute"]) for one in files] == [1, 1, 1, 1]
    assert attribute_of(event, hash_of("pdq", 7)) in event["Attribute"]


def test_what_was_withdrawn_is_deleted_under_its_uuid_at_a_later_time(tmp_path: Path) -> None:
    made = History()
    before = misp_of(tmp_path, made.share(A, shared_item(4, signals=(signal("pdq", 4),))))
    after = misp_of(tmp_path, made.withdraw(A.reference, shared_item(4).reference, hours=0))

    assert before["uuid"] == after["uuid"]
    assert len(attributes_of(before)) == len(attributes_of(after)) == 5
    for one, later in zip(attributes_of(before), attributes_of(after), strict=True):
        assert one["uuid"] == later["uuid"]
        assert (one.get("deleted"), later["deleted"], later["to_ids"]) == (None, True, False)
        assert int(later["timestamp"]) > int(one["timestamp"])
    assert int(after["timestamp"]) > int(before["timestamp"])


def test_a_picture_that_another_advert_shows_is_not_deleted(tmp_path: Path) -> None:
    made = History()
    made.share(A, SAME)
    event = misp_of(tmp_path, made.withdraw(A.reference))
    assert "deleted" not in attribute_of(event, hash_of("sha256", 1))


@pytest.mark.parametrize("to_ids", [True, False])
def test_exact_hashes_are_for_detection_only_where_that_was_agreed(
    tmp_path: Path, to_ids: bool
) -> None:
    event = misp_of(tmp_path, History(recipient=recipient(to_ids=to_ids)).share(A))
    assert attribute_of(event, hash_of("sha256", 1))["to_ids"] is to_ids
    assert attribute_of(event, hash_of("pdq", 1))["to_ids"] is False


def test_what_has_expired_is_no_longer_for_detection(tmp_path: Path) -> None:
    made = History()
    before = misp_of(tmp_path, made.share(A, expires="2026-03-04"))
    after = misp_of(tmp_path, made.share(B, hours=24 * 7))
    one, later = (attribute_of(each, hash_of("sha256", 1)) for each in (before, after))

    assert (one["to_ids"], later["to_ids"]) == (True, False)
    assert int(later["timestamp"]) > int(one["timestamp"])
    assert "deleted" not in later


def test_an_event_is_for_the_recipient_alone_and_has_its_traffic_light(tmp_path: Path) -> None:
    event = misp_of(tmp_path, History().share(A))
    assert event["distribution"] == "0"
    assert {one["distribution"] for one in attributes_of(event)} == {"5"}
    assert event["Tag"] == [{"name": "tlp:amber+strict"}]
    assert event["published"] is False


def test_the_line_of_the_ledger_is_an_object_that_every_message_changes(tmp_path: Path) -> None:
    made = History()
    lines = []
    for sent in (made.share(A), made.share(B)):
        event = misp_of(tmp_path, sent)
        (line,) = (one for one in event["Object"] if one["name"] == "internal-reference")
        assert line["Attribute"][0]["value"] == sent.entry.hash
        lines.append(line)
    assert lines[0]["uuid"] == lines[1]["uuid"]


def test_fingerprints_of_texts_are_left_out(tmp_path: Path) -> None:
    text = signal("text_simhash", 9)
    event = misp_of(tmp_path, History().share(replace(A, signals=(text,))))
    assert text.value not in json.dumps(event)


@settings(deadline=None, max_examples=25)
@given(histories())
def test_a_change_has_a_later_time_and_nothing_that_was_deleted_comes_back(
    tmp_path_factory: pytest.TempPathFactory, made: History
) -> None:
    folder = tmp_path_factory.mktemp("send")
    known: dict[str, Plain] = {}
    for number, entry in enumerate(made.entries, start=1):
        if entry.confirmed is not None:
            continue
        event = misp_of(folder, replace(made, entries=made.entries[:number]).outgoing())
        found = [*event["Object"], *attributes_of(event)]
        assert len({one["uuid"] for one in found}) == len(found)
        for one in found:
            before = known.get(one["uuid"], one)
            assert one.get("deleted") or not before.get("deleted")
            assert one == before or int(one["timestamp"]) > int(before["timestamp"])
            known[one["uuid"]] = one
