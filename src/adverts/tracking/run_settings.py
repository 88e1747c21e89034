"""Choose the settings of a run that a tracker records, and the names of its curves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from adverts.config.acting_settings import acting_settings
from adverts.config.overrides import shareable

_PLACES = ("prepared", "run_dir")
_NEVER = ("tracking", "resume", "ledger")
_CURVES = ("train/loss", "validation/")


def settings_of(config: Mapping[str, object]) -> dict[str, object]:
    """Return the settings that act on the model of a config, see ``acting_settings``.

    Folders outside the working folder are reduced to their names.

    Args:
        config: Config of ``train`` as JSON values.
    """
    found = {name: value for name, value in config.items() if name not in _NEVER}
    for name in _PLACES:
        if isinstance(place := found.get(name), str):
            found[name] = shareable(Path(place))
    found = acting_settings(found)
    return {name: _said(value) for name, value in found.items() if value is not None}


def curve_names(values: Mapping[str, float]) -> dict[str, float]:
    """Rename what a run measures of itself, so that its charts begin with the losses.

    MLflow draws one group of charts for each prefix, in the order of the alphabet: ``train``, then
    ``validation``. Rates, norms and speed follow in the group ``work``.
    """
    return {
        name if name.startswith(_CURVES) else name.replace("train/", "work/", 1): value
        for name, value in values.items()
    }


def _said(value: object) -> object:
    """Return a value without its parts that are not set."""
    if isinstance(value, Mapping):
        return {name: _said(one) for name, one in value.items() if one is not None}
    return value
