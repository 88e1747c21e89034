"""What a ranking must hold without: signs of form and spelling, and adverts nobody decided."""

import random
from types import SimpleNamespace

import numpy as np
import pytest
from random_posts import prepared_posts

from adverts.evaluation.truth import label_truth
from adverts.judging import caveats
from adverts.judging.caveats import caveats_of

pytestmark = pytest.mark.promise


def logits_of(candidate, table, *, title):
    """What a model says that reads texts as they are written."""
    del title
    positive_index = candidate.facts.schema.tasks[0].positive_index
    scores = np.array([[candidate.raw(text)] for text in table.texts])
    logits = np.hstack([scores, -scores] if positive_index == 0 else [-scores, scores])
    return SimpleNamespace(logits={candidate.facts.schema.tasks[0].name: logits})


COUNTS = {"train": 20, "test": 300}


def judged(tmp_path, text_of, *, unreviewed=(), aside=None, unseen=None, raw=None):
    """What a pass must hold without, for a model that ranks all of a test split rightly.

    ``aside`` and ``unseen`` say of a text whether it is set aside, or was not reviewed; ``raw`` is
    the score that a model gives to a text as it is written.
    """
    draw = random.Random(0)
    rows = [
        {"id": f"{split}{i}", "text": text_of(draw, label), "label": label, "s": split}
        for split, count in COUNTS.items()
        for i, label in enumerate(draw.choices(("yes", "no"), k=count))
    ]
    dataset = prepared_posts(tmp_path, rows, COUNTS)
    table, (task,) = dataset.split("test"), dataset.schema.tasks
    table.reviewed[list(unreviewed)] = False
    if unseen is not None:
        table.reviewed[[unseen(text) for text in table.texts]] = False
    set_aside = np.array([aside is not None and aside(text) for text in table.texts], np.bool_)
    yes = task.labels.index("yes")
    facts = SimpleNamespace(schema=dataset.schema, inputs=("text",))
    job = SimpleNamespace(
        candidate=SimpleNamespace(facts=facts, reads_raw_texts=raw is not None, raw=raw),
        dataset=dataset,
        table=table,
        truth=label_truth(task, table.targets[task.name], "yes"),
        set_aside=set_aside,
        on_its_own_dataset=False,
        config=SimpleNamespace(seed=0),
    )
    said = SimpleNamespace(
        probabilities={task.name: table.targets[task.name]},
        unreadable=np.zeros(len(table), np.bool_),
    )
    if raw is not None:
        said.logits = logits_of(job.candidate, table, title="").logits
    assert task.positive_index == yes
    return {caveat.why.partition(",")[0]: caveat.cost for caveat in caveats_of(job, said, None)}


def of_one_form(draw, label):
    return " ".join(f"w{draw.randrange(5_000)}" for _ in range(12))


def test_a_model_that_knows_adverts_of_one_form_passes_without_reserve(tmp_path):
    assert judged(tmp_path, of_one_form) == {}


@pytest.mark.parametrize(
    ("text_of", "why"),
    [
        (lambda draw, label: of_one_form(draw, label) * (3 if label == "yes" else 1), "how long"),
        (
            lambda draw, label: (
                of_one_form(draw, label).upper() if label == "yes" else of_one_form(draw, label)
            ),
            "capitals",
        ),
    ],
    ids=["threads", "capitals"],
)
def test_a_form_that_one_label_has_is_no_evidence(tmp_path, text_of, why):
    found = judged(tmp_path, text_of)
    (cost,) = [cost for reason, cost in found.items() if why in reason]
    assert cost > 0.4


def is_long(text):
    return len(text) > 120


@pytest.mark.parametrize("how", ["aside", "unseen"])
def test_the_form_of_adverts_that_are_not_judged_says_nothing(tmp_path, how):
    def some_long(draw, label):
        return of_one_form(draw, label) * (3 if label == "yes" and draw.random() < 0.5 else 1)

    found = judged(tmp_path, some_long, **{how: is_long})
    assert not [reason for reason in found if "how long" in reason]
    (tmp_path / "all").mkdir()
    assert [reason for reason in judged(tmp_path / "all", some_long) if "how long" in reason]


def test_labels_that_nobody_reviewed_may_be_of_either_kind(tmp_path):
    found = judged(tmp_path, of_one_form, unreviewed=range(50))
    assert [*found] == ["is what adverts may be worth that no figure shows"]
    assert found["is what adverts may be worth that no figure shows"] > 0.05


def with_last_capital(draw, label):
    words = [f"{word}x" for word in of_one_form(draw, label).split()]
    return " ".join(
        word[:-1] + (word[-1].upper() if label == "yes" else word[-1]) for word in words
    )


def ends_in_capitals(text):
    return sum(word[-1].isupper() for word in text.split())


def with_said_word(draw, label):
    return of_one_form(draw, label) + (" Crossing" if label == "yes" else " Holiday")


def names_the_crossing(text):
    return float("crossing" in text.lower())


@pytest.mark.parametrize(
    ("raw", "owed"),
    [(ends_in_capitals, True), (names_the_crossing, False), (None, False)],
    ids=["capitals", "words", "folded"],
)
def test_what_a_reader_of_raw_texts_owes_to_how_they_are_spelt(tmp_path, monkeypatch, raw, owed):
    def text_of(draw, label):
        return with_last_capital(draw, label) + with_said_word(draw, label)

    monkeypatch.setattr(caveats, "candidate_logits", logits_of)
    found = judged(tmp_path, text_of, raw=raw)
    costs = [cost for reason, cost in found.items() if "spelt" in reason]
    assert len(costs) == owed
    assert all(cost > 0.3 for cost in costs)


def is_in_capitals(text):
    return ends_in_capitals(text) > 2


@pytest.mark.parametrize("how", ["aside", "unseen"])
def test_the_spelling_of_adverts_that_are_not_judged_says_nothing(tmp_path, monkeypatch, how):
    def text_of(draw, label):
        is_spelt = label == "yes" and draw.random() < 0.4
        return with_last_capital(draw, label) if is_spelt else with_said_word(draw, label)

    monkeypatch.setattr(caveats, "candidate_logits", logits_of)
    found = judged(
        tmp_path,
        text_of,
        raw=lambda text: is_in_capitals(text) + names_the_crossing(text),
        **{how: is_in_capitals},
    )
    assert not [reason for reason in found if "spelt" in reason]
