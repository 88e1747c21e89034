"""Which settings act on a model, and which ones were set for nothing."""

import pytest
from composing import load

from adverts.config.overrides import idle_settings

STEPS = ["trainer.epochs=5", "optimizer.learning_rate=1e-3"]


@pytest.mark.parametrize(
    ("words", "method", "idle"),
    [
        (["model=tfidf"], "fine_tune", []),
        (["model=tfidf", *STEPS], "fine_tune", ["optimizer.learning_rate", "trainer.epochs"]),
        (["model=text"], "frozen", []),
        (["model=text", "trainer=upper_layers"], "upper_layers", []),
        (["model=text", *STEPS, "trainer.patience=2"], "upper_layers", ["trainer.patience"]),
        (["model=text", *STEPS], "frozen", ["optimizer.learning_rate", "trainer.epochs"]),
        (["model=text", "model.encoder.dropout=0.2"], "frozen", ["model.encoder.dropout"]),
        (["model=text", *STEPS, "model.encoder.dropout=0.2"], "fine_tune", []),
        (["model=text", "trainer.threads=2", "model.encoder.max_tokens=64"], "frozen", []),
    ],
)
def test_settings_that_act_on_nothing_are_found(words, method, idle):
    asked = load("train", "prepared=p", *words).model_dump(mode="json")
    used = asked | {"trainer": {**asked["trainer"], "method": method}}
    assert idle_settings(asked, used) == idle
