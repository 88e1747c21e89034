"""Fictional adverts and texts that are part of a bundle, so that a service can check itself.

Every text was written for this file. Contacts in the adverts are already masked. Contacts in the
texts for masking are fictional: Ofcom's reserved numbers, ``.example`` domains, demonstration
names, and document numbers and wallets of ascending digits.
"""

from __future__ import annotations

import base64
import io
import json
from dataclasses import asdict

import numpy as np
from PIL import Image

from adverts.advert import Advert, ReadQuality
from adverts.inputs.contacts.masking import mask_contacts
from adverts.inputs.letters.folding import fold
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.predict.requests import Request
from adverts.runtime.predict.responses import Response
from adverts.runtime.stream.json_lines import respond

_DIGITS = 6
_WIDTH, _HEIGHT = 96, 64
_ADVERTS = (
    (None, ""),
    ("en", "Boat to the other side, weather is good this week. Family price. Write to <HANDLE>"),
    ("en", "Ferry timetable for the summer: three crossings a day, bicycles travel free. <LINK>"),
    ("en", "Student room near the station, 420 a month, all bills paid. Call <PHONE>"),
    ("en", "Warning: people who promise a safe crossing take the money and disappear."),
    ("fr", "Nous sommes bien arrivés, merci à tous ceux qui nous ont aidés en route."),
    ("fr", "Transport pour groupes, départ chaque nuit, on paie à l'arrivée. <PHONE>"),
    ("sq", "Shes biçikletë pothuajse të re, çmimi me marrëveshje. <PHONE>"),
    ("tr", "Satılık tekne, beş metre, motoru yeni bakımdan geçti. Fiyat için yazın: <HANDLE>"),
    ("vi", "Cần tìm phòng trọ gần trường, giá dưới ba triệu một tháng. Nhắn <HANDLE>"),
    ("ar", "دروس لغة للمبتدئين كل يوم سبت، الدرس الأول مجاني. <LINK>"),
    ("fa", "یک اتاق آفتابی نزدیک دانشگاه اجاره داده می‌شود. <PHONE>"),
    ("ckb", "کورسی زمان بۆ دەستپێکەران هەموو ڕۆژێکی شەممە. <LINK>"),
    ("ps", "د پښتو د زده کړې کتابونه په ارزانه بیه پلورل کېږي. <HANDLE>"),
    ("en", "query: <WALLET> <DOCNO> naïve café — ﬁne print №1 " + "word " * 120),
    ("ar", "كشف " + "و" * 40 + " 🚲 10% <EMAIL>"),
    (None, "🚤➡️🏖️ F\N{ZERO WIDTH SPACE}e\N{ZERO WIDTH NON-JOINER}rry 👨‍👩‍👧 2️⃣0️⃣% off"),
    ("en", ""),
    (None, ""),
    ("tr", "Yaz tarifesi: günde üç sefer, bisiklet ücretsiz."),
)
_OCR_ONLY, _PICTURE_ONLY = 17, 18
_OCR_TEXTS = {
    1: "SAFE CROSSING\nTONIGHT",
    2: "Summer timetable",
    6: "",
    8: "SATILIK",
    10: "",
    _OCR_ONLY: "ROOM FOR RENT\n420 A MONTH",
    _PICTURE_ONLY: "",
    19: "YAZ TARİFESİ\n3 SEFER",
}
_QUALITIES = {1: ReadQuality(0.75, 22.0, 0.5, 3, 1), 8: ReadQuality(0.5, 9.0, 0.25, 1, 0)}
_PICTURES = {1, 2, 8, 10, _PICTURE_ONLY, 19}
_TEXTS = (
    "Call +44 7700 900142 tonight, £500 for 2",
    "call 07700900143now or 01632 960 017",
    "٠٧٧٠٠ ٩٠٠١٤٢ للتواصل، ٥٠٠ دينار",
    "0️⃣7️⃣7️⃣0️⃣0️⃣9️⃣0️⃣0️⃣1️⃣4️⃣2️⃣ ✅",
    "O77OO 9OOl42 whatsapp",
    "zero double seven double zero nine double zero one four two",
    "write to @demo_fictional_07 today",
    "insta: Demo.Fictional.08",
    "ask demo_fictional_09 for the price",
    "see https://ferry.example/Book/?utm_source=a, then t.me/demo_fictional_10",
    "hxxps://www.ferry[.]example/Book",
    "wa.me/447700900142 or ferry dot example/Book",
    "mail demo.01@ferry.example or demo.02 (at) ferry (dot) example",
    "IBAN GB82 WEST 1234 5698 7654 32",
    "0x" + "0123456789abcdefABCD" * 2,
    "pay to 0x0123456789abcdefabcd 0123456789abcdefabcd",
    "bc1q0123456789acdefghjkl0123456789acdefghjklx",
    "send to 1DemoFictionaL23456789ABCDEFGHJK today",
    "passport no AB1234567, born 12.05.1990",
    "Pasaport: ab 1234567",
    "card 4000 0012 3456 7899 12/27",
    "1850 | 2400 | 900, 24/7, 2 saat, 40 dakika, 12.05.2026 14:30",
    "<PHONE> or <LINK>, ۱۲٬۵۰۰٬۰۰۰ تومان",
    "ﬁne ＰＲＩＣＥ, c\u0327a va, B\N{ZERO WIDTH SPACE}oat Ꮪафе",
)


