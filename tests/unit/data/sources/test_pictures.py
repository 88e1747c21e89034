"""Pictures that rows name: found below the data's folder, and read."""

import io

import pytest
from PIL import Image

from adverts.data.sources.bad_rows import RowFault
from adverts.data.sources.pictures import SourcePicture, pictures_of, source_bytes
from adverts.inputs.pixels import ImageLimits

LIMITS = ImageLimits(max_bytes=100_000, max_pixels=10_000)


def png(size=(4, 3), colour=(200, 10, 0)):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


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
    assert find(root, "a.png") == (SourcePicture("a.png", path=path),)
    assert find(root, str(path)) == (SourcePicture("a.png", path=path),)
    assert find(root, b"x") == (SourcePicture(None, data=b"x"),)
    assert find(root, {"bytes": b"x", "path": "/home/someone/b.png"}) == (
        SourcePicture("b.png", data=b"x"),
    )
    assert find(root, {"bytes": None, "path": "a.png"}) == (SourcePicture("a.png", path=path),)
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


def test_a_file_that_is_too_large_is_not_even_read(tmp_path):
    path = tmp_path / "a.png"
    with path.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(RowFault) as fault:
        source_bytes(SourcePicture("a.png", path=path), LIMITS, column="image")
    assert "picture has 1000000000000 bytes, at most 100000" in fault.value.reason


def test_a_file_that_is_gone_is_told_without_its_name(tmp_path):
    with pytest.raises(RowFault, match=r"picture cannot be read \(No such file") as fault:
        source_bytes(SourcePicture("a.png", path=tmp_path / "a.png"), LIMITS, column="image")
    assert "a.png" not in fault.value.reason


def test_bytes_come_back_as_they_stand_in_the_row_or_file(root):
    path = root / "rows" / "a.png"
    assert source_bytes(SourcePicture("a.png", path=path), LIMITS, column="image") == png()
    assert source_bytes(SourcePicture(None, data=b"x"), LIMITS, column="image") == b"x"
