"""The sketch that ``auto`` is measured against: PP-OCR boxes, unsure lines to Tesseract.

A reference of its own, kept apart from ``adverts.ocr`` on purpose: its own crops, routing and
reading order, no repair. Tesseract's data is ``Arabic``; it is not told the page's language.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

HEIGHT_PX = 56
SURE = 70
LEAST_SCORE = 0.80


class LineSketch:
    """Reads a page on one thread."""

    def __init__(self, data_folder: Path) -> None:
        import tesserocr
        from rapidocr import RapidOCR

        self._rapid = RapidOCR(
            params={
                "Global.log_level": "critical",
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        self._modes = tesserocr.PSM
        self._api = tesserocr.PyTessBaseAPI(path=str(data_folder), lang="Arabic")

    def read(self, image: np.ndarray) -> list[tuple[str, np.ndarray]]:
        """Return text and box (4, 2) of each line of an RGB page, in reading order."""
        page = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        boxes = self._rapid(page, use_det=True, use_cls=False, use_rec=False).boxes
        if boxes is None:
            return []
        return in_order([(self._line(page, box), box) for box in np.float32(boxes)])

    def _line(self, page: np.ndarray, box: np.ndarray) -> str:
        crop = line_crop(page, box, pad=0.0)
        found = self._rapid(crop, use_det=False, use_cls=False, use_rec=True)
        text, score = (found.txts[0], found.scores[0]) if found.txts else ("", 0.0)
        if not unsure(text, score, box):
            return text
        return self._tesseract(line_crop(page, box)) or text

    def _tesseract(self, crop: np.ndarray) -> str:
        """Return the most confident reading over preparations, page modes and heights."""
        plain, white = dark_on_light(crop), white_fill_only(crop)
        single, raw = self._modes.SINGLE_LINE, self._modes.RAW_LINE
        tries = [(plain, single)] + ([(white, single)] if white is not None else [])
        more = [(plain, raw)], [(at_height(plain, 48), single), (at_height(plain, 110), single)]
        best = max((self._attempt(*one) for one in tries), key=lambda found: found[1])
        for again in more:
            if best[1] < SURE:
                best = max([best, *(self._attempt(*one) for one in again)], key=lambda f: f[1])
        return best[0]

    def _attempt(self, picture: np.ndarray, mode: int) -> tuple[str, int]:
        self._api.SetPageSegMode(mode)
        self._api.SetImage(Image.fromarray(picture))
        self._api.SetSourceResolution(200)
        text = self._api.GetUTF8Text().strip()
        return (text, self._api.MeanTextConf()) if text else ("", -1)


def line_crop(page: np.ndarray, box: np.ndarray, pad: float = 0.15) -> np.ndarray:
    """Cut a quadrilateral out of the page, level it, pad it, scale it to ``HEIGHT_PX``."""
    width = max(np.linalg.norm(box[1] - box[0]), np.linalg.norm(box[2] - box[3]))
    tall = max(np.linalg.norm(box[3] - box[0]), np.linalg.norm(box[2] - box[1]))
    centre, along = box.mean(0), box[1] - box[0] + box[2] - box[3]
    along = along / (np.linalg.norm(along) + 1e-6)
    across = np.array([-along[1], along[0]])
    half_w, half_h = width / 2 + tall * pad, tall / 2 * (1 + pad * 1.6)
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    corners = [centre + i * along * half_w + j * across * half_h for i, j in signs]
    out = max(8, int(half_w * HEIGHT_PX / half_h))
    target = np.float32([[0, 0], [out, 0], [out, HEIGHT_PX], [0, HEIGHT_PX]])
    warp = cv2.getPerspectiveTransform(np.float32(corners), target)
    size = (out, HEIGHT_PX)
    how = {"flags": cv2.INTER_CUBIC, "borderMode": cv2.BORDER_REPLICATE}
    return cv2.warpPerspective(page, warp, size, **how)


def dark_on_light(crop: np.ndarray) -> np.ndarray:
    """Grey, stretched, inverted where mostly dark, with a white border."""
    grey = cv2.normalize(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), None, 0, 255, cv2.NORM_MINMAX)
    _, binary = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return _framed(255 - grey if (binary == 0).mean() > 0.5 else grey)


def white_fill_only(crop: np.ndarray) -> np.ndarray | None:
    """Bright unsaturated pixels as ink; None where that leaves nothing or everything."""
    hsv = cv2.cvtColor(crop, cv2.COLOR_BGR2HSV)
    mask = ((hsv[..., 2] > 200) & (hsv[..., 1] < 60)).astype(np.uint8) * 255
    if not 0.04 < mask.mean() / 255 < 0.5:
        return None
    return _framed(255 - cv2.GaussianBlur(mask, (3, 3), 0))


def at_height(picture: np.ndarray, height: int) -> np.ndarray:
    """Scale a line."""
    width = max(8, picture.shape[1] * height // picture.shape[0])
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def unsure(text: str, score: float, box: np.ndarray) -> bool:
    """Whether a reading is doubtful: a low score, or too few letters for the box."""
    aspect = np.linalg.norm(box[1] - box[0]) / max(1.0, np.linalg.norm(box[3] - box[0]))
    return score < LEAST_SCORE or len(text.strip()) < 0.6 * aspect


def in_order(lines: list[tuple[str, np.ndarray]]) -> list[tuple[str, np.ndarray]]:
    """Rows top down; each from the right where most letters of the page are Arabic."""
    rtl = _mostly_arabic("".join(text for text, _ in lines))
    rows: list[list[tuple[str, np.ndarray]]] = []
    for line in sorted(lines, key=lambda line: line[1][:, 1].mean()):
        middle = line[1][:, 1].mean()
        if rows and middle < rows[-1][-1][1][:, 1].max() - 0.25 * np.ptp(rows[-1][-1][1][:, 1]):
            rows[-1].append(line)
        else:
            rows.append([line])
    side = -1 if rtl else 1
    return [one for row in rows for one in sorted(row, key=lambda o: side * o[1][:, 0].mean())]


def _mostly_arabic(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    right = sum(unicodedata.bidirectional(character) == "AL" for character in letters)
    return right * 2 > len(letters)


def _framed(grey: np.ndarray) -> np.ndarray:
    return cv2.copyMakeBorder(grey, 10, 10, 10, 10, cv2.BORDER_CONSTANT, value=255)
