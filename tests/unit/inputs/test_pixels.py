import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from adverts.errors import InputError
from adverts.inputs.pixels import (
    ImageLimits,
    file_to_name,
    open_image,
    reencode,
    rgb_array,
    tower_pixels,
)

LIMITS = ImageLimits(max_bytes=1_000_000, max_pixels=1_000_000)
ORIENTATION, ARTIST = 0x0112, 0x013B


def picture(width=40, height=24):
    """A smooth picture, different in every corner."""
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([x * 255 // width, y * 255 // height, (x + y) % 256], axis=2)
    return Image.fromarray(pixels.astype(np.uint8))


def encoded(image, kind, **settings):
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def exif(orientation, artist="a fictional artist"):
    block = Image.Exif()
    block[ORIENTATION] = orientation
    block[ARTIST] = artist
    return block.tobytes()


def difference(first, second):
    return np.abs(rgb_array(first).astype(int) - rgb_array(second).astype(int)).max()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "JPEG", "WEBP"])
def test_every_known_format_opens_as_rgb(kind):
    image = open_image(encoded(picture(), kind), LIMITS)
    assert (image.mode, image.size) == ("RGB", (40, 24))


@pytest.mark.parametrize("kind", ["TIFF", "PPM", "PDF", "ICO", "EPS"])
def test_other_formats_are_refused(kind):
    with pytest.raises(InputError, match="known format"):
        open_image(encoded(picture(), kind), LIMITS)


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"no picture", b"\xff\xd8\xff"])
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(InputError, match="picture"):
        open_image(data, LIMITS)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP"])
