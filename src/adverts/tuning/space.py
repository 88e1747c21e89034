"""A search space that is checked: which settings differ, and the config of each trial."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from pydantic import ValidationError

from adverts.config import TrainConfig, TuneConfig
from adverts.config.fault_messages import (
    describe_faults,
    describe_unknown_key,
    legal_keys,
    unknown_part,
)
from adverts.config.tuning import ChoiceSetting, FloatSetting, Setting
from adverts.errors import InputError
from adverts.training.runs.run_folder import decides
from adverts.tuning.options import options, read_option

if TYPE_CHECKING:  # takes half a second to load
    from optuna import Trial
    from optuna.distributions import BaseDistribution

Param = str | float | int
"""The value of a setting in a study: a number, or the name of a choice."""
_NEVER = ("seed", "baseline", "trainer.select_by", "trainer.evaluations_per_epoch")


@dataclass(frozen=True, slots=True)
class Space:
    """The settings of a study.

    Attributes:
        base: Config of every trial as JSON values, without what differs.
        settings: Maps each dotted key that differs to its legal values.
        choices: Maps each key with choices to the value behind the name of each choice.
    """

    base: Mapping[str, object]
    settings: Mapping[str, Setting]
    choices: Mapping[str, Mapping[str, object]]

    def suggest(self, trial: Trial) -> dict[str, Param]:
        """Return the values that a sampler chooses for a trial."""
        return {key: self._suggested(trial, key, one) for key, one in self.settings.items()}

    def _suggested(self, trial: Trial, key: str, setting: Setting) -> Param:
        if isinstance(setting, ChoiceSetting):
            return str(trial.suggest_categorical(key, list(self.choices[key])))
        if isinstance(setting, FloatSetting):
            return trial.suggest_float(key, setting.low, setting.high, log=setting.log)
        return trial.suggest_int(key, setting.low, setting.high, step=setting.step)

    def config(self, params: Mapping[str, Param]) -> TrainConfig:
        """Return the config of a trial.

        Raises:
            InputError: The schema does not accept it.
        """
        values = copy.deepcopy(dict(self.base))
        for key, param in params.items():
            chosen = self.choices[key][str(param)] if key in self.choices else param
            _put(values, key, chosen)
        try:
            return TrainConfig.model_validate(values)
        except ValidationError as error:
            raise InputError(describe_faults(error, TrainConfig, ())) from None

    def as_given(self) -> dict[str, Param]:
        """Return the settings that are searched, as the command gives them.

        Left out is what lies outside the space; a study can then not try what was given.
        """
        found = {key: self._param(key, one) for key, one in self.settings.items()}
        return {key: param for key, param in found.items() if param is not None}

    def whole_as_given(self) -> dict[str, Param] | None:
        """Return all settings as the command gives them; None if one lies outside the space."""
        found = self.as_given()
        return found if len(found) == len(self.settings) else None

    def _param(self, key: str, setting: Setting) -> Param | None:
        given: object = self.base
        for part in key.split("."):
            given = cast("Mapping[str, object]", given)[part]
        if isinstance(setting, ChoiceSetting):
            plain = json.loads(json.dumps(given))
            names = (name for name, value in self.choices[key].items() if value == plain)
            return next(names, None)
        if not isinstance(given, int | float) or not setting.low <= given <= setting.high:
            return None
        if isinstance(setting, FloatSetting):
            return float(given)
        whole = int(given) == given and (int(given) - setting.low) % setting.step == 0
        return int(given) if whole else None

    def shown(self, key: str, param: Param) -> str:
        """Return a value as people read it."""
        return param if isinstance(param, str) else f"{param:.4g}"

    def lines(self) -> list[str]:
        """Return one line for each setting: its short name and its values."""
        names = short_names(self.settings)
        width = max(map(len, names.values()))
        return [f"  {names[key]:<{width}}  {self._range(key)}" for key in self.settings]

    def _range(self, key: str) -> str:
        setting = self.settings[key]
        if isinstance(setting, ChoiceSetting):
            return " | ".join(self.choices[key])
        text = f"{setting.low:g} to {setting.high:g}"
        if isinstance(setting, FloatSetting):
            return f"{text}, by ratio" if setting.log else text
        return text if setting.step == 1 else f"{text} in steps of {setting.step}"


def build_space(config: TuneConfig) -> Space:
    """Return the search space of a study, after its extreme values were checked.

    Raises:
        InputError: A key is unknown or cannot be searched, or a value is illegal.
    """
    base: dict[str, object] = config.model_dump(
        mode="json", include=set(TrainConfig.model_fields) & set(TuneConfig.model_fields)
    )
    base |= {"run_dir": str(config.study_dir), "resume": None, "baseline": False}
    for key, value in config.tune.fixed.items():
        _check_key(f"tune.fixed: {key}", key, base)
        _put(base, key, value)
    choices: dict[str, dict[str, object]] = {}
    for key, setting in config.tune.space.items():
        _check_key(f"tune.space: {key}", key, base)
        if config.trainer.select_by == "loss" and key.split(".")[0] == "loss":
            raise InputError(
                f"tune.space: {key}: changes what a loss means, so trials cannot be compared by "
                "trainer.select_by=loss; choose average_precision or macro_f1"
            )
        if isinstance(setting, ChoiceSetting):
            choices[key] = {_name(one): _value(key, one) for one in setting.choices}
    space = Space(base, config.tune.space, choices)
    _check_extremes(space)
    return space


def _fitting(key: str, base: Mapping[str, object]) -> str:
    """Return which ``tune=`` to choose for a model that does not have a key."""
    option = suitable_option(base, method_is_given=True)
    searched = cast("Mapping[str, object]", read_option("tune", option)["space"])
    if key in searched:
        return "a tune= without it"
    model = cast("Mapping[str, object]", base["model"])
    return f"tune={option}, which is for model={model.get('name')}"


def suitable_option(values: Mapping[str, object], *, method_is_given: bool) -> str:
    """Return the packaged search space for a model: ``tfidf``, ``frozen`` or ``fine_tune``.

    Args:
        values: Composed settings with ``model`` and ``trainer``.
        method_is_given: Whether somebody chose how the model is trained.
    """
    model = cast("Mapping[str, object]", values["model"])
    trainer = cast("Mapping[str, object]", values["trainer"])
    if model.get("kind") != "neural":
        return "tfidf"
    return "frozen" if method_is_given and trainer.get("method") == "frozen" else "fine_tune"


def short_names(keys: Mapping[str, object]) -> dict[str, str]:
    """Map each dotted key to its last part, or to the whole key where two have the same."""
    last = [key.rpartition(".")[2] for key in keys]
    return {
        key: name if last.count(name) == 1 else key for key, name in zip(keys, last, strict=True)
    }


def _name(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _value(key: str, choice: object) -> object:
    """Return the value behind a choice; of a config group, the content of the file it names.

    Raises:
        InputError: The group has no such file.
    """
    group = key.replace(".", "/")
    legal = options(group)
    if not legal or not isinstance(choice, str):
        return choice
    if choice not in legal:
        raise InputError(f"tune.space: {key}: found {choice!r}; legal: {', '.join(legal)}")
    return read_option(group, choice)


def _check_key(shown: str, key: str, base: Mapping[str, object]) -> None:
    """Check that the config of a training has a key, which decides what is learnt.

    Raises:
        InputError: It has not, or every trial must have the same value.
    """
    if not decides(key) or key in _NEVER:
        raise InputError(f"{shown}: cannot be searched; trials must be alike in it")
    values: object = base
    for part in key.split("."):
        if isinstance(values, dict) and part in values:
            values = values[part]
            continue
        unknown = unknown_part(key, TrainConfig)
        legal = legal_keys(unknown, TrainConfig)
        if unknown.rpartition(".")[2] in legal:
            raise InputError(
                f"{shown}: the chosen model has no such key; choose {_fitting(key, base)}, or a "
                "model= that has it"
            )
        told = describe_unknown_key(unknown, legal, TrainConfig)
        raise InputError(f"{shown.partition(':')[0]}: {told}")


def _check_extremes(space: Space) -> None:
    """Check the lowest values, the highest ones and each choice, before anything runs.

    Raises:
        InputError: The schema does not accept one of them.
    """
    for params in _extremes(space):
        try:
            space.config(params)
        except InputError as error:
            raise InputError(f"tune.space: {error}") from None


def _extremes(space: Space) -> Iterator[dict[str, Param]]:
    low, high = ({key: _end(space, key, end) for key in space.settings} for end in (0, -1))
    yield low
    yield high
    for key, names in space.choices.items():
        yield from ({**low, key: name} for name in names)


def _end(space: Space, key: str, end: int) -> Param:
    setting = space.settings[key]
    if isinstance(setting, ChoiceSetting):
        return list(space.choices[key])[end]
    return setting.low if end == 0 else setting.high


def _put(values: dict[str, object], key: str, value: object) -> None:
    """Set a dotted key.

    Raises:
        InputError: A part of it holds no keys here, such as one that is null.
    """
    *before, last = key.split(".")
    place: object = values
    for part in before:
        place = place.get(part) if isinstance(place, dict) else None
    if not isinstance(place, dict):
        raise InputError(f"{key}: {'.'.join(before)} is off in some trials, so it has no {last}")
    cast("dict[str, object]", place)[last] = copy.deepcopy(value)


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Return the legal values of each setting as Optuna's classes."""
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    found: dict[str, BaseDistribution] = {}
    for key, one in space.settings.items():
        if isinstance(one, ChoiceSetting):
            found[key] = CategoricalDistribution(list(space.choices[key]))
        elif isinstance(one, FloatSetting):
            found[key] = FloatDistribution(one.low, one.high, log=one.log)
        else:
            found[key] = IntDistribution(one.low, one.high, step=one.step)
    return found
