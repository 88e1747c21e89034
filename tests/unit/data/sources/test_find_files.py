"""Files by name and by pattern, on this machine and in a store."""

import io
import os
import subprocess
import sys

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.registry import _registry
from preparing import data_values

from adverts.config import DataConfig
from adverts.config.data import FileSource
from adverts.data.sources.find_files import find_files, list_files, would_match
from adverts.data.sources.locations import locate, stamp_of
from adverts.data.sources.open_files import open_files
from adverts.data.sources.open_source import open_source
from adverts.data.sources.raw_rows import RawRow
from adverts.errors import InputError


def names(root, pattern):
    return [one.name for one in find_files(root, pattern)]


def written(folder, *paths):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("id,text\n1,x\n")


@pytest.fixture
def store():
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    yield memory
    memory.store.clear()


def source(root, **given):
    given = {"kind": "csv"} | given
    values = data_values(root, {"id": "id", "text": "text"}, source=given)
    return open_source(DataConfig.model_validate(values))


def read(opened):
    return [(row.file, row.row, row.values["text"]) for row in opened.read(("id", "text"))]


def test_patterns_are_expanded_in_the_order_of_names(tmp_path):
    written(tmp_path, "posts/b.csv", "posts/a.csv", "posts/deep/c.csv", "posts/d.txt", "e.csv")
    assert names(tmp_path, "posts/*.csv") == ["posts/a.csv", "posts/b.csv"]
    assert names(tmp_path, "posts/**/*.csv") == ["posts/a.csv", "posts/b.csv", "posts/deep/c.csv"]
    assert names(tmp_path, "posts/**")[-1] == "posts/deep/c.csv"
    assert names(tmp_path, "posts/[ab].csv") == ["posts/a.csv", "posts/b.csv"]
    assert names(tmp_path, f"{tmp_path}/?.csv") == [f"{tmp_path}/e.csv"]
    assert names(tmp_path / "posts", "../*.csv") == ["../e.csv"]


def test_hidden_files_and_folders_match_only_a_pattern_that_says_so(tmp_path):
    written(tmp_path, "a.csv", ".b.csv", ".git/c.csv")
    assert names(tmp_path, "**/*.csv") == ["a.csv"]
    assert names(tmp_path, ".git/*.csv") == [".git/c.csv"]


def test_a_folder_of_the_name_of_a_file_is_no_match(tmp_path):
    written(tmp_path, "a.csv/b.txt", "c.csv")
    assert names(tmp_path, "*.csv") == ["c.csv"]


def test_links_that_lead_in_a_circle_are_not_followed(tmp_path):
    written(tmp_path, "in/a.csv")
    (tmp_path / "in" / "again").symlink_to(tmp_path)
    (tmp_path / "in" / "more").symlink_to(tmp_path)
    assert names(tmp_path, "**/*.csv") == ["in/a.csv"]


@pytest.mark.parametrize("pattern", ["posts/*.csv", "**/*.csv", "posts/*/c.csv"])
def test_a_pattern_never_leads_out_of_its_folder_by_a_link(tmp_path, pattern):
    written(tmp_path, "secret/c.csv", "data/posts/a.csv")
    (tmp_path / "data" / "posts" / "b.csv").symlink_to(tmp_path / "secret" / "c.csv")
    (tmp_path / "data" / "posts" / "deep").symlink_to(tmp_path / "secret")
    with pytest.raises(InputError, match=r"is a link that leads out of .*; name it itself"):
        find_files(tmp_path / "data", pattern)
    assert names(tmp_path / "data", "posts/b.csv") == ["posts/b.csv"]


@pytest.mark.parametrize("name", ["a[1].csv", "what?.csv", "all*.csv"])
def test_a_file_whose_name_holds_wildcards_is_meant_first(tmp_path, name):
    written(tmp_path, name, "a1.csv", "whats.csv", "all of them.csv")
    assert names(tmp_path, name) == [name]


