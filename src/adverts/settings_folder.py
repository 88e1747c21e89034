"""A folder of settings that a user names: it is data, and nothing in it is run or looked up.

Hydra reads such a folder as it reads the packaged files: a file may choose where its settings go,
also into the settings of Hydra itself, which name functions to call; and a value may be taken from
the environment. Here a folder holds only options of the groups of the schema, and experiments for
``-cn``. Its values are taken as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath

import yaml
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.object_type import ObjectType
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigResult
from omegaconf import OmegaConf
from omegaconf._utils import get_yaml_loader

from adverts.config.override_words import without_interpolations
from adverts.config.yaml_bounds import MAX_BYTES, YamlBoundError, refuse_yaml_bomb
from adverts.errors import InputError, first_line
from adverts.files.bounded_reading import read_bounded

PACKAGED = "adverts.configs"
"""Package of the files that adverts contains."""
_WHOLE = ("experiment", "debug")  # packaged options that set keys of several groups
_HEADER = re.compile(r"^\s*#\s*@\s*package\b", re.MULTILINE)


@cache
def groups() -> frozenset[str]:
    """Return the names of the groups whose options a user may write."""
    folders = {one.name for one in files(PACKAGED).iterdir() if one.is_dir()}
    return frozenset(one for one in folders if one.isidentifier()) - {"hydra", *_WHOLE}


@contextmanager
def read_as_data(verb: str) -> Iterator[None]:
    """Let Hydra read every folder of files by the rules of this module, for a verb."""
    Plugins.instance()  # registers the ways to read
    readers = SourcesRegistry.instance().types
    before = readers["file"]
    readers["file"] = type("SettingsFolderOfVerb", (SettingsFolder,), {"verb": verb})
    try:
        yield
    finally:
        readers["file"] = before


def refuse_other_verbs(name: str, verb: str) -> None:
    """Reject a name for ``-cn`` that is no experiment: that of another verb, or of an option.

    Raises:
        InputError: It is one.
    """
    packaged = files(PACKAGED).joinpath(f"{name}.yaml")
    if "/" in name or (name != verb and packaged.is_file()):
        raise InputError(
            f"-cn: found {name!r}; wanted {verb}, or an experiment: a file in the folder that -cd "
            "names, beside its groups"
        )


def refuse_shadowed(folders: Iterable[Path]) -> None:
    """Reject a file in given folders that a packaged file of the same name would replace.

    Raises:
        InputError: There is such a file.
    """
    for folder in folders:
        below = [path for group in sorted(groups()) for path in (folder / group).glob("**/*.yaml")]
        for path in (*sorted(folder.glob("*.yaml")), *sorted(below)):
            packaged = files(PACKAGED).joinpath(*path.relative_to(folder).parts)
            if packaged.is_file() and packaged.read_bytes() != path.read_bytes():
                raise InputError(
                    f"-cd: {path} has the name of a configuration that adverts contains, which "
                    "would be read instead; rename your file"
                )


class SettingsFolder(FileConfigSource):
    """Reads the options and experiments of a folder for Hydra; all else in it is not there.

    Attributes:
        verb: The verb whose experiments it holds.
    """

    verb: str = ""

    def load_config(self, config_path: str) -> ConfigResult:
        """Return the settings of a file, with values that are not looked up anywhere.

        Raises:
            InputError: The file is not what a folder of settings may hold.
        """
        path = Path(self.path, self._normalize_file_name(config_path))
        settings = _read(path, is_experiment=_is_experiment(config_path))
        begins = settings.get("defaults")
        is_begun = isinstance(begins, list) and self.verb in begins
        if _is_experiment(config_path) and not is_begun:
            raise InputError(
                f"-cn: {path} does not begin from the settings of adverts {self.verb}; let its "
                f"first line be defaults: [{self.verb}, _self_]"
            )
        return ConfigResult(
            provider=self.provider,
            path=self.full_path(),
            config=OmegaConf.create(settings),
            header={"package": None},
        )

    def is_group(self, config_path: str) -> bool:
        """Return whether the folder holds options of this group."""
        return _is_legal(config_path) and super().is_group(config_path)

    def is_config(self, config_path: str) -> bool:
        """Return whether the folder holds this option or experiment."""
        is_seen = _is_experiment(config_path) or _is_legal(config_path)
        return is_seen and super().is_config(config_path)

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        """Return the names of the options and groups below a group."""
        return super().list(config_path, results_filter) if self.is_group(config_path) else []


def _is_experiment(place: str) -> bool:
    return len(PurePosixPath(place).parts) == 1


def _is_legal(place: str) -> bool:
    parts = PurePosixPath(place).parts
    return not parts or (parts[0] in groups() and ".." not in parts)


def _read(path: Path, *, is_experiment: bool) -> dict[str, object]:
    try:
        text = read_bounded(path, most=MAX_BYTES).decode("utf-8-sig")
        refuse_yaml_bomb(text)
        settings = yaml.load(text, Loader=get_yaml_loader())  # noqa: S506 - a SafeLoader
    except (YamlBoundError, UnicodeDecodeError) as error:
        raise InputError(f"-cd: {path} cannot be a configuration: {error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = "" if mark is None else f", line {mark.line + 1}"
        problem = getattr(error, "problem", None) or first_line(error)
        raise InputError(f"-cd: {path}{line} is not YAML: {problem}") from None
    settings = {} if settings is None else settings
    if not isinstance(settings, dict):
        raise InputError(f"-cd: {path} holds no settings; write key: value, one a line")
    if _HEADER.search(text):
        raise InputError(
            f"-cd: {path}: # @package would move its settings elsewhere; remove that line"
        )
    if is_experiment and "hydra" in settings:
        raise InputError(f"-cd: {path}: hydra: not a key of adverts; remove it")
    _refuse_defaults(path, settings.get("defaults") or [])
    return {
        key: value if key == "defaults" else _as_written(path, value)
        for key, value in settings.items()
    }


def _refuse_defaults(path: Path, entries: object) -> None:
    """Refuse a list of defaults that leads out of the groups, or places one elsewhere."""
    for entry in entries if isinstance(entries, list) else [entries]:
        pairs = list(entry.items()) if isinstance(entry, dict) else [(None, entry)]
        for group, options in pairs:
            chosen = options if isinstance(options, list) else [options]
            words = [str(one) for one in (group, *chosen) if one is not None]
            place = str(group).split()[-1].removeprefix("/") if group else ""
            leads_out = any(mark in word for word in words for mark in ("@", "${", ".."))
            if leads_out or not _is_legal(place) or (not group and "/" in words[0]):
                raise InputError(
                    f"-cd: {path}, defaults: found {' '.join(words)!r}; wanted an option of a "
                    f"group, without @, ${{ or ..; the groups are {', '.join(sorted(groups()))}"
                )


def _as_written(path: Path, value: object) -> object:
    """Return a value in which nothing is looked up; refuse a key that names what to call."""
    match value:
        case dict() if not all(isinstance(key, str | int | float) for key in value):
            raise InputError(f"-cd: {path}: a key is neither a word nor a number; correct it")
        case dict():
            if "_target_" in value:
                raise InputError(f"-cd: {path}: _target_: not a key of adverts; remove it")
            return {key: _as_written(path, one) for key, one in value.items()}
        case list():
            return [_as_written(path, one) for one in value]
        case str():
            return without_interpolations(value)
        case None | bool() | int() | float():
            return value
        case _:
            raise InputError(
                f"-cd: {path} holds a {type(value).__name__}; give text, a number, a list or keys"
            )
