"""Find the boxes of lines in a map of text probabilities (differentiable binarisation).

Source: Liao et al. 2020, "Real-time Scene Text Detection with Differentiable Binarization", 3.2:
such a detector learns shrunken lines, which are enlarged again by area over perimeter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.protocol import Boxes

_TEXT = 0.3  # least probability of a pixel of a line
_LINE = 0.5  # least mean probability in a line's box
_GROW = 1.6  # the detector was trained on lines shrunk by about this much
_SMALLEST_PX = 3.0  # height of a shrunken line on the map
_MOST_LINES = 1000
_UPRIGHT = 1.5  # a box this many times as tall as wide holds vertical text


def text_boxes(probability: NDArray[np.float32], width: int, height: int) -> Boxes:
    """Return the boxes of the lines on a page of ``width`` × ``height`` pixels.

    Args:
        probability: Text probability of the whole page at any scale, ``(rows, columns)`` in [0, 1].
        width: Width of the page in pixels.
        height: Height of the page in pixels.

    Returns:
        Boxes ``(lines, 4, 2)`` from top to bottom; if there are more than 1000, the largest.
    """
    import cv2

    mask = (probability > _TEXT).astype(np.uint8)
    mask = np.asarray(cv2.dilate(mask, np.ones((2, 2), np.uint8)), dtype=np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    rectangles = [cv2.minAreaRect(contour) for contour in contours]
    rectangles = [found for found in rectangles if min(found[1]) >= _SMALLEST_PX]
    rectangles.sort(key=lambda found: -found[1][0] * found[1][1])
    corners = [np.asarray(cv2.boxPoints(found), np.float32) for found in rectangles[:_MOST_LINES]]
    grown = [_grown(box) for box in corners if _mean_inside(probability, box) >= _LINE]
    if not grown:
        return np.zeros((0, 4, 2), np.float32)
    rows, columns = probability.shape
    scale = np.array([width / columns, height / rows], np.float32)
    boxes = np.clip(np.stack([_from_top_left(box) for box in grown]) * scale, 0, (width, height))
    order = np.argsort(boxes[:, :, 1].mean(axis=1), kind="stable")
    return np.asarray(boxes[order], np.float32)


def _mean_inside(probability: NDArray[np.float32], box: NDArray[np.float32]) -> float:
    import cv2

    rows, columns = probability.shape
    low = np.clip(np.floor(box.min(axis=0)).astype(int), 0, (columns - 1, rows - 1))
    high = np.clip(np.ceil(box.max(axis=0)).astype(int), 0, (columns - 1, rows - 1))
    part = probability[low[1] : high[1] + 1, low[0] : high[0] + 1]
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [(box - low).astype(np.int32)], (1,))
    return float(cv2.mean(part, inside)[0])


def _grown(box: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a rectangle whose sides are moved out by ``_GROW`` times area over perimeter."""
    along, across = box[1] - box[0], box[2] - box[1]
    width, height = float(np.hypot(*along)), float(np.hypot(*across))
    distance = _GROW * width * height / (2 * (width + height))
    x, y = along / width * distance, across / height * distance
    return np.asarray(box + np.stack([-x - y, x - y, x + y, y - x]), np.float32)


def _from_top_left(box: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return corners clockwise from the text's top left; text in tall boxes runs down."""
    middle = box.mean(axis=0)
    angles = np.arctan2(box[:, 1] - middle[1], box[:, 0] - middle[0])
    box = box[np.argsort(angles, kind="stable")]  # clockwise on the page, where y points down
    sides = np.roll(box, -1, axis=0) - box
    level = int(np.argmax(sides[:, 0]))  # the side that goes furthest to the right is the top
    box = np.roll(box, -level, axis=0)
    width, height = np.hypot(*(box[1] - box[0])), np.hypot(*(box[2] - box[1]))
    return np.roll(box, -1, axis=0) if height > _UPRIGHT * width else box