def example_adverts() -> list[Advert]:
    """Return the examples: ten languages, an empty advert, an over-long one, some pictures."""
    return [
        Advert(
            id=f"example-{number:02}",
            text=text,
            images=(_picture(number),) if number in _PICTURES else (),
            ocr_text=_OCR_TEXTS.get(number),
            ocr_quality=_QUALITIES.get(number),
        )
        for number, (_, text) in enumerate(_ADVERTS)
    ]


def examples_json(classifier: Classifier, *, tolerance: float) -> str:
    """Return the examples with the answers of a bundle, as JSON for the runtime to replay.

    The whole model answers each of them; none leaves early.

    Args:
        classifier: The bundle as it ships, still without examples.
        tolerance: Largest difference of a probability that a replay may find.
    """
    requests = [
        Request(
            id=advert.id,
            text=advert.text,
            images=advert.images,
            ocr_text=advert.ocr_text,
            ocr_quality=advert.ocr_quality,
            lang=lang,
        )
        for advert, (lang, _) in zip(example_adverts(), _ADVERTS, strict=True)
    ]
    value = {
        "tolerance": tolerance,
        "examples": [
            _entry(request, *respond(classifier, [request], early_exit=False))
            for request in requests
        ],
        "masking": [_masked(text) for text in _TEXTS],
    }
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _entry(request: Request, response: Response) -> dict[str, object]:
    """Return a request and its expected answer, as JSON values."""
    assert response.error is None, "an example can be read by every model"
    return {
        "id": request.id,
        "text": request.text,
        "image": [base64.b64encode(image).decode() for image in request.images],
        "ocr_text": request.ocr_text,
        "ocr_quality": asdict(request.ocr_quality) if request.ocr_quality else None,
        "lang": request.lang,
        "review_band": response.review_band,
        "probabilities": {
            task: {label: round(value, _DIGITS) for label, value in said.items()}
            for task, said in response.probabilities.items()
        },
    }


def _masked(text: str) -> dict[str, str]:
    masked = mask_contacts(text)
    return {"text": text, "masked": masked, "folded": fold(masked)}


def _picture(seed: int) -> bytes:
    """Return a PNG file of gradients and squares; every seed gives another picture."""
    y, x = np.mgrid[0:_HEIGHT, 0:_WIDTH]
    channels = [x * (seed % 3 + 1), y * 3, ((x // 12 + y // 12) % 2) * 190 + seed * 5]
    pixels = np.stack(channels, axis=-1) % 256
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()
