"""Adverts leave every kind of file; what is counted afterwards is what a first writing counts."""

import datetime
import errno
import json
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adverts.advert import LabelSchema, ReadQuality, Task
from adverts.clusters.link_contacts import UnlinkedContact
from adverts.data.dataset import prepared
from adverts.data.dataset.cluster_evidence import LINKS, UNLINKED_CONTACTS, write_unlinked_contacts
from adverts.data.dataset.dataset_manifest import Making
from adverts.data.dataset.prepared import open_prepared, write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow, StoredImage
from adverts.data.dataset.split_assignments import (
    ASSIGNMENTS,
    Assignment,
    read_assignments,
    write_assignments,
)
from adverts.data.erasing import rewrite_rows
from adverts.data.erasing.erasure import erase_adverts, read_ids
from adverts.data.erasing.erasure_report import erasure_lines
from adverts.data.sources.bad_rows import BadRow, read_bad_rows
from adverts.errors import InputError
from adverts.files import staging
from adverts.ocr.cache import OcrCache

pytestmark = pytest.mark.promise

SCHEMA = LabelSchema(
    "demo",
    (Task("spam", "single", ("no", "yes"), "yes"), Task("signals", "multi", ("a", "b", "c"))),
    "spam",
)
TODAY = datetime.date(2030, 1, 2)


def row(i):
    return PreparedRow(
        id=f"r{i}",
        split=("train", "train", "validation", "test")[i % 4],
        cluster=f"c{i // 3}",
        text=f"advert {i}",
        images=tuple(StoredImage(bytes([i, k])) for k in range(i % 3)),
        ocr_quality=ReadQuality(0.5, 9.0, 0.25, lines=4, unread_lines=i % 4) if i % 3 else None,
        lang=("en", None, "fr")[i % 3],
        reviewed=i % 5 > 0,
        targets={"spam": (0.25, 0.75)} if i % 4 else {"signals": (1.0, math.nan, 0.0)},
    )


def written(tmp_path, rows=None, **options):
    rows = [row(i) for i in range(40)] if rows is None else rows
    return write_prepared(tmp_path / "data", rows, name="demo", schema=SCHEMA, **options)


def erased(tmp_path, *ids):
    return erase_adverts(tmp_path / "data", ids, cache=OcrCache(tmp_path / "ocr"), today=TODAY)


def table_writer(columns, **options):
    return lambda path: pq.write_table(pa.table(columns), path, **options)


def links(pairs):
    return table_writer(
        {
            "first": [a for a, _ in pairs],
            "second": [b for _, b in pairs],
            "kind": pa.array(["same_text"] * len(pairs)).dictionary_encode(),
            "joined": [True] * (len(pairs) - 1) + [False],
            "similarity": [1.0] * len(pairs),
        }
    )


def test_counts_are_those_of_writing_the_remaining_rows(tmp_path):
    gone = {"r0", "r5", "r6", "r39"}
    expected = written(tmp_path / "other", [row(i) for i in range(40) if f"r{i}" not in gone])
    written(tmp_path)
    manifest = erased(tmp_path, *gone).dataset.manifest
    assert manifest.counts == expected.manifest.counts
    assert manifest.num_adverts == 36
    assert manifest == open_prepared(tmp_path / "data").manifest


def test_overlap_of_splits_is_counted_anew(tmp_path):
    rows = [row(i) for i in (0, 1, 2, 4, 5)]  # of cluster c0 two train and one validation
    written(tmp_path, rows, made=Making(split_overlap={"validation": 1}))
    assert erased(tmp_path, "r0").dataset.manifest.made.split_overlap == {"validation": 1}
    assert erased(tmp_path, "r1").dataset.manifest.made.split_overlap == {}


