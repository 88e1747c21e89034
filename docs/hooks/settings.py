"""Write the page of every setting from the schema and the YAML files, so that it is never stale."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hydra import compose, initialize_config_dir
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from omegaconf import OmegaConf
from pydantic import BaseModel

import adverts.config
import adverts_findings.config

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
SCHEMAS = {
    name.removesuffix("Config").lower(): getattr(package, name)
    for package in (adverts.config, adverts_findings.config)
    for name in package.__all__
    if name.endswith("Config")
}
"""The schema of each verb, among those of sections."""
FIRST = ["prepare", "audit", "train", "tune", "evaluate", "export", "promote", "score", "sample"]
ASKED = {"prepare": ["data=csv"], "score": ["data=csv"]}
HEAD = """# Every setting

Written from the schema and from `configs/` when this site was built.
`adverts VERB --help` shows the first level, `adverts VERB --cfg job` what a run would use.

* A setting is typed as `key=value`, such as `trainer.epochs=3`. `+key=value` adds a key that
  another variant lacks, and `~key` takes one away.
* A section with presets takes one by name: `model=tfidf` is `configs/model/tfidf.yaml`.
* `null` is nothing. The search field finds each setting by its name.
* All faults are reported at once: illegal values, unknown keys and missing ones, with what is
  legal.
"""
WORDS = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "`true` or `false`",
    "Path": "file or folder",
    "date": "day, such as 2026-11-01",
}
BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
MISSING = object()
NOTHING = type(None)


@dataclass
class Section:
    """A part of the configuration: its dotted name, meaning, and keys as Markdown."""

    name: str
    meaning: str
    lines: list[str] = field(default_factory=list)


Shown = dict[tuple[str, type[BaseModel]], Section]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page."""
    files.append(File.generated(config, "settings.md", content=page()))
    return files


def page() -> str:
    """Return the page as Markdown."""
    shown: Shown = {}
    lines = [HEAD]
    for verb in _verbs():
        model = SCHEMAS[verb]
        lines += [f"\n## adverts {verb}\n", _sentence(inspect.getdoc(model) or ""), ""]
        lines += _keys("", model, _defaults(verb), verb, shown)
    lines.append("\n## Sections\n\nSections that several verbs have are described once.\n")
    for section in shown.values():
        lines += [f"\n### `{section.name}` {{#{_anchor(section.name)}}}\n", section.meaning, ""]
        lines += section.lines
    return "\n".join(lines) + "\n"


