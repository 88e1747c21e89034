"""Write the best settings as an experiment: ``adverts train -cd STUDY -cn best``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from adverts.config import TrainConfig
from adverts.config.yaml_bounds import as_yaml
from adverts.tuning.options import options, read_option
from adverts.tuning.record import leaves

NAME = "best"
_GROUPS = ("model", "optimizer", "loss", "augment", "trainer")
Values = dict[str, object]


def write_best(folder: Path, config: TrainConfig, *, said: str) -> Path:
    """Write ``best.yaml``, which composes to the config of the best trial.

    Its run goes to ``best`` in the folder of the study, beside the trials, unless the command says
    otherwise. Other places, hardware and tracking are left out: each command chooses them anew.

    Args:
        folder: Folder of the study.
        config: Config of the best trial.
        said: Comment that says where the settings come from, in words of ours.
    """
    path = folder / f"{NAME}.yaml"
    partial = path.with_name(path.name + ".partial")
    head = f"# adverts train -cd FOLDER -cn {NAME}, where FOLDER is that of this file\n# {said}\n"
    values = {**experiment(config), "run_dir": str(folder / NAME)}
    partial.write_text(head + as_yaml(values), "utf-8")
    partial.replace(path)
    return path


def experiment(config: TrainConfig) -> Values:
    """Return the content of an experiment: the options that are nearest, and what differs."""
    values = config.model_dump(mode="json")
    defaults: list[object] = ["train"]
    changed: Values = {"seed": values["seed"], "prepared": values["prepared"]}
    for group in _GROUPS:
        section = values[group]
        differing = {name: _unlike(group, name, section) for name in options(group)}
        nearest = min(differing, key=lambda name: len(differing[name]))
        defaults.append({f"override /{group}": nearest})
        for key, value in differing[nearest].items():
            _put(changed, [group, *key.split(".")], value)
    for key in ("threads", "device"):
        changed_trainer = changed.get("trainer")
        if isinstance(changed_trainer, dict):
            changed_trainer.pop(key, None)
    return {"defaults": [*defaults, "_self_"], **{k: v for k, v in changed.items() if v != {}}}


def _unlike(group: str, option: str, values: Mapping[str, object]) -> Values:
    """Map each dotted key of a section that differs from an option to its value."""
    wanted = dict(leaves(read_option(group, option)))
    found = dict(leaves(values))
    absent = object()
    return {key: one for key, one in found.items() if wanted.get(key, absent) != one}


def _put(values: Values, path: list[str], value: object) -> None:
    *before, last = path
    place = values
    for part in before:
        inner = place.setdefault(part, {})
        assert isinstance(inner, dict), path
        place = inner
    place[last] = value
