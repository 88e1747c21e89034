"""Which settings of a training act on the model that it makes."""

from __future__ import annotations

from collections.abc import Mapping

_CURVE_ONLY = (
    "evaluations_per_epoch",
    "patience",
    "select_by",
    "checkpoint_every_steps",
    "log_every_steps",
)
_STEPS_ONLY = ("epochs", "accumulation", *_CURVE_ONLY)
_LEARNING_LAYERS_ONLY = ("head_dropout", "modality_dropout", "encoder")
_ENCODER_LEARNS = ("dropout", "freeze_layers", "freeze_word_table")


def acting_settings(config: Mapping[str, object]) -> dict[str, object]:
    """Return the settings that decide something for the model of a config.

    Tf-idf takes no steps and has no encoder, so the settings of optimiser and trainer decide
    nothing for it. A frozen encoder takes no steps either, and upper layers are judged once, at the
    end.

    Args:
        config: Config of ``train`` as JSON values.
    """
    found = dict(config)
    augment = found.get("augment")
    if isinstance(augment, Mapping) and not augment.get("share"):
        del found["augment"]
    method = method_of(config)
    if method == "tfidf":
        for name in ("optimizer", "trainer", "baseline", "augment"):
            found.pop(name, None)
    elif method == "upper_layers":
        found["trainer"] = _without(found["trainer"], _CURVE_ONLY)
        found["model"] = _without(found.get("model"), ("modality_dropout",))
    elif method == "frozen":
        found.pop("optimizer", None)
        found["trainer"] = _without(found["trainer"], _STEPS_ONLY)
        found["model"] = _without_learning(found.get("model"))
    return found


def method_of(config: Mapping[str, object]) -> str:
    """Return how the model of a config learns: ``tfidf``, or a method of the trainer."""
    model, trainer = config.get("model"), config.get("trainer")
    if isinstance(model, Mapping) and model.get("kind") == "tfidf":
        return "tfidf"
    return str(trainer.get("method", "")) if isinstance(trainer, Mapping) else ""


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
