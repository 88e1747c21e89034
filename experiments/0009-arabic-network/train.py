"""Train the network that reads Arabic script from the features of RapidOCR's recogniser.

    apt-get install fonts-hosny-amiri fonts-vazirmatn fonts-sil-lateef …
    python experiments/0009-arabic-network/train.py arabic_network.onnx --fonts Amiri-Regular.ttf …

The features are computed once and kept in memory (about 190 kB a line); only the small network on
top of them is trained, which takes minutes on one core.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
import torch
from lines import Line, add_fonts, make_line
from torch import Tensor, nn

from adverts.ocr.auto.arabic_network import LETTERS
from adverts.ocr.rapidocr.engine import Features, RapidOcrEngine

_BATCH = 32
_HELD_OUT = 150
_FEATURES, _WIDTH = 384, 192


class _Beside(nn.Module):
    """Adds what five steps beside each other say together."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, (1, 5), padding=(0, 2), bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.relu(self.norm(self.conv(x)))


class Network(nn.Module):
    """From features ``(B, 384, 3, T)`` to logits of letters ``(B, T, L)``."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.BatchNorm2d(_FEATURES),
            nn.Conv2d(_FEATURES, _WIDTH, 1, bias=False),
            nn.BatchNorm2d(_WIDTH),
            nn.ReLU(),
            nn.Conv2d(_WIDTH, _WIDTH, (3, 3), padding=(0, 1), bias=False),
            nn.BatchNorm2d(_WIDTH),
            nn.ReLU(),
            *(_Beside(_WIDTH) for _ in range(3)),
            nn.Dropout(0.1),
            nn.Conv2d(_WIDTH, len(LETTERS), 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)[:, :, 0].transpose(1, 2)


class Probabilities(nn.Module):
    """What is exported."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x).softmax(2)


def features_of(lines: list[Line]) -> list[Features]:
    """Return what RapidOCR's recogniser sees of each line."""
    engine = RapidOcrEngine(canvas_px=960, threads=1)
    seen: dict[int, Features] = {}
    order = sorted(range(len(lines)), key=lambda i: lines[i].image.shape[1])
    for start in range(0, len(order), 8):
        batch = order[start : start + 8]
        read = engine._read([lines[i].image for i in batch])
        seen.update(zip(batch, (line.features.astype(np.float16) for line in read), strict=True))
    return [seen[i] for i in range(len(lines))]


def batch_of(features: list[Features]) -> Tensor:
    """Pad lines to the longest."""
    width = max(line.shape[2] for line in features)
    batch = np.zeros((len(features), _FEATURES, 3, width), np.float32)
    for row, line in zip(batch, features, strict=True):
        row[:, :, : line.shape[2]] = line
    return torch.from_numpy(batch)


def train(network: Network, features: list[Features], seen: list[str], steps: int) -> None:
    """Fit by CTC over batches of like length, the rate falling to nothing."""
    rng = random.Random(0)
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=1e-2)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = 2e-3 * min(1.0, (step + 1) / 50) * max(0.02, 1 - step / steps)
        some = sorted(rng.sample(range(len(seen)), 6 * _BATCH), key=lambda i: features[i].shape[2])
        chosen = some[(start := rng.randrange(6) * _BATCH) : start + _BATCH]
        said = network(batch_of([features[i] for i in chosen])).log_softmax(2).transpose(0, 1)
        loss = nn.functional.ctc_loss(
            said,
            torch.tensor([LETTERS.index(c) for i in chosen for c in seen[i]]),
            torch.tensor([features[i].shape[2] for i in chosen]),
            torch.tensor([len(seen[i]) for i in chosen]),
            zero_infinity=True,
        )
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5)
        optimiser.step()
        if (step + 1) % 100 == 0:
            print(f"step {step + 1}  loss {loss.item():.3f}", flush=True)


def exact_share(network: Network, features: list[Features], seen: list[str]) -> float:
    """Return the share of lines that are read without a mistake."""
    network.eval()
    right = 0
    with torch.no_grad():
        for line, true in zip(features, seen, strict=True):
            best = network(batch_of([line]))[0].argmax(1).unique_consecutive().tolist()
            right += "".join(LETTERS[i] for i in best if i) == true
    return right / len(seen)


def main() -> None:
    """Draw, train, judge and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--lines", type=int, default=14_000)
    parser.add_argument("--steps", type=int, default=2_600)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fonts", type=Path, nargs="*", default=[], help="to draw half of them in")
    arguments = parser.parse_args()
    add_fonts(arguments.fonts)
    torch.manual_seed(0)
    torch.set_num_threads(arguments.threads)
    lines = [line for seed in range(arguments.lines + _HELD_OUT) if (line := make_line(seed))]
    features, seen = features_of(lines), [line.seen for line in lines]
    network = Network()
    train(network, features[_HELD_OUT:], seen[_HELD_OUT:], arguments.steps)
    print(
        f"lines without a mistake: {exact_share(network, features[:_HELD_OUT], seen[:_HELD_OUT])}"
    )
    torch.onnx.export(
        Probabilities(network.eval()),
        (torch.zeros(1, _FEATURES, 3, 64),),
        arguments.output,
        input_names=["x"],
        output_names=["y"],
        dynamic_axes={"x": {0: "lines", 3: "steps"}, "y": {0: "lines", 1: "steps"}},
        opset_version=17,
        dynamo=False,
    )


if __name__ == "__main__":
    main()
