import numpy as np
import pytest

from adverts.ocr.page.orientation import turn_corners, turned
from adverts.ocr.page.read_page import PageReader
from adverts.ocr.protocol import LineReading, ReaderSpec

WIDTH, HEIGHT = 300, 200
ROWS = ((20, "seat to harbour 350"), (60, "leaves in the evening"), (100, "write to us"))


def page():
    """Each line is a stripe that is brighter the further right, of another blue for each row."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for number, (top, text) in enumerate(ROWS):
        length = 10 * len(text)
        image[top : top + 20, 30 : 30 + length, 0] = np.linspace(50, 250, length)
        image[top : top + 20, 30 : 30 + length, 2] = 100 + number
    return image


class StripeEngine:
    """Finds stripes at any angle; reads with confidence those that grow brighter to the right."""

    alphabet = None

    def __init__(self, *, sure=0.95, unsure=0.4, known=True):
        self.spec = ReaderSpec("stripes", "1", {}, {})
        self.sure, self.unsure, self.known = sure, unsure, known
        self.detected, self.recognised = 0, 0

    def detect(self, image):
        self.detected += 1
        boxes = []
        for blue in sorted(set(image[..., 2].ravel().tolist()) - {0}):
            y, x = np.nonzero(image[..., 2] == blue)
            left, right, top, bottom = x.min(), x.max() + 1, y.min(), y.max() + 1
            boxes.append([[left, top], [right, top], [right, bottom], [left, bottom]])
        return np.array(boxes, np.float32).reshape(-1, 4, 2)

    def recognise(self, image, boxes):
        self.recognised += len(boxes)
        return [self.read(image, box) for box in boxes]

    def read(self, image, box):
        (left, top), (right, bottom) = box.min(axis=0).astype(int), box.max(axis=0).astype(int)
        stripe = image[(top + bottom) // 2, left:right]
        text = ROWS[int(stripe[0, 2]) - 100][1]
        if self.known and int(stripe[-1, 0]) - int(stripe[0, 0]) > 100:
            return LineReading(text, self.sure, "stripes")
        return LineReading(text[:6][::-1], self.unsure, "stripes")


def read(image, engine=None):
    return PageReader(engine or StripeEngine(), min_confidence=0.0).read(image)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_page_reads_the_same_whichever_way_up(quarters):
    result = read(np.rot90(page(), quarters))
    assert result.text.splitlines() == [text for _, text in ROWS]
    assert [line.row for line in result.lines] == [0, 1, 2]
    assert result.quality == read(page()).quality


def test_the_size_of_a_turned_page_is_that_of_the_image():
    result = read(np.rot90(page(), 1))
    assert (result.width, result.height) == (HEIGHT, WIDTH)


@pytest.mark.parametrize(
    ("quarters", "first_line"),
    [
        (0, [(30, 20), (220, 20), (220, 40), (30, 40)]),
        (1, [(20, 270), (20, 80), (40, 80), (40, 270)]),
        (2, [(270, 180), (80, 180), (80, 160), (270, 160)]),
        (3, [(180, 30), (180, 220), (160, 220), (160, 30)]),
    ],
)
def test_boxes_lie_where_the_lines_stand_in_the_image(quarters, first_line):
    """Worked by hand: the first corner is the top left of the text, wherever that lies."""
    result = read(np.rot90(page(), quarters))
    assert list(result.lines[0].box) == first_line


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_corners_turn_with_the_pixels(quarters):
    image = np.zeros((5, 9, 3), np.uint8)
    image[1:3, 4:8] = 255
    box = np.array([[[4, 1], [8, 1], [8, 3], [4, 3]]], np.float32)
    y, x = np.nonzero(turned(image, quarters)[..., 0])
    corners = turn_corners(box, quarters, width=9, height=5)[0]
    assert corners.min(axis=0).tolist() == [x.min(), y.min()]
    assert corners.max(axis=0).tolist() == [x.max() + 1, y.max() + 1]


def test_a_page_that_was_read_with_confidence_costs_nothing_extra():
    engine = StripeEngine()
    read(page(), engine)
    assert (engine.detected, engine.recognised) == (1, 3)


def test_a_page_in_a_script_that_the_engine_does_not_know_is_not_turned():
    engine = StripeEngine(known=False)
    assert read(page(), engine).lines[0].box[0] == (30, 20)
    assert (engine.detected, engine.recognised) == (1, 6)


def test_a_page_that_is_as_doubtful_upside_down_stays_as_it_is():
    assert read(page(), StripeEngine(sure=0.5, unsure=0.5)).lines[0].box[0] == (30, 20)


def test_more_characters_without_confidence_never_turn_a_page():
    result = read(np.rot90(page(), 2), StripeEngine(sure=0.6, unsure=0.2))
    assert result.lines[0].text == ROWS[2][1][:6][::-1]


@pytest.mark.parametrize("size", [(1, 1), (200, 300)])
def test_a_page_without_lines_is_read_once(size):
    engine = StripeEngine()
    assert read(np.zeros((*size, 3), np.uint8), engine).lines == ()
    assert (engine.detected, engine.recognised) == (1, 0)
