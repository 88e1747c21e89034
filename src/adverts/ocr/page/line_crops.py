"""Crop lines of text out of a page, level and at the height that a recogniser needs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.protocol import Pixels

_BATCH_PX = 2048  # most total width of the crops of a batch
_LONGEST_PX = 4096  # most width of a crop; a longer box is scaled down


def line_crop(
    image: Pixels,
    box: NDArray[np.float32],
    *,
    height_px: int,
    beside: float = 0.0,
    above: float = 0.0,
) -> Pixels:
    """Return a crop of a quadrilateral of a page whose first side is level.

    Args:
        image: Page that holds the line.
        box: Corners ``(4, 2)`` of the line, clockwise from the text's top left.
        height_px: Height of the crop in pixels.
        beside: Margin left and right of the box, as a share of its height.
        above: Margin above and below the box, as a share of its height.

    Returns:
        Pixels ``(height_px, width, 3)``. The width is in proportion, at least one pixel. Outside
        the page, pixels repeat its edge.
    """
    import cv2

    corners, width, height = _grown(box, beside, above)
    out_width = int(min(max(1.0, round(width * height_px / height)), _LONGEST_PX))
    # Crop at the page's scale, then shrink by area, since a warp alone would skip pixels.
    shrink = max(1.0, height / height_px)
    size = (
        max(1, min(round(out_width * shrink), _LONGEST_PX)),
        max(1, min(round(height_px * shrink), _LONGEST_PX)),
    )
    cut = _levelled(image, corners, size)
    if size == (out_width, height_px):
        return cut
    return np.asarray(
        cv2.resize(cut, (out_width, height_px), interpolation=cv2.INTER_AREA), dtype=np.uint8
    )


def aspect(box: NDArray[np.float32]) -> float:
    """Return the ratio of the width of a box to its height."""
    _, width, height = _grown(box, 0.0, 0.0)
    return width / height


def batches(widths: Sequence[int]) -> list[list[int]]:
    """Return groups of lines of similar width, with little padding and bounded memory.

    Args:
        widths: Widths of the crops, in pixels.

    Returns:
        Indices into ``widths``, each once.
    """
    groups: list[list[int]] = []
    for i in sorted(range(len(widths)), key=lambda i: widths[i]):
        if groups and widths[i] * (len(groups[-1]) + 1) <= _BATCH_PX:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def _grown(
    box: NDArray[np.float32], beside: float, above: float
) -> tuple[NDArray[np.float32], float, float]:
    """Return corners, width and height, in pixels, of a box with margins on all sides."""
    corners = np.asarray(box, dtype=np.float32)
    top, right, bottom, left = np.roll(corners, -1, axis=0) - corners
    width = max(1.0, float(np.hypot(*top)), float(np.hypot(*bottom)))
    height = max(1.0, float(np.hypot(*right)), float(np.hypot(*left)))
    along = (top - bottom) / max(1e-6, float(np.hypot(*(top - bottom))))
    across = (right - left) / max(1e-6, float(np.hypot(*(right - left))))
    x, y = along * height * beside, across * height * above
    grown = corners + np.stack([-x - y, x - y, x + y, y - x])
    return grown.astype(np.float32), width + 2 * height * beside, height + 2 * height * above


def _levelled(image: Pixels, corners: NDArray[np.float32], size: tuple[int, int]) -> Pixels:
    import cv2

    width, height = size
    # Corners are edges of pixels; OpenCV uses the centres of pixels.
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    warp = cv2.getPerspectiveTransform(corners - 0.5, target - 0.5)
    cut = cv2.warpPerspective(
        image, warp, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cut, dtype=np.uint8)
