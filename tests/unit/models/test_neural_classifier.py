"""The family as a whole: any part may be missing, and no advert sees its neighbours."""

import pytest
import torch

PARTS = [
    pytest.param({"text": True, "image": False}, id="text"),
    pytest.param({"text": False, "image": True}, id="image"),
    pytest.param({"text": True, "image": True}, id="both"),
]


def biases(model):
    return model.logits_of(torch.zeros(1, model.heads[0].in_features))


@pytest.mark.parametrize("parts", PARTS)
def test_logits_have_the_shape_of_each_task(tiny, parts):
    logits = tiny.model(**parts).eval()(tiny.feeds(3, 5, 2))
    assert {name: tuple(x.shape) for name, x in logits.items()} == {
        "refer": (3, 2),
        "risk": (3, 3),
        "signals": (3, 3),
    }


@pytest.mark.parametrize("parts", PARTS)
def test_an_advert_never_sees_its_neighbours(tiny, parts):
    model, feeds = tiny.model(**parts).eval(), tiny.feeds(4, 9, 3)
    together = model(feeds)
    for row in range(4):
        length = int(feeds["attention_mask"][row].sum())
        alone = {name: value[row : row + 1] for name, value in feeds.items()}
        for name in ("input_ids", "attention_mask", "token_type_ids"):
            alone[name] = alone[name][:, :length]
        for task, logits in model(alone).items():
            torch.testing.assert_close(logits[0], together[task][row], atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("parts", PARTS)
def test_an_advert_without_any_part_gets_the_biases(tiny, parts):
    model, feeds = tiny.model(**parts).eval(), tiny.feeds(3, 5, 2)
    feeds["text_present"][1] = False
    feeds["image_mask"][1] = False
    feeds["ocr_quality"][1] = 0.0
    for task, logits in model(feeds).items():
        torch.testing.assert_close(logits[1], biases(model)[task][0])


@pytest.mark.parametrize("parts", PARTS)
def test_feed_names_are_what_is_read_and_the_rest_is_ignored(tiny, parts):
    model, feeds = tiny.model(**parts).eval(), tiny.feeds(2, 5, 2)
    needed = {name: feeds[name] for name in model.feed_names}
    full, bare = model(feeds), model(needed)
    assert all(torch.equal(full[name], bare[name]) for name in full)
    for name in model.feed_names:
        if name != "token_type_ids":
            with pytest.raises(KeyError):
                model({key: value for key, value in needed.items() if key != name})


def test_a_text_model_stands_without_gate(tiny):
    assert tiny.model(image=False).fusion is None
    assert tiny.model().fusion is not None


@pytest.mark.parametrize("parts", PARTS[::2])
def test_how_well_pictures_were_read_says_nothing_at_first_and_can_be_learnt(tiny, parts):
    model, feeds = tiny.model(**parts).eval(), tiny.feeds(3, 5, 2)
    other = feeds | {"ocr_quality": 1 - feeds["ocr_quality"]}
    torch.testing.assert_close(model(feeds)["refer"], model(other)["refer"])
    torch.nn.init.normal_(model.quality)
    assert (model(feeds)["refer"] - model(other)["refer"]).abs().min() > 1e-3


def test_a_model_that_reads_no_pictures_takes_no_quality(tiny):
    assert "ocr_quality" not in tiny.model(quality=0).feed_names
    assert "ocr_quality" in tiny.model().feed_names


def test_training_changes_exactly_what_is_not_frozen(tiny):
    torch.manual_seed(0)
    model, feeds = tiny.model(freeze_layers=1, pooling="attention").train(), tiny.feeds(6, 9, 2)
    torch.nn.init.normal_(model.pooling.query)
    feeds["text_present"][:3] = True
    before = {name: value.clone() for name, value in model.state_dict().items()}
    learning = [value for value in model.parameters() if value.requires_grad]
    optimizer = torch.optim.SGD(learning, lr=0.1)
    sum(x.square().sum() for x in model(feeds).values()).backward()
    optimizer.step()
    unchanged = {n for n, value in model.state_dict().items() if torch.equal(value, before[n])}
    # a key's bias shifts every score of a row alike, so its gradient is zero
    zero_gradient = {name for name in unchanged if name.endswith("key.bias")}
    assert unchanged - zero_gradient == model.frozen_names - zero_gradient


def test_what_came_with_weights_is_told_from_what_is_new(tiny):
    model = tiny.model(pooling="attention")
    new = {name.split(".")[0] for name, _ in model.named_parameters()}
    assert new == {"encoder", "tower", "pooling", "fusion", "quality", "heads"}
    assert {name.split(".")[0] for name in model.pretrained_names} == {"encoder", "tower"}


def test_logits_stay_float32_under_autocast(tiny):
    model, feeds = tiny.model().eval(), tiny.feeds(3, 5, 2)
    exact = model(feeds)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = model(feeds)
    for name, logits in rounded.items():
        assert logits.dtype == torch.float32
        torch.testing.assert_close(logits, exact[name], atol=0.05, rtol=0.05)


def test_a_seed_gives_the_same_model(tiny):
    one, other = tiny.model().state_dict(), tiny.model().state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)
