"""The same adverts give the same dataset, whatever holds them: files, patterns, a store or tars."""

import bz2
import gzip
import io
import json
import tarfile

import fsspec
import pytest
from PIL import Image
from preparing import config, sentences

from adverts.errors import InputError
from adverts.prepare import prepare

COLUMNS = {"id": "id", "text": "text"}
ROWS = sentences(60, seed=3)


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def prepared(tmp_path, name, columns=COLUMNS, **changes):
    table = prepare(config(tmp_path / name, columns, **changes)).split("all")
    return dict(zip(table.ids, table.texts, strict=True)), table


@pytest.fixture
def plain(tmp_path):
    raw = tmp_path / "plain" / "raw"
    raw.mkdir(parents=True)
    (raw / "a.jsonl").write_bytes(lines(ROWS))
    return prepared(tmp_path, "plain", source={"kind": "jsonl", "paths": ["a.jsonl"]})[0]


def test_compressed_files_of_a_pattern(tmp_path, plain):
    raw = tmp_path / "packed" / "raw" / "posts"
    raw.mkdir(parents=True)
    (raw / "1.jsonl.gz").write_bytes(gzip.compress(lines(ROWS[:20])))
    (raw / "2.jsonl.bz2").write_bytes(bz2.compress(lines(ROWS[20:])))
    source = {"kind": "jsonl", "paths": ["posts/*.jsonl.*"]}
    assert prepared(tmp_path, "packed", source=source)[0] == plain


def test_files_in_a_store(tmp_path, plain, capsys):
    store = fsspec.filesystem("memory")
    store.store.clear()
    store.pipe("/bucket/posts/1.jsonl", lines(ROWS[:20]))
    store.pipe("/bucket/posts/2.jsonl", lines(ROWS[20:]))
    changes = {
        "root": "memory://bucket/posts",
        "source": {"kind": "jsonl", "paths": ["*.jsonl"]},
    }
    assert prepared(tmp_path, "far", **changes)[0] == plain
    assert prepared(tmp_path, "far", **changes)[0] == plain
    assert "is up to date" in capsys.readouterr().out
    store.store.clear()


def picture(number):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (number, 9 * number % 250, 99)).save(buffer, "PNG")
    return buffer.getvalue()


def test_tars_of_pictures(tmp_path, plain):
    raw = tmp_path / "tars" / "raw"
    raw.mkdir(parents=True)
    for shard in range(2):
        with tarfile.open(raw / f"{shard}.tar", "w") as archive:
            for number in range(30 * shard, 30 * shard + 30):
                row = ROWS[number]
                for suffix, data in (
                    ("txt", row["text"].encode()),
                    ("json", json.dumps({"label": row["label"]}).encode()),
                    ("0.png", picture(number)),
                    ("1.png", picture(number + 100)),
                ):
                    info = tarfile.TarInfo(f"{row['id']}.{suffix}")
                    info.size = len(data)
                    archive.addfile(info, io.BytesIO(data))
    columns = {"id": "__key__", "text": "text", "image": "image"}
    source = {"kind": "tar", "paths": ["*.tar"]}
    texts, table = prepared(tmp_path, "tars", columns, source=source)
    assert texts == plain
    assert all(len(table.images(row)) == 2 for row in range(len(table)))
    assert table.targets["refer"].sum() == 60


def test_pictures_beside_rows_in_a_store(tmp_path, plain):
    store = fsspec.filesystem("memory")
    store.store.clear()
    rows = [row | {"image": f"../pictures/{number}.png"} for number, row in enumerate(ROWS)]
    store.pipe("/bucket/posts/1.jsonl", lines(rows))
    for number in range(len(rows)):
        store.pipe(f"/bucket/pictures/{number}.png", picture(number))
    texts, table = prepared(
        tmp_path,
        "far",
        COLUMNS | {"image": "image"},
        root="memory://bucket",
        source={"kind": "jsonl", "paths": ["posts/1.jsonl"]},
    )
    assert texts == plain
    assert table.has_image.all()
    store.store.clear()


def test_a_compressed_file_is_guessed_like_a_plain_one(tmp_path):
    from adverts.data.mapping.guess_config import draft_of

    text = "id,text,label\n" + "".join(f"{row['id']},{row['text']},yes\n" for row in ROWS)
    (tmp_path / "mine.csv").write_text(text)
    (tmp_path / "mine.csv.gz").write_bytes(gzip.compress(text.encode()))
    plain, packed = (draft_of(tmp_path / name) for name in ("mine.csv", "mine.csv.gz"))
    assert packed.name == plain.name == "mine"
    assert packed.settings == plain.settings | {"source": packed.settings["source"]}
    assert packed.settings["source"] == plain.settings["source"] | {"paths": ["mine.csv.gz"]}
    (tmp_path / "mine.xlsx.gz").write_bytes(b"x")
    with pytest.raises(InputError, match="does not end in"):
        draft_of(tmp_path / "mine.xlsx.gz")
