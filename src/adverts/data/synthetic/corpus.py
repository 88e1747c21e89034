"""Writes the corpus: one JSON line an advert, one JPEG file a picture, the same for equal seeds."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tqdm import tqdm

from adverts.advert import Split
from adverts.data.staging import staging
from adverts.data.synthetic.noise import Noisy, roughen
from adverts.data.synthetic.planning import Modality, Planned, plan
from adverts.data.synthetic.rendering import render
from adverts.data.synthetic.slots import UNITED_KINGDOM, draw_values, fill, slots_of
from adverts.data.synthetic.style import PictureStyle, draw_style
from adverts.data.synthetic.templates import Language, Template, read_language
from adverts.data.synthetic.unusable import LABEL as UNUSABLE
from adverts.data.synthetic.unusable import unusable_text
from adverts.errors import InputError

ROWS = "adverts.jsonl"
IMAGES = "images"
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
    "destination_uk": "uk",
}
"""Signals that one slot shows: gone where only the rest of the template is shown."""


@dataclass(frozen=True, slots=True)
class Post:
    """An advert as it will be written.

    Attributes:
        text: Post text; empty where the picture stands alone.
        picture_text: What the picture says; None where there is none.
        style: How the picture looks; None where there is none.
        signals: Signals of the taxonomy that text and picture show, sorted.
    """

    text: str
    picture_text: str | None
    style: PictureStyle | None
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    text: str
    image: str | None
    label: str
    signals: tuple[str, ...]
    risk: int | None
    lang: str
    script: str
    template: str
    split: Split
    reviewed: bool
    modality: Modality


def write_corpus(
    folder: Path,
    *,
    adverts: int,
    images: int,
    image_scripts: Sequence[str],
    languages: Sequence[str],
    seed: int,
    progress: bool,
) -> Path:
    """Write ``adverts.jsonl`` and ``images/`` into ``folder`` and return the path of the former.

    Equal arguments give equal bytes. The folder appears whole or not at all.

    Args:
        folder: Must not exist, be empty, or hold an older corpus, which is then replaced.
        adverts: Adverts in all.
        images: Of which so many carry a picture.
        image_scripts: Scripts (ISO 15924) that pictures may show.
        languages: BCP-47 codes that have templates.
        seed: Chooses everything but the split of a template.
        progress: Show a bar.

    Raises:
        InputError: An unknown language, more pictures than can be written, or a folder that
            holds something else.
    """
    planned = plan_corpus(
        adverts=adverts,
        images=images,
        image_scripts=image_scripts,
        languages=languages,
        seed=seed,
    )
    with staging(folder, marker=ROWS) as partial:
        (partial / IMAGES).mkdir()
        with (partial / ROWS).open("w", encoding="utf-8", newline="\n") as file:
            for row in tqdm(planned, "writing adverts", unit="advert", disable=not progress):
                file.write(_write(partial, row, seed) + "\n")
    return folder / ROWS


def plan_corpus(
    *,
    adverts: int,
    images: int,
    image_scripts: Sequence[str],
    languages: Sequence[str],
    seed: int,
) -> list[Planned]:
    """Return what :func:`write_corpus` will write, in its order.

    Raises:
        InputError: An unknown or repeated language, or more pictures than can be written.
    """
    if len(set(languages)) != len(languages):
        raise InputError(f"languages={list(languages)} names one twice")
    return plan(
        [read_language(code) for code in languages],
        adverts=adverts,
        images=images,
        image_scripts=image_scripts,
        rng=random.Random(f"plan/{seed}"),
    )


def compose(row: Planned, seed: int) -> Post:
    """Write the text of one advert, and choose the look of its picture.

    Every row has its own randomness, and no choice looks at the class.
    """
    rng = random.Random(f"advert/{seed}/{row.index}")
    language, template = row.language, row.template
    values = draw_values(language.words, language.code, rng)
    style = draw_style(language.script, rng) if row.modality != "text" else None
    caption = _caption(language, rng)
    if template.label == UNUSABLE:
        said = unusable_text(template.text, language, rng)
        shown = () if style is None else style.signals
        return Post(*_arranged(row.modality, said, said, caption=said), style, shown)
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
    """Return what a picture says: the short lines, or the whole text, maybe under a heading."""
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


def _caption(language: Language, rng: random.Random) -> str:
    """Return a few words above a picture that carries the message."""
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
    """Return the template's signals, corrected by what this advert really shows."""
    template = row.template
    shown = {slot for pattern in patterns for slot in slots_of(pattern)}
    signals = set(template.signals)
    written = slots_of(template.text)
    for signal, slot in _SHOWN_BY_SLOT.items():
        if slot in written and slot not in shown:
            signals.discard(signal)
        elif slot in shown and slot != "uk":
            signals.add(signal)
    if "flags" in shown and UNITED_KINGDOM in values["flags"]:
        signals.add("destination_uk")
    if style is not None:
        signals.update(style.signals)
        if row.modality == "image":
            signals.add("text_in_image")
    for noisy in noise:
        signals.update(noisy.signals)
    return tuple(sorted(signals))


def _write(folder: Path, row: Planned, seed: int) -> str:
    """Write the picture of an advert, if it has one, and return its JSON line."""
    post = compose(row, seed)
    name = f"syn{seed}-{row.index:06d}"
    image = None
    if post.picture_text is not None and post.style is not None:
        image = f"{IMAGES}/{name}.jpg"
        rtl = row.language.script == "Arab"
        (folder / image).write_bytes(render(post.picture_text, post.style, rtl=rtl))
    fields = asdict(
        _Row(
            id=name,
            text=post.text,
            image=image,
            label=row.template.label,
            signals=post.signals,
            risk=row.template.risk,
            lang=row.language.code,
            script=row.language.script,
            template=row.template.id,
            split=row.template.split,
            reviewed=row.language.reviewed,
            modality=row.modality,
        )
    )
    columns = {"class" if name == "label" else name: value for name, value in fields.items()}
    return json.dumps(columns, ensure_ascii=False)
