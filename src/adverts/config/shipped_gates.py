"""Compare a gate, and the settings of its figures, with those shipped with adverts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib.resources import files

import yaml

from adverts.config.evaluation import EvaluateConfig
from adverts.config.gate import GateConfig

_DECIDES = ("recall_at_precision", "min_positive_clusters", "bootstrap_resamples", "seed")
"""Keys outside the gate section that affect what the conditions of a gate mean."""
_PROMISES = ("precision", "recall", "confidence")


def gate_sha256(config: GateConfig) -> str:
    """Return the hash of a gate's configuration; equal gates have equal hashes."""
    text = json.dumps(config.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def gate_changes(config: GateConfig) -> tuple[str, ...]:
    """Return the differences between a gate and the shipped gate of its name; empty if equal.

    A gate whose name is not that of a shipped gate counts as one difference.
    """
    shipped = shipped_gate(config.name)
    if shipped is None:
        return (f"no gate of the name {config.name} ships with adverts",)
    return tuple(_differences(_plain(shipped), _plain(config)))


def judging_changes(config: EvaluateConfig) -> tuple[str, ...]:
    """Return the differences of settings outside the gate from the shipped ones; empty if equal.

    These settings affect a verdict too: recall at a precision of 0.05 means nothing for a queue,
    and among many seeds one gives the wanted result.
    """
    shipped = _yaml("evaluate.yaml")
    found = {name: getattr(config, name) for name in _DECIDES}
    decisions = {name: getattr(config.decisions, name) for name in (*_PROMISES, "seed")}
    return (
        *_differences({name: shipped[name] for name in _DECIDES}, found),
        *decision_changes(decisions),
        *_weaker_disguises(config),
    )


def _weaker_disguises(config: EvaluateConfig) -> Iterator[str]:
    """Say in what the disguises that a gate judges are fewer than those of ``robustness=quick``."""
    judges_them = any(one.kind == "robustness" for one in config.gate.conditions.values())
    if not judges_them or not config.robustness.adverts:  # without any, the gate is refused
        return
    quick, tried = _yaml("robustness/quick.yaml"), config.robustness.model_dump(mode="json")
    for name, wanted in quick.items():
        found = tried[name]
        if isinstance(wanted, list):
            lacking = [one for one in wanted if one not in found]
            if lacking:
                yield f"robustness.{name} without {', '.join(lacking)}"
        elif found != wanted if name == "seed" else found < wanted:
            yield f"robustness.{name}={found}, shipped with {wanted}"


def decision_changes(found: Mapping[str, object]) -> tuple[str, ...]:
    """Return the differences of settings of ``decisions`` from the shipped ones.

    How many models were compared is not among them: more of them ask for more evidence. Nor is the
    prevalence in service, which each unit knows for itself.
    """
    shipped = _yaml("decisions/default.yaml")
    named = ({f"decisions.{name}": of[name] for name in found} for of in (shipped, found))
    return tuple(_differences(*named))


def _yaml(name: str) -> dict[str, object]:
    found = yaml.safe_load(files("adverts.configs").joinpath(name).read_text("utf-8"))
    assert isinstance(found, dict), "what ships is right"
    return found


def shipped_gate(name: str) -> GateConfig | None:
    """Return the gate of a name as it ships with adverts; None if none of that name does."""
    for entry in sorted(files("adverts.configs").joinpath("gate").iterdir(), key=lambda e: e.name):
        if entry.name == f"{name}.yaml":
            return GateConfig.model_validate(yaml.safe_load(entry.read_text("utf-8")))
    return None


def _plain(config: GateConfig) -> dict[str, object]:
    found = config.model_dump(mode="json")
    return {name: found[name] for name in found if name not in ("name", "conditions")} | {
        f"conditions.{name}": one for name, one in found["conditions"].items()
    }


def _differences(shipped: Mapping[str, object], found: Mapping[str, object]) -> Iterator[str]:
    for name in sorted(shipped.keys() | found.keys()):
        before, after = shipped.get(name), found.get(name)
        if name not in found:
            yield f"without {name}"
        elif name not in shipped:
            yield f"with {name}, which is not shipped"
        elif isinstance(before, Mapping) and isinstance(after, Mapping):
            keys = sorted(before.keys() | after.keys())
            for key in (key for key in keys if before.get(key) != after.get(key)):
                yield f"{name}.{key}={after.get(key)}, shipped with {before.get(key)}"
        elif before != after:
            yield f"{name}={after}, shipped with {before}"
