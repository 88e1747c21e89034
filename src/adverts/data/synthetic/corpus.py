"""Writes the synthetic corpus as JSON Lines and JPEG files, the same for equal seeds."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tqdm import tqdm

from adverts.advert import Split
from adverts.data.synthetic.composing import compose
from adverts.data.synthetic.planning import Modality, Planned, plan
from adverts.data.synthetic.rendering import render
from adverts.data.synthetic.templates import read_language
from adverts.errors import InputError, is_silent
from adverts.files.staging import staging

ROWS = "adverts.jsonl"
IMAGES = "images"


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
        adverts: Number of adverts.
        images: Number of the adverts that have a picture.
        image_scripts: Scripts (ISO 15924) that pictures may show.
        languages: BCP-47 codes that have templates.
        seed: Seed of every choice except the split of a template.
        progress: Whether to show a progress bar.

    Raises:
        InputError: A language is unknown or repeated, more pictures are asked for than can be
            written, or the folder holds something else.
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
            hidden = not progress or is_silent()
            for row in tqdm(planned, "writing adverts", unit="advert", disable=hidden):
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
    """Return the adverts that :func:`write_corpus` will write, in its order.

    Raises:
        InputError: A language is unknown or repeated, or more pictures are asked for than can be
            written.
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