def test_a_shard_that_is_left_empty_goes_and_the_others_keep_their_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(prepared, "_GROUP_ROWS", 10)
    monkeypatch.setattr(prepared, "_SHARD_ROWS", 10)
    before = written(tmp_path)
    after = erased(tmp_path, *(f"r{i}" for i in range(10, 20))).dataset
    names = [shard.name for shard in after.manifest.shards]
    assert names == ["shard-00000.parquet", "shard-00002.parquet", "shard-00003.parquet"]
    kept = [shard for shard in before.manifest.shards if shard.name in names]
    assert list(after.manifest.shards) == kept
    assert after.split("all").advert(12).images == tuple(i.data for i in row(22).images)
    assert not (tmp_path / "data" / "shard-00001.parquet").exists()


def test_groups_of_rows_stay_apart_so_that_memory_stays_small(tmp_path, monkeypatch):
    monkeypatch.setattr(prepared, "_GROUP_ROWS", 7)
    written(tmp_path)
    erased(tmp_path, "r3", *(f"r{i}" for i in range(7, 14)))
    metadata = pq.read_metadata(tmp_path / "data" / "shard-00000.parquet")
    groups = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    assert groups == [6, 7, 7, 7, 5]


def test_a_rewritten_shard_is_stored_as_the_first_one_was(tmp_path):
    written(tmp_path)
    erased(tmp_path, "r0")
    path = tmp_path / "data" / "shard-00000.parquet"
    group = pq.read_metadata(path).row_group(0)
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    assert columns["images.list.element.bytes"].compression == "UNCOMPRESSED"
    assert columns["text"].compression == "ZSTD"
    assert not columns["id"].is_stats_set
    assert json.loads(pq.read_schema(path).metadata[b"huggingface"])["info"]["features"]["images"]


