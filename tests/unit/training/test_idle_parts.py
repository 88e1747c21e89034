"""Parts that do not help get no weight; those that do keep it."""

import numpy as np
import pytest
import torch
from torch import nn

from adverts.advert import Task
from adverts.models.fusion import Concatenation
from adverts.models.pooling import build_head
from adverts.training.frozen import PartFeatures, fit_heads
from adverts.training.idle_parts import without_idle_parts
from adverts.training.loss import summed_loss
from adverts.training.task_loss import TaskLoss

TASK = Task("refer", "single", ("no", "yes"))
LOSS = summed_loss([TaskLoss(TASK, weight=1.0, label_smoothing=0.0, balance_2L=None)])
COUNT, TEXT, PICTURE, QUALITY = 300, 4, 6, 2
FOLD_OF = np.arange(COUNT) % 5


class Model:
    """Heads on text, picture and read quality, which stand side by side."""

    task_names, widths = ("refer",), {"refer": TASK.num_logits}

    def __init__(self, parts=2, quality=True):
        self.concatenated = Concatenation(
            (TEXT, PICTURE)[:parts], quality_features=QUALITY if quality else 0, gains=[1.0] * parts
        )
        self.heads = nn.ModuleList([build_head(TASK, self.concatenated.features)])

    def fused(self, raw, present, quality):
        return self.concatenated(raw, torch.stack(present, dim=1), quality)


def adverts(*, picture=0.0, quality=0.0, text=1.0, parts=2, seed=0):
    """Features, and labels that depend on each part as strongly as it says."""
    rng = np.random.default_rng(seed)
    raw = [rng.normal(size=(COUNT, width)).astype(np.float32) for width in (TEXT, PICTURE)]
    known = rng.random((COUNT, QUALITY)).astype(np.float32)
    score = text * raw[0][:, 0] + picture * raw[1][:, 0] + quality * (known[:, 0] - 0.5)
    labels = rng.random(COUNT) < 1 / (1 + np.exp(-score))
    features = PartFeatures(
        raw=[torch.from_numpy(one) for one in raw[:parts]],
        present=[torch.ones(COUNT, dtype=torch.bool) for _ in range(parts)],
        quality=torch.from_numpy(known),
    )
    return features, {"refer": torch.eye(2)[torch.from_numpy(labels).long()]}


def kept(features, targets, model=None, fold_of=FOLD_OF, judged=None):
    model = model or Model(parts=len(features.raw), quality=features.quality is not None)
    return without_idle_parts(
        model, features, targets, fold_of, LOSS, judged=targets if judged is None else judged
    )


def helps(features):
    return [bool(one.any()) for one in features.present], bool(features.quality.any())


@pytest.mark.parametrize(
    ("picture", "quality", "wanted"),
    [
        (0.0, 0.0, ([True, False], False)),
        (2.0, 0.0, ([True, True], False)),
        (0.0, 8.0, ([True, False], True)),
        (2.0, 8.0, ([True, True], True)),
    ],
)
def test_a_part_has_weight_where_it_helps(picture, quality, wanted, capsys):
    assert helps(kept(*adverts(picture=picture, quality=quality))) == wanted
    told = capsys.readouterr().err
    assert ("pictures: no weight" in told) == (not wanted[0][1])
    assert ("could be read: no weight" in told) == (not wanted[1])


def test_what_is_left_out_has_a_weight_of_zero():
    features, targets = adverts()
    model = Model()
    shown = kept(features, targets, model)
    fit_heads(model, shown.fused(model), targets, FOLD_OF, LOSS)
    (weight_KD,) = (one for one in model.heads.parameters() if one.ndim > 1)
    assert (weight_KD[:, :TEXT] != 0).all()
    assert (weight_KD[:, TEXT:] == 0).all()


def test_pictures_that_are_noise_are_left_out_of_most_draws():
    left_out = [not kept(*adverts(seed=seed)).present[1].any() for seed in range(20)]
    assert sum(left_out) >= 18


def test_pictures_without_a_text_stay():
    features, targets = adverts(text=0.0, parts=1)
    alone = PartFeatures(features.raw, features.present, None)
    assert kept(alone, targets, Model(parts=1, quality=False)) is alone


def test_without_a_second_fold_everything_stays():
    features, targets = adverts()
    assert kept(features, targets, fold_of=np.zeros(COUNT, int)) is features


def test_adverts_that_do_not_count_choose_nothing():
    features, targets = adverts(picture=2.0)
    twisted = {"refer": targets["refer"].clone()}
    half = np.arange(COUNT) % 2 == 0
    twisted["refer"][half] = torch.tensor([0.5, 0.5])
    judged = {"refer": targets["refer"].clone()}
    judged["refer"][half] = torch.nan
    assert helps(kept(features, twisted, judged=judged))[0] == [True, True]