@pytest.mark.parametrize("pattern", ["posts/*.csv", "a[1].csv", "[.csv"])
def test_a_pattern_without_a_match_is_one_line(tmp_path, pattern):
    with pytest.raises(InputError, match=r"data\.source\.paths: no file matches .*csv$"):
        find_files(tmp_path, pattern)


def test_a_pattern_that_is_none_is_one_line(tmp_path):
    with pytest.raises(InputError, match="is no pattern|no file matches"):
        find_files(tmp_path, "a**b/*.csv")


def test_a_file_that_is_named_twice_is_not_read_twice(tmp_path):
    written(tmp_path, "a.csv", "b.csv")
    config = FileSource(kind="csv", paths=("b.csv", "*.csv"))
    with pytest.raises(InputError, match="names b.csv twice"):
        open_files(tmp_path, config, max_row_bytes=1_000)


def test_rows_of_a_pattern_carry_the_file_that_matches(tmp_path):
    written(tmp_path, "posts/b.csv", "posts/a.csv")
    assert read(source(tmp_path, paths=["posts/*"])) == [
        ("posts/a.csv", 2, "x"),
        ("posts/b.csv", 2, "x"),
    ]


def test_a_store_is_read_like_a_folder(store):
    store.pipe("/bucket/posts/b.csv", b"id,text\n1,b\n")
    store.pipe("/bucket/posts/a.csv", b'id,text\n1,"a\n"\n2,c\n')
    store.pipe("/bucket/posts/.partial.csv", b"no")
    opened = source("memory://bucket", paths=["posts/*.csv"])
    rows = [("posts/a.csv", 2, "a\n"), ("posts/a.csv", 4, "c"), ("posts/b.csv", 2, "b")]
    assert read(opened) == rows
    assert opened.num_bytes == sum(stamp.size for stamp in opened.stamps.values()) > 0
    assert len(opened.fingerprint["posts/a.csv"]) == 64
    in_parts = []
    for part in list(opened.parts(1)):
        in_parts += [(row.file, row.row, row.values["text"]) for row in opened.read((), part)]
    assert in_parts == rows


def test_an_address_may_stand_for_one_file(store, tmp_path):
    store.pipe("/bucket/posts/a [1].csv", b"id,text\n1,b\n")
    name = "memory://bucket/posts/a [1].csv"
    assert read(source(tmp_path, paths=[name])) == [(name, 2, "b")]
    assert read(source(tmp_path, paths=["memory://bucket/**/*.csv"])) == [(name, 2, "b")]