@pytest.mark.parametrize("column", ["id", "advert_id", "first", "second"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_every_table_beside_the_shards_loses_the_rows_that_name_them(tmp_path, column, dictionary):
    ids = pa.array(["r1", None, "r2", "r3", "r1"], pa.large_string())
    names = ids.dictionary_encode() if dictionary else ids
    table = {column: names, "cluster": ["r1", "c", "r2", "c", "c"], "place": range(5)}
    files = {ASSIGNMENTS: table_writer(table)}
    path = written(tmp_path, side_files=files).path / ASSIGNMENTS
    schema = pq.read_schema(path)
    rows = dict(erased(tmp_path, "r1", "r3").rows)
    left = pq.read_table(path)
    assert left["place"].to_pylist() == [1, 2]
    assert left.schema == schema
    assert rows[ASSIGNMENTS] == 3
    if dictionary:
        assert left[column].chunk(0).dictionary.to_pylist() == ["r2"]


def test_contacts_stay_listed_for_the_adverts_that_remain(tmp_path):
    listed = [UnlinkedContact("phone:a", "busy", (1,)), UnlinkedContact("link:b", "busy", (1, 2))]
    ids = ["r0", "r1", "r2"]
    write = {UNLINKED_CONTACTS: lambda path: write_unlinked_contacts(path, listed, ids=ids)}
    made = Making(unlinked_contacts=2)
    path = written(tmp_path, side_files=write, made=made).path / UNLINKED_CONTACTS
    done = erased(tmp_path, "r1")
    assert done.rows[UNLINKED_CONTACTS] == 2
    assert done.dataset.manifest.made.unlinked_contacts == 1
    assert pq.read_table(path).to_pylist() == [{"token": "link:b", "reason": "busy", "id": "r2"}]


def test_an_advert_that_is_remembered_only_is_forgotten_too(tmp_path):
    gone = {"old": Assignment("bridge", "c0")}
    ids = [f"r{i}" for i in range(40)]
    files = {
        ASSIGNMENTS: lambda path: write_assignments(
            path, ids, ids, ["train"] * 40, families=ids, gone=gone
        )
    }
    path = written(tmp_path, side_files=files).path / ASSIGNMENTS
    assert erased(tmp_path, "old", "r7").ids == ("old", "r7")
    assert list(read_assignments(path)) == [name for name in ids if name != "r7"]


def test_links_are_counted_anew_by_what_they_did(tmp_path):
    pairs = [("r1", "r2"), ("r2", "r3"), ("r4", "r5"), ("r6", "r7")]
    made = Making(cluster_links={"same_text": 3}, refused_links=1)
    written(tmp_path, made=made, side_files={LINKS: links(pairs)})
    made = erased(tmp_path, "r2").dataset.manifest.made
    assert (made.cluster_links, made.refused_links) == ({"same_text": 1}, 1)


def test_an_advert_of_no_split_leaves_the_links_and_is_remembered(tmp_path):
    written(tmp_path, side_files={LINKS: links([("r1", "left out"), ("r4", "r5")])})
    done = erased(tmp_path, "left out")
    assert (done.ids, done.adverts, dict(done.rows)) == (("left out",), 0, {LINKS: 1})
    assert done.dataset.manifest.num_adverts == 40
    assert "1 of them were in no split" in "\n".join(erasure_lines(done))
    again = erased(tmp_path, "left out")
    assert (again.ids, again.erased_before, again.held_by) == ((), 1, done.held_by)
    assert "1 ids were erased from" in erasure_lines(again)[0]
    assert again.dataset.data_hash == done.dataset.data_hash


def test_a_bad_row_whose_file_is_the_id_goes_too(tmp_path):
    bad = [BadRow("pictures/yes/1.png", 1, "", "why"), BadRow("pictures/no/2.png", 2, "", "why")]
    written(tmp_path, bad_rows=bad, made=Making(bad_rows=2))
    made = erased(tmp_path, "yes/1.png").dataset.manifest.made
    assert read_bad_rows(tmp_path / "data" / "bad_rows.jsonl") == bad[1:]
    assert (made.bad_rows, made.erased_rows) == (1, 1)
    after = erased(tmp_path, "no/2.png").dataset
    assert not (tmp_path / "data" / "bad_rows.jsonl").exists()
    assert list(after.manifest.side_files) == ["erased.json"]


def test_the_list_of_bad_rows_of_a_run_that_failed_goes(tmp_path):
    written(tmp_path)
    (tmp_path / "data.bad_rows.jsonl").write_text("{}")
    erased(tmp_path, "r0")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_where_files_cannot_be_linked_they_are_copied(tmp_path, monkeypatch):
    monkeypatch.setattr(prepared, "_GROUP_ROWS", 20)
    monkeypatch.setattr(prepared, "_SHARD_ROWS", 20)
    before = written(tmp_path).manifest.shards

    def refuse(source, target):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(rewrite_rows.os, "link", refuse)
    erased(tmp_path, "r0")
    assert open_prepared(tmp_path / "data").manifest.shards[1] == before[1]


def test_what_cannot_be_removed_is_told(tmp_path, monkeypatch):
    written(tmp_path)
    monkeypatch.setattr(staging, "_discard", lambda old, marker: None)

    def refuse(path):
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(staging.shutil, "rmtree", refuse)
    with pytest.raises(InputError, match=r"cannot be removed \(Permission denied\); remove .*repl"):
        erased(tmp_path, "r0")


def test_ids_that_a_source_does_not_bring_are_told_to_be_of_no_lasting_use(tmp_path):
    config = {"source": {"kind": "csv"}, "columns": {"id": None}}
    written(tmp_path, made=Making(config=config))
    assert "the source has no column of ids" in "\n".join(erasure_lines(erased(tmp_path, "r0")))


def test_ids_are_read_line_by_line_each_once(tmp_path):
    path = tmp_path / "ids"
    path.write_bytes("\ufeffä 1\r\n\n b\u2028c \nä 1\n".encode())
    assert read_ids(path) == ("ä 1", "b\u2028c")


def test_another_writer_is_waited_for_or_told(tmp_path):
    written(tmp_path)
    busy = pytest.raises(InputError, match="written by another process")
    with staging.staging(tmp_path / "data", marker="manifest.json"), busy:
        erased(tmp_path, "r0")
