"""Our steps around EasyOCR's networks beside its own functions."""

import math

import cv2
import numpy as np
import pytest

from adverts.ocr.easyocr.lines import group, lines_of
from adverts.ocr.easyocr.recogniser import batches, crop, decode, stretched
from adverts.ocr.easyocr.words import canvas, canvas_scale, words_of

pytest.importorskip("easyocr")
SEEDS = range(12)


def random_maps(seed):
    """Blurred bars at random angles: words, and links between some of them."""
    rng = np.random.default_rng(seed)
    maps = np.zeros((2, 120, 160), np.float32)
    for channel, count in ((0, 18), (1, 10)):
        for _ in range(count):
            place = tuple(float(value) for value in rng.uniform((5, 5), (155, 115)))
            size = tuple(float(value) for value in rng.uniform((4, 2), (40, 9)))
            angle = float(rng.choice([0, 0, 0, 90, rng.uniform(-90, 90)]))
            bar = cv2.boxPoints((place, size, angle)).astype(np.int32)
            cv2.fillPoly(maps[channel], [bar], float(rng.uniform(0.3, 1.0)))
        maps[channel] = cv2.GaussianBlur(maps[channel], (5, 5), 0)
    for x, y, width, height in rng.integers((0, 0, 2, 2), (150, 110, 6, 6), (12, 4)):
        maps[0, y : y + height, x : x + width] = 0.9  # some of fewer than ten cells
    return maps


def random_words(seed):
    """Boxes in rows, level or a little slanted, some of them tiny."""
    rng = np.random.default_rng(seed)
    words = []
    for _ in range(25):
        place = rng.uniform((0, 0), (600, 400))
        size = rng.uniform((4, 4), (150, 45))
        angle = float(rng.choice([0, 0, 0, rng.uniform(-3, 3), rng.uniform(-60, 60)]))
        box = cv2.boxPoints((tuple(map(float, place)), tuple(map(float, size)), angle))
        words.append(np.roll(box, 4 - int(box.sum(axis=1).argmin()), axis=0))
    for top in (450, 550, 650):  # full rows, of heights that change a little or a lot
        left = 0
        for _ in range(7):
            width, height = (int(value) for value in rng.integers((30, 20), (90, 60)))
            right, low = left + width, top + height
            words.append(np.array([[left, top], [right, top], [right, low], [left, low]]))
            left = right + int(rng.integers(0, 30))
    return np.array(words).astype(np.int32)


def grey_page(seed=0):
    noise = np.random.default_rng(seed).integers(0, 255, (200, 300), dtype=np.uint8)
    return cv2.GaussianBlur(noise, (9, 9), 0)


def stock_crops(level, slanted, grey):
    from easyocr.utils import get_image_list

    (found,), width = get_image_list(level, slanted, grey, model_height=64)
    return found[1], width


def stock_shown(pixels, width, contrast=0.0):
    from easyocr.recognition import AlignCollate
    from PIL import Image

    collate = AlignCollate(imgH=64, imgW=width, keep_ratio_with_pad=True, adjust_contrast=contrast)
    return collate([Image.fromarray(pixels)]).numpy()


@pytest.mark.parametrize("seed", SEEDS)
def test_words_are_those_that_easyocr_finds_in_the_same_maps(seed):
    from easyocr.craft_utils import adjustResultCoordinates, getDetBoxes

    text, link = maps = random_maps(seed)
    boxes, _, _ = getDetBoxes(text, link, 0.7, 0.4, 0.4)
    expected = np.array(adjustResultCoordinates(boxes, 1 / 0.4, 1 / 0.4)).astype(np.int32)
    assert len(expected) > 3
    assert np.array_equal(words_of(maps, 0.4), expected)


def test_maps_without_text_have_no_words():
    assert words_of(np.zeros((2, 16, 16), np.float32), 1.0).shape == (0, 4, 2)


@pytest.mark.parametrize("shape", [(100, 64, 3), (33, 31, 3), (480, 640, 3)])
def test_the_detector_is_shown_what_easyocr_shows_it(shape):
    from easyocr.imgproc import normalizeMeanVariance, resize_aspect_ratio

    image = np.random.default_rng(0).integers(0, 255, shape, dtype=np.uint8)
    resized, ratio, _ = resize_aspect_ratio(image, 96, cv2.INTER_LINEAR)
    scale = canvas_scale(shape[0], shape[1], 96)
    assert scale == ratio
    expected = normalizeMeanVariance(resized).transpose(2, 0, 1)[None]
    assert np.allclose(canvas(image, scale), expected, atol=1e-6)


