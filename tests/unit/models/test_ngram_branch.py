"""The mean of a network and of hashed n-grams, each calibrated, whatever the advert holds."""

import pytest
import torch

from adverts.inputs.spec import BRANCHES


def both(tiny, **settings):
    model = tiny.model(ngrams=True, **settings).eval()
    return model, tiny.feeds(5, 7, 2, seed=3)


@pytest.mark.parametrize("fusion", ["gated", "concatenated"])
def test_the_model_is_the_mean_of_its_calibrated_branches(tiny, fusion):
    model, feeds = both(tiny, fusion=fusion)
    lines = {name: model.ngrams.lines_of(name) for name in (*BRANCHES, "mean")}
    raw = {"network": model.network(feeds), "ngrams": model.ngrams.linear(feeds)}
    start = 0
    for task in tiny.tasks:
        places = slice(start, start + task.num_logits)
        start += task.num_logits

        def on_line(logits, name, places=places):
            return logits * lines[name].slopes_K[places] + lines[name].offsets_K[places]

        by_hand = [on_line(raw[name][task.name], name) for name in BRANCHES]
        wanted = on_line(torch.stack(by_hand).mean(dim=0), "mean")
        torch.testing.assert_close(model(feeds)[task.name][1:], wanted[1:])
        torch.testing.assert_close(model(feeds)[task.name][0], by_hand[0][0])


def test_branches_are_told_beside_the_same_mean(tiny):
    model, feeds = both(tiny)
    logits, branches = model.with_branches(feeds)
    assert list(branches) == list(BRANCHES)
    for name, values in model(feeds).items():
        assert torch.equal(values, logits[name])
    model.ngrams.lines_of("mean").reset()
    for name, values in model(feeds).items():
        mean = (branches["network"][name] + branches["ngrams"][name]) / 2
        torch.testing.assert_close(values[1:], mean[1:])


def test_a_network_alone_has_no_branches(tiny):
    model, feeds = tiny.model().eval(), tiny.feeds(2, 5, 1)
    logits, branches = model.with_branches(feeds)
    assert branches == {}
    assert all(torch.equal(logits[name], values) for name, values in model(feeds).items())


def test_nothing_of_the_branch_learns_by_gradient_and_two_lines_may_change(tiny):
    model = tiny.model(ngrams=True)
    assert list(model.ngrams.parameters()) == []
    kept = {name for name in model.state_dict() if name.startswith("ngrams.")}
    assert kept - model.frozen_names == {
        f"ngrams.lines.{name}.{part}_K"
        for name in ("network", "mean")
        for part in ("slopes", "offsets")
    }


def test_an_advert_without_n_grams_is_never_moved_by_them(tiny):
    model, feeds = both(tiny)
    before = model(feeds)
    model.ngrams.linear.bias.add_(100.0)
    for name, values in model(feeds).items():
        assert torch.equal(values[0], before[name][0])
        assert not torch.equal(values[1:], before[name][1:])


def test_padding_with_counts_of_zero_changes_nothing(tiny):
    model, feeds = both(tiny)
    wider = dict(feeds)
    for name in ("feature_ids", "feature_counts"):
        value = feeds[name]
        wider[name] = torch.cat([value, torch.zeros(len(value), 9, dtype=value.dtype)], dim=1)
    for name, values in model(wider).items():
        torch.testing.assert_close(values, model(feeds)[name], atol=1e-6, rtol=1e-6)


def test_layers_are_pooled_side_by_side(tiny):
    feeds = tiny.feeds(3, 6, 1)
    model = tiny.model(image=False, read_layers=(1, 2)).eval()
    (x_BD,), _ = model.parts(feeds)
    hidden = model.encoder.model(
        input_ids=feeds["input_ids"],
        attention_mask=feeds["attention_mask"],
        token_type_ids=feeds["token_type_ids"],
        output_hidden_states=True,
    ).hidden_states
    mask_BT1 = feeds["attention_mask"].unsqueeze(-1)
    pooled = [(hidden[k] * mask_BT1).sum(dim=1) / mask_BT1.sum(dim=1) for k in (1, 2)]
    torch.testing.assert_close(x_BD, torch.cat(pooled, dim=1))


def test_concatenated_parts_are_zero_where_absent(tiny):
    model, feeds = tiny.model(fusion="concatenated").eval(), tiny.feeds(4, 6, 2)
    raw, present = model.parts(feeds)
    present[0][1], present[1][2] = False, False
    x_BD = model.fused(raw, present, feeds["ocr_quality"])
    text, image = (part.features for part in (model.encoder, model.tower))
    assert x_BD.shape == (4, text + image + feeds["ocr_quality"].shape[1])
    assert not x_BD[1, :text].any()
    assert not x_BD[2, text : text + image].any()
    assert torch.equal(x_BD[:, text + image :], feeds["ocr_quality"])
