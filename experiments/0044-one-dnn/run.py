"""Time an encoder of the size of the default as torch computes it and with oneDNN's products.

Usage::

    python experiments/0044-one-dnn/run.py
"""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable

import torch
from transformers import BertConfig, BertModel

from adverts.models.one_dnn import use_one_dnn

ADVERTS, REPEATS = 32, 5


def infer(model: BertModel, ids: torch.Tensor) -> None:
    """Run the encoder once without gradients."""
    model.eval()
    with torch.inference_mode():
        model(input_ids=ids, attention_mask=torch.ones_like(ids))


def train(model: BertModel, ids: torch.Tensor) -> None:
    """Run the encoder forwards and backwards."""
    model.train()
    model.zero_grad()
    found = model(input_ids=ids, attention_mask=torch.ones_like(ids))
    found.last_hidden_state.sum().backward()


def seconds(
    work: Callable[[BertModel, torch.Tensor], None], model: BertModel, length: int
) -> float:
    """Return how long one batch takes."""
    ids = torch.randint(0, 1_000, (ADVERTS, length))
    began = time.perf_counter()
    work(model, ids)
    return time.perf_counter() - began


def main() -> None:
    """Print adverts a second, the best of a few batches in turn, and the ratio."""
    plain = BertModel(
        BertConfig(
            vocab_size=1_000,
            hidden_size=384,
            num_hidden_layers=12,
            num_attention_heads=12,
            intermediate_size=1_536,
            attn_implementation="eager",
        ),
        add_pooling_layer=False,
    )
    ours = copy.deepcopy(plain)
    use_one_dnn(ours)
    sys.stdout.write(f"{torch.get_num_threads()} threads, batches of {ADVERTS}\n")
    sys.stdout.write("            tokens   torch  oneDNN  ratio\n")
    for work in (infer, train):
        for length in (16, 32, 64, 128):
            seconds(work, plain, length), seconds(work, ours, length)
            took = [
                (seconds(work, plain, length), seconds(work, ours, length)) for _ in range(REPEATS)
            ]
            torchs, dnns = (ADVERTS / min(one) for one in zip(*took, strict=True))
            sys.stdout.write(
                f"{work.__name__:10}{length:8}{torchs:8.0f}{dnns:8.0f}{dnns / torchs:7.2f}\n"
            )


if __name__ == "__main__":
    main()
