import cv2
import numpy as np
import pytest

from adverts.ocr.page.line_crops import aspect, batches, line_crop


def box(left, top, right, bottom):
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


@pytest.fixture(scope="module")
def page():
    smooth = np.random.default_rng(0).integers(0, 256, (12, 20, 3), dtype=np.uint8)
    return cv2.resize(smooth, (200, 120), interpolation=cv2.INTER_CUBIC)


def test_a_level_box_at_its_own_height_is_a_slice(page):
    crop = line_crop(page, box(20, 30, 120, 62), height_px=32)
    assert crop == pytest.approx(page[30:62, 20:120], abs=1)


def test_room_is_a_share_of_the_height(page):
    crop = line_crop(page, box(40, 40, 120, 60), height_px=24, beside=0.5, above=0.1)
    assert crop == pytest.approx(page[38:62, 30:130], abs=1)


def test_a_turned_page_gives_the_crop_of_the_level_one(page):
    level = line_crop(page, box(60, 40, 140, 60), height_px=20)
    turn = cv2.getRotationMatrix2D((99.5, 59.5), 20, 1)
    turned = cv2.warpAffine(page, turn, (200, 120), flags=cv2.INTER_CUBIC)
    corners = (box(60, 40, 140, 60) - 0.5) @ turn[:, :2].T + turn[:, 2] + 0.5
    crop = line_crop(turned, corners.astype(np.float32), height_px=20)
    assert np.abs(crop.astype(int) - level).mean() < 3


def test_a_tall_line_is_shrunk_by_area():
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[::2] = 255
    crop = line_crop(stripes, box(0, 0, 64, 64), height_px=16)
    assert crop.shape == (16, 16, 3)
    assert np.abs(crop.astype(int) - 127).max() <= 2


def test_outside_the_page_its_edge_goes_on():
    page = np.full((20, 20, 3), 70, np.uint8)
    assert (line_crop(page, box(-30, -30, 50, 50), height_px=16) == 70).all()


@pytest.mark.parametrize("corners", [box(5, 5, 5, 5), box(5, 5, 6, 90), box(0, 0, 1e6, 2)])
def test_a_box_of_any_shape_gives_a_crop(page, corners):
    height, width, _ = line_crop(page, corners, height_px=48).shape
    assert height == 48
    assert 1 <= width <= 4096


def test_aspect_is_length_over_height():
    assert aspect(box(0, 0, 60, 20)) == pytest.approx(3)


def test_batches_hold_like_lengths_and_each_line_once():
    assert batches([2000, 300, 1000, 310]) == [[1, 3], [2], [0]]
    assert batches([9999]) == [[0]]
    assert batches([]) == []
