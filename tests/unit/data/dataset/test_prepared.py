"""The prepared dataset: what is written is what is read, whole, private, and known by its hash."""

import hashlib
import json
import math
import os
import shutil
import stat

import numpy as np
import pyarrow.parquet as pq
import pytest

from adverts.advert import LabelSchema, ReadQuality, Task
from adverts.data.dataset import dataset_manifest, prepared
from adverts.data.dataset.dataset_manifest import FILE_NAME, Making, Terms, read_manifest
from adverts.data.dataset.prepared import open_prepared, write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow, StoredImage
from adverts.data.dataset.tombstones import Tombstones
from adverts.data.sources.bad_rows import BadRow
from adverts.errors import InputError, IntegrityError
from adverts.files.file_hash import file_sha256

SCHEMA = LabelSchema(
    "demo",
    (Task("spam", "single", ("no", "yes"), "yes"), Task("signals", "multi", ("a", "b", "c"))),
    "spam",
)
SIZES = [3, 0, 5, 0, 1]


def row(i, **values):
    images = tuple(StoredImage(bytes([i % 256]) * n, f"{i}-{n}.png") for n in [SIZES[i % 5]] if n)
    plain = {
        "id": f"r{i}",
        "split": ("train", "train", "test")[i % 3],
        "cluster": f"c{i // 2}",
        "text": f"advert {i}",
        "images": images,
        "targets": {"spam": (0.25, 0.75)} if i % 4 else {"signals": (1.0, math.nan, 0.0)},
    }
    return PreparedRow(**(plain | values))


def written(tmp_path, rows=None, **options):
    rows = [row(i) for i in range(60)] if rows is None else rows
    return write_prepared(tmp_path / "data", rows, name="demo", schema=SCHEMA, **options)


def test_every_field_comes_back(tmp_path):
    full = row(
        0,
        ocr_text="page",
        ocr_quality=ReadQuality(0.5, 11.0, 0.25, 7, 2),
        ocr_engine="key",
        lang="en",
        script="Latn",
        platform="forum",
        reviewed=False,
        split="test",
    )
    table = written(tmp_path, [row(1), full]).split("test")
    assert (table.ids, table.texts, table.ocr_texts) == (["r0"], ["advert 0"], ["page"])
    assert table.ocr_qualities == [ReadQuality(0.5, 11.0, 0.25, 7, 2)]
    assert table.advert(0).ocr_quality == table.ocr_qualities[0]
    assert table.values("ocr_unread_lines") == [2]
    assert (table.langs, table.scripts) == (["en"], ["Latn"])
    assert (table.clusters, table.splits) == (["c0"], ["test"])
    assert table.reviewed.tolist() == [False]
    assert table.has_image.tolist() == [True]
    assert table.images(0) == (b"\0\0\0",)


def test_targets_are_nan_where_there_is_no_label(tmp_path):
    table = written(tmp_path).split("all")
    np.testing.assert_array_equal(table.targets["spam"][:2], [[np.nan, np.nan], [0.25, 0.75]])
    np.testing.assert_array_equal(
        table.targets["signals"][:2], [[1, np.nan, 0], [np.nan, np.nan, np.nan]]
    )
    assert table.targets["signals"].dtype == np.float32


def test_an_advert_holds_its_pictures_unless_they_are_not_wanted(tmp_path):
    table = written(tmp_path).split("all")
    assert table.advert(0).images == (b"\0\0\0",)
    assert table.advert(0, images=False).images == ()


def test_pictures_are_those_of_their_rows_over_many_groups_and_shards(tmp_path, monkeypatch):
    monkeypatch.setattr(prepared, "_GROUP_ROWS", 7)
    monkeypatch.setattr(prepared, "_SHARD_ROWS", 14)
    rows = [row(i) for i in range(60)]
    dataset = written(tmp_path, rows)
    assert [shard.rows for shard in dataset.manifest.shards] == [14, 14, 14, 14, 4]
    table = dataset.split("test")
    expected = [tuple(image.data for image in r.images) for r in rows if r.split == "test"]
    order = np.random.default_rng(0).permutation(len(table))
    assert [table.images(int(i)) for i in order] == [expected[i] for i in order]


