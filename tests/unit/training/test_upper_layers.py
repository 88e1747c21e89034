"""Upper layers that learn on kept states: the same network, and scores of adverts never seen."""

import functools

import numpy as np
import pytest
import torch
from transformers import AutoConfig

from adverts.advert import Task
from adverts.config import OptimizerConfig
from adverts.errors import InputError
from adverts.inputs.quality_features import QUALITY_FEATURES
from adverts.models.encoder import TextEncoder, build_blank, set_dropout, transformer_layers
from adverts.models.neural_classifier import AdvertModel
from adverts.models.pooling import build_pooling
from adverts.training.building.build_optimizer import build_optimizer
from adverts.training.frozen import part_features
from adverts.training.loop import Batch
from adverts.training.loss import summed_loss
from adverts.training.processes import Processes
from adverts.training.task_loss import TaskLoss
from adverts.training.upper_layers import UpperLayers, UpperTraining, batch_of, kept_layer

TASK = Task("refer", "single", ("no", "yes"))
LOSS = summed_loss([TaskLoss(TASK, weight=1.0, label_smoothing=0.0, balance_2L=None)])
COUNT, WORDS = 24, 40
ALONE = Processes(0, 1, torch.device("cpu"))
RATES = OptimizerConfig(
    learning_rate=1e-2,
    head_learning_rate=1e-2,
    weight_decay=0.01,
    warmup_fraction=0.1,
    max_grad_norm=1.0,
)


def network(kind="bert", *, layers=3, read=(1, 2, 3), frozen=1, quality=False):
    torch.manual_seed(0)
    config = AutoConfig.for_model(
        kind,
        vocab_size=WORDS,
        hidden_size=16,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=40,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        cls_token_id=1,
        sep_token_id=2,
    )
    set_dropout(config, 0.1)
    encoder = TextEncoder(
        build_blank(config, initialise=True),
        freeze_word_table=True,
        freeze_layers=frozen,
        read_layers=read,
    )
    return AdvertModel(
        [TASK],
        encoder=encoder,
        pooling=build_pooling("mean", encoder.features),
        tower=None,
        fusion="concatenated",
        fusion_features=8,
        quality_features=len(QUALITY_FEATURES) if quality else 0,
        head_dropout=0.1,
    )


class Adverts:
    """Adverts whose first word is one of two, and decides their label."""

    def __init__(self, labels=None):
        rng = np.random.default_rng(0)
        self.words = [rng.integers(5, WORDS, rng.integers(2, 9)) for _ in range(COUNT)]
        self.said = np.arange(COUNT) % 2
        for words, one in zip(self.words, self.said, strict=True):
            words[:] = 5 + one
        self.labels = self.said if labels is None else labels
        self.quality = torch.tensor(rng.random((COUNT, len(QUALITY_FEATURES)), np.float32))

    @property
    def targets(self):
        return {"refer": torch.eye(2)[torch.tensor(self.labels)]}

    def lengths(self):
        return [len(words) for words in self.words]

    def batch(self, rows):
        longest = max(len(self.words[row]) for row in rows)
        ids = np.zeros((len(rows), longest), np.int64)
        for out, row in zip(ids, rows, strict=True):
            out[: len(self.words[row])] = self.words[row]
        ids = torch.from_numpy(ids)
        feeds = {
            "input_ids": ids,
            "attention_mask": (ids > 0).long(),
            "text_present": torch.tensor([row % 5 > 0 for row in rows]),
            "ocr_quality": self.quality[list(rows)],
        }
        return Batch(feeds, {}, 0, 0)


def features(model, adverts):
    found = part_features(
        model,
        adverts,
        title="features",
        tokens_per_batch=32,
        max_adverts=8,
        autocast_dtype=None,
        processes=ALONE,
        kept_layer=kept_layer(model),
    )
    found.standardise(model)
    return found


def training(**changes):
    return UpperTraining(
        **{
            "epochs": 4,
            "tokens_per_batch": 32,
            "max_adverts": 8,
            "accumulation": 1,
            "warmup_fraction": 0.1,
            "max_grad_norm": 1.0,
            "optimizer": functools.partial(build_optimizer, RATES),
            "autocast_dtype": None,
            "seed": 0,
            "processes": ALONE,
            **changes,
        }
    )


def fitted(model, adverts, fold_of=None, **changes):
    fold_of = np.arange(COUNT) // 2 % 3 if fold_of is None else fold_of
    found = features(model, adverts)
    return training(**changes).fit(model, found, adverts.targets, fold_of, LOSS)["refer"]


