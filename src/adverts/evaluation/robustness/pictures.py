"""Every perturbation of a picture by name, with its two amounts, from bytes to bytes."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping

from PIL import Image

from adverts.evaluation.robustness import picture_edits as edits
from adverts.evaluation.robustness.attempt import Perturbation, Strength
from adverts.inputs.pixels import CHECKED, open_image

IMAGE: Mapping[str, Perturbation[Image.Image]] = {
    "jpeg": Perturbation(edits.jpeg, light=40, heavy=8),
    "blur": Perturbation(edits.blur, light=0.002, heavy=0.008),
    "crop": Perturbation(edits.crop, light=0.1, heavy=0.3),
    "rotation": Perturbation(edits.rotation, light=4, heavy=20),
    "overlay": Perturbation(edits.overlay, light=0.25, heavy=0.55),
    "small_text": Perturbation(edits.small_text, light=0.6, heavy=0.3),
    "recolour": Perturbation(edits.recolour, light=0.3, heavy=0.9),
}


def perturb_picture(name: str, data: bytes, strength: Strength, draw: random.Random) -> bytes:
    """Return a file of the disguised picture, of no more pixels than before.

    It is lossless, so that nothing but the perturbation changes. Where not one pixel changes, the
    file comes back as it was.

    Args:
        name: One of :data:`IMAGE`.
        data: A picture of a prepared dataset, whose limits were checked there.
        strength: How much to change.
        draw: All the randomness that is used.

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
