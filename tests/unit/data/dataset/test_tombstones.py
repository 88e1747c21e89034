"""Erased adverts are known by a hash of their id, and by nothing that could be edited unseen."""

import hashlib
import json
import stat

import pytest

from adverts.advert import LabelSchema, Task
from adverts.data.dataset.dataset_manifest import Erasure, Making
from adverts.data.dataset.prepared import write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow
from adverts.data.dataset.tombstones import Heritage, Tombstones, read_heritage, read_tombstones
from adverts.errors import IntegrityError

pytestmark = pytest.mark.promise

SCHEMA = LabelSchema("demo", (Task("spam", "single", ("no", "yes"), "yes"),), "spam")
STONES = Tombstones().and_of(["a1", "ä 2"])


def written(tmp_path, stones=STONES, **made):
    rows = [PreparedRow(id="r1", split="train", cluster="c", targets={"spam": (0.0, 1.0)})]
    files = {"erased.json": stones.write} if stones else {}
    return write_prepared(
        tmp_path / "data", rows, name="demo", schema=SCHEMA, made=Making(**made), side_files=files
    )


def test_an_id_is_known_again_and_no_other(tmp_path):
    STONES.write(tmp_path / "erased.json")
    found = read_tombstones(tmp_path)
    assert found == STONES
    assert [name in found for name in ("a1", "ä 2", "a2", "")] == [True, True, False, False]
    assert "a1" not in Tombstones()


def test_the_file_holds_hashes_alone_and_is_for_its_owner(tmp_path):
    path = tmp_path / "erased.json"
    STONES.write(path)
    hashes = sorted(hashlib.sha256(name.encode()).hexdigest() for name in ("a1", "ä 2"))
    assert json.loads(path.read_text())["ids_sha256"] == hashes
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_byte_of_it_can_change_unseen(tmp_path):
    path = tmp_path / "erased.json"
    STONES.write(path)
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 7]) + content[place + 1 :])
        with pytest.raises(IntegrityError, match=r"erased\.json .*Restore it from a backup"):
            read_tombstones(tmp_path)


def test_a_folder_without_dataset_hands_nothing_on(tmp_path):
    assert read_heritage(tmp_path / "none") == Heritage()


def test_every_former_hash_is_handed_on_once(tmp_path):
    erasures = (Erasure("e" * 64, 1, "2030-01-02"), Erasure("f" * 64, 2, "2030-01-03"))
    dataset = written(tmp_path, erasures=erasures, former=("d" * 64, "e" * 64))
    heritage = read_heritage(dataset.path)
    assert heritage.former == ("d" * 64, "e" * 64, "f" * 64, dataset.data_hash)
    assert (heritage.erasures, heritage.tombstones) == (erasures, STONES)


def test_tombstones_outlive_a_manifest_that_is_damaged(tmp_path):
    folder = written(tmp_path).path
    (folder / "manifest.json").write_text("{}")
    assert read_heritage(folder) == Heritage(STONES)


def test_tombstones_that_the_manifest_names_must_be_there(tmp_path):
    folder = written(tmp_path).path
    (folder / "erased.json").unlink()
    with pytest.raises(IntegrityError, match=r"erased\.json is missing"):
        read_heritage(folder)
