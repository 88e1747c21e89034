"""Every member of the family exports, and ONNX computes the same on shapes it was not traced on."""

import warnings

import numpy as np
import onnxruntime
import pytest
import torch

from adverts.models.hashed_linear import HashedLinear

pytestmark = pytest.mark.slow
AXES = {
    "input_ids": ("batch", "tokens"),
    "attention_mask": ("batch", "tokens"),
    "token_type_ids": ("batch", "tokens"),
    "text_present": ("batch",),
    "ocr_quality": ("batch",),
    "pixel_values": ("batch", "images"),
    "image_mask": ("batch", "images"),
    "feature_ids": ("batch", "features"),
    "feature_counts": ("batch", "features"),
}


class Positional(torch.nn.Module):
    """Feeds by position, logits in the order of the tasks: what a graph looks like."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, *feeds):
        logits = self.module(dict(zip(self.module.feed_names, feeds, strict=True)))
        return tuple(logits[name] for name in self.module.task_names)


def exported(module, feeds):
    names = module.feed_names
    axes = {name: torch.export.Dim(name) for name in ("batch", "tokens", "images", "features")}
    shapes = tuple({i: axes[axis] for i, axis in enumerate(AXES[name])} for name in names)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            Positional(module).eval(),
            tuple(feeds[name] for name in names),
            dynamo=True,
            dynamic_shapes=(shapes,),
            input_names=list(names),
            output_names=list(module.task_names),
            verbose=False,
        )
    return onnxruntime.InferenceSession(program.model_proto.SerializeToString())


def worst_difference(module, session, feeds):
    found = session.run(None, {name: feeds[name].numpy() for name in module.feed_names})
    with torch.no_grad():
        wanted = module(feeds)
    return max(
        float(np.abs(x - wanted[name].numpy()).max())
        for name, x in zip(module.task_names, found, strict=True)
    )


@pytest.mark.parametrize("pooling", ["mean", "attention"])
@pytest.mark.parametrize(
    "parts",
    [
        pytest.param({"text": True, "image": False}, id="text"),
        pytest.param({"text": False, "image": True}, id="image"),
        pytest.param({"text": True, "image": True}, id="both"),
    ],
)
def test_onnx_agrees_on_odd_shapes_empty_text_and_absent_images(tiny, parts, pooling):
    module = tiny.model(**parts, pooling=pooling).eval()
    session = exported(module, tiny.feeds(2, 7, 2))
    worst = 0.0
    for batch, tokens, images in [(1, 1, 1), (1, 40, 3), (5, 3, 1), (5, 17, 2), (2, 2, 4)]:
        feeds = tiny.feeds(batch, tokens, images, seed=tokens)
        for hidden in ((), ("text_present",), ("image_mask",), ("text_present", "image_mask")):
            some = feeds | {name: torch.zeros_like(feeds[name]) for name in hidden}
            worst = max(worst, worst_difference(module, session, some))
    assert worst <= 1e-5


def test_onnx_agrees_on_a_network_with_n_grams_and_several_layers(tiny):
    module = tiny.model(ngrams=True, fusion="concatenated", read_layers=(1, 2)).eval()
    session = exported(module, tiny.feeds(2, 7, 2))
    shapes = [(1, 1, 1), (5, 17, 2), (3, 40, 1)]
    found = [worst_difference(module, session, tiny.feeds(*shape, seed=9)) for shape in shapes]
    assert max(found) <= 1e-5


def test_the_baseline_exports(tiny):
    module = HashedLinear(tiny.tasks, 64).eval()
    torch.manual_seed(0)
    module.idf.uniform_(1, 4)
    module.weight.normal_()
    module.bias.normal_()

    def feeds(batch, features):
        counts = torch.randint(0, 3, (batch, features)).float()
        return {"feature_ids": torch.randint(0, 64, (batch, features)), "feature_counts": counts}

    session = exported(module, feeds(2, 5))
    shapes = [(1, 1), (1, 60), (5, 7)]
    assert max(worst_difference(module, session, feeds(b, f)) for b, f in shapes) <= 1e-5
