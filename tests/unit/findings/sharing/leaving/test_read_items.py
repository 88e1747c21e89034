"""Adverts of campaigns are read with what decides on them, and only those that may be seen."""

import datetime
import hashlib
import io
import json
import random

import numpy as np
import pdqhash
import pytest
from made_bank import tables
from made_items import review
from planted_images import photo
from shown_bank import advert, build, replaced
from threatexchange.signal_type.pdq.signal import PdqSignal

from adverts.advert import LabelSchema, Task
from adverts.clusters.picture_hash import describe_picture
from adverts.data.dataset.dataset_manifest import Terms
from adverts.data.dataset.prepared import write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow, StoredImage
from adverts.data.review.reviews import item_name
from adverts.errors import InputError
from adverts.scoring.collection import open_collection
from adverts.scoring.evidence.evidence_terms import purge, terms_of
from adverts.scoring.evidence_reader import OpenedEvidence
from adverts.work.units.place import open_place
from adverts.work.units.plan import Plan, freeze
from adverts_findings.campaigns.bank.erased_ids import add_erased
from adverts_findings.campaigns.bank.read_bank import open_bank
from adverts_findings.campaigns.bank.write_bank import write_build
from adverts_findings.sharing.leaving.read_items import read_items

pytestmark = pytest.mark.promise

