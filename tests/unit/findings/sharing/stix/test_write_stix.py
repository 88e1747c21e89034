"""The bundle that a recipient gets: valid, whole, and true to what may be used."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
import stix2
from hypothesis import given, settings
from made_outgoing import (
    History,
    hash_of,
    histories,
    picture_signals,
    recipient,
    sender,
    shared_item,
    signal,
)
from stix2validator import ValidationOptions, validate_string
from unit.findings.sharing.stix.reading import Plain, indicator_of, of_type, stix_of

from adverts_findings.sharing.outgoing import Outgoing
from adverts_findings.sharing.stix.write_stix import write_stix

A, B = shared_item(1), shared_item(2)
SAME = shared_item(3, signals=picture_signals(1), campaign="c000077")
UUID_CHECK = "103"
"""The one recommendation that is not followed.

STIX 2.1, section 2.9, recommends random ids (UUID of version 4) for these objects and allows those
of version 5 in a namespace of one's own. The same thing must have the same id in every bundle that
a recipient gets, and no list of ids is kept, so ids are made of references.
"""


def _valid(text: str) -> list[str]:
    options = ValidationOptions(
        strict=True, version="2.1", disabled=UUID_CHECK, enforce_refs=True, silent=True
    )
    found = validate_string(text, options)
    return [] if found.is_valid else [str(one) for one in found.errors]


def _text(folder: Path, outgoing: Outgoing) -> str:
    write_stix(folder, outgoing)
    return (folder / "stix.json").read_text(encoding="utf-8")


def _eventful() -> History:
    """Return a history in which every kind of thing happened."""
    made = History()
    made.share(A, B, shared_item(4, signals=()), expires="2026-03-04")
    made.share(SAME, action="block", probability={"c000077": -1.0})
    made.share(shared_item(5, label="", first_seen=""), shared_item(6))
    made.withdraw(B.reference, shared_item(6).reference, cause="judged apart", hours=90)
    return made


def test_a_strict_validator_finds_nothing_but_ids_that_are_not_random(tmp_path: Path) -> None:
    assert _valid(_text(tmp_path, _eventful().outgoing())) == []


@pytest.mark.parametrize("tlp", ["clear", "green", "amber", "amber+strict", "red"])
def test_every_traffic_light_is_valid_and_marks_every_object(tmp_path: Path, tlp: str) -> None:
    text = _text(tmp_path, History(recipient=recipient(tlp=tlp)).share(A))
    marking, identity, *others = json.loads(text)["objects"]

    assert _valid(text) == []
    assert marking["name"] == f"TLP:{tlp.upper()}"
    assert identity["type"] == "identity"
    assert {*(one["object_marking_refs"][0] for one in others)} == {marking["id"]}


@settings(deadline=None, max_examples=12)
@given(histories(most=4))
def test_every_bundle_is_valid(tmp_path_factory: pytest.TempPathFactory, made: History) -> None:
    assert _valid(_text(tmp_path_factory.mktemp("send"), made.outgoing())) == []


def test_a_bundle_is_read_by_stix2_without_loss(tmp_path: Path) -> None:
    text = _text(tmp_path, _eventful().outgoing())
    read = stix2.parse(text, version="2.1")
    assert read.serialize(sort_keys=True, indent=1, ensure_ascii=False) + "\n" == text


def test_the_same_is_written_twice_byte_by_byte(tmp_path: Path) -> None:
    sent = _eventful().outgoing()
    assert _text(tmp_path, sent) == _text(tmp_path, sent)
    assert _text(tmp_path, _eventful().outgoing()) == _text(tmp_path, sent)


def test_an_id_stays_from_share_to_withdrawal_and_the_object_is_revoked_later(
    tmp_path: Path,
) -> None:
    made = History()
    before = stix_of(tmp_path, made.share(A))
    after = stix_of(tmp_path, made.withdraw(A.reference))

    ours = [one for one in before.values() if one["type"] in _OF_STAYS]
    assert {one["type"] for one in ours} == _OF_STAYS
    for one in ours:
        later = after[one["id"]]
        assert not one.get("revoked")
        assert later["revoked"] is True
        assert later["created"] == one["created"]
        assert later["modified"] > one["modified"]


_OF_STAYS = {"campaign", "indicator", "relationship", "sighting"}


def test_a_hash_that_another_advert_shows_is_not_revoked(tmp_path: Path) -> None:
    made = History()
    made.share(A, SAME)
    objects = stix_of(tmp_path, made.withdraw(A.reference))

    kept = indicator_of(objects, hash_of("sha256", 1))
    assert not kept.get("revoked")
    (count,) = {
        one["count"] for one in of_type(objects, "sighting") if one["sighting_of_ref"] == kept["id"]
    }
    assert count == 1
    pairs = [one for one in of_type(objects, "relationship") if one["source_ref"] == kept["id"]]
    assert sorted(bool(one.get("revoked")) for one in pairs) == [False, True]


def test_a_hash_that_is_shared_again_after_its_withdrawal_has_a_new_id(tmp_path: Path) -> None:
    made = History()
    made.share(A)
    made.withdraw(A.reference)
    objects = stix_of(tmp_path, made.share(SAME))

    several = [one for one in of_type(objects, "indicator") if hash_of("md5", 1) in one["pattern"]]
    assert [bool(one.get("revoked")) for one in several] == [True, False]
    for one in of_type(objects, "relationship"):
        ends = [objects[one["source_ref"]], objects[one["target_ref"]]]
        assert {each.get("revoked") for each in ends} == {one.get("revoked")}


def test_last_days_count_to_their_end_and_the_latest_counts(tmp_path: Path) -> None:
    made = History()
    made.share(A, expires="2026-08-31", probability={"c000012": 0.9})
    objects = stix_of(tmp_path, made.share(SAME, expires="2026-05-31"))
    assert indicator_of(objects, hash_of("md5", 1))["valid_until"] == "2026-09-01T00:00:00Z"


def test_what_has_expired_is_not_revoked_but_past_its_last_day(tmp_path: Path) -> None:
    made = History()
    made.share(A, expires="2026-03-04")
    objects = stix_of(tmp_path, made.share(B, hours=24 * 7))

    found = indicator_of(objects, hash_of("pdq", 1))
    assert found["valid_until"] == "2026-03-05T00:00:00Z"
    assert "revoked" not in found


def test_what_was_withdrawn_is_no_longer_valid_for_readers_of_days_alone(tmp_path: Path) -> None:
    made = History()
    made.share(A, expires="2026-08-31")
    found = indicator_of(stix_of(tmp_path, made.withdraw(A.reference)), hash_of("sha256", 1))
    assert found["valid_until"] == "2026-03-02T11:30:00Z"
    assert found["valid_from"] == "2026-03-02T10:30:00Z"


def test_a_withdrawal_in_the_second_of_the_share_is_still_later(tmp_path: Path) -> None:
    made = History()
    made.share(A)
    found = indicator_of(stix_of(tmp_path, made.withdraw(A.reference, hours=0)), hash_of("md5", 1))
    assert found["modified"] > found["created"]
    assert found["valid_until"] > found["valid_from"]


def test_confidence_is_the_probability_of_the_last_share_in_per_cent(tmp_path: Path) -> None:
    made = History()
    made.share(A, probability={"c000012": 0.955})
    (first,) = of_type(stix_of(tmp_path, made.outgoing()), "campaign")
    sent = made.share(replace(SAME, campaign="c000012"), probability={"c000012": 0.6})
    (later,) = of_type(stix_of(tmp_path, sent), "campaign")
    assert (first["confidence"], later["confidence"]) == (96, 60)


def test_that_a_campaign_belongs_together_says_nothing_of_a_hash(tmp_path: Path) -> None:
    objects = stix_of(tmp_path, History().share(A, probability={"c000012": 0.6}))
    sure = {one["type"] for one in objects.values() if "confidence" in one}
    assert sure == {"campaign", "relationship"}


def test_a_probability_is_never_said_to_be_certain(tmp_path: Path) -> None:
    for probability, said in ((1.0, 99), (0.0, 1)):
        objects = stix_of(tmp_path, History().share(A, probability={"c000012": probability}))
        assert {one["confidence"] for one in of_type(objects, "campaign")} == {said}


def test_an_advert_without_a_class_is_not_called_an_offence(tmp_path: Path) -> None:
    sent = History().share(replace(A, label=""))
    found = indicator_of(stix_of(tmp_path, sent), hash_of("pdq", 1))
    assert "judged by people as content that may break the law or the rules" in found["description"]
    assert "offence" not in found["description"]


def test_an_unknown_probability_gives_no_confidence(tmp_path: Path) -> None:
    objects = stix_of(tmp_path, History().share(A, probability={"c000012": -1.0}))
    assert all("confidence" not in one for one in objects.values())


def test_blocking_is_asked_only_where_it_was_asked_for_every_advert(tmp_path: Path) -> None:
    made = History()
    made.share(A, action="review")
    objects = stix_of(tmp_path, made.share(SAME, B, action="block"))
    assert "action:review" in indicator_of(objects, hash_of("md5", 1))["labels"]
    assert "action:block" in indicator_of(objects, hash_of("md5", 2))["labels"]


def test_fingerprints_of_texts_are_left_out(tmp_path: Path) -> None:
    text = signal("text_sha256", 9)
    objects = stix_of(tmp_path, History().share(replace(A, signals=(text,))))
    assert of_type(objects, "indicator") == []
    assert text.value not in json.dumps(objects)
    assert len(of_type(objects, "campaign")) == 1


def test_a_pdq_hash_says_at_which_distance_it_matches(tmp_path: Path) -> None:
    found = indicator_of(stix_of(tmp_path, History().share(A)), hash_of("pdq", 1))
    assert found["pattern"] == f"[file:hashes.PDQ = '{hash_of('pdq', 1)}']"
    assert "at most 31 of 256 bits" in found["description"]
    assert "3.25 of a million" in found["description"]


def test_a_poor_bound_is_written_out(tmp_path: Path) -> None:
    poor = replace(signal("pdq", 1), false_per_million=127_305.4)
    sent = History().share(replace(A, signals=(poor,)))
    found = indicator_of(stix_of(tmp_path, sent), hash_of("pdq", 1))
    assert "At most 127,305 of a million other pictures" in found["description"]


def test_the_report_states_the_line_of_the_ledger(tmp_path: Path) -> None:
    sent = _eventful().outgoing()
    (report,) = of_type(stix_of(tmp_path, sent), "report")
    (line,) = report["external_references"]
    assert (line["external_id"], line["description"]) == (str(sent.entry.number), sent.entry.hash)
    assert sent.entry.reference in report["name"]


def test_a_sender_without_a_name_is_unstated(tmp_path: Path) -> None:
    (identity,) = of_type(stix_of(tmp_path, History(sender=sender("")).share(A)), "identity")
    assert (identity["name"], identity["identity_class"]) == ("unstated", "organization")


def test_no_id_is_in_the_namespace_that_stix_keeps_for_observables(tmp_path: Path) -> None:
    found = stix_of(tmp_path, History().share(A))
    ours = [uuid.UUID(one.split("--")[1]) for one in found if not one.startswith("marking")]
    assert {one.version for one in ours} == {5}


@settings(deadline=None, max_examples=25)
@given(histories())
def test_a_change_has_a_later_time_and_what_is_revoked_stays_so(
    tmp_path_factory: pytest.TempPathFactory, made: History
) -> None:
    folder = tmp_path_factory.mktemp("send")
    known: dict[str, Plain] = {}
    for number, entry in enumerate(made.entries, start=1):
        if entry.confirmed is not None:
            continue
        sent = replace(made, entries=made.entries[:number]).outgoing()
        for name, one in stix_of(folder, sent).items():
            before = known.get(name, one)
            assert one.get("revoked") or not before.get("revoked")
            assert one == before or one["modified"] > before["modified"]
            assert one["created"] == before["created"]
            known[name] = one


@settings(deadline=None, max_examples=25)
@given(histories())
def test_every_hash_in_use_is_an_indicator_and_every_other_is_revoked_or_past(
    tmp_path_factory: pytest.TempPathFactory, made: History
) -> None:
    sent = made.outgoing()
    objects = stix_of(tmp_path_factory.mktemp("send"), sent)

    wanted = {
        one.value
        for out in sent.in_use("stix")
        for one in out.item.signals
        if one.type in ("sha256", "md5", "pdq")
    }
    found = {
        one["pattern"].split("'")[-2]
        for one in of_type(objects, "indicator")
        if not one.get("revoked") and one["valid_until"][:10] > sent.day.isoformat()
    }
    assert found == wanted
