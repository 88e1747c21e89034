import cv2
import numpy as np
import pytest

from adverts.ocr.rapidocr.text_map import text_boxes


def painted(*rectangles, shape=(100, 200), value=0.9):
    found = np.zeros(shape, np.float32)
    for middle, size, angle in rectangles:
        corners = cv2.boxPoints((middle, size, angle)).round().astype(np.int32)
        cv2.fillPoly(found, [corners], (value,))
    return found


def test_an_empty_map_has_no_boxes():
    assert text_boxes(np.zeros((64, 64), np.float32), 640, 640).shape == (0, 4, 2)


def test_a_line_grows_by_its_area_over_its_perimeter():
    (box,) = text_boxes(painted(((100, 50), (99, 19), 0)), 200, 100)
    grown = 1.6 * 101 * 21 / (2 * (101 + 21))
    expected = [[50 - grown, 40 - grown], [151 + grown, 40 - grown]]
    assert box[:2] == pytest.approx(np.array(expected), abs=1.5)


def test_boxes_are_in_pixels_of_the_page():
    small = text_boxes(painted(((100, 50), (99, 19), 0)), 200, 100)
    large = text_boxes(painted(((100, 50), (99, 19), 0)), 800, 300)
    assert large == pytest.approx(small * [4, 3])


def test_lines_come_from_the_top():
    found = text_boxes(painted(((100, 80), (80, 10), 0), ((100, 20), (80, 10), 0)), 200, 100)
    assert found[0, 0, 1] < found[1, 0, 1]


@pytest.mark.parametrize("angle", [-30, -8, 8, 30])
def test_a_slanted_line_begins_at_its_top_left(angle):
    (box,) = text_boxes(painted(((100, 50), (90, 14), angle)), 200, 100)
    along = box[1] - box[0]
    assert np.degrees(np.arctan2(along[1], along[0])) == pytest.approx(angle, abs=3)
    assert np.linalg.det([along, box[3] - box[0]]) > 0


def test_a_tall_box_is_text_that_runs_down():
    (box,) = text_boxes(painted(((50, 100), (14, 90), 0), shape=(200, 100)), 100, 200)
    top_left = box[0]
    assert top_left[0] > 50
    assert top_left[1] < 60
    assert box[1][1] > 140


def test_what_is_unlikely_on_the_whole_is_no_line():
    assert len(text_boxes(painted(((100, 50), (90, 20), 0), value=0.4), 200, 100)) == 0


def test_boxes_stay_on_the_page():
    (box,) = text_boxes(painted(((100, 6), (199, 12), 0)), 200, 100)
    assert box.min() >= 0
    assert (box <= [200, 100]).all()
