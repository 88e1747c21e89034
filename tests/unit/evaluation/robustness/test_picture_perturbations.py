"""Disguises of pictures: the same size, the same for equal seeds, and what each does to pixels."""

import io
import random

import numpy as np
import pytest
from PIL import Image, ImageFilter

from adverts.errors import InputError
from adverts.evaluation.robustness.picture_disguises import IMAGE, perturb_picture

SIZE = (240, 160)


def picture():
    """Coloured noise, smooth enough to survive."""
    pixels = np.random.default_rng(0).integers(0, 256, (SIZE[1], SIZE[0], 3), dtype=np.uint8)
    return Image.fromarray(pixels).filter(ImageFilter.BoxBlur(2))


def saved(image, kind="PNG"):
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.float64)


def disguised(name, strength="heavy", seed=0, data=None):
    return perturb_picture(name, data or saved(picture()), strength, random.Random(seed))


def distance(one, other):
    return float(np.abs(pixels(one) - pixels(other)).mean())


@pytest.mark.parametrize("name", IMAGE)
@pytest.mark.parametrize("strength", ["light", "heavy"])
def test_a_disguised_picture_is_another_of_the_same_size(name, strength):
    found = Image.open(io.BytesIO(disguised(name, strength)))
    assert found.size == SIZE
    assert disguised(name, strength) != saved(picture())


@pytest.mark.parametrize("name", IMAGE)
def test_equal_seeds_give_equal_pictures(name):
    assert disguised(name, seed=3) == disguised(name, seed=3)


@pytest.mark.parametrize("name", ["crop", "rotation", "overlay", "small_text", "recolour"])
def test_among_some_seeds_there_are_different_pictures(name):
    assert len({disguised(name, seed=seed) for seed in range(6)}) > 1


@pytest.mark.parametrize("name", ["jpeg", "blur", "rotation", "small_text"])
def test_heavy_changes_more_pixels_than_light(name):
    plain = saved(picture())
    light, heavy = (distance(plain, disguised(name, kind)) for kind in ("light", "heavy"))
    assert light < heavy


@pytest.mark.parametrize("name", IMAGE)
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 2)])
def test_the_smallest_pictures_survive(name, size):
    data = saved(Image.new("RGB", size, (10, 200, 30)))
    assert Image.open(io.BytesIO(disguised(name, data=data))).size == size


@pytest.mark.parametrize("name", ["blur", "crop"])
def test_a_picture_of_one_colour_that_does_not_change_comes_back_as_it_was(name):
    data = saved(Image.new("RGB", SIZE, (10, 200, 30)), "JPEG")
    assert disguised(name, data=data) == data


def test_an_overlay_covers_its_share_with_one_colour():
    rows = pixels(disguised("overlay", seed=1)) != pixels(saved(picture()))
    changed = rows.any(axis=2).mean()
    assert 0.15 < changed <= 0.55**2 + 0.02


def test_small_text_is_the_picture_at_three_tenths_on_white():
    found = pixels(disguised("small_text"))
    white = (found == 255).all(axis=2).mean()
    assert white == pytest.approx(1 - 0.3**2, abs=0.01)


def test_a_crop_is_a_part_of_the_picture_scaled_up():
    ramp = Image.linear_gradient("L").convert("RGB")
    found = pixels(disguised("crop", data=saved(ramp)))
    rows = found[:, 0, 0]
    assert rows[-1] - rows[0] == pytest.approx(255 * 0.7, abs=3)


def test_the_negative_at_ninety_percent_turns_white_to_dark():
    white = saved(Image.new("RGB", SIZE, (255, 255, 255)))
    means = {
        round(float(pixels(disguised("recolour", seed=s, data=white)).mean())) for s in range(9)
    }
    assert 25 in means  # 255 * (1 - 0.9)


def test_what_is_no_picture_is_refused():
    with pytest.raises(InputError, match="not a picture"):
        perturb_picture("blur", b"text", "heavy", random.Random(0))
