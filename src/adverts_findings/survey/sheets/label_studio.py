"""A round of a sample for Label Studio: the tasks to import, and the labelling config.

Source: Label Studio, "Label Studio Task Format" and "Tags", https://labelstud.io/guide/task_format
and https://labelstud.io/tags. No package of Label Studio is used.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from adverts.data.review.answers import Round
from adverts.data.review.reviews import UNSURE
from adverts.errors import InputError, plural
from adverts.evaluation.report.blurred import blurred_png
from adverts.evaluation.report.templating import without_controls
from adverts.files.staging import open_private
from adverts_findings.survey.sample import ReviewQuestion, Sample
from adverts_findings.survey.sheets.items import Item

ANSWER, SAW_OTHERS, NOTE = "label", "saw_others", "note"
"""Names of what an annotator fills in."""
_TEXT = "text"
_SAW_OTHERS = "Have you seen another person's answer to this advert, or its score?"


def write_tasks(path: Path, items: Sequence[Item], sample: Sample, number: Round) -> None:
    """Write the tasks of a round, to be imported, to a new file for its owner alone.

    Args:
        path: New file; it must not exist.
        items: Items, in the order in which they are shown.
        sample: The sample.
        number: Round of the reviews.
    """
    seal = sample.seal
    tasks = [{"data": _shown(item) | {"sample": seal, "round": number}} for item in items]
    text = json.dumps(tasks, ensure_ascii=False, indent=1) + "\n"
    with open_private(path) as file:
        file.write(text.encode("utf-8", "replace"))  # half a surrogate pair cannot be written


def _shown(item: Item) -> dict[str, object]:
    pictures, unreadable = [], 0
    for picture in item.pictures:
        try:
            png = blurred_png(picture)
        except InputError:
            unreadable += 1
        else:
            pictures.append("data:image/png;base64," + base64.b64encode(png).decode())
    lost = f"({plural(unreadable, 'picture')} cannot be shown)" if unreadable else ""
    return {
        "item": item.name,
        "text": without_controls(item.text).strip() or "(no text)",
        "picture_text": without_controls(f"{item.picture_text}\n{lost}").strip() or "(no text)",
        "pictures": pictures,
    }


def labelling_config(question: ReviewQuestion) -> str:
    """Return the config of a project whose tasks ask a question, as XML.

    It shows the definitions above the answers too, since some versions show no hints.
    """
    view = ElementTree.Element("View")
    _add(view, "Header", value="Text of the post", size="5")
    _add(view, "Text", name=_TEXT, value="$text", valueType="text")
    repeated = _add(view, "Repeater", on="$pictures", indexFlag="{{idx}}")
    _add(repeated, "Image", name="picture_{{idx}}", value="$pictures[{{idx}}]")
    _add(view, "Header", value="Text in its pictures", size="5")
    _add(view, "Text", name="picture_text", value="$picture_text", valueType="text")
    _add(view, "Header", value=f"Your answer: {question.task}", size="4")
    definitions = {one.label: one.definition for one in question.choices}
    definitions.setdefault(UNSURE, "You cannot tell; this is a good answer.")
    for label, definition in definitions.items():
        if definition:
            _add(view, "Header", value=f"{label}: {definition}", size="6")
    _add_choices(view, ANSWER, definitions, wanted="Choose an answer; unsure is one.")
    _add(view, "Header", value=_SAW_OTHERS, size="5")
    _add_choices(
        view, SAW_OTHERS, {"no": "", "yes": ""}, wanted="Say whether you have seen others."
    )
    _add(view, "TextArea", name=NOTE, toName=_TEXT, rows="2", placeholder="Note, if you wish")
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _add(parent: ElementTree.Element, tag: str, **values: str) -> ElementTree.Element:
    shown = {name: without_controls(value) for name, value in values.items()}
    return ElementTree.SubElement(parent, tag, shown)


def _add_choices(
    view: ElementTree.Element, name: str, hints: Mapping[str, str], *, wanted: str
) -> None:
    required = {"required": "true", "requiredMessage": wanted}
    choices = _add(view, "Choices", name=name, toName=_TEXT, choice="single-radio", **required)
    for value, hint in hints.items():
        _add(choices, "Choice", value=value, **({"hint": hint} if hint else {}))
