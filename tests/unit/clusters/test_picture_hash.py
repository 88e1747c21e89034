"""What is kept of a picture: what edits change of it, how it is stored, what a text tile is."""

import random

import numpy as np
import pdqhash
import pytest
from PIL import Image, ImageDraw, ImageOps
from planted_edits import EDITS
from planted_images import STYLES, photo, product, text_tile

from adverts.clusters.picture_hash import (
    CELLS,
    HASH_BYTES,
    PICTURE_HASH_VERSION,
    STORED_BYTES,
    PictureHash,
    describe_picture,
)


def cells(packed):
    return np.unpackbits(np.frombuffer(packed, np.uint8)).reshape(CELLS, CELLS)


def differing(one, other):
    return int((cells(one) != cells(other)).sum())


@pytest.fixture
def draw():
    return random.Random(5)


def test_pdq_and_its_quality_are_those_of_the_library(draw):
    picture = photo(draw)
    bits, quality = pdqhash.compute(np.asarray(picture))
    found = describe_picture(picture)
    assert np.array_equal(cells(found.pdq).ravel(), bits)
    assert found.quality == quality


def test_a_cell_lighter_than_its_neighbours_is_a_set_bit():
    picture = Image.new("RGB", (320, 320), (90, 90, 90))
    ImageDraw.Draw(picture).rectangle((100, 200, 119, 219), fill=(250, 250, 250))
    found = cells(describe_picture(picture).local)
    assert found[10, 5] == 1
    assert not found[9:12, 4:7].sum() - 1


def test_the_mirror_image_has_the_cells_from_right_to_left(draw):
    picture = photo(draw)
    mirrored = describe_picture(ImageOps.mirror(picture))
    expected = cells(describe_picture(picture).local)[:, ::-1]
    assert (cells(mirrored.local) != expected).sum() <= 2


def test_a_crop_agrees_with_the_hash_of_the_centre(draw):
    picture = photo(draw).resize((400, 400))
    found = describe_picture(picture)
    crop = describe_picture(picture.crop((22, 22, 378, 378)))
    assert differing(found.local_of_centre, crop.local) <= 4
    assert differing(found.local, crop.local) > 56


@pytest.mark.parametrize("edit", ["saved again", "scaled", "saved and scaled"])
def test_saving_and_scaling_change_few_bits(draw, edit):
    picture = photo(draw)
    one, other = describe_picture(picture), describe_picture(EDITS[edit](draw, picture))
    assert differing(one.pdq, other.pdq) <= 31
    assert differing(one.local, other.local) <= 25


def test_a_large_picture_is_described_as_when_it_is_small(draw):
    picture = photo(draw).resize((480, 360))
    one, other = describe_picture(picture), describe_picture(picture.resize((1920, 1440)))
    assert differing(one.pdq, other.pdq) <= 8
    assert differing(one.local, other.local) <= 8


@pytest.mark.parametrize("size", [(1, 1), (2, 900), (900, 2), (300, 200)])
@pytest.mark.parametrize("colour", ["black", "white", (200, 30, 60)])
def test_one_colour_has_neither_quality_nor_detail_and_is_no_text(size, colour):
    found = describe_picture(Image.new("RGB", size, colour))
    assert (found.quality, found.detail, found.is_text_tile) == (0, 0, False)


def test_things_on_white_have_less_detail_than_a_photo(draw):
    assert describe_picture(product(draw)).detail < 0.75 * describe_picture(photo(draw)).detail


def test_stored_and_read_back_it_is_the_same(draw):
    for picture in (photo(draw), text_tile(draw)):
        found = describe_picture(picture)
        assert len(found.to_bytes()) == STORED_BYTES
        assert PictureHash.from_bytes(found.to_bytes()) == found


@pytest.mark.parametrize("length", [0, STORED_BYTES - 1, STORED_BYTES + 1])
def test_another_length_is_refused(length):
    with pytest.raises(ValueError, match=f"has {STORED_BYTES} bytes, found {length}"):
        PictureHash.from_bytes(bytes(length))


def test_another_version_is_refused():
    stored = describe_picture(Image.new("RGB", (9, 9))).to_bytes()
    other = PICTURE_HASH_VERSION + 1
    with pytest.raises(ValueError, match=f"version {other}, wanted {PICTURE_HASH_VERSION}"):
        PictureHash.from_bytes(bytes([other]) + stored[1:])


def test_every_field_has_its_own_place():
    fields = bytes([1]) * HASH_BYTES, bytes([2]) * HASH_BYTES, bytes([3]) * HASH_BYTES
    found = PictureHash(fields[0], 77, fields[1], fields[2], 88, is_text_tile=True)
    assert PictureHash.from_bytes(found.to_bytes()) == found


@pytest.mark.parametrize("edit", ["", "saved again", "scaled", "saved and scaled"])
@pytest.mark.parametrize("style", range(len(STYLES)))
def test_price_lists_are_text_tiles_however_they_are_saved(draw, style, edit):
    for _ in range(3):
        tile = text_tile(draw, style)
        assert describe_picture(EDITS[edit](draw, tile) if edit else tile).is_text_tile


def test_a_few_words_on_an_empty_ground_are_a_text_tile():
    picture = Image.new("RGB", (400, 400), "white")
    ImageDraw.Draw(picture).text((60, 180), "CALL FOR A PRICE", fill="black", font_size=32)
    assert describe_picture(picture).is_text_tile


@pytest.mark.parametrize("edit", ["", *(edit for edit in EDITS if edit != "sticker")])
def test_photos_are_no_text_tiles_even_with_a_line_of_text(draw, edit):
    for _ in range(5):
        picture = photo(draw)
        assert not describe_picture(EDITS[edit](draw, picture) if edit else picture).is_text_tile


def test_a_price_list_below_a_photo_is_a_text_tile(draw):
    picture = photo(draw).resize((288, 288))
    picture.paste(text_tile(draw, 0).crop((0, 0, 288, 130)), (0, 158))
    assert describe_picture(picture).is_text_tile


def test_things_on_white_are_no_text_tiles(draw):
    assert not any(describe_picture(product(draw)).is_text_tile for _ in range(5))
