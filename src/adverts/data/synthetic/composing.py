"""Composes one synthetic advert: post text, text and style of its picture, and its signals."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adverts.data.synthetic.backgrounds import PictureStyle, draw_style
from adverts.data.synthetic.noise import Noisy, roughen
from adverts.data.synthetic.planning import UNUSABLE, Modality, Planned, unusable_text
from adverts.data.synthetic.slots import UNITED_KINGDOM, draw_values, fill, slots_of
from adverts.data.synthetic.templates import Template, TemplateLanguage

_CAPTIONS = (
    "{greet}",
    "{greet} {flags}",
    "{when}",
    "{when} {boats}",
    "👇👇",
    "{greet} 👇",
    "{coast}",
)
_SHOWN_BY_SLOT = {
    "phone_number": "phone",
    "messaging_handle": "handle",
    "link_out": "link",
    "price_mention": "price",
}
"""Slots that a heading or the short lines of a picture may show although the text does not."""


@dataclass(frozen=True, slots=True)
class Post:
    """An advert as it will be written.

    Attributes:
        text: Post text; empty if there is only a picture.
        picture_text: Text in the picture; None if there is none.
        style: Style of the picture; None if there is none.
        signals: Signals of the taxonomy that text and picture show, sorted.
    """

    text: str
    picture_text: str | None
    style: PictureStyle | None
    signals: tuple[str, ...]


def compose(row: Planned, seed: int) -> Post:
    """Write the text of one advert, and choose the style of its picture.

    Every row has its own randomness. So has every scene: the price, boat and flags that adverts of
    all classes share. No choice depends on the class.
    """
    rng = random.Random(f"advert/{seed}/{row.index}")
    language, template = row.language, row.template
    scene = random.Random(f"scene/{seed}/{language.code}/{template.split}/{row.scene}")
    values = draw_values(language.words, language.code, rng, scene=scene)
    style = draw_style(language.script, rng) if row.modality != "text" else None
    caption = _caption(language, rng)
    if template.label == UNUSABLE:
        said = unusable_text(template.text, language, rng)
        post, picture = _arranged(row.modality, said, said, caption=said)
        return Post(post, picture, style, () if style is None else style.signals)
    text = roughen(template.text, language.script, rng, visible=row.modality == "image")
    short, lined = rng.random() < 1 / 3, rng.random() < 0.5
    brief = row.modality == "both" and not short and lined
    lines = roughen(_lines(template, rng, brief=brief), language.script, rng, visible=True)
    post, picture = _arranged(
        row.modality, text.pattern, lines.pattern, caption=caption if short else text.pattern
    )
    patterns = [pattern for pattern in (post, picture) if pattern]
    noise = [noisy for noisy in (text, lines) if noisy.pattern in patterns]
    return Post(
        text=fill(post, values),
        picture_text=None if picture is None else fill(picture, values),
        style=style,
        signals=_signals(row, patterns, values, noise=noise, style=style),
    )


def _lines(template: Template, rng: random.Random, *, brief: bool) -> str:
    """Return the text in a picture: the short lines, or the whole text, maybe with a heading."""
    headed = rng.random() < 0.4
    if template.image is None:
        return template.text
    if brief:
        return template.image
    heading = template.image.split("\n")[0]
    return f"{heading}\n{template.text}" if headed else template.text


def _arranged(
    modality: Modality, text: str, picture: str, *, caption: str
) -> tuple[str, str | None]:
    """Return post text and picture text."""
    match modality:
        case "text":
            return text, None
        case "image":
            return "", picture
        case "both":
            return caption, picture


def _caption(language: TemplateLanguage, rng: random.Random) -> str:
    """Return a few words to go above a picture that carries the message."""
    able = [c for c in _CAPTIONS if slots_of(c) <= {*language.words, "flags", "boats"}]
    return rng.choice(able)


def _signals(
    row: Planned,
    patterns: Sequence[str],
    values: Mapping[str, str],
    *,
    noise: Sequence[Noisy],
    style: PictureStyle | None,
) -> tuple[str, ...]:
    """Return the template's signals, and those that noise, style and slots add to them."""
    shown = {slot for pattern in patterns for slot in slots_of(pattern)}
    signals = set(row.template.signals)
    signals.update(signal for signal, slot in _SHOWN_BY_SLOT.items() if slot in shown)
    if "flags" in shown and UNITED_KINGDOM in values["flags"]:
        signals.add("destination_uk")
    if style is not None:
        signals.update(style.signals)
        if row.modality == "image":
            signals.add("text_in_image")
    for noisy in noise:
        signals.update(noisy.signals)
    return tuple(sorted(signals))
