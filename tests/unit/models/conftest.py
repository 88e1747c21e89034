"""Tiny random models, so that every property is tested in milliseconds and without a download."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import timm
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertModel

from adverts.advert import Task
from adverts.inputs.quality_features import QUALITY_FEATURES
from adverts.models.encoder import TextEncoder, build_blank
from adverts.models.neural_classifier import AdvertModel
from adverts.models.ngram_branch import NgramBranch
from adverts.models.pooling import build_pooling
from adverts.models.tower import ImageTower

WORDS = ("<pad>", "<s>", "</s>", "<unk>", "boat", "to", "dover", "ferry", "query", ":")
QUALITY = len(QUALITY_FEATURES)
TASKS = (
    Task("refer", "single", ("no", "yes")),
    Task("risk", "ordinal", ("0", "1", "2", "3")),
    Task("signals", "multi", ("price", "urgency", "secrecy")),
)


class TinyBody(torch.nn.Module):
    """A picture model with batch statistics."""

    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 6, 3, stride=2)
        self.norm = torch.nn.BatchNorm2d(6)

    def forward(self, pixels):
        return self.norm(self.conv(pixels)).relu().mean(dim=(2, 3))


def tiny_config(**changes):
    values = {
        "vocab_size": len(WORDS),
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 48,
        "pad_token_id": 0,
    }
    return BertConfig(**{**values, **changes})


def tiny_encoder(*, freeze_word_table=True, freeze_layers=0, read_layers=(), **changes):
    torch.manual_seed(0)
    return TextEncoder(
        build_blank(tiny_config(**changes), initialise=True),
        freeze_word_table=freeze_word_table,
        freeze_layers=freeze_layers,
        read_layers=read_layers,
    )


def tiny_tower(*, frozen=True):
    torch.manual_seed(1)
    body = TinyBody()
    body.norm.running_mean.uniform_(-0.5, 0.5)
    return ImageTower(body, 6, mean=[0.5] * 3, std=[0.25] * 3, frozen=frozen)


def tiny_ngrams():
    """A branch with random weights and lines, over 64 features."""
    branch = NgramBranch(TASKS, 64)
    drawn = torch.Generator().manual_seed(5)
    for name, value in branch.state_dict().items():
        value.copy_(torch.rand(value.shape, generator=drawn) + (0.1 if "slopes" in name else -0.4))
    branch.linear.idf.abs_()
    return branch


def tiny_model(
    *,
    text=True,
    image=True,
    pooling="mean",
    freeze_layers=0,
    quality=QUALITY,
    ngrams=False,
    fusion="gated",
    read_layers=(),
):
    encoder = tiny_encoder(freeze_layers=freeze_layers, read_layers=read_layers) if text else None
    tower = tiny_tower() if image else None
    torch.manual_seed(2)
    return AdvertModel(
        TASKS,
        encoder=encoder,
        pooling=build_pooling(pooling, encoder.features) if text else None,
        tower=tower,
        fusion=fusion,
        fusion_features=8,
        quality_features=quality if text else 0,
        head_dropout=0.1,
        ngrams=tiny_ngrams() if ngrams else None,
    )


def random_feeds(batch, tokens, images, *, seed=0, side=12):
    """Feeds of the full family; the first advert fills the batch in every direction."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, tokens + 1, batch)
    lengths[0] = tokens
    mask = (np.arange(tokens) < lengths[:, None]).astype(np.int64)
    image_mask = rng.random((batch, images)) < 0.5
    image_mask[0] = True
    counts = np.random.default_rng([seed, 1]).integers(0, 3, (batch, 6)).astype(np.float32)
    counts[0] = 0  # the first advert has no n-gram
    arrays = {
        "input_ids": rng.integers(1, len(WORDS), (batch, tokens)) * mask,
        "attention_mask": mask,
        "token_type_ids": rng.integers(0, 2, (batch, tokens)) * mask,
        "text_present": rng.random(batch) < 0.7,
        "ocr_quality": rng.random((batch, QUALITY), np.float32),
        "pixel_values": rng.integers(0, 256, (batch, images, 3, side, side), dtype=np.uint8),
        "image_mask": image_mask,
        "feature_ids": np.random.default_rng([seed, 2]).integers(0, 64, (batch, 6)),
        "feature_counts": counts,
    }
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def tiny_tokenizer():
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> $B:1 </s>:1",
        special_tokens=[("<s>", 1), ("</s>", 2)],
    )
    tokenizer.enable_padding(length=20)
    tokenizer.enable_truncation(12)
    return tokenizer


@pytest.fixture(scope="session")
def tiny() -> SimpleNamespace:
    """What builds tiny parts: a conftest cannot be imported, its fixtures can be asked for."""
    return SimpleNamespace(
        words=WORDS,
        tasks=TASKS,
        config=tiny_config,
        encoder=tiny_encoder,
        tower=tiny_tower,
        model=tiny_model,
        ngrams=tiny_ngrams,
        feeds=random_feeds,
        tokenizer=tiny_tokenizer,
    )


@pytest.fixture
def encoder_folder(tmp_path: Path) -> Path:
    """A Hugging Face folder with a tiny random encoder and its tokenizer."""
    folder = tmp_path / "encoder"
    torch.manual_seed(3)
    BertModel(tiny_config(), add_pooling_layer=False).save_pretrained(folder)
    tiny_tokenizer().save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture
def tower_folder(tmp_path: Path) -> Path:
    """A ``timm`` folder with a small random picture model."""
    folder = tmp_path / "tower"
    folder.mkdir()
    torch.manual_seed(4)
    model = timm.create_model("test_efficientnet", pretrained=False)
    config = {
        "architecture": "test_efficientnet",
        "pretrained_cfg": {"mean": [0.1, 0.2, 0.3], "std": [0.4, 0.5, 0.6]},
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    save_file(model.state_dict(), folder / "model.safetensors")
    return folder
