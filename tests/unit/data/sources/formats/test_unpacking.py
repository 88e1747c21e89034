"""Compressed files: unpacked as a stream, in bounded memory, and never shorter than they are."""

import bz2
import functools
import gzip
import lzma
import os
import tracemalloc

import pyarrow as pa
import pytest

from adverts.data.sources.formats.unpacking import (
    PackedFile,
    UnpackError,
    is_packed,
    without_packing,
)

PACK = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda data: pa.compress(data, "zstd", asbytes=True),
}
pack = functools.cache(lambda suffix, data: PACK[suffix](data))
LINES = b"".join(b"%d,%s\n" % (i, os.urandom(20).hex().encode()) for i in range(20_000))


def written(tmp_path, suffix, content):
    path = tmp_path / f"a.csv{suffix}"
    path.write_bytes(content)
    return PackedFile(path, path.name)


def read(file):
    with file.open("rb") as stream:
        return stream.read()


@pytest.mark.parametrize("suffix", PACK)
def test_the_content_comes_back_whole(tmp_path, suffix):
    packed = pack(suffix, LINES)
    assert read(written(tmp_path, suffix, packed)) == LINES
    assert read(written(tmp_path, suffix, packed + packed)) == LINES + LINES


@pytest.mark.parametrize("suffix", PACK)
def test_thousands_of_streams_in_one_file_are_read(tmp_path, suffix):
    packed = b"".join(PACK[suffix](b"%d\n" % i) for i in range(1_500))
    assert read(written(tmp_path, suffix, packed)).split() == [b"%d" % i for i in range(1_500)]


@pytest.mark.parametrize("suffix", [".gz", ".xz"])
def test_zeros_at_the_end_are_no_content(tmp_path, suffix):
    assert read(written(tmp_path, suffix, pack(suffix, LINES) + b"\0" * 70_000)) == LINES


@pytest.mark.parametrize("suffix", PACK)
@pytest.mark.parametrize("left_out", [1, 9, 1_000, 100_000])
def test_a_file_that_is_cut_off_says_so(tmp_path, suffix, left_out):
    with pytest.raises(UnpackError, match="^is cut off$"):
        read(written(tmp_path, suffix, pack(suffix, LINES)[:-left_out]))


@pytest.mark.parametrize("suffix", PACK)
@pytest.mark.parametrize("content", [b"id,text\n1,a\n", b"\0" * 100, b"PK\x03\x04" * 20])
def test_another_kind_of_file_says_so(tmp_path, suffix, content):
    with pytest.raises(UnpackError, match="damaged or not what the end of its name says"):
        read(written(tmp_path, suffix, content))


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz"])  # frames of zstd may lack a checksum
def test_changed_bytes_are_noticed(tmp_path, suffix):
    packed = bytearray(pack(suffix, LINES))
    packed[len(packed) // 2] ^= 0x55
    with pytest.raises(UnpackError):
        read(written(tmp_path, suffix, bytes(packed)))


@pytest.mark.parametrize("suffix", PACK)
def test_what_follows_the_last_stream_is_no_rest_to_pass_over(tmp_path, suffix):
    with pytest.raises(UnpackError):
        read(written(tmp_path, suffix, pack(suffix, LINES) + b"more that is no stream"))


@pytest.mark.parametrize("suffix", PACK)
def test_a_bomb_is_read_in_little_memory(tmp_path, suffix):
    file = written(tmp_path, suffix, PACK[suffix](b"x" * 40_000_000))
    tracemalloc.start()
    with file.open("rb") as stream:
        size = 0
        while block := stream.read(100_000):
            size += len(block)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == 40_000_000
    assert peak < 12_000_000  # of which 8 MB are the dictionary of xz


def test_a_dictionary_of_any_size_is_not_taken(tmp_path):
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 29}]
    packer = lzma.LZMACompressor(filters=filters)
    with pytest.raises(UnpackError, match="damaged"):
        read(written(tmp_path, ".xz", packer.compress(LINES) + packer.flush()))


def test_the_suffix_says_what_is_packed():
    assert is_packed("posts/a.csv.GZ")
    assert not is_packed("posts.gz/a.csv")
    assert without_packing("posts/a.csv.zst") == "posts/a.csv"
    assert without_packing("posts/a.csv") == "posts/a.csv"
