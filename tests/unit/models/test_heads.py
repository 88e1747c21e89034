"""One head for each kind of task."""

import torch

from adverts.advert import Task
from adverts.models.pooling import OrdinalHead, build_head


def test_ordinal_logits_always_fall_from_level_to_level():
    torch.manual_seed(0)
    head = OrdinalHead(4, 7)
    torch.nn.init.normal_(head.gaps, std=5.0)
    logits_BK = head(torch.randn(10, 4) * 10)
    assert logits_BK.shape == (10, 6)
    assert (logits_BK.diff(dim=1) <= 0).all()


def test_ordinal_logit_is_the_score_less_the_threshold():
    head = OrdinalHead(2, 3)
    with torch.no_grad():
        head.score.weight.copy_(torch.tensor([[1.0, 2.0]]))
        head.first.fill_(0.5)
        head.gaps.fill_(0.0)  # softplus(0) = log 2
    logits_BK = head(torch.tensor([[1.0, 1.0]]))
    torch.testing.assert_close(logits_BK, torch.tensor([[2.5, 2.5 - 0.693147]]))


def test_ordinal_thresholds_start_one_apart_and_centred():
    torch.testing.assert_close(
        OrdinalHead(4, 4).thresholds(), torch.tensor([-1.0, 0.0, 1.0]), atol=1e-4, rtol=0
    )


def test_two_ordinal_levels_have_one_logit():
    assert OrdinalHead(4, 2)(torch.zeros(3, 4)).tolist() == [[0.0]] * 3


def test_every_kind_of_task_gets_as_many_logits_as_it_states():
    for task in (
        Task("a", "single", ("x", "y", "z")),
        Task("b", "multi", ("x", "y")),
        Task("c", "ordinal", ("0", "1", "2")),
    ):
        assert build_head(task, 5)(torch.zeros(2, 5)).shape == (2, task.num_logits)