def _verbs() -> list[str]:
    found = [path.stem for path in sorted(CONFIGS.glob("*.yaml"))]
    verbs = [name for name in found if name in SCHEMAS]
    return sorted(verbs, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


def _defaults(verb: str) -> Mapping[str, object]:
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        composed = compose(verb, overrides=ASKED.get(verb, []))
        return typing.cast("Mapping[str, object]", OmegaConf.to_container(composed, resolve=False))


def _keys(
    prefix: str, model: type[BaseModel], values: object, place: str, shown: Shown
) -> list[str]:
    """Return the lines of a section's own keys; sections inside it are added to ``shown``.

    ``place`` is the verb or the title of the section, which makes links to its keys distinct.
    """
    lines: list[str] = []
    inner: list[tuple[str, str]] = []
    for name, info in model.model_fields.items():
        key = f"{prefix}.{name}" if prefix else name
        value = values.get(name, MISSING) if isinstance(values, Mapping) else MISSING
        variants, shape = _models(info.annotation)
        if not variants and name == "kind" and len(get_args(info.annotation)) == 1:
            continue  # the title names it
        if not variants:
            lines += _entry(place, key, info, value)
            continue
        titles = [_title(key + shape, one, len(variants) > 1) for one in variants]
        inner.append((key + shape, titles[0]))
        for title, one in zip(titles, variants, strict=True):
            if (title, one) not in shown:
                about = [info.description or "", inspect.getdoc(one) or "", _presets(key)]
                section = Section(title, " ".join(map(_sentence, filter(None, about))))
                shown[title, one] = section  # before those inside it
                fits = not shape and (len(variants) == 1 or _is(one, value))
                chosen = value if fits else _preset(key, one)
                section.lines = _keys(key + shape, one, chosen, title, shown)
    return lines + _links(inner)


def _links(inner: list[tuple[str, str]]) -> list[str]:
    links = ", ".join(f"[`{name}`](#{_anchor(title)})" for name, title in inner)
    return ["", f"Sections: {links}.", ""] if links else []


def _title(key: str, model: type[BaseModel], several: bool) -> str:
    if not several or "kind" not in model.model_fields:
        return key
    kinds = get_args(model.model_fields["kind"].annotation)
    return f"{key} of kind {', '.join(map(str, kinds))}"


def _is(model: type[BaseModel], value: object) -> bool:
    kinds = get_args(model.model_fields["kind"].annotation) if "kind" in model.model_fields else ()
    return isinstance(value, Mapping) and value.get("kind") in kinds


def _models(annotation: Any) -> tuple[list[type[BaseModel]], str]:
    """Return the sections that a value may be, and how they hang below its key."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _models(get_args(annotation)[0])
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return [annotation], ""
    parts = get_args(annotation)
    if origin in (Union, types.UnionType):
        found = [_models(part) for part in parts if part is not NOTHING]
        shapes = {shape for models, shape in found if models}
        return [one for models, _ in found for one in models], next(iter(shapes), "")
    if origin in (list, tuple) and parts:
        models, _ = _models(parts[0])
        return models, "[]" if models else ""
    if origin is dict:
        models, _ = _models(parts[1])
        return models, ".NAME" if models else ""
    return [], ""


def _preset(key: str, model: type[BaseModel]) -> object:
    """Return the values of the first preset of this kind, where the section has presets."""
    files = sorted((CONFIGS / key.replace(".", "/")).glob("*.yaml"))
    found = (OmegaConf.to_container(OmegaConf.load(file), resolve=False) for file in files)
    return next((values for values in found if _is(model, values)), MISSING)


def _presets(key: str) -> str:
    names = [path.stem for path in sorted((CONFIGS / key.replace(".", "/")).glob("*.yaml"))]
    names = [f"`{key}={name}`" for name in names if not name.startswith("_")]
    return f"Presets: {', '.join(names)}" if names else ""


def _entry(place: str, key: str, info: Any, value: object) -> list[str]:
    anchor = f"{_anchor(place)}-{_anchor(key)}"
    default = _shown(value, info)
    legal = "; ".join(filter(None, [_legal(info.annotation), *_bounds(info.metadata)]))
    head = f"#### `{key}` {{.setting #{anchor}}}"
    meaning = _sentence(info.description or "")
    facts = f'<span class="legal">{legal}{". " if default else ""}{default}</span>'
    return ["", head, "", "<br>\n".join(filter(None, [meaning, facts])), ""]


def _legal(annotation: Any) -> str:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return "; ".join([_legal(parts[0]), *_bounds(parts[1:])])
    if origin is Literal:
        return " or ".join(f"`{str(one).lower() if one is True else one}`" for one in parts)
    if origin in (Union, types.UnionType):
        words = [_legal(part) for part in parts if part is not NOTHING]
        return " or ".join(dict.fromkeys([*words, *(["`null`"] if NOTHING in parts else [])]))
    if origin in (list, tuple, dict):
        inside = dict.fromkeys(_legal(part) for part in parts if part is not Ellipsis)
        return f"{'mapping' if origin is dict else 'list'} of {' to '.join(inside)}"
    name = getattr(annotation, "__name__", str(annotation))
    return WORDS.get(name, name)


def _bounds(metadata: Iterable[Any]) -> Iterator[str]:
    for one in metadata:
        for name, words in BOUNDS.items():
            if getattr(one, name, None) is not None:
                yield f"{words} {getattr(one, name)}"
        if getattr(one, "pattern", None):
            yield f"matches `{one.pattern}`"
        yield from _bounds(getattr(one, "metadata", ()))


def _shown(value: object, info: Any) -> str:
    if value is MISSING:
        value = MISSING if info.is_required() else info.get_default(call_default_factory=True)
    if value is MISSING or str(value) == "PydanticUndefined":
        return ""
    if value == "???":
        return "Has to be given"
    if value is None or isinstance(value, bool):
        return f"Default: `{'null' if value is None else str(value).lower()}`"
    text = re.sub(r"\$\{now:[^}]*\}", "TIME", str(value))
    text = re.sub(r"\$\{oc\.env:(\w+),([^}]*)\}", r"$\1, otherwise \2", text)
    text = re.sub(r"\$\{job_suffix:\}", "", text)
    text = re.sub(r"\$\{(?:\w+\.)?(\w+)\}", lambda found: found[1].upper(), text)
    return f"Default: `{text}`" if text else "Default: empty"


def _sentence(text: str) -> str:
    first = " ".join(text.partition("\n\n")[0].split()).replace("``", "`")
    if "`" not in first:
        first = first.replace("<", "&lt;").replace("*", "\\*")
    return first if not first or first[-1] in ".?" else f"{first[0].upper()}{first[1:]}."


def _anchor(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