def test_a_selection_keeps_rows_and_pictures_together(tmp_path):
    table = written(tmp_path).split("test").select([6, 3])
    assert table.ids == ["r20", "r11"]
    assert table.images(0) == (b"\x14" * 3,)
    assert table.images(1) == ()
    assert table.targets["spam"].shape == (2, 2)


def test_counts_are_those_of_the_rows(tmp_path):
    counts = written(tmp_path, [row(0), row(1, lang="fr"), row(2, reviewed=False)]).manifest.counts
    assert list(counts) == ["train", "test"]
    train = counts["train"]
    assert (train.adverts, train.clusters, train.with_image, train.unreviewed) == (2, 1, 1, 0)
    assert train.languages == {"": 1, "fr": 1}
    assert train.labels["spam"] == {"no": 0.25, "yes": 0.75, "unlabelled": 1}
    assert train.labels["signals"] == {"a": 1, "b": 0, "c": 0, "unlabelled": 1}
    assert counts["test"].unreviewed == 1


def test_opened_it_is_what_was_written(tmp_path):
    terms = Terms(licence="MIT", retain_until="2030-01-01")
    made = Making(inputs_hash="x", ocr={"engine": "e"}, config={"a": [1, None]}, bad_rows=1)
    dataset = written(
        tmp_path, terms=terms, made=made, bad_rows=[BadRow("f.csv", 3, "text", "why")]
    )
    assert open_prepared(dataset.path).manifest == dataset.manifest
    line = json.loads((dataset.path / "bad_rows.jsonl").read_text())
    assert line == {"file": "f.csv", "row": 3, "field": "text", "reason": "why"}


def test_hashing_says_what_takes_so_long(tmp_path, impatient, capsys):
    dataset = written(tmp_path)
    open_prepared(dataset.path)
    assert f"checking the hashes of {dataset.path}" in capsys.readouterr().err


def test_equal_rows_give_equal_bytes_and_one_letter_another_hash(tmp_path):
    first = written(tmp_path / "a").data_hash
    assert written(tmp_path / "b").data_hash == first
    rows = [row(i) for i in range(59)] + [row(59, text="advert 59!")]
    assert written(tmp_path / "c", rows).data_hash != first


def test_a_shard_that_was_touched_is_refused_by_name(tmp_path):
    shard = written(tmp_path).path / "shard-00000.parquet"
    content = bytearray(shard.read_bytes())
    content[100] ^= 1
    shard.write_bytes(content)
    with pytest.raises(IntegrityError, match=r"shard-00000\.parquet was changed"):
        open_prepared(shard.parent)
    shard.unlink()
    with pytest.raises(IntegrityError, match=r"shard-00000\.parquet is missing"):
        open_prepared(shard.parent)


def flip(path, place, bits=1):
    content = bytearray(path.read_bytes())
    content[place] ^= bits
    path.write_bytes(content)


@pytest.fixture
def full(tmp_path, monkeypatch):
    """A dataset of two shards with every file that may stand beside them."""
    monkeypatch.setattr(prepared, "_GROUP_ROWS", 30)
    monkeypatch.setattr(prepared, "_SHARD_ROWS", 30)
    return written(
        tmp_path,
        bad_rows=[BadRow("f.csv", 3, "text", "why")],
        side_files={
            "links.parquet": lambda path: path.write_bytes(b"any links"),
            "erased.json": Tombstones().and_of(["gone"]).write,
        },
    ).path


def test_one_flipped_byte_in_any_file_is_refused_by_name(full):
    names = sorted(path.name for path in full.iterdir())
    assert names == [
        "bad_rows.jsonl",
        "erased.json",
        "links.parquet",
        "manifest.json",
        "shard-00000.parquet",
        "shard-00001.parquet",
    ]
    for name in names:
        for place in (0, 4, -1):
            flip(full / name, place)
            with pytest.raises(IntegrityError, match=name):
                open_prepared(full)
            flip(full / name, place)
    open_prepared(full)


@pytest.mark.parametrize("name", ["bad_rows.jsonl", "erased.json", "links.parquet"])
def test_a_file_beside_the_shards_that_is_missing_is_told(full, name):
    (full / name).unlink()
    with pytest.raises(IntegrityError, match=f"{name} is missing"):
        open_prepared(full)


