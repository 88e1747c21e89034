"""What is embedded holds no text any more: its pixels say so."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from adverts.evaluation.report.blurred import blurred_png


def png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def poster(text="CALL 01632 960123", size=(640, 400)):
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for line in range(6):
        draw.text((20, 20 + 60 * line), text, fill="black", font_size=48)
    return image


def embedded(image):
    return Image.open(io.BytesIO(blurred_png(png(image)))).convert("L")


def fine_share(image, *, cycles=5):
    """Which share of the power of a picture is finer than so many cycles a side."""
    pixels = np.asarray(image.convert("L").resize((128, 128)), np.float64)
    window = np.hanning(128)[:, None] * np.hanning(128)
    power = np.abs(np.fft.fft2((pixels - pixels.mean()) * window)) ** 2
    waves = np.abs(np.fft.fftfreq(128, 1 / 128))
    fine = (waves[:, None] > cycles) | (waves > cycles)
    return power[fine].sum() / power.sum()


def test_the_fine_detail_that_letters_are_made_of_is_gone():
    assert fine_share(poster()) > 0.5
    assert fine_share(embedded(poster())) < 0.02


@pytest.mark.parametrize("size", [(640, 400), (400, 640), (1600, 40), (3, 3)])
def test_two_texts_of_equal_layout_look_alike(size):
    one = np.asarray(embedded(poster("CALL 01632 960123", size)), np.int64)
    other = np.asarray(embedded(poster("CALL 01632 960987", size)), np.int64)
    assert np.abs(one - other).max() <= 20
    assert max(one.shape) <= 128


def test_one_huge_digit_cannot_be_read():
    def digit(text):
        image = Image.new("RGB", (640, 400), "white")
        ImageDraw.Draw(image).text((60 * 4, 40), text, fill="black", font_size=140)
        return np.asarray(embedded(image), np.float64).ravel()

    alike = np.corrcoef([digit(text) for text in "0689"])
    assert alike.min() > 0.97


def test_colour_and_layout_are_left():
    image = Image.new("RGB", (400, 400), "red")
    image.paste("blue", (0, 200, 400, 400))
    pixels = np.asarray(Image.open(io.BytesIO(blurred_png(png(image)))).convert("RGB"))
    assert pixels[5, 64, 0] > 150 > pixels[-5, 64, 0]


def test_even_what_is_as_coarse_as_a_cell_flows_into_its_neighbours():
    board = np.indices((8, 8)).sum(axis=0) % 2 * 255
    image = Image.fromarray(np.kron(board, np.ones((50, 50))).astype(np.uint8)).convert("RGB")
    assert np.ptp(np.asarray(embedded(image)).astype(int)[32:96, 32:96]) < 40