def test_an_address_of_this_machine_is_a_path(tmp_path):
    written(tmp_path, "a b.csv")
    address = (tmp_path / "a b.csv").as_uri()
    assert locate(tmp_path, address) == tmp_path / "a b.csv"
    assert read(source(tmp_path, paths=[address])) == [(address, 2, "x")]
    assert read(source(tmp_path.as_uri(), paths=["a b.csv"])) == [("a b.csv", 2, "x")]


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "xlsx"])
def test_every_kind_of_file_is_read_from_a_store(store, tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    match kind:
        case "jsonl":
            path.write_text('{"id": 1, "text": "x"}\n{"id": 2, "text": "y"}\n')
        case "parquet":
            table = pa.table({"id": [1, 2], "text": ["x", "y"]})
            pq.write_table(table, path, row_group_size=1)
        case "xlsx":
            book = pytest.importorskip("openpyxl").Workbook()
            for row in (("id", "text"), (1, "x"), (2, "y")):
                book.active.append(row)
            book.save(path)
    store.pipe(f"/bucket/{path.name}", path.read_bytes())
    far = source("memory://bucket", kind=kind, paths=[path.name])
    near = source(tmp_path, kind=kind, paths=[path.name])
    assert read(far) == read(near)
    assert list(far.parts(1)) == list(near.parts(1))
    assert far.columns == near.columns


def test_a_store_says_which_file_changed(store):
    store.pipe("/bucket/a.csv", b"id,text\n1,b\n")
    before = source("memory://bucket", paths=["a.csv"]).stamps
    assert before == source("memory://bucket", paths=["a.*"]).stamps
    store.pipe("/bucket/a.csv", b"id,text\n1,c\n")
    assert source("memory://bucket", paths=["a.csv"]).stamps != before


def test_pictures_in_a_store_are_found_below_its_folders_alone(store, tmp_path):
    from adverts.data.sources.bad_rows import RowFault
    from adverts.data.sources.pictures import pictures_of, source_bytes
    from adverts.inputs.pixels import ImageLimits

    (tmp_path / "secret.png").write_bytes(b"local")
    store.pipe("/bucket/posts/a.jsonl", b'{"id": 1, "text": "x"}\n')
    store.pipe("/bucket/posts/pics/a.png", b"picture")
    store.pipe("/bucket/above.png", b"above")
    store.pipe("/other/b.png", b"other")
    opened = source("memory://bucket", kind="jsonl", paths=["posts/a.jsonl"])
    (row,) = opened.read(())
    limits = ImageLimits(max_bytes=10, max_pixels=10)

    def found(name, folders=opened.folders):
        (one,) = pictures_of(name, column="image", folder=row.folder, folders=folders)
        return source_bytes(one, limits, column="image")

    assert found("pics/a.png") == b"picture"
    assert found("../above.png") == b"above"
    secret = str(tmp_path / "secret.png")
    for name in ("../../other/b.png", "/other/b.png", secret, "a\0b", "x" * 5_000):
        with pytest.raises(RowFault) as fault:
            found(name, (*opened.folders, tmp_path))
        assert "lies outside" in fault.value.reason
    with pytest.raises(RowFault) as fault:
        found("pics/none.png")
    assert fault.value.reason == "picture cannot be read (No such file or directory)"
    store.pipe("/bucket/posts/large.png", b"x" * 11)
    with pytest.raises(RowFault) as fault:
        found("large.png")
    assert "picture has 11 bytes" in fault.value.reason


def test_a_folder_of_pictures_may_be_in_a_store(store):
    for name in ("yes/b.png", "no/a.png", "no/deep/c.jpg", "no/scan.tiff", "no/notes.txt"):
        store.pipe(f"/bucket/pictures/{name}", b"x")
    opened = source("memory://bucket", kind="image_folder", path="pictures", task="refer")
    rows = [row for row in opened.read(()) if isinstance(row, RawRow)]
    assert [row.values["file"] for row in rows] == ["no/a.png", "no/deep/c.jpg", "yes/b.png"]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("s3://bucket/a.csv", "Install s3fs to access S3; run: pip install s3fs"),
        ("sftp://host/a.csv", "requires .paramiko. to be installed"),
        ("nosuch://bucket/a.csv", "wanted a path, or an address such as"),
        ("memory://bucket/none.csv", "is not a file$"),
        ("memory://bucket/*.csv", "no file matches memory://bucket/"),
    ],
)
def test_an_address_that_cannot_be_opened_is_one_line(tmp_path, monkeypatch, address, message):
    for package in ("s3fs", "paramiko"):  # as if it were not installed
        monkeypatch.setitem(sys.modules, package, None)
    for protocol in ("s3", "sftp"):  # another test may have opened one
        monkeypatch.delitem(_registry, protocol, raising=False)
    with pytest.raises(InputError, match=message) as caught:
        source(tmp_path, paths=[address])
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError) as caught:
        source(address.rpartition("/")[0], paths=["a.csv"])
    assert "\n" not in str(caught.value)


def test_what_a_store_raises_is_one_line(store, tmp_path, monkeypatch):
    class NoCredentials(Exception):
        pass

    def refuse(*_, **__):
        raise NoCredentials("Unable to locate credentials\nand more")

    monkeypatch.setattr(type(store), "info", refuse)
    with pytest.raises(InputError, match=r"cannot be reached \(NoCredentials: Unable") as caught:
        source(tmp_path, paths=["memory://bucket/a.csv"])
    assert "\n" not in str(caught.value)