def logits(model, adverts):
    model.eval()
    with torch.inference_mode():
        return model.network(adverts.batch(range(COUNT)).feeds)["refer"].numpy()


KINDS = ("bert", "xlm-roberta", "distilbert", "deberta-v2", "modernbert", "electra", "nomic_bert")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("read", "frozen"), [((1, 2, 3), 1), ((2, 3), 2), ((), 2)])
def test_a_network_on_kept_states_says_what_the_whole_network_says(kind, read, frozen):
    model, adverts = network(kind, read=read, frozen=frozen, quality=True), Adverts()
    found = features(model, adverts)
    upper = UpperLayers(model).eval()
    assert kept_layer(model) == frozen
    rows = np.arange(COUNT)
    upper.require_same(found)
    with torch.inference_mode():
        said = upper(batch_of(found, rows, adverts.targets).feeds)["refer"].numpy()
    assert said == pytest.approx(logits(model, adverts), abs=5e-3)
    assert np.ptp(said, axis=0).min() > 0.05  # adverts differ by more than that


def test_layers_that_are_read_are_computed_from_states_below_them():
    assert kept_layer(network(read=(1, 2, 3), frozen=2)) == 1
    with pytest.raises(InputError, match="freeze_layers above 0"):
        kept_layer(network(frozen=0))


def test_only_upper_layers_and_heads_learn_and_what_they_learn_is_in_the_whole_network():
    model, adverts = network(), Adverts()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    fitted(model, adverts)
    after = model.state_dict()
    changed = {name for name in after if not torch.equal(before[name], after[name])}
    lower = ("encoder.model.embeddings.", "encoder.model.encoder.layer.0.")
    assert not {name for name in changed if name.startswith(lower)}
    for part in ("encoder.layer.1.", "encoder.layer.2.", "heads."):
        assert any(part in name for name in changed)
    said = logits(model, adverts)
    there = np.arange(COUNT) % 5 > 0
    assert (said.argmax(axis=1) == adverts.said)[there].all()


def test_what_a_fold_says_does_not_depend_on_its_own_labels():
    fold_of = np.arange(COUNT) // 2 % 3
    turned = Adverts()
    turned.labels = np.where(fold_of == 1, 1 - turned.said, turned.said)
    plain = fitted(network(), Adverts(), fold_of)
    other = fitted(network(), turned, fold_of)
    assert np.array_equal(plain[fold_of == 1], other[fold_of == 1])
    assert not np.array_equal(plain[fold_of == 0], other[fold_of == 0])
    there = np.arange(COUNT) % 5 > 0
    assert (plain.argmax(axis=1) == Adverts().said)[there].all()


def test_without_a_second_fold_nothing_is_said_out_of_fold():
    model, adverts = network(), Adverts()
    assert np.isnan(fitted(model, adverts, np.zeros(COUNT, int))).all()
    assert np.isfinite(logits(model, adverts)).all()


def test_the_same_seed_gives_the_same_network():
    models = [network() for _ in range(3)]
    for model, seed in zip(models, (1, 1, 2), strict=True):
        fitted(model, Adverts(), np.zeros(COUNT, int), seed=seed)
    same, again, other = (logits(model, Adverts()) for model in models)
    assert np.array_equal(same, again)
    assert not np.array_equal(same, other)


@pytest.mark.parametrize(
    ("adverts", "passes", "together"),
    [(20_000, 3, 64), (4_000, 3, 32), (1_000, 4, 16), (100, 6, 16)],
)
def test_few_adverts_are_learnt_in_small_steps_and_more_passes(adverts, passes, together):
    plan = training(epochs=3, tokens_per_batch=1024, max_adverts=64).plan([16] * adverts)
    assert sum(step.adverts for step in plan) == passes * adverts
    assert max(step.adverts for step in plan) == together


def test_an_encoder_that_cannot_go_on_from_its_states_is_refused():
    model, adverts = network(), Adverts()
    found = features(model, adverts)
    layers = transformer_layers(model.encoder.model)
    layers[1].register_forward_hook(lambda layer, args, output: output.roll(1, dims=-1))
    with pytest.raises(InputError, match="BertModel cannot go on .*frozen or fine_tune"):
        UpperLayers(model).require_same(found)
    with pytest.raises(InputError, match="BertModel cannot go on"):
        training().fit(model, found, adverts.targets, np.zeros(COUNT, int), LOSS)
