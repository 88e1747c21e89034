"""Disguises of pictures: edits as made by re-posting, screenshots and disguise, by name."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from adverts.evaluation.robustness.disguise_attempt import Attempt, Perturbation, Strength
from adverts.inputs.pixels import CHECKED, open_image

Picture = Image.Image


def jpeg(image: Picture, attempt: Attempt) -> Picture:
    """Compress the picture as JPEG; the amount is the quality, from 1 to 95."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=round(attempt.amount))
    with Image.open(buffer) as opened:
        return opened.convert("RGB")


def blur(image: Picture, attempt: Attempt) -> Picture:
    """Blur; the amount is the radius as a share of the shorter side, at least half a pixel."""
    radius = max(0.5, attempt.amount * min(image.size))
    return image.filter(ImageFilter.GaussianBlur(radius))


def crop(image: Picture, attempt: Attempt) -> Picture:
    """Cut off a share of width and height, on any side, and scale the rest up to the old size."""
    wide, high = (max(1, round(side * (1 - attempt.amount))) for side in image.size)
    left, top = (
        attempt.draw.randint(0, image.width - wide),
        attempt.draw.randint(0, image.height - high),
    )
    return image.resize(
        image.size, Image.Resampling.BICUBIC, box=(left, top, left + wide, top + high)
    )


def rotation(image: Picture, attempt: Attempt) -> Picture:
    """Rotate by the amount in degrees, left or right; corners are cut off, gaps are white."""
    degrees = attempt.draw.choice((-1, 1)) * attempt.amount
    return image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))


def overlay(image: Picture, attempt: Attempt) -> Picture:
    """Cover a part with a rectangle or an ellipse; the amount is its share of each side."""
    covered = image.copy()
    wide, high = (max(1, round(side * attempt.amount)) for side in image.size)
    left = attempt.draw.randint(0, image.width - wide)
    top = attempt.draw.randint(0, image.height - high)
    colour = attempt.draw.randrange(256), attempt.draw.randrange(256), attempt.draw.randrange(256)
    box = (left, top, left + wide - 1, top + high - 1)
    brush = ImageDraw.Draw(covered)
    if attempt.draw.random() < 0.5:
        brush.rectangle(box, fill=colour)
    else:
        brush.ellipse(box, fill=colour)
    return covered


def small_text(image: Picture, attempt: Attempt) -> Picture:
    """Shrink the picture on a white canvas of the old size; the amount is the share of the size."""
    wide, high = (max(1, round(side * attempt.amount)) for side in image.size)
    canvas = Image.new("RGB", image.size, (255, 255, 255))
    left = attempt.draw.randint(0, image.width - wide)
    top = attempt.draw.randint(0, image.height - high)
    canvas.paste(image.resize((wide, high), Image.Resampling.BICUBIC), (left, top))
    return canvas


def recolour(image: Picture, attempt: Attempt) -> Picture:
    """Shift the hue, reduce the contrast, or mix with the negative; the amount is in [0, 1]."""
    match attempt.draw.choice(("hue", "contrast", "negative")):
        case "hue":
            hue, *rest = image.convert("HSV").split()
            shift = round(attempt.draw.choice((-1, 1)) * attempt.amount * 128)
            turned = Image.fromarray((np.asarray(hue, dtype=np.int16) + shift).astype(np.uint8))
            return Image.merge("HSV", (turned, *rest)).convert("RGB")
        case "contrast":
            return ImageEnhance.Contrast(image).enhance(1 - attempt.amount)
        case _:
            return Image.blend(image, ImageOps.invert(image), attempt.amount)


def perturb_picture(name: str, data: bytes, strength: Strength, draw: random.Random) -> bytes:
    """Return a file of the disguised picture, with no more pixels than before.

    The file is lossless, so that nothing but the perturbation changes. If no pixel changes, the
    original file is returned.

    Args:
        name: One of :data:`IMAGE`.
        data: Encoded picture of a prepared dataset, whose limits were checked there.
        strength: How much to change.
        draw: Random generator; the only randomness that is used.

    Raises:
        InputError: The picture cannot be decoded.
    """
    image = open_image(data, CHECKED)
    edited = IMAGE[name](image, strength, draw)
    if edited.tobytes() == image.tobytes():
        return data
    buffer = io.BytesIO()
    edited.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


IMAGE: Mapping[str, Perturbation[Image.Image]] = {
    "jpeg": Perturbation(jpeg, light=40, heavy=8),
    "blur": Perturbation(blur, light=0.002, heavy=0.008),
    "crop": Perturbation(crop, light=0.1, heavy=0.3),
    "rotation": Perturbation(rotation, light=4, heavy=20),
    "overlay": Perturbation(overlay, light=0.25, heavy=0.55),
    "small_text": Perturbation(small_text, light=0.6, heavy=0.3),
    "recolour": Perturbation(recolour, light=0.3, heavy=0.9),
}