@pytest.mark.parametrize("shape", [(0, 9), (9, 0), (1, 700), (5000, 2)])
def test_a_page_thinner_than_a_pixel_of_the_canvas_has_no_scale(shape):
    assert canvas_scale(*shape, 640) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_words_are_joined_to_lines_as_easyocr_joins_them(seed):
    from easyocr.utils import group_text_box

    words = random_words(seed)
    level, slanted = group_text_box(words.reshape(-1, 8), 0.1, 0.5, 0.5, 0.5, 0.1)
    ours, free = group(words)
    assert [[line.left, line.right, line.top, line.bottom] for line in ours] == level
    assert len(level) < sum(1 for _ in words)
    assert np.allclose(np.array(free), np.array(slanted))


def test_lines_are_cut_at_the_page_and_short_ones_left_out():
    long = [[-4, 10], [60, 10], [60, 40], [-4, 40]]
    short = [[70, 80], [86, 80], [86, 90], [70, 90]]
    beyond = [[120, 10], [160, 10], [160, 40], [120, 40]]
    lines = lines_of(np.array([long, short, beyond], np.int32), height=100, width=100)
    assert lines.tolist() == [[[0, 7], [63, 7], [63, 43], [0, 43]]]
    assert lines.dtype == np.float32


@pytest.mark.parametrize(
    ("left", "right", "top", "bottom"),
    [(10, 210, 20, 51), (-5, 400, 0, 33), (5, 40, 10, 190), (7, 58, 3, 54), (10, 281, 20, 110)],
)
def test_a_level_line_is_shown_as_easyocr_shows_it(left, right, top, bottom):
    grey = grey_page()
    pixels, width = stock_crops([[left, right, top, bottom]], [], grey)
    box = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    line = crop(grey, np.clip(box, 0, (300, 200)).astype(np.float32))
    assert np.array_equal(line.pixels, pixels)
    assert line.width_px == width
    ((_, shown),) = batches([line])
    assert np.allclose(shown, stock_shown(pixels, width), atol=1e-6)
    ((_, raised),) = batches([stretched(line)])
    assert np.allclose(raised, stock_shown(pixels, width, contrast=0.5), atol=1e-6)


@pytest.mark.parametrize("angle", [-70, -20, 8, 35])
def test_a_slanted_line_is_shown_as_easyocr_shows_it(angle):
    grey = grey_page()
    box = cv2.boxPoints(((150.0, 100.0), (120.0, 30.0), float(angle)))
    pixels, width = stock_crops([], [box], grey)
    line = crop(grey, box)
    assert line.width_px == width
    assert line.pixels.shape == pixels.shape
    assert np.abs(line.pixels.astype(int) - pixels).max() <= 2


def test_a_line_beyond_the_page_has_no_crop():
    box = np.array([[400, 10], [450, 10], [450, 30], [400, 30]], np.float32)
    assert crop(grey_page(), box) is None
    assert crop(grey_page(), box + np.array([[0, 0], [0, 9], [0, 9], [0, 0]], np.float32)) is None
    assert crop(grey_page(), np.zeros((4, 2), np.float32)) is None


def test_batches_hold_every_line_once_and_one_width_each():
    grey = grey_page()
    widths = [(40, 200), (10, 60), (50, 200), (10, 50), (40, 270)]
    crops = [crop(grey, np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)) for h, w in widths]
    found = list(batches(crops))
    assert [positions for positions, _ in found] == [[2], [0, 3], [1], [4]]
    assert [lines.shape for _, lines in found] == [
        (len(positions), 1, 64, crops[positions[0]].width_px) for positions, _ in found
    ]


@pytest.mark.parametrize("forbidden", [[], [3, 4]])
def test_texts_and_confidences_are_those_of_easyocr(forbidden):
    from easyocr.recognition import custom_mean
    from easyocr.utils import CTCLabelConverter

    logits = np.random.default_rng(1).normal(0, 3, (6, 30, 6)).astype(np.float32)
    logits[5, :, 0] = 40  # nothing but blanks
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    allowed = probabilities.copy()
    allowed[..., forbidden] = 0
    allowed /= allowed.sum(axis=2, keepdims=True)
    best = allowed.argmax(axis=2)
    texts = CTCLabelConverter("abcde").decode_greedy(best.ravel(), [30] * 6)
    said = decode(probabilities, "abcde", forbidden)
    assert [text for text, _ in said] == texts
    assert texts[5] == ""
    kept = [values[steps != 0] for values, steps in zip(allowed.max(axis=2), best, strict=True)]
    expected = [custom_mean(values) for values in kept[:5]]
    assert [confidence for _, confidence in said[:5]] == pytest.approx(expected, rel=1e-5)
    assert said[5][1] == 0.0


def test_a_confidence_worked_by_hand():
    steps = np.array([[[0.1, 0.9], [0.1, 0.9], [0.8, 0.2], [0.5, 0.5001]]], np.float32)
    ((text, confidence),) = decode(steps, "x")
    assert text == "xx"
    assert confidence == pytest.approx((0.9 * 0.9 * 0.5) ** (2 / math.sqrt(3)), rel=1e-3)
