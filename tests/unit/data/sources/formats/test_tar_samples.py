"""Tar archives of samples, and everything that a stranger may put into one."""

import contextlib
import gzip
import io
import json
import tarfile
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.config.data import FileSource
from adverts.data.sources.bad_rows import BadRow
from adverts.data.sources.formats import tar_samples
from adverts.data.sources.open_files import open_files
from adverts.errors import InputError

WANTED = ("__key__", "text", "image")
MOST = 10_000


def added(archive, name, data=b"", **about):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for attribute, value in about.items():
        setattr(info, attribute, value)
    archive.addfile(info, io.BytesIO(data))


def packed(*members, form=tarfile.PAX_FORMAT):
    """The bytes of an archive; a member is a name and its content, or its attributes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, content in members:
            if isinstance(content, bytes):
                added(archive, name, content)
            else:
                added(archive, name, **content)
    return buffer.getvalue()


def written(tmp_path, data, name="a.tar"):
    (tmp_path / name).write_bytes(data)
    return tmp_path


def opened(folder, name="a.tar", part=None):
    config = FileSource(kind="tar", paths=(name,))
    return open_files(folder, config, max_row_bytes=MOST, part=part)


def seen(rows):
    return [str(row) if isinstance(row, BadRow) else (row.row, row.values) for row in rows]


def read(tmp_path, *members, **options):
    return seen(opened(written(tmp_path, packed(*members, **options))).read(WANTED))


def reasons(tmp_path, *members):
    return [row.partition(": ")[2] for row in read(tmp_path, *members) if isinstance(row, str)]


def picture(data, name):
    return {"bytes": data, "path": name}


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_members_of_one_name_are_a_row(tmp_path, form):
    deep = "folder/" * 20 + "é"
    rows = read(
        tmp_path,
        ("in", {"type": tarfile.DIRTYPE}),
        ("./in/7.txt", "\ufeffcaptionﻋ".encode()),
        ("in/7.json", b'{"label": "yes", "text": "no", "image": "/etc/passwd"}'),
        ("in/7.1.JPG", b"one"),
        ("in/7.0.png", b"two"),
        ("in/7.cls", b"3"),
        (f"{deep}.json", b'{"text": "of json"}'),
        (f"{deep}.webp", b""),
        form=form,
    )
    source_file = {"source_file": "a.tar"}
    assert rows == [
        (
            1,
            {
                "__key__": "in/7",
                "text": "captionﻋ",
                "label": "yes",
                "image": [picture(b"one", "in/7.1.JPG"), picture(b"two", "in/7.0.png")],
                **source_file,
            },
        ),
        (
            2,
            {
                "__key__": deep,
                "text": "of json",
                "image": [picture(b"", f"{deep}.webp")],
                **source_file,
            },
        ),
    ]


def test_the_same_name_in_another_folder_is_another_row(tmp_path):
    rows = read(tmp_path, ("a/1.txt", b"x"), ("b/1.txt", b"y"), ("c.d/1.txt", b"z"))
    assert [row[1]["__key__"] for row in rows] == ["a/1", "b/1", "c.d/1"]


def test_what_belongs_to_no_sample_is_left_out(tmp_path):
    rows = read(
        tmp_path, ("README", b"x"), ("._1.jpg", b"x"), ("in/.DS_Store", b""), ("1.txt", b"x")
    )
    assert [row[1]["__key__"] for row in rows] == ["1"]


@pytest.mark.parametrize(
    ("name", "member", "reason"),
    [
        ("2.jpg", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}, "a link"),
        ("2.jpg", {"type": tarfile.LNKTYPE, "linkname": "1.txt"}, "a link"),
        ("2.jpg", {"type": tarfile.FIFOTYPE}, "a device"),
        ("2.jpg", {"type": tarfile.BLKTYPE}, "a device"),
        ("2.jpg", {"type": b"M", "data": b"x" * 700}, "of a kind that is not read"),
        ("/2.txt", b"x", "whose name leads out of the archive"),
        ("../2.txt", b"x", "whose name leads out of the archive"),
        ("in/../../2.txt", b"x", "whose name leads out of the archive"),
        ("\udcff2.txt", b"x", "whose name is not UTF-8"),
        ("2.txt", b"caf\xe9", "is not UTF-8 (byte 4)"),
        ("2.json", b"[1]", "has a JSON member that is a JSON list"),
        ("2.json", b"{", "has a JSON member that is not JSON"),
        ("2.json", b'{"a":' * 30 + b"1" + b"}" * 30, "nests lists and objects 30 deep"),
        ("2.txt", b"x" * 10_001, "has more than 10,000 bytes"),
        ("2.heic", b"x", "is a .heic picture; convert it"),
        ("2.jpg", {"data": b"x" * 10, "pax_headers": {"GNU.sparse.size": "9"}}, "a sparse member"),
    ],
)
def test_a_member_that_is_not_read_is_the_fault_of_its_row(tmp_path, name, member, reason):
    form = tarfile.GNU_FORMAT if "\udcff" in name else tarfile.PAX_FORMAT
    rows = read(tmp_path, ("1.txt", b"a"), (name, member), ("3.txt", b"c"), form=form)
    assert [row[0] for row in rows if not isinstance(row, str)] == [1, 3]
    (fault,) = [row for row in rows if isinstance(row, str)]
    assert fault.startswith("a.tar row 2")
    assert reason in fault
    assert name.removesuffix(".heic") not in fault.partition(":")[2]


def test_a_sample_of_too_much_is_a_bad_row(tmp_path, monkeypatch):
    monkeypatch.setattr(tar_samples, "PICTURE_BYTES_OF_ROW", 1_000)
    monkeypatch.setattr(tar_samples, "_MAX_MEMBERS", 3)
    assert reasons(
        tmp_path,
        *[("1.txt", b"x"), ("1.en.txt", b"y"), ("1.txt", b"z")],
        *[("2.txt", b"x" * 6_000), ("2.json", b" " * 6_000)],
        *[("3.0.jpg", b"x" * 600), ("3.1.jpg", b"x" * 600)],
        *[(f"4.{number}.jpg", b"x") for number in range(4)],
        ("5.txt", b"x"),
    ) == [
        "has two members .txt; leave one out",
        "has more than 10,000 bytes; shorten it, or raise data.row_limits.max_bytes",
        "has pictures of more than 1,000 bytes; leave some out",
        "has more than 3 members; leave some out",
    ]


def test_pictures_are_not_read_where_nobody_wants_them(tmp_path):
    source = opened(written(tmp_path, packed(("1.jpg", b"x"), ("1.txt", b"y"))))
    (row,) = source.read(("text",))
    assert row.values["image"] == []


SAMPLES = [
    (f"{number}.{suffix}", f'{{"n": {number}}}'.encode() if suffix == "json" else b"x" * size)
    for number, size in enumerate([0, 600, 512, 5, 1_500, 20_000, 7])
    for suffix in ("txt", "json", "jpg")
]


@settings(max_examples=60, deadline=None)
@given(
    members=st.lists(
        st.sampled_from([*SAMPLES, ("no key", b"x"), ("d", {"type": tarfile.DIRTYPE})]), max_size=30
    ).filter(bool),
    rows=st.integers(1, 6),
    form=st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]),
)
def test_parts_of_an_archive_are_its_rows(tmp_path_factory, members, rows, form):
    members = [(name + "x" * 120 * (len(name) == 5), data) for name, data in members]
    folder = written(tmp_path_factory.mktemp("tar"), packed(*members, form=form))
    source = opened(folder)
    found = []
    for part in source.parts(rows):
        of_part = seen(opened(folder, part=part).read(WANTED, part))
        assert len(of_part) == part.rows
        found += of_part
    assert found == seen(source.read(WANTED))


def test_an_archive_of_any_length_that_is_cut_off_says_after_which_row(tmp_path):
    data = packed(*[(f"{number}.txt", b"x" * 300) for number in range(5)])
    ends = 5 * 1_024
    for length in range(1, ends + 1, 128):
        folder = written(tmp_path, data[:length])
        with pytest.raises(InputError, match=r"a\.tar is cut off(; | after row \d)"):
            seen(opened(folder).read(WANTED))
        with pytest.raises(InputError, match=r"a\.tar is cut off; fetch it again"):
            list(opened(folder).parts(2))


def test_a_second_archive_after_the_end_is_not_passed_over_in_silence(tmp_path):
    data = packed(("1.txt", b"x"))
    with pytest.raises(InputError, match="goes on after the end of the archive.*divide it"):
        seen(opened(written(tmp_path, data + data)).read(WANTED))


@pytest.mark.parametrize("content", [b"id,text\n1,x\n" * 100, b"\x1f\x8b" + b"x" * 2_000, b"x"])
def test_what_is_no_archive_is_one_line(tmp_path, content):
    with pytest.raises(InputError, match=r"a\.tar is (damaged or no tar archive|cut off)"):
        opened(written(tmp_path, content))


def test_an_archive_of_nothing_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"a\.tar holds no member"):
        opened(written(tmp_path, packed()))


def test_headers_that_ask_for_memory_are_refused(tmp_path):
    for kind in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE):
        info = tarfile.TarInfo("x")
        info.type, info.size = kind, 2_000_000_000
        data = packed(("1.txt", b"x"))[:1_024] + info.tobuf(tarfile.GNU_FORMAT) + b"x" * 4_096
        tracemalloc.start()
        with pytest.raises(InputError, match="a name or attributes of 2,000,000,000 bytes"):
            seen(opened(written(tmp_path, data)).read(WANTED))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
        tracemalloc.stop()


@pytest.mark.parametrize("size", ["-1", "9" * 18, "9" * 19, "9" * 5_000, "x", ""])
def test_sizes_that_cannot_be_are_one_line(tmp_path, size):
    data = packed(("1.txt", {"data": b"x", "pax_headers": {"size": size}}), ("2.txt", b"y"))
    with pytest.raises(InputError, match=r"a\.tar is (damaged|cut off)"):
        seen(opened(written(tmp_path, data)).read(WANTED))


def test_changed_bytes_end_in_one_line_or_in_rows(tmp_path):
    data = packed(*SAMPLES[:9], ("é" * 90 + ".txt", b"x"))
    for place in range(0, len(data), 37):
        changed = data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :]
        with contextlib.suppress(InputError):
            source = opened(written(tmp_path, changed))
            count = sum(part.rows for part in source.parts(2))
            assert count == len(seen(source.read(WANTED)))


def test_a_compressed_archive_is_one_part_and_a_bomb_in_it_is_not_held(tmp_path):
    plain = packed(("1.txt", b"x"), ("2.jpg", b"x" * 150_000_000), ("3.txt", b"z"))
    written(tmp_path, gzip.compress(plain, 1), "a.tar.gz")
    written(tmp_path, gzip.compress(packed(*SAMPLES)), "b.tgz")
    del plain
    tracemalloc.start()
    source = opened(tmp_path, "a.tar.gz")
    (part,) = source.parts(1)
    rows = seen(source.read(WANTED, part))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert part.is_whole
    assert "pictures of more than 100,000,000 bytes" in rows[1]
    assert len(rows) == 3
    assert peak < 5_000_000
    assert len(seen(opened(tmp_path, "b.tgz").read(WANTED))) == 7


def test_a_compressed_archive_that_is_cut_off_says_so(tmp_path):
    data = gzip.compress(packed(*[(f"{n}.json", json.dumps({"n": n}).encode()) for n in range(99)]))
    with pytest.raises(InputError, match=r"a\.tar\.gz is cut off"):
        seen(opened(written(tmp_path, data[:-9], "a.tar.gz"), "a.tar.gz").read(WANTED))
