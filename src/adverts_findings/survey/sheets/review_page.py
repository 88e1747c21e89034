"""The restricted page on which a person labels the adverts of a sheet, mostly by keyboard.

It is one file that is opened from disk. The only script that may run is its own, and nothing may be
loaded from or sent to a network: the policy of the page forbids it. Content of adverts is put into
the page as data and shown as text, so that nothing in it becomes markup.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from adverts.data.review.answers import Round
from adverts.data.review.reviews import UNSURE
from adverts.errors import InputError
from adverts.evaluation.report.blurred import blurred_png
from adverts.evaluation.report.templating import FOLDER, fill_html, without_controls
from adverts.files.staging import open_private
from adverts_findings.survey.sample import Design, ReviewQuestion
from adverts_findings.survey.sheets.items import Item
from adverts_findings.survey.sheets.sheet_csv import REASONS

_TEMPLATES = Path(__file__).parent / "templates"
_SCRIPTS = (
    "review_csv.js",
    "review_store.js",
    "review_page.js",
    "review_start.js",
    "review_keys.js",
)
_HASHINGS = 100_000
_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_STAYS = re.compile("[ıſƼ\u0345\U000118a0-\U000118df]")  # whose capitals look like other letters
_LOOKS: dict[Round, str] = {1: "first look", 2: "second look", 3: "third look, you decide"}


def write_review_page(
    path: Path,
    items: Sequence[Item],
    question: ReviewQuestion,
    *,
    sample: str,
    round: Round,
    design: Design,
    name: str = "",
    earlier: Sequence[str] = (),
) -> None:
    """Write the page of a sheet, which only its owner can read.

    The page shows neither scores nor answers of others, nor which answers count as positive. It
    keeps answers in the browser, under the sample, the round and the name of the reviewer, and
    writes them as a sheet that :func:`~adverts_findings.survey.sheets.sheet_csv.read_sheet` reads.

    Args:
        path: New file; it must not exist.
        items: Adverts in the order of the sheet; their pictures are blurred here.
        question: What is asked of each advert.
        sample: Seal of the sample.
        round: 1: first reviewer; 2: second; 3: the one who decides.
        design: What the sample was drawn for.
        name: Name of the sample, for the heading and the file of answers; without one it is called
            by the first digits of its seal.
        earlier: Names of people who labelled adverts of the sample in earlier rounds, and may not
            start. The page holds a slow, salted hash of each, which hides a name from a reader;
            who guesses a name can still try it. Empty where the page is written for one person
            who shared an earlier round, and sees only what others labelled.

    Raises:
        InputError: There is no advert, or a label cannot be shown as it is.
    """
    if not items:
        raise InputError(f"round {round} of this sample has no advert to label; write no page")
    title = " ".join(without_controls(name).split()) or sample[:6]
    sheet = {
        "name": title,
        "sample": sample,
        "round": round,
        "reason": REASONS[design],
        "task": question.task,
        "unsure": UNSURE,
        "choices": _choices(question),
        "items": [_shown(item) for item in items],
        "earlier": sorted({_hashed(one, sample) for one in earlier}),
        "hashings": _HASHINGS,
    }
    script = "\n".join((_TEMPLATES / name).read_text("utf-8") for name in _SCRIPTS)
    heading = {"name": title, "look": _LOOKS[round], "round": round, "shared": not earlier}
    values = {**heading, **_values(sheet, script)}
    page = fill_html("review.html.j2", values, folders=[_TEMPLATES, FOLDER])
    with open_private(path) as file:
        file.write(page.encode("utf-8", "replace"))  # half a surrogate pair cannot be written


def _values(sheet: Mapping[str, object], script: str) -> dict[str, object]:
    from markupsafe import Markup

    data = json.dumps(sheet, ensure_ascii=False, separators=(",", ":"))
    return {
        "sheet": Markup(data.replace("<", "\\u003c")),  # so that no text ends the element
        "script": Markup(script),
    }


def _hashed(reviewer: str, sample: str) -> str:
    """Return the hash of a name as the page makes it of what is typed.

    The page knows no letters that look alike; reading its answers refuses those.
    """
    usual = _WIDE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), reviewer)
    name = " ".join(unicodedata.normalize("NFC", without_controls(usual)).split())
    plain = (one if _STAYS.match(one) else one.lower().upper().lower() for one in name)
    typed = "".join(one for one in "".join(plain) if not unicodedata.category(one).startswith("C"))
    return hashlib.pbkdf2_hmac("sha256", typed.encode(), sample.encode(), _HASHINGS).hex()


def _choices(question: ReviewQuestion) -> list[dict[str, str]]:
    for choice in question.choices:
        if without_controls(choice.label) != choice.label:
            raise InputError(
                f"label {choice.label!r} of task {question.task} has invisible control "
                "characters, which a page cannot give back; rename the label"
            )
    return [
        {"label": one.label, "definition": without_controls(one.definition)}
        for one in question.choices
    ]


def _shown(item: Item) -> dict[str, object]:
    return {
        "name": item.name,
        "text": without_controls(item.text),
        "picture_text": without_controls(item.picture_text),
        "pictures": [_blurred(picture) for picture in item.pictures],
        "language": item.language,
    }


def _blurred(picture: bytes) -> str | None:
    """Return a blurred picture as a data URL; None if it cannot be decoded."""
    try:
        png = blurred_png(picture)
    except InputError:
        return None
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
