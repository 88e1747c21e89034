"""Check each field of a manifest, which may come from an untrusted source.

Every function returns the value of one field. It raises TypeError, ValueError, KeyError or
InputError if the value is not allowed in a manifest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeGuard, TypeVar, get_args

from adverts.advert import MAX_LABELS, MAX_TASKS, LabelSchema, Task
from adverts.inputs.letters.scripts import KNOWN_SCRIPTS
from adverts.inputs.pixels import ImageLimits
from adverts.inputs.spec import INPUT_NAMES, MAX_NGRAM, InputSpec, TextForm

Facts = Mapping[str, object]
T = TypeVar("T")
_MAX_COUNT, _MAX_FILE_BYTES, _MAX_PIXELS = 2**31 - 1, 400_000_000, 100_000_000
"""Most tasks of a model, and most labels of all of them."""
_MAX_PREFIX = 1_000
_MAX_TOKENS, _MAX_SIDE_PX, _MAX_FEATURES = 65_536, 4_096, 2**26
_KINDS = ("single", "multi", "ordinal")


def parse_text(value: object) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise TypeError(f"wanted a text, found {type(value).__name__}")
    return value


def parse_text_or_none(value: object) -> str | None:
    """Return a text, or None."""
    return None if value is None else parse_text(value)


def parse_one_of(*wanted: T) -> Callable[[object], T]:
    """Return a function that accepts only one of the texts ``wanted``."""

    def parse(value: object) -> T:
        for known in wanted:
            if value == known and isinstance(value, str):
                return known
        raise ValueError(f"wanted {' or '.join(map(str, wanted))}, found {value!r}")

    return parse


def parse_count(value: object, most: int = _MAX_COUNT) -> int:
    """Return a whole number from 1 to ``most``."""
    if not _is_whole(value) or not 1 <= value <= most:
        raise TypeError(f"wanted a whole number from 1 to {most}, found {repr(value)[:60]}")
    return value


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def parse_facts(value: object) -> Facts:
    """Return a JSON object."""
    if not isinstance(value, dict):
        raise TypeError(f"wanted an object, found {type(value).__name__}")
    return value


def parse_facts_or_none(value: object) -> Facts | None:
    """Return a JSON object, or None."""
    return None if value is None else parse_facts(value)


def parse_reader_facts(value: object) -> Facts | None:
    """Return the facts of a reader, which must be complete so that it can be built again."""
    if value is None:
        return None
    facts = parse_facts(value)
    for name in ("engine", "version", "key"):
        parse_text(facts[name])
    parse_texts(facts["weights"])
    parse_facts(facts["parameters"])
    return facts


def _items(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"wanted a list, found {type(value).__name__}")
    return value


def parse_facts_list(value: object) -> tuple[Facts, ...]:
    """Return a list of JSON objects."""
    return tuple(parse_facts(item) for item in _items(value))


def parse_scripts(value: object) -> tuple[str, ...] | None:
    """Return the scripts of a trimmed vocabulary; None where it is complete."""
    if value is None:
        return None
    scripts = tuple(parse_text(one) for one in _items(value))
    if not scripts or list(scripts) != sorted(set(scripts)) or not set(scripts) <= KNOWN_SCRIPTS:
        raise ValueError(f"found {repr(value)[:60]}, wanted distinct ISO 15924 codes, in order")
    return scripts


def parse_texts(value: object) -> Mapping[str, str]:
    """Return a mapping of names to texts."""
    return {name: parse_text(item) for name, item in parse_facts(value).items()}


def parse_image_limits(value: object) -> ImageLimits:
    """Return the limits of a picture, in bytes and pixels."""
    facts = parse_facts(value)
    return ImageLimits(
        parse_count(facts["max_bytes"], _MAX_FILE_BYTES),
        parse_count(facts["max_pixels"], _MAX_PIXELS),
    )


def parse_input_spec(value: object) -> InputSpec:
    """Return how an advert becomes model inputs."""
    facts = parse_facts(value)
    inputs = [parse_text(one) for one in _items(facts["inputs"])]
    if len(set(inputs)) < len(inputs) or not set(inputs) <= set(INPUT_NAMES):
        raise ValueError(f"inputs are {inputs}, wanted one or more of {', '.join(INPUT_NAMES)}")
    for name in ("masking_version", "folding_version"):
        parse_count(facts[name])
    spec = InputSpec.from_dict(facts)
    if spec.tokens is not None:
        parse_count(spec.tokens.max_tokens, _MAX_TOKENS)
        parse_count(spec.tokens.pad_id + 1 if _is_whole(spec.tokens.pad_id) else spec.tokens.pad_id)
        if len(parse_text(spec.tokens.prefix)) > _MAX_PREFIX:
            raise ValueError(
                f"prefix has {len(spec.tokens.prefix)} characters, wanted at most {_MAX_PREFIX}"
            )
        parse_one_of(*get_args(TextForm))(spec.tokens.text_form)
    if spec.image is not None:
        parse_count(spec.image.image_px, _MAX_SIDE_PX)
    if spec.hashing is not None:
        _hashing(parse_facts(facts["hashing"]))
    return spec


def _hashing(facts: Facts) -> None:
    parse_count(facts["num_features"], _MAX_FEATURES)
    for name in ("word_ngrams", "char_ngrams"):
        shortest, longest = (parse_count(one, MAX_NGRAM) for one in _items(facts[name]))
        if shortest > longest:
            raise ValueError(
                f"{name} are from {shortest} to {longest}; wanted 1 or more, shortest first"
            )


def parse_label_schema(value: object) -> LabelSchema:
    """Return tasks with distinct names, one of them the headline."""
    facts = parse_facts(value)
    tasks = tuple(_task(parse_facts(item)) for item in _items(facts["tasks"]))
    num_labels = sum(len(task.labels) for task in tasks)
    if len(tasks) > MAX_TASKS or num_labels > MAX_LABELS:
        raise ValueError(
            f"{len(tasks)} tasks with {num_labels} labels, wanted at most {MAX_TASKS} with "
            f"{MAX_LABELS}"
        )
    names = [task.name for task in tasks]
    headline = parse_text(facts["headline"])
    if len(set(names)) != len(names) or headline not in names:
        raise ValueError(f"wanted headline {headline!r} among distinct tasks, found {names}")
    return LabelSchema(parse_text(facts["name"]), tasks, headline)


def _task(facts: Facts) -> Task:
    kind, positive = facts["kind"], facts["positive"]
    labels = tuple(parse_text(label) for label in _items(facts["labels"]))
    if kind not in _KINDS or not labels or len(set(labels)) != len(labels):
        raise ValueError(f"kind {kind!r} with {len(labels)} labels; wanted distinct labels")
    if positive is not None and positive not in labels:
        raise ValueError(f"positive label {positive!r} is not one of the labels")
    return Task(parse_text(facts["name"]), kind, labels, positive)  # type: ignore[arg-type]
