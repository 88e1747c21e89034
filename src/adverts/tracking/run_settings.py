"""Choose the settings of a run that a tracker records, and the names of its curves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from adverts.config.overrides import shareable

_PLACES = ("prepared", "run_dir")
_NEVER = ("tracking", "resume", "ledger")
_STEPS_ONLY = (
    "epochs",
    "accumulation",
    "evaluations_per_epoch",
    "patience",
    "select_by",
    "checkpoint_every_steps",
    "log_every_steps",
)
_LEARNING_LAYERS_ONLY = ("head_dropout", "modality_dropout", "encoder")
_ENCODER_LEARNS = ("dropout", "freeze_layers", "freeze_word_table")
_CURVES = ("train/loss", "validation/")


def settings_of(config: Mapping[str, object]) -> dict[str, object]:
    """Return the settings that decide something for the model of a config.

    Tf-idf takes no steps and has no encoder, so the settings of optimiser and trainer decide
    nothing for it. A frozen encoder takes no steps either. Folders outside the working folder are
    reduced to their names.

    Args:
        config: Config of ``train`` as JSON values.
    """
    found = {name: value for name, value in config.items() if name not in _NEVER}
    for name in _PLACES:
        if isinstance(place := found.get(name), str):
            found[name] = shareable(Path(place))
    augment = found.get("augment")
    if isinstance(augment, Mapping) and not augment.get("share"):
        del found["augment"]
    method = method_of(config)
    if method == "tfidf":
        for name in ("optimizer", "trainer", "baseline", "augment"):
            found.pop(name, None)
    elif method == "frozen":
        found.pop("optimizer", None)
        found["trainer"] = _without(found["trainer"], _STEPS_ONLY)
        found["model"] = _without_learning(found["model"])
    return {name: _said(value) for name, value in found.items() if value is not None}


def method_of(config: Mapping[str, object]) -> str:
    """Return how the model of a config learns: ``tfidf``, ``frozen`` or ``fine_tune``."""
    model, trainer = config.get("model"), config.get("trainer")
    if isinstance(model, Mapping) and model.get("kind") == "tfidf":
        return "tfidf"
    return str(trainer.get("method", "")) if isinstance(trainer, Mapping) else ""


def curve_names(values: Mapping[str, float]) -> dict[str, float]:
    """Rename what a run measures of itself, so that its charts begin with the losses.

    MLflow draws one group of charts for each prefix, in the order of the alphabet: ``train``, then
    ``validation``. Rates, norms and speed follow in the group ``work``.
    """
    return {
        name if name.startswith(_CURVES) else name.replace("train/", "work/", 1): value
        for name, value in values.items()
    }


def _without(values: object, names: tuple[str, ...]) -> object:
    if not isinstance(values, Mapping):
        return values
    return {name: value for name, value in values.items() if name not in names}


def _without_learning(model: object) -> object:
    """Return the settings of a model whose encoder only computes features."""
    if not isinstance(model, Mapping):
        return model
    kept = {name: one for name, one in model.items() if name not in _LEARNING_LAYERS_ONLY}
    if "encoder" in model:
        kept["encoder"] = _without(model["encoder"], _ENCODER_LEARNS)
    return kept


def _said(value: object) -> object:
    """Return a value without its parts that are not set."""
    if isinstance(value, Mapping):
        return {name: _said(one) for name, one in value.items() if one is not None}
    return value
