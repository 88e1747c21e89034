"""Reads and checks the templates of the corpus, one YAML file a language, and splits them."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adverts.advert import Split
from adverts.data.mapping.taxonomy import read_taxonomy
from adverts.data.synthetic.slots import SLOTS, slots_of
from adverts.errors import InputError

FOLDER = Path(__file__).parent / "templates"
PAIRED_SLOTS = frozenset({"price", "boat", "flags"})
"""Slots whose values adverts of all classes share in one scene, whatever they say about them."""
MIN_TEMPLATES = 3
"""Smallest number of templates per class, so that each split has a template of its own."""

_SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ID = re.compile(r"(?P<lang>[a-z]{2,3})-(?P<label>[a-z_]+)-(?P<number>\d{2})")
_LITERAL_CONTACT = re.compile(r"(?<!\w)@\w|://|\bwww\.|\.example\b|\d[\d \-()]{6,}\d")
_DEAL: tuple[tuple[Split, ...], ...] = (
    ("train", "validation", "test"),
    ("train", "train", "test"),
    ("train", "train", "validation", "test"),
)


@dataclass(frozen=True, slots=True)
class Template:
    """One fictional post with slots; every advert made from it is in the same split.

    Attributes:
        id: ``<lang>-<class>-NN``.
        label: Class of the taxonomy.
        signals: Signals that the whole text shows.
        risk: 0 to 6; None for an advert that cannot be judged.
        text: Post text with ``{slots}``.
        image: Short text for a picture, its lines separated by newlines; None to use ``text``.
        split: The split that holds it, the same for any seed.
    """

    id: str
    label: str
    signals: tuple[str, ...]
    risk: int | None
    text: str
    image: str | None
    split: Split

    @property
    def paired(self) -> bool:
        """Whether its text shows price, boat and flags, which other classes share."""
        return slots_of(self.text) >= PAIRED_SLOTS


@dataclass(frozen=True, slots=True)
class TemplateLanguage:
    """The templates of one language, in the order of its file.

    Attributes:
        code: BCP-47 code.
        script: ISO 15924 code.
        reviewed: Whether a speaker has checked them, so that they may enter a headline figure.
        words: Maps each slot to the words that it may hold; one list serves every class.
        templates: Templates, at least three for each class.
    """

    code: str
    script: str
    reviewed: bool
    words: Mapping[str, tuple[str, ...]]
    templates: tuple[Template, ...]


class _Template(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    label: str = Field(alias="class")
    signals: tuple[str, ...]
    risk: int = Field(ge=0, le=6)
    text: str = Field(min_length=1)
    image: str | None = Field(default=None, min_length=1)

    @property
    def patterns(self) -> tuple[str, ...]:
        return (self.text,) if self.image is None else (self.text, self.image)


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    lang: str
    script: str = Field(pattern=r"^[A-Z][a-z]{3}$")
    review: Literal["reviewed", "unreviewed"]
    words: dict[str, tuple[str, ...]]
    templates: tuple[_Template, ...]


def languages() -> tuple[str, ...]:
    """Return the codes of the languages that have templates, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@lru_cache
def read_language(code: str) -> TemplateLanguage:
    """Read and check ``templates/<code>.yaml``.

    Raises:
        InputError: The language is unknown, or its file has a fault; the message names file and
            template.
    """
    if code not in languages():
        raise InputError(
            f"no templates for language {code!r}; choose from {', '.join(languages())}"
        )
    return parse_language((FOLDER / f"{code}.yaml").read_text(encoding="utf-8"), code)


def parse_language(text: str, code: str) -> TemplateLanguage:
    """Check the content of a template file and deal its templates to the splits.

    Raises:
        InputError: The content has a fault; the message names file and template.
    """
    name = f"{code}.yaml"
    try:
        file = _File.model_validate(yaml.load(text, _SAFE_LOADER))
    except yaml.YAMLError as error:
        raise InputError(f"{name} is not YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(f"{name}: {place}: {first['msg']}") from None
    fault = next(_faults(file, code), None)
    if fault is not None:
        raise InputError(f"{name}: {fault}")
    return TemplateLanguage(
        code=file.lang,
        script=file.script,
        reviewed=file.review == "reviewed",
        words=file.words,
        templates=tuple(
            Template(
                id=template.id,
                label=template.label,
                signals=template.signals,
                risk=template.risk,
                text=template.text,
                image=template.image,
                split=deal(template.label, int(template.id[-2:])),
            )
            for template in file.templates
        ),
    )


def deal(label: str, number: int) -> Split:
    """Return the split of a class's template ``number`` (from 1): about 55/15/30 of all.

    Languages are often translations of one another, so a number has one split in all of them. No
    test template is thus seen in training in another language. Numbers 1 to 3 are in three
    different splits.
    """
    first = 1
    for block, splits in enumerate(_DEAL * (1 + number // 10)):
        if number < first + len(splits):
            return _shuffled(splits, f"{label}/{block}")[number - first]
        first += len(splits)
    raise AssertionError(number)


def _shuffled(splits: Sequence[Split], key: str) -> list[Split]:
    """Order by hash: the same on every machine, and a later template moves no earlier one."""
    places = range(len(splits))
    order = sorted(places, key=lambda i: hashlib.sha256(f"{key}/{i}".encode()).digest())
    return [splits[i] for i in order]


def _faults(file: _File, code: str) -> Iterator[str]:
    if file.lang != code:
        yield f"lang is {file.lang!r}, wanted {code!r}"
    yield from _word_faults(file)
    for template in file.templates:
        yield from _template_faults(template, file)
    yield from _number_faults(file)


def _word_faults(file: _File) -> Iterator[str]:
    for word, values in file.words.items():
        if word in SLOTS:
            yield f"words.{word} has the name of a slot that the engine fills"
        if not values or any(not value or "{" in value for value in values):
            yield f"words.{word} needs at least one word, and no slots within words"
        if any(_LITERAL_CONTACT.search(value) for value in values):
            yield f"words.{word} holds a contact; use {{phone}}, {{handle}} or {{link}}"


def _template_faults(template: _Template, file: _File) -> Iterator[str]:
    match = _ID.fullmatch(template.id)
    if match is None or match["lang"] != file.lang or match["label"] != template.label:
        yield f"template {template.id!r}: the id must be {file.lang}-{template.label}-NN"
        return
    taxonomy = read_taxonomy()
    if template.label not in {item.id for item in taxonomy.classes}:
        yield f"template {template.id}: the taxonomy has no class {template.label!r}"
    strange = set(template.signals) - {signal.id for signal in taxonomy.signals}
    if strange:
        yield f"template {template.id}: the taxonomy has no signals {sorted(strange)}"
    for pattern in template.patterns:
        unknown = slots_of(pattern) - SLOTS - set(file.words)
        if unknown:
            yield f"template {template.id}: unknown slots {sorted(unknown)}"
        if _LITERAL_CONTACT.search(pattern):
            yield f"template {template.id} holds a contact; use {{phone}}, {{handle}} or {{link}}"


def _number_faults(file: _File) -> Iterator[str]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for template in file.templates:
        numbers[template.label].append(int(template.id[-2:]))
    for label, found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield f"class {label}: templates must be numbered 01, 02, ... each once, without a gap"
        if len(found) < MIN_TEMPLATES:
            yield f"class {label} has {len(found)} templates, wanted at least {MIN_TEMPLATES}"
