"""Pictures that rows name: found below the data's folder, checked, spooled."""

import io
import struct
import zlib

import pytest
from PIL import Image

from adverts.data.bad_rows import RowFault
from adverts.data.pictures import ImageSpool, Picture, checked_bytes, pictures_of
from adverts.inputs.pixels import ImageLimits

LIMITS = ImageLimits(max_bytes=100_000, max_pixels=10_000)


def png(size=(4, 3), colour=(200, 10, 0)):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def bomb():
    """A PNG of a few bytes whose header promises 50,000 x 50,000 pixels."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "data" / "rows"
    folder.mkdir(parents=True)
    (tmp_path / "outside.png").write_bytes(png())
    (tmp_path / "data" / "above.png").write_bytes(png())
    (folder / "a.png").write_bytes(png())
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    return tmp_path / "data"


def find(root, cell):
    return pictures_of(cell, column="image", folder=root / "rows", folders=(root,))


@pytest.mark.parametrize("cell", [None, "", float("nan"), []])
def test_no_picture_is_no_fault(root, cell):
    assert find(root, cell) == ()


def test_every_form_of_a_picture_is_understood(root):
    path = root / "rows" / "a.png"
    assert find(root, "a.png") == (Picture("a.png", path=path),)
    assert find(root, str(path)) == (Picture("a.png", path=path),)
    assert find(root, b"x") == (Picture(None, data=b"x"),)
    assert find(root, {"bytes": b"x", "path": "/home/someone/b.png"}) == (
        Picture("b.png", data=b"x"),
    )
    assert find(root, {"bytes": None, "path": "a.png"}) == (Picture("a.png", path=path),)
    assert len(find(root, ["a.png", b"x", None])) == 2


def test_a_picture_above_the_row_but_below_the_root_is_found(root):
    assert find(root, "../above.png")[0].path == root / "above.png"


@pytest.mark.parametrize("cell", ["../../outside.png", "/etc/hostname", "link.png"])
def test_a_path_out_of_the_data_is_refused(root, cell):
    with pytest.raises(RowFault) as fault:
        find(root, cell)
    assert "outside the folder of the data" in fault.value.reason


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("nosuch.png", "is not a file"),
        (".", "is not a file"),
        ("a\0b", "is not a path"),
        ("x" * 5000, "is not a"),
        ("https://host.example/a.png", "is a web address"),
        (3, "is a int"),
    ],
)
def test_what_names_no_picture_is_refused_without_quoting_it(root, cell, reason):
    with pytest.raises(RowFault) as fault:
        find(root, cell)
    assert fault.value.reason.startswith(reason)


@pytest.mark.parametrize(
    "data",
    [b"", b"text", png()[:48], bomb(), png((200, 100))],
    ids=["empty", "text", "cut", "bomb", "large"],
)
def test_what_is_no_picture_or_too_large_is_refused(data):
    with pytest.raises(RowFault) as fault:
        checked_bytes(Picture(None, data=data), LIMITS, column="image")
    assert fault.value.field == "image"


def test_a_file_that_is_too_large_is_not_even_read(tmp_path):
    path = tmp_path / "a.png"
    with path.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(RowFault) as fault:
        checked_bytes(Picture("a.png", path=path), LIMITS, column="image")
    assert "picture has 1000000000000 bytes, at most 100000" in fault.value.reason


def test_a_picture_comes_out_upright_and_without_exif():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera"
    buffer = io.BytesIO()
    Image.new("RGB", (8, 4)).save(buffer, "JPEG", exif=exif)
    data = checked_bytes(Picture(None, data=buffer.getvalue()), LIMITS, column="image")
    image = Image.open(io.BytesIO(data))
    assert image.size == (4, 8)
    assert not image.getexif()


def test_the_spool_gives_back_what_it_took_and_keeps_equal_pictures_once(tmp_path):
    with ImageSpool(tmp_path) as spool:
        kept = [
            spool.add(data, name) for data, name in [(b"one", "1"), (b"two", None), (b"one", "3")]
        ]
        assert len(spool) == 2
        assert [image.data for image in spool.stored(kept)] == [b"one", b"two", b"one"]
        assert [image.path for image in spool.stored(kept)] == ["1", None, "3"]
        assert list(tmp_path.iterdir()) == []