def test_a_truncated_picture_is_refused(kind):
    data = encoded(picture(200, 200), kind)
    with pytest.raises(InputError, match="picture"):
        open_image(data[: len(data) // 2], LIMITS)


def test_a_damaged_picture_is_refused():
    data = bytearray(encoded(picture(200, 200), "PNG"))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(InputError, match="cannot be decoded"):
        open_image(bytes(data), LIMITS)


def test_too_many_bytes_are_refused_before_anything_is_read():
    with pytest.raises(InputError, match="has 1000001 bytes, but at most 1000000"):
        open_image(bytes(1_000_001), LIMITS)


def test_too_many_pixels_are_refused_before_anything_is_decoded():
    data = encoded(Image.new("1", (1001, 1000)), "PNG")
    with pytest.raises(InputError, match="1001 x 1000, but at most 1000000 pixels"):
        open_image(data, LIMITS)


def test_a_decompression_bomb_is_refused():
    header = struct.pack(">II5B", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = bytearray(encoded(picture(), "PNG"))
    data[16:29] = header
    crc = PngImagePlugin._crc32(b"IHDR" + header)
    data[29:33] = struct.pack(">I", crc)
    with pytest.raises(InputError, match="pixels"):
        open_image(bytes(data), LIMITS)


@pytest.mark.parametrize(
    ("orientation", "turned"),
    [
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (7, Image.Transpose.TRANSVERSE),
        (6, Image.Transpose.ROTATE_270),
        (8, Image.Transpose.ROTATE_90),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_turned_upright(kind, orientation, turned):
    settings = {"lossless": True} if kind == "WEBP" else {"quality": 100}
    data = encoded(picture(), kind, exif=exif(orientation), **settings)
    assert difference(open_image(data, LIMITS), picture().transpose(turned)) <= 8


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_damaged_exif_block_leaves_the_picture_as_it_is():
    data = encoded(picture(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff garbage")
    assert open_image(data, LIMITS).size == (40, 24)


def test_a_picture_is_turned_upright_whatever_else_its_exif_block_says():
    resolution = struct.pack("<HHI4s", 0x011A, 2, 2, b"x")  # letters for a ratio
    turned = struct.pack("<HHIHH", ORIENTATION, 3, 1, 6, 0)
    block = b"Exif\0\0II*\0\x08\0\0\0\x02\0" + turned + resolution + bytes(4)
    assert open_image(encoded(picture(), "JPEG", exif=block), LIMITS).size == (24, 40)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_is_white(mode):
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    image.paste((200, 200, 200, 255), (0, 0, 4, 8))
    image = image.convert("LA") if mode == "LA" else image
    image = image.quantize() if mode == "PA" else image
    opened = rgb_array(open_image(encoded(image, "PNG"), LIMITS))
    assert opened[0, 0].tolist() == [200, 200, 200]
    assert opened[0, 7].tolist() == [255, 255, 255]


def test_sixteen_bit_greys_keep_their_shade():
    image = Image.fromarray(np.full((4, 4), 0x8000, np.uint16))
    assert rgb_array(open_image(encoded(image, "PNG"), LIMITS))[0, 0].tolist() == [128, 128, 128]


def test_the_first_frame_of_an_animation_is_taken():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert rgb_array(open_image(data, LIMITS))[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize(
    "data",
    [
        encoded(picture(), "PNG"),
        encoded(picture(), "PNG", compress_level=1, dpi=(72, 72)),
        encoded(picture(), "JPEG"),
        encoded(picture(), "JPEG", progressive=True),
    ],
)
def test_a_clean_file_comes_back_unchanged(data):
    assert reencode(data, LIMITS)[0] == data


SECRET = b"a fictional artist"


def with_png_text():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", SECRET.decode())
    return encoded(picture(), "PNG", pnginfo=notes)


@pytest.mark.parametrize(
    "data",
    [
        encoded(picture(), "JPEG", exif=exif(1)),
        encoded(picture(), "JPEG", exif=exif(6)),
        encoded(picture(), "JPEG", comment=SECRET),
        encoded(picture(), "JPEG", xmp=SECRET),
        encoded(picture(), "JPEG") + SECRET,
        encoded(picture(), "PNG", exif=exif(1)),
        encoded(picture(), "PNG") + SECRET,
        encoded(picture(), "WEBP", exif=exif(1), lossless=True),
        encoded(picture(), "WEBP", xmp=SECRET, lossless=True),
        encoded(picture(), "GIF", comment=SECRET),
        with_png_text(),
    ],
)
def test_metadata_goes_and_the_picture_stays(data):
    assert SECRET in data
    clean, _ = reencode(data, LIMITS)
    assert SECRET not in clean
    assert b"Exif" not in clean
    assert difference(open_image(clean, LIMITS), open_image(data, LIMITS)) <= 8
    assert reencode(clean, LIMITS)[0] == clean


@pytest.mark.parametrize("kind", [b"tEXt", b"eXIf", b"tIME", b"prVt"])
def test_a_png_with_any_other_chunk_than_those_of_its_pixels_is_written_anew(kind):
    whole = encoded(picture(), "PNG", compress_level=1)
    packed = kind + SECRET
    chunk = struct.pack(">I", len(SECRET)) + packed + struct.pack(">I", zlib.crc32(packed))
    clean, _ = reencode(whole[:-12] + chunk + whole[-12:], LIMITS)
    assert SECRET not in clean
    assert difference(open_image(clean, LIMITS), picture()) == 0


def test_a_jpeg_that_is_turned_upright_keeps_the_colours_of_single_pixels():
    stripes = np.zeros((32, 32, 3), np.uint8)
    stripes[::2, :, 0], stripes[1::2, :, 2] = 255, 255
    data = encoded(Image.fromarray(stripes), "JPEG", quality=95, subsampling=0, exif=exif(6))
    clean, shown = reencode(data, LIMITS)
    assert difference(open_image(clean, LIMITS), shown) < 30  # 100 and more with coarser colours


def test_metadata_is_cut_out_of_a_jpeg_without_touching_its_pixels():
    colours = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(picture(), "JPEG", exif=exif(1), icc_profile=colours)
    clean, _ = reencode(data, LIMITS)
    assert difference(open_image(clean, LIMITS), open_image(data, LIMITS)) == 0
    assert Image.open(io.BytesIO(clean)).info["icc_profile"] == colours


def test_the_second_picture_of_a_jpeg_is_dropped():
    hidden = Image.new("RGB", (8, 8), "red")
    data = encoded(picture(), "MPO", save_all=True, append_images=[hidden])
    clean, _ = reencode(data, LIMITS)
    assert Image.open(io.BytesIO(clean)).format == "JPEG"
    assert clean.count(b"\xff\xd8\xff") == 1


def test_the_tower_sees_the_centre_of_the_scaled_picture():
    image = picture(90, 30)
    expected = rgb_array(image.crop((30, 0, 60, 30)))
    assert np.array_equal(tower_pixels(image, 30), expected.transpose(2, 0, 1))


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (7, 3), (640, 480)])
def test_the_tower_sees_a_square_of_any_picture(size):
    pixels = tower_pixels(Image.new("RGB", size, (10, 20, 30)), 32)
    assert (pixels.shape, pixels.dtype) == ((3, 32, 32), np.uint8)
    assert pixels.reshape(3, -1).T.tolist() == [[10, 20, 30]] * 1024


def test_scaling_down_averages_instead_of_skipping():
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    pixels = tower_pixels(Image.fromarray(stripes), 8)
    assert np.abs(pixels.astype(int) - 128).max() <= 6


@pytest.mark.parametrize("orientation", [1, 2, 6])
@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "JPEG", "WEBP"])
def test_files_of_one_name_have_equal_pixels(kind, orientation):
    settings = {} if kind in {"BMP", "GIF"} else {"exif": exif(orientation)}
    data = encoded(picture(), kind, **settings)
    name = file_to_name(data, LIMITS)
    assert np.array_equal(rgb_array(open_image(name, LIMITS)), rgb_array(open_image(data, LIMITS)))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_plain_file_has_the_name_under_which_it_is_prepared(kind):
    data = encoded(picture(), kind)
    prepared, _ = reencode(data, LIMITS)
    assert file_to_name(data, LIMITS) == prepared


def test_a_jpeg_has_the_name_of_its_file_without_metadata():
    plain = encoded(picture(), "JPEG")
    data = encoded(picture(), "JPEG", exif=exif(1)) + b"after the end"
    assert file_to_name(data, LIMITS) == reencode(data, LIMITS)[0]
    assert file_to_name(data, LIMITS) == file_to_name(plain, LIMITS)


def test_a_file_without_an_end_stands_for_itself():
    cut = [encoded(picture(), "JPEG")[:-count] for count in (2, 3, 4)]
    assert [file_to_name(data, LIMITS) for data in cut] == cut


def test_a_file_over_the_limits_has_no_name():
    with pytest.raises(InputError, match="at most 100 pixels"):
        file_to_name(encoded(picture(), "PNG"), ImageLimits(10**6, 100))
