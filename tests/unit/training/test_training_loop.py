"""The loop: what accumulation, processes, masks and seeds may change, and what they may not."""

import functools

import pytest
import torch
from torch import nn

from adverts.advert import Task
from adverts.errors import InputError
from adverts.training.loop import Batch, StepInput, fit
from adverts.training.loss import summed_loss
from adverts.training.optim import adamw, warmup_cosine
from adverts.training.processes import Processes, seed_step
from adverts.training.task_loss import TaskLoss

TASK = Task("refer", "single", ("no", "yes"))
LOSS = summed_loss([TaskLoss(TASK, weight=1.0, label_smoothing=0.0, balance_2L=None)])


class Model(nn.Module):
    """One hidden layer over the feed ``x``, with a task that nobody trains."""

    def __init__(self, dropout=0.0):
        super().__init__()
        torch.manual_seed(0)
        self.hidden, self.dropout = nn.Linear(6, 16), nn.Dropout(dropout)
        self.head, self.idle = nn.Linear(16, 2), nn.Linear(16, 2)

    def forward(self, feeds):
        return {"refer": self.head(self.dropout(torch.tanh(self.hidden(feeds["x"]))))}


def batch(x, labels):
    targets = torch.eye(2)[labels]
    return Batch({"x": x}, {"refer": targets}, tokens=len(x), padded_tokens=len(x))


def data(count=32):
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(count, 6, generator=generator)
    return x, (x[:, 0] > 0).long()


def chunks(size):
    x, labels = data()
    return tuple(batch(a, b) for a, b in zip(x.split(size), labels.split(size), strict=True))


def run(
    model,
    steps,
    *,
    optimizer=None,
    seed=0,
    schedule=lambda step: 1.0,
    dtype=None,
    norm=1e9,
    adverts_per_step=32.0,
):
    optimizer = optimizer or torch.optim.SGD(model.parameters(), lr=0.1)
    return fit(
        model,
        steps,
        optimizer,
        adverts_per_step=adverts_per_step,
        schedule=schedule,
        loss_function=LOSS,
        max_grad_norm=norm,
        autocast_dtype=dtype,
        processes=Processes(0, 1, torch.device("cpu")),
        seed=seed,
    )