def test_a_store_that_fails_while_it_is_read_is_one_line(store, monkeypatch):
    store.pipe("/bucket/a.jsonl", b'{"id": 1}\n')
    rows = source("memory://bucket", kind="jsonl", paths=["a.jsonl"]).read(())

    class Broken(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, _):
            raise ConnectionError("reset by peer\nand more")

    monkeypatch.setattr(type(store), "_open", lambda *_, **__: Broken())
    with pytest.raises(InputError, match=r"cannot be reached \(ConnectionError: reset by peer\)"):
        list(rows)


def test_the_config_keeps_an_address_and_makes_paths_of_other_texts(tmp_path):
    values = data_values("s3://bucket/folder", {"text": "text"})
    assert DataConfig.model_validate(values).root == "s3://bucket/folder"
    assert DataConfig.model_validate(values | {"root": str(tmp_path)}).root == tmp_path
    assert DataConfig.model_validate(values | {"root": None}).root is None


def test_local_files_need_no_package_for_stores(tmp_path):
    written(tmp_path, "a.csv")
    code = f"""
import sys
from pathlib import Path
from adverts.config.data import FileSource
from adverts.data.sources.open_files import open_files
config = FileSource(kind="csv", paths=("*.csv",))
source = open_files(Path({str(tmp_path)!r}), config, max_row_bytes=1000)
assert len(list(source.read(()))) == 1 and list(source.parts(1)) and source.fingerprint
assert not {{"fsspec", "upath", "pyarrow"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ)


def test_a_folder_lists_its_files_with_their_stamps(store, tmp_path):
    written(tmp_path, "b/c.csv", "b.csv")
    store.pipe("/bucket/b/c.csv", b"x")
    assert list_files(tmp_path) == [
        ("b/c.csv", stamp_of(tmp_path / "b" / "c.csv")),
        ("b.csv", stamp_of(tmp_path / "b.csv")),
    ]
    assert [name for name, _ in list_files(locate(tmp_path, "memory://bucket"))] == ["b/c.csv"]
    with pytest.raises(FileNotFoundError):
        list_files(locate(tmp_path, "memory://nosuch"))


PATTERNS = [
    *("*.csv", "*/*.csv", "**/*.csv", "**", "posts/**", "p*/[ab].csv", "posts/?.csv", "*"),
    *("posts/a.csv", "**/posts/**/*.csv", "posts/**/a.csv", ".posts/*", "*/.a*", "**/.a.csv"),
    *("posts/*", "**/a.*", "other/*.csv", "posts/deep/deep/*.csv", "POSTS/*.csv"),
]
FILES = [
    *("a.csv", "posts/a.csv", "posts/c.csv", "posts/deep/a.csv", "posts/deep/deep/b.csv"),
    *(".posts/a.csv", "posts/.a.csv", "posts/a.txt", "posts.csv/a.csv"),
]


def meant(root, pattern):
    """Return the places of the files that a pattern means; none where it means nothing."""
    try:
        return {str(one.place) for one in find_files(root, pattern) if one.stamp is not None}
    except InputError:
        return set()


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("above", ["", "{root}/"], ids=["relative", "absolute"])
def test_a_pattern_would_match_the_files_that_it_matches_once_they_are_there(
    store, tmp_path, pattern, above
):
    written(tmp_path, *FILES)
    for name in FILES:
        store.pipe(f"/bucket/{name}", b"id,text\n1,x\n")
    for root in (tmp_path, locate(tmp_path, "memory://bucket")):
        given = above.format(root=root) + pattern
        found = {one for one in FILES if str(root / one) in meant(root, given)}
        assert {one for one in FILES if would_match(root, given, root / one)} == found


def test_a_pattern_of_another_place_would_match_nothing(store, tmp_path):
    far = locate(tmp_path, "memory://bucket/a.csv")
    assert not would_match(tmp_path, "**", far)
    assert not would_match(locate(tmp_path, "memory://other"), "**", far)
    assert not would_match(locate(tmp_path, "memory://bucket"), "**", tmp_path / "a.csv")
    (tmp_path / "link").symlink_to(tmp_path)
    assert would_match(tmp_path / "link", "*.csv", tmp_path / "a.csv")
    assert would_match(tmp_path / "posts", "../*.csv", tmp_path / "a.csv")
