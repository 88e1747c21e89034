"""A tiny encoder and a tiny prepared dataset, so that whole verbs run in seconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_adverts import WORDS, write_tiny


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Hugging Face folder: two layers, 32 features, one token for each word."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("encoder")
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocabulary = {word: i for i, word in enumerate([*special, *WORDS])}
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="session")
def tiny_prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 adverts of made-up words; those with one of the first five words are positive."""
    return write_tiny(tmp_path_factory.mktemp("prepared") / "tiny")


@pytest.fixture(scope="session")
def tiny_sharable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same adverts, on terms that let a partner have a model of them."""
    from adverts.data.manifest import Terms

    terms = Terms(provenance="synthetic", licence="CC0-1.0", sensitivity="synthetic")
    return write_tiny(tmp_path_factory.mktemp("sharable") / "tiny", terms=terms)


@pytest.fixture(scope="session")
def tiny_writer() -> Callable[..., Path]:
    """Writes the same adverts into a folder, maybe without some."""
    return write_tiny
