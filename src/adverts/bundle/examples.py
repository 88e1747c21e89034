"""Fictional adverts that travel with a bundle, so that a service can check its own answers.

Every text was written for this file; contacts are masks already, so none is in it.
"""

from __future__ import annotations

import base64
import io
import json
from dataclasses import asdict

import numpy as np
from PIL import Image

from adverts.advert import Advert, ReadQuality
from adverts.bundle.reference import Probabilities, Reference

_DIGITS = 6
_WIDTH, _HEIGHT = 96, 64
_TEXTS = (
    "",
    "Boat to the other side, weather is good this week. Family price. Write to <HANDLE>",
    "Ferry timetable for the summer: three crossings a day, bicycles travel free. <LINK>",
    "Student room near the station, 420 a month, all bills paid. Call <PHONE>",
    "Warning: people who promise a safe crossing take the money and disappear.",
    "Nous sommes bien arrivés, merci à tous ceux qui nous ont aidés en route.",
    "Transport pour groupes, départ chaque nuit, on paie à l'arrivée. <PHONE>",
    "Shes biçikletë pothuajse të re, çmimi me marrëveshje. <PHONE>",
    "Satılık tekne, beş metre, motoru yeni bakımdan geçti. Fiyat için yazın: <HANDLE>",
    "Cần tìm phòng trọ gần trường, giá dưới ba triệu một tháng. Nhắn <HANDLE>",
    "دروس لغة للمبتدئين كل يوم سبت، الدرس الأول مجاني. <LINK>",
    "كشف " + "و" * 40 + " 🚲 10% <EMAIL>",
    "query: <WALLET> <DOCNO> naïve café — ﬁne print №1 " + "word " * 60,
)
_OCR_TEXTS = {1: "SAFE CROSSING\nTONIGHT", 2: "Summer timetable", 6: "", 8: "SATILIK", 10: ""}
_QUALITIES = {1: ReadQuality(0.75, 22.0, 0.5, 3, 1), 8: ReadQuality(0.5, 9.0, 0.25, 1, 0)}
_PICTURES = {1, 2, 8, 10}


def example_adverts() -> list[Advert]:
    """Return the examples: several scripts, the empty advert, an over-long one, some pictures."""
    return [
        Advert(
            id=f"example-{number:02}",
            text=text,
            images=(_picture(number),) if number in _PICTURES else (),
            ocr_text=_OCR_TEXTS.get(number),
            ocr_quality=_QUALITIES.get(number),
        )
        for number, text in enumerate(_TEXTS)
    ]


def examples_json(
    reference: Reference, *, tolerance: float, expected: Probabilities | None = None
) -> str:
    """Return the examples with what the checkpoint says of each, as the runtime replays them.

    Args:
        reference: The checkpoint.
        tolerance: Largest difference of a probability that a replay may find.
        expected: What is said of them; None: what the checkpoint says.
    """
    adverts = example_adverts()
    if expected is None:
        expected = reference.probabilities([reference.encoder.encode(advert) for advert in adverts])
    examples = [
        {
            "id": advert.id,
            "text": advert.text,
            "image": [base64.b64encode(image).decode() for image in advert.images],
            "ocr_text": advert.ocr_text,
            "ocr_quality": asdict(advert.ocr_quality) if advert.ocr_quality else None,
            "probabilities": {
                task.name: {
                    label: round(float(value), _DIGITS)
                    for label, value in zip(task.labels, expected[task.name][row], strict=True)
                }
                for task in reference.schema.tasks
            },
        }
        for row, advert in enumerate(adverts)
    ]
    value = {"tolerance": tolerance, "examples": examples}
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _picture(seed: int) -> bytes:
    """Draw a picture of slopes and squares that no two seeds share."""
    y, x = np.mgrid[0:_HEIGHT, 0:_WIDTH]
    channels = [x * (seed % 3 + 1), y * 3, ((x // 12 + y // 12) % 2) * 190 + seed * 5]
    pixels = np.stack(channels, axis=-1) % 256
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()
