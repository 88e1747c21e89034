"""The 4-bit file of multilingual-e5-small, read against a writer of its own."""

import struct

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from adverts.errors import IntegrityError
from adverts.models.encoder import read_config, read_pretrained
from adverts.models.packaged_e5 import convert_e5, dequantise, read_e5_file
from adverts.models.pooling import masked_mean
from adverts.models.weights import locate

HIDDEN, LAYERS, WIDE, WORDS, POSITIONS = 32, 1, 64, 8, 4
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "\u2581boat", "\u2581", "a", "<mask>"]


def quantised_block(nibbles, scale):
    packed = [low | high << 4 for low, high in zip(nibbles[:16], nibbles[16:], strict=True)]
    return struct.pack("<e16B", scale, *packed)


def tensors():
    """Name -> bytes of every tensor of the smallest model of this format."""
    linear = quantised_block(list(range(16)) * 2, 0.5)
    quantised = {"emb.word": WORDS * HIDDEN}
    floats = {"emb.pos": POSITIONS * HIDDEN, "emb.type": 2 * HIDDEN}
    floats |= {"emb.ln.w": HIDDEN, "emb.ln.b": HIDDEN}
    for short, rows, columns in [(s, HIDDEN, HIDDEN) for s in ("q", "k", "v", "ao")] + [
        ("fi", WIDE, HIDDEN),
        ("fo", HIDDEN, WIDE),
    ]:
        quantised[f"l0.{short}.w"] = rows * columns
        floats[f"l0.{short}.b"] = rows
    for short in ("aln", "oln"):
        floats |= {f"l0.{short}.w": HIDDEN, f"l0.{short}.b": HIDDEN}
    content = {name: linear * (size // 32) for name, size in quantised.items()}
    return content | {name: np.arange(size, dtype="<f4").tobytes() for name, size in floats.items()}


def e5_file(content):
    """The bytes of a file with these tensors."""
    blob = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0] + [len(piece) for piece in blob]).astype("<u4")
    head = b"E5S1" + struct.pack("<I7if", 1, HIDDEN, LAYERS, 2, WIDE, WORDS, POSITIONS, 2, 1e-12)
    head += struct.pack("<i5iQ", 32, len(PIECES), 0, 2, 1, 3, sum(map(len, blob)))
    head += offsets.tobytes() + np.linspace(-1, -8, len(PIECES)).astype("<f4").tobytes()
    head += b"".join(blob) + struct.pack("<iI", 1, 5) + b"\0" * 5 + struct.pack("<i", len(content))
    directory_bytes = sum(2 + len(name) + 1 + 4 + 16 for name in content)
    directory, start = b"", len(head) + directory_bytes
    for name, data in content.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", 0, 0, start, len(data))
        start += len(data)
    return head + directory + b"".join(content.values())


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "tiny.bin"
    path.write_bytes(e5_file(tensors()))
    return path


def test_a_block_worked_by_hand():
    nibbles = [0, 15, *[8] * 14, 1, *[8] * 15]
    values = dequantise(quantised_block(nibbles, 0.25)).tolist()
    assert values[:3] == [-2.0, 1.75, 0.0]
    assert values[16:18] == [-1.75, 0.0]
    assert len(values) == 32


def test_a_converted_folder_is_an_ordinary_hugging_face_folder(source, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    convert_e5(source, folder)
    config = read_config(folder)
    model = read_pretrained(folder, config)
    stored = load_file(folder / "model.safetensors")
    query = stored["encoder.layer.0.attention.self.query.weight"]
    assert (config.hidden_size, config.num_hidden_layers, config.pad_token_id) == (32, 1, 1)
    assert query.shape == (32, 32)
    assert query[0, :16].tolist() == [0.5 * (n - 8) for n in range(16)]
    assert stored["embeddings.position_embeddings.weight"][1, 0] == 32.0
    assert torch.equal(model.state_dict()["embeddings.LayerNorm.bias"], torch.arange(32.0))


def test_the_tokenizer_puts_one_mark_around_a_text_and_two_between_a_pair(source, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    convert_e5(source, folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert tokenizer.encode("boat").tokens == ["<s>", "\u2581boat", "</s>"]
    pair = tokenizer.encode("boat", "boat")
    assert pair.ids == [0, 4, 2, 2, 4, 2]
    assert tokenizer.encode("").ids == [0, 2]


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "other.bin"
    path.write_bytes(b"GGUF" + b"\0" * 100)
    with pytest.raises(IntegrityError, match=r"other\.bin: not an e5 file"):
        read_e5_file(path)


@pytest.mark.parametrize("kept", [10, 60, 200])
def test_a_file_that_ends_too_early_is_refused(source, kept):
    source.write_bytes(source.read_bytes()[:kept])
    with pytest.raises(IntegrityError, match="damaged e5 file"):
        read_e5_file(source)


def test_a_file_cut_inside_a_tensor_is_refused(source, tmp_path):
    source.write_bytes(source.read_bytes()[:-8])
    with pytest.raises(IntegrityError, match="damaged e5 file"):
        read_e5_file(source)


def test_a_tensor_that_is_missing_or_of_another_size_is_named(source, tmp_path):
    content = tensors()
    content["emb.pos"] = content["emb.pos"][:-4]
    source.write_bytes(e5_file(content))
    with pytest.raises(IntegrityError, match=r"'emb\.pos' has 508 bytes, wanted 512 bytes"):
        convert_e5(source, tmp_path)
    del content["emb.pos"]
    source.write_bytes(e5_file(content))
    with pytest.raises(IntegrityError, match=r"'emb\.pos' is missing"):
        convert_e5(source, tmp_path)


@pytest.mark.slow
def test_the_packaged_encoder_finds_the_same_sentence_in_another_language():
    folder = locate("package:multilingual-e5-small")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    model = read_pretrained(folder, read_config(folder)).eval()
    texts = ["The ferry leaves at noon.", "Le ferry part à midi.", "I bake bread on Sundays."]
    vectors = []
    for text in texts:
        ids = torch.tensor([tokenizer.encode(f"query: {text}").ids])
        with torch.no_grad():
            x_BTD = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
        vectors.append(masked_mean(x_BTD, torch.ones_like(ids).bool())[0])
    unit = torch.nn.functional.normalize(torch.stack(vectors), dim=1)
    cosine = (unit @ unit.T)[0].tolist()
    assert cosine == pytest.approx([1.0, 0.92081, 0.79978], abs=1e-4)
    assert unit[0, :3].tolist() == pytest.approx([0.03780, -0.02880, 0.01332], abs=1e-4)


@pytest.mark.slow
def test_the_packaged_tokenizer_is_that_of_the_hub_model():
    folder = locate("package:multilingual-e5-small")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    assert [tokenizer.token_to_id(token) for token in special] == [0, 1, 2, 3, 250001]
    # XLM-R's published ids of "query: The ferry leaves at noon."
    expected = [0, 41, 1294, 12, 581, 1592, 1294, 31358, 7, 99, 101947, 5, 2]
    assert tokenizer.encode("query: The ferry leaves at noon.").ids == expected