@pytest.mark.parametrize("bits", [1, 7, 32])
def test_no_byte_of_the_manifest_can_change_unseen(full, bits):
    places = range(0, len((full / FILE_NAME).read_bytes()), 17)
    for place in places:
        flip(full / FILE_NAME, place, bits)
        with pytest.raises(IntegrityError, match=FILE_NAME):
            read_manifest(full)
        flip(full / FILE_NAME, place, bits)
    assert len(places) > 100
    read_manifest(full)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"headline": "spam"', '"headline": "signals"', "data_hash does not match"),
        ('"format_version": 4', '"format_version": 1', "is of format adverts-prepared 1"),
        ('"rows": 60', '"rows": "many"', "shards.0.rows"),
        ('"retain_until": null', '"retain_until": "2099-01-01"', "does not match its own sha256"),
        ('"sha256": "', '"more": 1, "sha256": "', "does not match its own sha256"),
        ("{", "", "is not a manifest"),
    ],
)
def test_a_manifest_that_was_edited_is_refused(tmp_path, old, new, message):
    path = written(tmp_path).path / FILE_NAME
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(IntegrityError, match=message):
        open_prepared(path.parent)


def resealed(folder, change):
    """Edit the manifest, and seal it again as somebody does who knows how."""
    values = json.loads((folder / FILE_NAME).read_bytes())
    del values["sha256"]
    change(values)
    (folder / FILE_NAME).write_bytes(dataset_manifest._sealed(values))


@pytest.mark.parametrize("where", ["shard", "side file"])
@pytest.mark.parametrize(
    "name", ["../outside.parquet", "{outside}", "a/b", "", "..", "a\nb", "a\0", FILE_NAME]
)
def test_a_resealed_manifest_names_no_file_outside_its_folder(full, tmp_path, name, where):
    name = name.replace("{outside}", str(tmp_path / "outside.parquet"))
    [shard, *_] = full.glob("shard-*")
    shutil.copyfile(shard, tmp_path / "outside.parquet")

    def change(values):
        if where == "shard":
            values["shards"][0]["name"] = name
        else:
            values["side_files"][name] = file_sha256(shard)

    resealed(full, change)
    for _ in range(2):
        with pytest.raises(IntegrityError, match="which is no other file of this folder") as found:
            open_prepared(full)
        assert "\n" not in str(found.value)


def test_a_shard_that_is_a_link_is_refused(full, tmp_path):
    [shard, *_] = full.glob("shard-*")
    shutil.move(shard, tmp_path / "outside.parquet")
    shard.symlink_to(tmp_path / "outside.parquet")
    with pytest.raises(IntegrityError, match=f"{shard.name} is a link"):
        open_prepared(full)


def test_a_resealed_manifest_of_too_many_labels_is_refused(full):
    def change(values):
        task = values["label_schema"]["tasks"][0]
        task["labels"] += [f"l{number}" for number in range(100_000)]
        schema = json.dumps(
            {
                "shards": [one["sha256"] for one in values["shards"]],
                "label_schema": values["label_schema"],
            },
            sort_keys=True,
            separators=(",", ":"),
        )
        values["data_hash"] = hashlib.sha256(schema.encode()).hexdigest()

    resealed(full, change)
    with pytest.raises(IntegrityError, match="wanted at most 100 with 1000"):
        read_manifest(full)


def test_a_manifest_of_an_earlier_release_is_read_though_it_lacks_newer_facts(full):
    values = json.loads((full / FILE_NAME).read_bytes())
    del values["made"]["campaigns"], values["sha256"]
    for counts in values["counts"].values():
        del counts["campaigns"]
    values["sha256"] = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    text = json.dumps(values, indent=1, ensure_ascii=False) + "\n"
    (full / FILE_NAME).write_text(text)
    assert read_manifest(full).made.campaigns is None
    (full / FILE_NAME).write_text(text.replace("spam", "ham", 1))
    with pytest.raises(IntegrityError, match="does not match"):
        read_manifest(full)


def test_what_is_no_prepared_dataset_is_refused(tmp_path):
    with pytest.raises(InputError, match="run adverts prepare"):
        open_prepared(tmp_path)


