"""Find the overrides that reproduce a configuration: its differences from the YAML files."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import BaseModel

from adverts.config.acting_settings import acting_settings
from adverts.config.override_words import quoted

_PLAIN = re.compile(
    r"(?!(?:null|true|false|nan|inf)$)[A-Za-z_./][\w./+:@-]*", re.ASCII | re.IGNORECASE
)
_REMOVED = object()
Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _New:
    """A value of a key that the nearest option does not have."""

    value: object


def overrides(verb: str, config: BaseModel, *, given: Values, left_out: Sequence[str]) -> str:
    """Return the overrides of ``configs/<verb>.yaml`` that give ``config``, quoted for a shell.

    Args:
        verb: Name of the verb.
        config: Configuration that the overrides reproduce.
        given: Keys that are always included, with the value to show, such as a path without
            private folder names.
        left_out: Dotted keys that are left out with all keys below them, unless they are in
            ``given``.
    """
    words = [*given.items(), *differing(verb, config.model_dump(mode="json"))]
    named = {
        key: value
        for key, value in words
        if not any(f"{key}.".startswith(f"{skipped}.") for skipped in left_out)
    }
    return " ".join(in_shell(_word(key, value)) for key, value in {**named, **given}.items())


def idle_settings(asked: Mapping[str, object], used: Mapping[str, object]) -> list[str]:
    """Return the settings that were asked for, but not as they ship, and that act on nothing.

    Args:
        asked: Config of ``train`` as JSON values.
        used: The same with the method that was chosen.
    """
    acting = acting_settings(used)
    keys = [
        key for key, value in differing("train", asked) if "." in key and not _ships(key, value)
    ]
    return [key for key in keys if not _has(acting, key.split("."))]


def _ships(key: str, value: object) -> bool:
    """Return whether a model that ships has a setting: whoever chose that model did not type it."""
    group = key.partition(".")[0]
    options = _options(group) if group == "model" else ()
    return any(
        dict(_leaves(group, _read(f"{group}/{option}.yaml"))).get(key, _REMOVED) == value
        for option in options
    )


def _has(values: object, path: Sequence[str]) -> bool:
    if not path:
        return True
    return isinstance(values, Mapping) and path[0] in values and _has(values[path[0]], path[1:])


def next_step(verb: str, *flags: str, **values: object) -> str:
    """Return a line with the command to run next, quoted for a shell.

    Words in capitals are placeholders that the user replaces.

    Args:
        verb: Name of the verb.
        flags: Words before the keys, such as ``-cd`` and its folder.
        values: Maps keys to their values.
    """
    words = [*map(in_shell, flags), *(shell_word(key, str(one)) for key, one in values.items())]
    return f"next: adverts {verb} {' '.join(words)}"


def next_export(run: Path, prepared: Path, bundle: Path, *, share: float | None = None) -> str:
    """Return the line with the command that exports a run.

    Thresholds are made for the share of positives where the model will work, so it is asked for.

    Args:
        run: Folder of the run.
        prepared: Its dataset.
        bundle: Folder of the bundle.
        share: The share of positives in service; None where it is not known yet.
    """
    stated = {"decisions.operating_prevalence": "SHARE_IN_SERVICE" if share is None else share}
    return next_step("export", checkpoint=run, prepared=prepared, bundle_dir=bundle, **stated)


def shell_word(key: str, value: object) -> str:
    """Return the override that sets a key to exactly a value, quoted for a shell, in one line."""
    return in_shell(plain_word(key, value))


def plain_word(key: str, value: object) -> str:
    """Return the override that sets a key to exactly a value, with quotes only where it needs."""
    return f"{key}={_hydra(value)}"


def in_shell(word: str) -> str:
    """Return a word quoted for a shell; one that does not print is written with escapes."""
    if word.isprintable():
        # single quotes inside single quotes are '"'"', which nobody reads
        plain = "'" in word and not set('"$`\\!') & set(word)
        return f'"{word}"' if plain else shlex.quote(word)
    return f"$'{''.join(map(_escaped, word))}'"


def _escaped(letter: str) -> str:
    if letter in "\\'":
        return f"\\{letter}"
    if letter.isprintable():
        return letter
    if "\udc80" <= letter <= "\udcff":  # a byte of a name of a file that is no UTF-8
        return f"\\x{ord(letter) - 0xDC00:02x}"
    return f"\\u{ord(letter):04x}" if letter <= "\uffff" else f"\\U{ord(letter):08x}"


def shareable(path: Path) -> str:
    """Return a path for a page that is shared: without folders outside the working folder."""
    here = Path.cwd()
    within = path.absolute().is_relative_to(here)
    return path.absolute().relative_to(here).as_posix() if within else path.name


def free_folder(wanted: Path) -> Path:
    """Return ``wanted``, or the first name with a number appended, that does not exist yet."""
    names = (wanted, *(wanted.with_name(f"{wanted.name}-{number}") for number in range(2, 1000)))
    return next((one for one in names if not one.exists()), wanted)


def differing(verb: str, values: Values) -> Iterator[tuple[str, object]]:
    """Yield the keys of a configuration that differ from what ships, each with its value.

    A section that is nearest to another option than the usual one is a key without dots.
    """
    chosen = _read(f"{verb}.yaml")
    options = _default_options(chosen)
    for key, value in values.items():
        if key not in options or not isinstance(value, dict):
            wanted = dict(_leaves(key, chosen[key])) if key in chosen else {}
            yield from _otherwise(wanted, _leaves(key, value))
            continue
        distances = {option: len(_unlike(key, option, value)) for option in _options(key)}
        nearest = min(distances, key=lambda option: (distances[option], option != options[key]))
        if nearest != options[key]:
            yield key, nearest
        yield from _unlike(key, nearest, value).items()


def _unlike(group: str, option: str, values: Values) -> dict[str, object]:
    """Map each dotted key whose value differs from an option of a group to the value."""
    chosen = _read(f"{group}/{option}.yaml")
    wanted = dict(_leaves(group, chosen))
    removed = dict.fromkeys(_missing(group, chosen, values), _REMOVED)
    changed = _otherwise(wanted, _leaves(group, values))
    return removed | {key: value if key in wanted else _New(value) for key, value in changed}


def _missing(key: str, wanted: Values, found: Values) -> Iterator[str]:
    """Yield the dotted keys of an option that a configuration lacks, such as a condition."""
    for name, value in wanted.items():
        if name == "defaults":
            continue
        inner = found.get(name)
        if name not in found:
            yield f"{key}.{name}"
        elif isinstance(value, Mapping) and isinstance(inner, Mapping):
            yield from _missing(f"{key}.{name}", value, inner)


def _otherwise(wanted: Values, found: Iterator[tuple[str, object]]) -> Iterator[tuple[str, object]]:
    return ((key, value) for key, value in found if key not in wanted or wanted[key] != value)


def _leaves(key: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield dotted keys and values; a mapping with dots in its keys (file names) is one value."""
    if isinstance(value, Mapping) and value and not any("." in name for name in value):
        for name, inner in value.items():
            yield from _leaves(f"{key}.{name}", inner)
    else:
        yield key, value


def _default_options(chosen: Values) -> dict[str, str]:
    defaults = chosen.get("defaults")
    entries = defaults if isinstance(defaults, list) else []
    return {
        name: option
        for entry in entries
        if isinstance(entry, dict)
        for name, option in entry.items()
        if not name.startswith("override ")
    }


def _options(group: str) -> list[str]:
    folder = files("adverts.configs").joinpath(group)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return [name.removesuffix(".yaml") for name in names if not name.startswith("_")]


def _read(name: str) -> Values:
    raw = yaml.safe_load(files("adverts.configs").joinpath(name).read_text("utf-8"))
    assert isinstance(raw, dict), name
    return raw


def _word(key: str, value: object) -> str:
    """Return an override in the syntax of Hydra: a key that a section lacks needs a plus."""
    if value is _REMOVED:
        return f"~{key}"
    if isinstance(value, _New):
        return f"+{key}={_hydra(value.value)}"
    return f"{'+' if isinstance(value, Mapping) else ''}{key}={_hydra(value)}"


def _hydra(value: object) -> str:
    """Return a value in the syntax of Hydra."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{name}:{_hydra(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_hydra, value))}]"
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) else quoted(value)
    return json.dumps(value)