def gradients(model, batches):
    (step,) = run(model, [StepInput(0, 32, batches)])
    return step, {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


def test_one_batch_of_32_and_four_accumulated_of_8_give_equal_gradients():
    whole, one = gradients(Model(), chunks(32))
    parts, four = gradients(Model(), chunks(8))
    torch.testing.assert_close(parts.grad_norm, whole.grad_norm)
    torch.testing.assert_close(parts.loss, whole.loss)
    torch.testing.assert_close(four, one)


def test_batches_of_unequal_size_give_every_advert_the_same_weight():
    _, one = gradients(Model(), chunks(32))
    x, labels = data()
    uneven = (batch(x[:3], labels[:3]), batch(x[3:], labels[3:]))
    torch.testing.assert_close(gradients(Model(), uneven)[1], one)


def test_the_loss_is_the_mean_over_the_adverts_of_the_step():
    model = Model()
    x, labels = data()
    expected = nn.functional.cross_entropy(model({"x": x})["refer"], labels)
    (step,) = run(model, [StepInput(0, 32, chunks(8))])
    torch.testing.assert_close(step.loss, expected.detach())


def test_an_advert_weighs_the_same_in_a_small_step_as_in_a_large_one():
    x, labels = data()
    few = [StepInput(0, 4, (batch(x[:4], labels[:4]),))]
    many = [StepInput(0, 8, (batch(x[:4].repeat(2, 1), labels[:4].repeat(2)),))]
    still = functools.partial(torch.optim.SGD, lr=0.0)
    model, other = Model(), Model()
    (small,) = run(model, few, optimizer=still(model.parameters()), adverts_per_step=6.0)
    (large,) = run(other, many, optimizer=still(other.parameters()), adverts_per_step=6.0)
    torch.testing.assert_close(large.grad_norm, 2 * small.grad_norm)
    torch.testing.assert_close(large.loss, small.loss)  # the loss told is the mean of the step


def test_gradients_are_clipped_to_the_norm_and_the_norm_told_is_that_before():
    model = Model()
    (step,) = run(model, [StepInput(0, 32, chunks(32))], norm=1e-3)
    norms = torch.stack([p.grad.norm() for p in model.parameters() if p.grad is not None])
    assert float(norms.norm()) == pytest.approx(1e-3, rel=1e-3)
    assert step.grad_norm > 1e-2


def test_a_parameter_without_gradient_is_left_alone():
    model = Model()
    before = model.idle.weight.clone()
    list(run(model, [StepInput(0, 32, chunks(32))], optimizer=build_adamw(model)))
    torch.testing.assert_close(model.idle.weight, before)


def test_the_schedule_multiplies_the_peak_of_every_group_and_the_first_is_reported():
    model = Model()
    optimizer = torch.optim.SGD(
        [{"params": model.hidden.parameters(), "lr": 0.4}, {"params": model.head.parameters()}],
        lr=0.2,
    )
    steps = [StepInput(i, 32, chunks(32)) for i in range(3)]
    rates = [
        [step.learning_rate, *(group["lr"] for group in optimizer.param_groups)]
        for step in run(model, steps, optimizer=optimizer, schedule=lambda step: 1 / (step + 1))
    ]
    assert rates == [[0.4, 0.4, 0.2], [0.2, 0.2, 0.1], [0.4 / 3, 0.4 / 3, 0.2 / 3]]


def test_dropout_depends_on_the_step_and_the_seed_alone():
    first = [s.loss for s in run(Model(0.5), [StepInput(i, 32, chunks(8)) for i in range(3)])]
    torch.manual_seed(99)
    torch.rand(7)
    again = [s.loss for s in run(Model(0.5), [StepInput(i, 32, chunks(8)) for i in range(3)])]
    other = [s.loss for s in run(Model(0.5), [StepInput(0, 32, chunks(8))], seed=1)]
    assert torch.equal(torch.stack(first), torch.stack(again))
    assert other[0] != first[0]


def test_every_step_drops_other_features():
    model = Model(0.5)
    still = torch.optim.SGD(model.parameters(), lr=0.0)
    steps = [StepInput(i, 32, chunks(32)) for i in range(3)]
    losses = {float(step.loss) for step in run(model, steps, optimizer=still)}
    assert len(losses) == 3


def test_a_validation_between_steps_changes_nothing():
    def losses(meddle):
        model = Model(0.5)
        result = []
        for step in run(model, [StepInput(i, 32, chunks(8)) for i in range(3)]):
            result.append(step.loss)
            if meddle:
                model.eval()
                torch.rand(5)
        return torch.stack(result)

    assert torch.equal(losses(meddle=True), losses(meddle=False))


def test_leaving_the_loop_stops_training():
    model = Model()
    steps = run(model, [StepInput(i, 32, chunks(32)) for i in range(5)])
    next(steps)
    weight = model.head.weight.clone()
    steps.close()
    torch.testing.assert_close(model.head.weight, weight)


def test_bf16_keeps_weights_and_loss_in_float32():
    model = Model()
    (step,) = run(model, [StepInput(0, 32, chunks(32))], dtype=torch.bfloat16)
    assert step.loss.dtype == model.head.weight.dtype == torch.float32


def test_the_loop_learns():
    model = Model()
    steps = [StepInput(i, 32, chunks(8)) for i in range(60)]
    schedule = functools.partial(warmup_cosine, total_steps=60, warmup_steps=6)
    curve = [
        float(s.loss) for s in run(model, steps, optimizer=build_adamw(model), schedule=schedule)
    ]
    assert curve[-1] < 0.3 * curve[0]


def build_adamw(model):
    return adamw(
        model.hidden.parameters(),
        [*model.head.parameters(), *model.idle.parameters()],
        learning_rate=0.01,
        head_learning_rate=0.02,
        weight_decay=0.1,
    )


def test_warmup_rises_to_one_and_cosine_falls_towards_zero():
    values = [warmup_cosine(i, total_steps=100, warmup_steps=10) for i in range(100)]
    assert values[0] == pytest.approx(0.1)
    assert values[9] == values[10] == pytest.approx(1.0)
    assert values[55] == pytest.approx(0.5)
    assert 0 < values[99] < 0.001


def test_the_schedule_needs_no_warmup():
    assert warmup_cosine(0, total_steps=4, warmup_steps=0) == 1.0


def test_adamw_decays_matrices_only_and_gives_new_parts_their_own_rate():
    groups = build_adamw(Model()).param_groups
    seen = [(g["lr"], g["weight_decay"], {p.ndim for p in g["params"]}) for g in groups]
    assert seen == [(0.01, 0.1, {2}), (0.01, 0.0, {1}), (0.02, 0.1, {2}), (0.02, 0.0, {1})]


def test_frozen_parameters_are_no_business_of_the_optimiser():
    model = Model()
    model.hidden.requires_grad_(False)
    members = [p for group in build_adamw(model).param_groups for p in group["params"]]
    assert len(members) == 4


def test_a_wholly_frozen_model_cannot_be_trained():
    model = Model().requires_grad_(False)
    with pytest.raises(InputError, match="nothing to train"):
        build_adamw(model)


def test_shares_of_a_batch_are_disjoint_and_complete():
    rows = list(range(7))
    shares = [Processes(i, 3, torch.device("cpu")).share(rows) for i in range(3)]
    assert sorted(i for share in shares for i in share) == rows
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_steps_and_processes_draw_different_numbers():
    def draw(*words):
        seed_step(*words)
        return torch.rand(1).item()

    draws = {draw(s, k, p) for s in range(3) for k in range(3) for p in range(3)}
    assert len(draws) == 27
    assert draw(1, 2, 0) == draw(1, 2, 0)
