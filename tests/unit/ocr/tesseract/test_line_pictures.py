import cv2
import numpy as np
import pytest

from adverts.ocr.tesseract.line_attempts import (
    BORDER_PX,
    colour_pictures,
    common_colours,
    plain_picture,
)


@pytest.fixture
def photograph():
    """Coarse coloured noise, as wide a range of colours as a crowd or leaves have."""
    noise = np.random.default_rng(0).integers(0, 256, (8, 40, 3), dtype=np.uint8)
    return cv2.resize(noise, (280, 56), interpolation=cv2.INTER_CUBIC)


def inner(picture):
    return picture[BORDER_PX:-BORDER_PX, BORDER_PX:-BORDER_PX]


@pytest.mark.parametrize("fill", [(255, 255, 255), (255, 235, 60), (235, 40, 40), (60, 230, 240)])
def test_outlined_letters_over_a_photograph_are_drawn_dark_alone(photograph, fill):
    letters = np.zeros((56, 280), np.uint8)
    for x in range(20, 270, 24):
        letters[14:42, x : x + 10] = 1
    outline = cv2.dilate(letters, np.ones((7, 7), np.uint8)) - letters
    photograph[outline == 1], photograph[letters == 1] = 5, fill
    pictures = [inner(picture) for picture in colour_pictures(photograph)]
    contrast = [int(p[letters == 0].mean()) - int(p[letters == 1].mean()) for p in pictures]
    assert max(contrast) > 200


@pytest.mark.parametrize(("ink", "paper"), [(30, 220), (220, 30), (120, 140)])
def test_a_plain_line_becomes_black_on_white(ink, paper):
    crop = np.full((56, 200, 3), paper, np.uint8)
    crop[20:36, 40:90] = ink
    picture = plain_picture(crop)
    assert inner(picture)[28, 60] == 0
    assert inner(picture)[5, 5] == 255
    assert (picture[:BORDER_PX] == 255).all()


def test_a_line_of_one_grey_has_a_picture():
    assert plain_picture(np.full((8, 8, 3), 90, np.uint8)).shape == (28, 28)
    assert len(list(colour_pictures(np.full((8, 8, 3), 90, np.uint8)))) == 1


def test_the_commonest_colour_comes_first_and_near_ones_are_one():
    rng = np.random.default_rng(1)
    common = [200, 120, 130] + rng.normal(0, 3, (600, 3))
    rare = [40, 128, 128] + rng.normal(0, 3, (200, 3))
    first, second = common_colours(np.concatenate([common, rare]).astype(np.float32))
    assert first == pytest.approx(np.array([200, 120, 130]), abs=1)
    assert second == pytest.approx(np.array([40, 128, 128]), abs=1)