def test_an_empty_split_is_named_with_those_there_are(tmp_path):
    with pytest.raises(InputError, match=r"no advert in split 'validation'; it has {'train': 40"):
        written(tmp_path).split("validation")


def test_only_the_owner_can_read_it(tmp_path):
    old = os.umask(0)
    try:
        folder = written(tmp_path, bad_rows=[BadRow("f", 1, "", "why")]).path
    finally:
        os.umask(old)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_nothing_is_left_of_a_writing_that_fails(tmp_path):
    with pytest.raises(InputError, match="id 'r1' occurs twice"):
        written(tmp_path, [row(1), row(1)])
    assert list(tmp_path.iterdir()) == []


def test_no_row_is_an_error(tmp_path):
    with pytest.raises(InputError, match="is empty"):
        written(tmp_path, [])


def test_pictures_are_stored_as_they_are_and_in_the_form_of_datasets(tmp_path):
    file = pq.ParquetFile(written(tmp_path).path / "shard-00000.parquet")
    leaf = [file.schema.column(i).path for i in range(len(file.schema))].index(
        "images.list.element.bytes"
    )
    assert file.metadata.row_group(0).column(leaf).compression == "UNCOMPRESSED"
    assert file.read().column("images")[0].as_py() == [{"bytes": b"\0\0\0", "path": "0-3.png"}]


@pytest.mark.slow
def test_datasets_reads_it_and_decodes_the_pictures(tmp_path):
    import io

    import datasets
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (4, 3)).save(buffer, "PNG")
    folder = written(tmp_path, [row(0, images=(StoredImage(buffer.getvalue()),)), row(1)]).path
    table = datasets.load_dataset(
        "parquet", data_files=str(folder / "*.parquet"), cache_dir=str(tmp_path / "cache")
    )["train"]
    assert table[0]["images"][0].size == (4, 3)
    assert table[1]["target.spam"] == [0.25, 0.75]


@pytest.mark.parametrize(
    ("inputs", "readable"),
    [
        (["text"], [True, False, False]),
        (["ocr"], [False, True, False]),
        (["image"], [False, True, False]),
        (["text", "ocr", "image"], [True, True, False]),
    ],
)
def test_an_advert_is_readable_by_a_model_that_reads_a_part_it_has(tmp_path, inputs, readable):
    rows = [
        row(0, split="train", images=()),
        row(1, split="train", text="", images=(StoredImage(b"x", "x.png"),)),
        row(2, split="train", text=" ", images=()),
    ]
    table = written(tmp_path, rows).split("train")
    assert table.readable(inputs).tolist() == readable


def test_adverts_with_other_captions_are_otherwise_the_same(tmp_path):
    table = written(tmp_path).split("test")
    table.ocr_texts[1] = "read since"
    picked = table.select([1, 1, 0]).with_texts(["one", "two", ""])
    assert picked.texts == ["one", "two", ""]
    assert picked.ids == [table.ids[1], table.ids[1], table.ids[0]]
    assert picked.ocr_texts == ["read since", "read since", None]
    assert picked.images(2) == table.images(0)
    assert table.texts[0] == "advert 2"
    assert picked.select([1]).texts == ["two"]


def test_adverts_with_other_pictures_have_not_been_read(tmp_path):
    pictured = row(0, ocr_text="page", ocr_quality=ReadQuality(0.5, 11.0, 0.25, 7, 2))
    table = written(tmp_path, [pictured, row(1), row(2)]).split("all")
    other = table.with_texts(["a", "b", "c"]).with_images([(b"x", b"y"), (), (b"z",)])
    assert [other.images(i) for i in range(3)] == [(b"x", b"y"), (), (b"z",)]
    assert other.ocr_texts == other.ocr_qualities == [None] * 3
    assert other.texts == ["a", "b", "c"]
    assert other.select([2, 0]).advert(1).images == (b"x", b"y")
    assert table.images(0) == (b"\0\0\0",)


def test_captions_and_pictures_that_do_not_fit_the_adverts_are_refused(tmp_path):
    table = written(tmp_path).split("test")
    with pytest.raises(ValueError, match="1 texts for 20 adverts"):
        table.with_texts(["one"])
    with pytest.raises(ValueError, match="just those adverts that have some"):
        table.with_images([()] * len(table))
