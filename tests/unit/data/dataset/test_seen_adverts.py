"""Which adverts are new to a model: by every link, and never by default."""

import datetime

import numpy as np
import pyarrow.parquet as pq
import pytest
from audit_examples import SCHEMA, row, stored_links
from preparing import families_beside

from adverts.clusters.links import CLUSTERS_VERSION
from adverts.data.dataset.cluster_evidence import LINKS
from adverts.data.dataset.dataset_manifest import FILE_NAME, Making, read_manifest, write_manifest
from adverts.data.dataset.linked_families import find_families
from adverts.data.dataset.prepared import open_prepared, write_prepared
from adverts.data.dataset.split_assignments import ASSIGNMENTS
from adverts.data.erasing.erasure import erase_adverts
from adverts.errors import IntegrityError
from adverts.files.file_hash import file_sha256
from adverts.ocr.cache import OcrCache

ROWS = [
    row("a"),
    row("b", split="test"),
    row("c", split="validation"),
    row("d", split="test"),
    row("e", split="test"),
    row("f", split="validation"),
    row("g", split="validation"),
]
LINKED = [
    ("a", "b", "near_text", False),  # refused by the guard against chains
    ("c", "bridge", "same_text"),
    ("bridge", "d", "near_image"),
    ("a", "f", "shared_contact"),
]
FOUND = {"same_text": 1, "near_image": 1, "shared_contact": 1}
RULES = {"clusters": str(CLUSTERS_VERSION)}
SEEN = {"b", "d", "f"}


def dataset(folder, rows=ROWS, links=LINKED, made=None, **files):
    """A dataset as releases before the record of families wrote it."""
    made = made or Making(cluster_links=FOUND, refused_links=1, rules=RULES)
    beside = {LINKS: lambda path: stored_links(path, links)} if links is not None else {}
    return write_prepared(
        folder, rows, name="demo", schema=SCHEMA, made=made, side_files=beside | files
    )


def seen_in(found):
    ids = found.split("all").ids
    flags = found.seen.of(ids).seen
    return {name for name, flag in zip(ids, flags, strict=True) if flag}


def lack_of(found):
    return found.seen.of(found.split("all").ids).lack


def rewritten(folder, name, change):
    """Change a side file and seal the manifest anew, as somebody without our tools would."""
    table = pq.read_table(folder / name)
    (folder / name).unlink()
    pq.write_table(change(table), folder / name)
    manifest = read_manifest(folder)
    manifest.side_files[name] = file_sha256(folder / name)
    (folder / FILE_NAME).unlink()
    write_manifest(folder, manifest)
    return open_prepared(folder)


def test_refused_links_bridges_and_copies_in_validation_are_followed(tmp_path):
    found = dataset(tmp_path / "data")
    assert seen_in(found) == SEEN
    flags = found.seen.of(["b", "d", "e", "f", "g", "a", "c"])
    assert flags.training.tolist() == [True, False, False, True, False, False, False]
    assert flags.validation.tolist() == [True, True, False, False, False, True, False]
    assert flags.known.all()


def test_a_copy_within_training_or_validation_alone_is_no_other_one(tmp_path):
    rows = [row("a"), row("b", split="validation"), row("c", split="test")]
    found = dataset(tmp_path / "data", rows, [], Making(rules=RULES))
    assert seen_in(found) == set()
    assert lack_of(found) == ""


def test_the_record_of_families_says_what_its_links_say(tmp_path):
    found = dataset(tmp_path / "data")
    families = dict(zip("abcdefg", found.seen.families(list("abcdefg")).tolist(), strict=True))
    rows = [replaced(one, families) for one in ROWS]
    recorded = dataset(tmp_path / "new", links=None, **families_beside(rows))
    assert seen_in(recorded) == SEEN
    assert lack_of(recorded) == ""


def replaced(one, families):
    return row(one.id, split=one.split, cluster=f"f{families[one.id]}")


def test_a_cluster_is_never_cut_whatever_its_links_say(tmp_path):
    rows = [row("a", cluster="c"), row("b", cluster="c", split="test")]
    assert seen_in(dataset(tmp_path / "data", rows, [], Making(rules=RULES))) == {"b"}


def test_a_cluster_is_never_cut_whatever_its_record_of_families_says(tmp_path):
    rows = [row("a", cluster="c"), row("b", cluster="c", split="test")]
    apart = families_beside([row("a"), row("b", split="test")])
    assert seen_in(dataset(tmp_path / "data", rows, links=None, **apart)) == {"b"}


@pytest.mark.parametrize(
    ("changes", "lack"),
    [
        ({"links": None}, "holds neither families nor links.parquet"),
        ({"links": []}, "holds other links than the manifest records"),
        ({"links": LINKED[:2]}, "holds other links than the manifest records"),
        ({"made": Making(cluster_links=FOUND, refused_links=1)}, "rules of another release"),
        ({"made": Making(rules=RULES)}, "holds other links than the manifest records"),
    ],
)
def test_where_links_may_be_missing_nothing_is_known(tmp_path, changes, lack):
    found = dataset(tmp_path / "data", **changes)
    assert lack in lack_of(found)
    assert not found.seen.of(["e", "g"]).known.any()


def test_links_that_do_not_say_which_were_refused_are_not_enough(tmp_path):
    dataset(tmp_path / "data")
    found = rewritten(tmp_path / "data", LINKS, lambda table: table.drop_columns("joined"))
    assert "does not say which links were refused" in lack_of(found)


def test_half_of_a_record_of_families_is_no_record(tmp_path):
    dataset(tmp_path / "data", **families_beside(ROWS))
    found = rewritten(tmp_path / "data", ASSIGNMENTS, lambda table: table.slice(0, 4))
    assert "has no family for 3 adverts" in lack_of(found)


def test_a_record_of_families_that_is_gone_ends_everything(tmp_path):
    dataset(tmp_path / "data", **families_beside(ROWS))
    (tmp_path / "data" / ASSIGNMENTS).unlink()
    with pytest.raises(IntegrityError, match="is missing"):
        open_prepared(tmp_path / "data")


def erased(folder, *ids):
    today = datetime.date(2030, 1, 2)
    return erase_adverts(folder, ids, cache=OcrCache(folder / "ocr"), today=today).dataset


def test_an_erased_advert_between_two_others_does_not_hide_that_they_are_linked(tmp_path):
    rows = [row("a"), row("x"), row("b", split="test"), row("c", split="test")]
    rows = [row(one.id, split=one.split, cluster="ab" if one.id in "axb" else "c") for one in rows]
    dataset(tmp_path / "data", rows, [], **families_beside(rows))
    found = erased(tmp_path / "data", "x")
    assert seen_in(found) == {"b"}
    assert lack_of(found) == ""
    assert found.manifest.made.split_overlap == {"test": 1}


def test_links_that_went_with_an_erased_advert_are_not_known(tmp_path):
    dataset(tmp_path / "data")
    assert "adverts were erased" in lack_of(erased(tmp_path / "data", "c"))


def test_families_are_named_after_their_smallest_cluster_and_cut_none():
    class Links:
        first, second = np.array([0, 4]), np.array([1, 5])

    found = find_families(["m", "b", "m", "z", "x", "y"], [Links()])
    assert found == ["b", "b", "b", "z", "x", "x"]
    assert find_families([], []) == []


def test_families_follow_adverts_that_are_not_among_the_rows():
    class Links:
        first, second = np.array([0, 9]), np.array([9, 1])

    assert find_families(["p", "q", "r"], [Links()]) == ["p", "p", "r"]