TODAY = datetime.date(2026, 6, 1)
SCHEMA = LabelSchema("own", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
PICTURE = photo(random.Random(7))


def encoded(picture):
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


FILE = encoded(PICTURE)
SHA256 = hashlib.sha256(FILE).digest()
LOOK = describe_picture(PICTURE).to_bytes()


def dataset(folder, *ids, text="Call +44 7700 900123 now", **terms):
    """Write a prepared dataset of adverts with one picture each."""
    rows = [
        PreparedRow(
            id=one,
            split="train",
            cluster=one,
            text=text,
            ocr_text="words on the picture",
            images=(StoredImage(FILE),),
            targets={"refer": (0.0, 1.0)},
        )
        for one in ids
    ]
    stated = Terms(**({"licence": "MIT", "sensitivity": "research"} | terms))
    return write_prepared(folder, rows, name="own", schema=SCHEMA, terms=stated)


def scores(folder, **data):
    """Write the plan of a folder of scores with evidence and no advert; return its hash."""
    settings = {
        "format": "parquet",
        "evidence": "restricted",
        "evidence_days": 90,
        "evidence_expires": "2026-05-01",
        "token_key_id": "k",
        "content": {"data": data},
    }
    folder.mkdir()
    place = open_place(str(folder))
    freeze(place, Plan(settings, {}, ()), ())
    collection = open_collection(place)
    return OpenedEvidence(collection, terms_of(collection.plan)).scored_hash


def bank(folder, adverts, inputs=(), **given):
    """Write a bank and return its folder; ``inputs`` are pairs of a name and a hash."""
    named = json.dumps({name: {"hash": one, "adverts": 1} for name, one in inputs})
    builds = [build(1, inputs=named)]
    write_build(folder, tables(builds=builds, adverts=adverts, **given), expected=None)
    return folder


def items(folder, campaigns=("C1",), prepared=(), said=(), today=TODAY, **more):
    with open_bank(folder) as opened:
        return read_items(opened, campaigns, prepared, said, today, **more)


def one(*given, **more):
    [found] = items(*given, **more)
    return found


def of_dataset(id="a1", source="prepared/own", **more):
    plain = {
        "source": source,
        "url": None,
        "picture_sha256": [SHA256],
        "picture_hashes": [LOOK],
    }
    return advert(id, "c000001", **(plain | more))


def test_an_advert_of_a_dataset_has_its_text_masked_its_picture_and_its_terms(tmp_path):
    made = dataset(tmp_path / "own", "a1")
    folder = bank(tmp_path / "bank", [of_dataset()], [("prepared/own", made.data_hash)])
    found = one(folder, prepared=[tmp_path / "own"], said=[review("yes")])
    assert found.text == "Call <PHONE> now"
    assert (found.sensitivity, found.licence, found.audience) == ("research", "MIT", "")
    assert (found.advert, found.item, found.campaign) == ("a1", item_name("a1"), "c000001")
    assert (found.url, found.platform, found.language) == ("", "site", "en")
    assert found.reviewed.group == "V"
    [picture] = found.pictures
    assert picture.sha256 == SHA256.hex()
    assert picture.md5 == hashlib.md5(FILE, usedforsecurity=False).hexdigest()


def test_pdq_is_written_as_other_tools_write_it(tmp_path):
    folder = bank(tmp_path / "bank", [of_dataset()])
    [picture] = one(folder).pictures
    bits, quality = pdqhash.compute(np.asarray(PICTURE))
    digits = "".join(str(int(bit)) for bit in bits)
    assert picture.pdq == f"{int(digits, 2):064x}" == PdqSignal.hash_from_bytes(FILE)
    assert picture.quality == quality
    assert PdqSignal.validate_signal_str(picture.pdq) == picture.pdq


def test_only_the_own_text_is_read_and_not_what_pictures_say(tmp_path):
    made = dataset(tmp_path / "own", "a1", text="")
    folder = bank(tmp_path / "bank", [of_dataset()], [("prepared/own", made.data_hash)])
    assert one(folder, prepared=[tmp_path / "own"]).text == ""


@pytest.mark.parametrize("look", [None, b"", b"\x09" + LOOK[1:]])
def test_a_picture_that_could_not_be_read_has_no_pdq(tmp_path, look):
    folder = bank(tmp_path / "bank", [of_dataset(picture_hashes=[look])])
    [picture] = one(folder).pictures
    assert (picture.sha256, picture.md5, picture.pdq, picture.quality) == (SHA256.hex(), "", "", 0)


def test_a_picture_that_an_advert_shows_twice_is_there_once(tmp_path):
    rows = [of_dataset(picture_sha256=[SHA256, SHA256], picture_hashes=[LOOK, LOOK])]
    assert len(one(bank(tmp_path / "bank", rows)).pictures) == 1


def test_without_its_dataset_an_advert_has_no_text_and_the_most_careful_terms(tmp_path):
    made = dataset(tmp_path / "own", "a1")
    folder = bank(tmp_path / "bank", [of_dataset()], [("prepared/own", made.data_hash)])
    found = one(folder)
    assert (found.text, found.pictures[0].md5) == ("", "")
    assert (found.sensitivity, found.licence) == ("operational_restricted", "unstated")


def test_terms_are_those_of_the_input_that_an_advert_came_from(tmp_path):
    mine = dataset(tmp_path / "own", "a1", "a2")
    other = dataset(tmp_path / "other", "a1", "a2", text="other", sensitivity="public")
    inputs = [("prepared/own", mine.data_hash), ("prepared/other", other.data_hash)]
    rows = [of_dataset("a1"), of_dataset("a2", source="prepared/other")]
    folder = bank(tmp_path / "bank", rows, inputs)
    both = [tmp_path / "own", tmp_path / "other"]
    found = {one.advert: one for one in items(folder, prepared=both)}
    assert (found["a1"].sensitivity, found["a2"].sensitivity) == ("research", "public")
    assert found["a2"].text == "other"
    alone = {one.advert: one for one in items(folder, prepared=both[:1])}
    assert alone["a2"].sensitivity == "operational_restricted"


def test_an_advert_that_its_input_does_not_hold_any_more_has_not_its_terms(tmp_path):
    now = dataset(tmp_path / "own", "a2")
    inputs = [("prepared/own", now.data_hash)]
    folder = bank(tmp_path / "bank", [of_dataset("a1")], inputs)
    assert one(folder, prepared=[tmp_path / "own"]).licence == "unstated"


def test_a_sensitivity_that_is_not_known_is_the_most_careful_one(tmp_path):
    made = dataset(tmp_path / "own", "a1", sensitivity="harmless")
    folder = bank(tmp_path / "bank", [of_dataset()], [("prepared/own", made.data_hash)])
    assert one(folder, prepared=[tmp_path / "own"]).sensitivity == "operational_restricted"


def test_a_dataset_that_the_bank_was_not_built_from_is_refused(tmp_path):
    dataset(tmp_path / "own", "a1")
    folder = bank(tmp_path / "bank", [of_dataset()], [("prepared/own", "0" * 64)])
    with pytest.raises(InputError, match="was not built from"):
        items(folder, prepared=[tmp_path / "own"])


def test_scores_state_the_terms_of_their_data_also_when_their_evidence_is_over(tmp_path):
    found = scores(tmp_path / "posts", licence="own", sensitivity="public")
    folder = bank(tmp_path / "bank", [advert("a1", "c000001")], [("scores/posts", found)])
    given = one(folder, scores=[str(tmp_path / "posts")])
    assert (given.licence, given.sensitivity, given.audience) == ("own", "public", "internal")
    assert (given.url, given.text) == ("https://site.example/posts/a1", "")
    left_out = one(folder)
    assert (left_out.licence, left_out.sensitivity) == ("unstated", "operational_restricted")


@pytest.mark.parametrize("data", [{}, {"licence": "own"}, {"sensitivity": "public"}])
def test_what_scores_do_not_state_is_the_most_careful(tmp_path, data):
    found = scores(tmp_path / "posts", **data)
    folder = bank(tmp_path / "bank", [advert("a1", "c000001")], [("scores/posts", found)])
    given = one(folder, scores=[str(tmp_path / "posts")])
    assert given.licence == data.get("licence", "unstated")
    assert given.sensitivity == data.get("sensitivity", "operational_restricted")


def test_scores_of_several_contents_state_nothing_of_an_advert(tmp_path):
    found = scores(tmp_path / "posts", licence="own", sensitivity="public")
    inputs = [json.dumps({"scores/posts": {"hash": one}}) for one in ("0" * 64, found)]
    builds = [build(1, inputs=inputs[0]), build(2, inputs=inputs[1])]
    rows = [advert("a1", "c000001")]
    write_build(tmp_path / "bank", tables(builds=builds, adverts=rows), expected=None)
    assert one(tmp_path / "bank", scores=[str(tmp_path / "posts")]).licence == "unstated"


def test_scores_that_the_bank_was_not_built_from_are_refused(tmp_path):
    scores(tmp_path / "posts", licence="own")
    folder = bank(tmp_path / "bank", [advert("a1", "c000001")], [("scores/posts", "0" * 64)])
    with pytest.raises(InputError, match="was not built from"):
        items(folder, scores=[str(tmp_path / "posts")])


def test_scores_whose_evidence_was_removed_are_refused(tmp_path):
    found = scores(tmp_path / "posts", licence="own")
    purge(open_place(str(tmp_path / "posts")), TODAY)
    folder = bank(tmp_path / "bank", [advert("a1", "c000001")], [("scores/posts", found)])
    with pytest.raises(InputError, match="leave it out"):
        items(folder, scores=[str(tmp_path / "posts")])


def test_short_and_merged_names_of_campaigns_are_understood_and_each_is_read_once(tmp_path):
    rows = [advert("a1", "c000001"), advert("b1", "c000002"), advert("c1", "c000012")]
    merged = [replaced("c000003", "c000001", 1, "merged")]
    folder = bank(tmp_path / "bank", rows, replaced=merged)
    found = items(folder, ["C12", "c3", "c000001"])
    assert [one.advert for one in found] == ["c1", "a1"]


def test_a_campaign_that_is_not_there_is_refused(tmp_path):
    folder = bank(tmp_path / "bank", [advert("a1", "c000001")])
    with pytest.raises(InputError, match="c000009"):
        items(folder, ["C1", "C9"])


def test_adverts_of_other_campaigns_and_of_none_are_not_there(tmp_path):
    rows = [advert("a1", "c000001"), advert("b1", "c000002"), advert("alone", None)]
    assert [one.advert for one in items(bank(tmp_path / "bank", rows))] == ["a1"]


def test_overdue_erased_and_restricted_adverts_are_not_there_at_all(tmp_path):
    day = TODAY - datetime.timedelta(days=1)
    rows = [
        advert("a1", "c000001", retain_until=TODAY),
        advert("a2", "c000001", retain_until=day),
        advert("a3", "c000001"),
    ]
    kept = {"until": datetime.date(2030, 1, 1), "held_by": "x", "why": "y"}
    folder = bank(tmp_path / "bank", rows, restricted=[advert("a4", "c000001") | kept])
    add_erased(folder, ["a3"])
    [found] = items(folder)
    assert (found.advert, found.retain_until) == ("a1", TODAY)


def test_a_campaign_of_which_all_is_overdue_has_nothing_to_share(tmp_path):
    rows = [advert("a1", "c000001", retain_until=datetime.date(2026, 5, 1))]
    assert items(bank(tmp_path / "bank", rows)) == ()


def test_the_order_is_that_of_campaigns_as_asked_and_then_of_names(tmp_path):
    rows = [advert(f"a{n}", "c000001") for n in range(5)] + [advert("b", "c000002")]
    folder = bank(tmp_path / "bank", rows)
    again = bank(tmp_path / "again", rows[::-1])
    found = items(folder, ["C2", "C1"])
    assert found == items(again, ["C2", "C1"])
    names = [one.item for one in found[1:]]
    assert (found[0].advert, names) == ("b", sorted(names))


def test_what_is_not_known_or_was_withheld_is_empty(tmp_path):
    unknown = {name: None for name in ("platform", "platform_item_id", "url", "language")}
    rows = [
        advert("a1", "c000001", day=None, template=None, **unknown),
        advert("a2", "c000001", platform="withheld", language="withheld"),
    ]
    for found in items(bank(tmp_path / "bank", rows)):
        assert (found.platform, found.language, found.platform_item_id) == ("", "", "")
        assert found.reviewed.group == "?"
        assert found.reviewed.reviewers == ()


def test_what_a_model_flagged_has_the_audience_of_a_bundle(tmp_path):
    rows = [advert("a1", "c000001", review_band="priority", score=0.9)]
    assert one(bank(tmp_path / "bank", rows)).audience == "internal"


def test_a_review_of_the_bank_s_own_labels_counts(tmp_path):
    folder = bank(tmp_path / "bank", [advert("a1", "c000001")])
    assert one(folder, said=[review("yes"), review("no", "Dan")]).reviewed.group == "?"
    assert one(folder, said=[review("yes", task="other")]).reviewed.at == ""
