"""Files of rows, opened as one source."""

import bz2
import gzip
import io
import lzma
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from adverts.config.data import FileSource
from adverts.data.sources.open_files import open_files
from adverts.errors import InputError


def opened(root, kind, *paths):
    return open_files(root, FileSource(kind=kind, paths=paths), max_row_bytes=100_000)


def rows(root, kind, *paths):
    return list(opened(root, kind, *paths).read(("id", "text", "label", "image")))


def png():
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3)).save(buffer, "PNG")
    return buffer.getvalue()


def test_files_are_read_one_after_the_other(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "a.csv").write_text("id,text\n1,x\n")
    (tmp_path / "b" / "c.csv").write_text("text,id\ny,2\n")
    found = rows(tmp_path, "csv", "a.csv", "b/c.csv")
    assert [(row.file, row.row, row.values["id"]) for row in found] == [
        ("a.csv", 2, "1"),
        ("b/c.csv", 2, "2"),
    ]
    assert found[1].folder == tmp_path / "b"


def test_only_columns_of_every_file_are_columns_of_the_source(tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n")
    (tmp_path / "b.csv").write_text("id,words\n")
    found = opened(tmp_path, "csv", "a.csv", "b.csv").columns
    assert found == ("id", "source_file")


def test_rows_tell_which_file_they_are_from_unless_a_column_does(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"id": 1}\n')
    (tmp_path / "b.jsonl").write_text('{"id": 2, "source_file": "its own"}\n')
    found = rows(tmp_path, "jsonl", "a.jsonl", "b.jsonl")
    assert [row.values["source_file"] for row in found] == ["a.jsonl", "its own"]


def test_a_column_of_the_name_of_ours_is_not_listed_twice(tmp_path):
    (tmp_path / "a.csv").write_text("source_file,id\nits own,1\n")
    source = opened(tmp_path, "csv", "a.csv")
    assert source.columns == ("source_file", "id")
    assert [row.values["source_file"] for row in source.read(("id",))] == ["its own"]


def test_parquet_gives_the_columns_that_are_wanted(tmp_path):
    image = {"bytes": png(), "path": "a.png"}
    table = pa.table({"id": [1, 2], "image": [image, None], "vector": [[0.0], [1.0]]})
    pq.write_table(table, tmp_path / "a.parquet")
    assert [row.values for row in rows(tmp_path, "parquet", "a.parquet")] == [
        {"id": 1, "image": image, "source_file": "a.parquet"},
        {"id": 2, "image": None, "source_file": "a.parquet"},
    ]


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "is empty"), (b"PAR1 no", "is not a Parquet file")]
)
def test_what_is_no_parquet_is_refused(tmp_path, content, message):
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(InputError, match=message):
        opened(tmp_path, "parquet", "a.parquet")


def test_a_missing_file_is_named_with_those_there_are(tmp_path):
    (tmp_path / "advert.csv").write_text("id\n")
    with pytest.raises(
        InputError, match=r"adverts\.csv is not a file; the folder holds advert\.csv"
    ):
        opened(tmp_path, "csv", "adverts.csv")


PACK = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda data: pa.compress(data, "zstd", asbytes=True),
}


@pytest.mark.parametrize("suffix", PACK)
@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("csv", 'id;text\n1;"two\nlines"\n\n2;caf\xe9\n3\n'.encode("cp1252")),
        ("jsonl", b'{"id": 1}\n\n{"id": 2\n{"id": 3}'),
    ],
)
def test_a_compressed_file_is_one_part_with_the_rows_of_the_plain_one(
    tmp_path, suffix, kind, content
):
    (tmp_path / f"a.{kind}").write_bytes(content)
    (tmp_path / f"a.{kind}.{suffix}").write_bytes(PACK[suffix](content))
    packed = opened(tmp_path, kind, f"a.{kind}.{suffix}")
    (part,) = packed.parts(1)
    assert (part.start, part.stop, part.first_row, part.rows) == (0, -1, 1, None)
    plain = [(row.row, getattr(row, "record", None)) for row in rows(tmp_path, kind, f"a.{kind}")]
    alone = open_files(
        tmp_path, FileSource(kind=kind, paths=("*",)), max_row_bytes=100_000, part=part
    )
    for found in (packed.read(()), packed.read((), part), alone.read((), part)):
        assert [(row.row, getattr(row, "record", None)) for row in found] == plain


@pytest.mark.parametrize("suffix", PACK)
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_compressed_file_that_is_cut_off_says_after_which_row(tmp_path, suffix, kind):
    draw = random.Random(0)
    words = [draw.randbytes(30).hex() for _ in range(20_000)]
    lines = ["id", *words] if kind == "csv" else [f'{{"id": "{word}"}}' for word in words]
    packed = PACK[suffix]("\n".join(lines).encode())
    name = f"a.{kind}.{suffix}"
    (tmp_path / name).write_bytes(packed[: len(packed) - 20])
    with pytest.raises(InputError, match=rf"^{name} is cut off after row \d+; fetch it again$"):
        rows(tmp_path, kind, name)
    (tmp_path / name).write_bytes(packed[:12])
    with pytest.raises(InputError, match=rf"{name} is cut off( in its header)?;"):
        rows(tmp_path, kind, name)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_line_that_unpacks_to_gigabytes_is_a_bad_row_in_little_memory(tmp_path, kind):
    import tracemalloc

    packer = gzip.GzipFile(tmp_path / f"a.{kind}.gz", "wb", compresslevel=1)
    with packer:
        packer.write(b"id,text\n1," if kind == "csv" else b'{"id": "')
        for _ in range(200):
            packer.write(b"x" * 1_000_000)
        packer.write(b"\n3,c\n" if kind == "csv" else b'"}\n{"id": 3}\n')
    tracemalloc.start()
    first, second = rows(tmp_path, kind, f"a.{kind}.gz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "has more than 100,000 bytes" in first.reason
    assert str(second.values["id"]) == "3"
    assert peak < 20_000_000


def test_what_a_suffix_promises_and_a_file_does_not_keep_is_one_line(tmp_path):
    (tmp_path / "a.csv.gz").write_text("id,text\n1,x\n")
    with pytest.raises(InputError, match="a.csv.gz is damaged or not what the end of its name"):
        opened(tmp_path, "csv", "a.csv.gz")
