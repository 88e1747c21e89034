"""Write the project's multilingual-e5-small as a folder that every peer can load, and check it.

    python experiments/0021-peers/encoder.py e5 prepared/tubespam

The folder gets the weights and the tokenizer of ``package:multilingual-e5-small``, the class of its
tokenizer, and the modules that sentence-transformers reads (mean over tokens, then unit length, as
the model was published). The check compares the mean of the last layer on 20 texts of the prepared
dataset with that of the project's own encoder.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoModel, AutoTokenizer

from adverts.data.dataset.prepared import open_prepared
from adverts.models.encoder import TextEncoder, read_config, read_pretrained
from adverts.models.pooling import masked_mean
from adverts.models.weights import locate

WEIGHTS = "package:multilingual-e5-small"
PREFIX = "query: "
TEXTS = 20
TOLERANCE = 1e-4
LONGEST = 512
TOKENIZER = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "model_max_length": LONGEST,
    "bos_token": "<s>",
    "cls_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
}
MODULES = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}


def write_folder(folder: Path, source: Path) -> None:
    """Copy the converted weights and write the settings beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        shutil.copyfile(source / name, folder / name)
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(MODULES.items())
    ]
    width = json.loads((folder / "config.json").read_text(encoding="utf-8"))["hidden_size"]
    pooling = {"word_embedding_dimension": width, "pooling_mode_mean_tokens": True}
    settings = {
        "tokenizer_config.json": TOKENIZER,
        "modules.json": modules,
        "sentence_bert_config.json": {"max_seq_length": LONGEST, "do_lower_case": False},
        "1_Pooling/config.json": pooling,
    }
    for path in MODULES:
        (folder / path).mkdir(exist_ok=True)
    for name, value in settings.items():
        (folder / name).write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def features_here(source: Path, texts: list[str]) -> torch.Tensor:
    """Return the features of the project's encoder, ``(N, D)``, one text at a time."""
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    model = read_pretrained(source, read_config(source))
    encoder = TextEncoder(model, freeze_word_table=False, freeze_layers=0).eval()
    rows = []
    for text in texts:
        ids = torch.tensor([tokenizer.encode(text).ids[:LONGEST]])
        mask = torch.ones_like(ids, dtype=torch.bool)
        rows.append(masked_mean(encoder(ids, mask, None), mask))
    return torch.cat(rows)


def features_there(folder: Path, texts: list[str]) -> torch.Tensor:
    """Return the features that the folder gives through transformers alone, as one batch."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, add_pooling_layer=False).eval()
    batch = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
    hidden = model(**batch).last_hidden_state
    return masked_mean(hidden, batch["attention_mask"].bool())


def main(arguments: list[str]) -> int:
    """Write and check; return 1 where the features differ."""
    folder, source = Path(arguments[0]), locate(WEIGHTS)
    write_folder(folder, source)
    table = open_prepared(Path(arguments[1])).split("train")
    texts = [PREFIX + text for text in table.texts[:TEXTS]]
    with torch.inference_mode():
        gap = (features_here(source, texts) - features_there(folder, texts)).abs().max().item()
    print(f"{len(texts)} texts: largest difference {gap:.1e}, allowed {TOLERANCE:.0e}")
    return int(gap > TOLERANCE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
