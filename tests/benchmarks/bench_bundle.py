"""Exported bundles beside torch, one run, one machine: speed, load, memory and size, with the bars.

The other side is ``transformers.pipeline("text-classification", batch_size=32)``, torch in fp32, on
the packaged encoder and the bundle's own tokenizer. Both get the same texts with the same threads;
ours is ``Classifier.predict``, masking, tokenising and decisions included. Rounds are interleaved.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from bundle_material import made_bundle, quantile, texts
from transformers import BertForSequenceClassification, PreTrainedTokenizerFast, pipeline
from transformers.utils import logging

from adverts.advert import Advert
from adverts.models.weights import locate
from adverts.runtime import Classifier
from adverts.runtime.manifest import TOKENIZER_NAME

ENCODER, PREFIX, MAX_TOKENS = "package:multilingual-e5-small", "query: ", 128
SEED = 0
Score = Callable[[list[str]], object]


@dataclass(frozen=True)
class Bars:
    """What is asked; None where nothing is."""

    single: float
    stream: float
    size_mb: float
    p95_ms: float | None = None
    ready_s: float | None = None
    resident_mb: float | None = None


INT8 = Bars(4.0, 5.0, 150.0, 30.0, 3.0, 500.0)
TRIMMED = Bars(4.0, 5.0, 60.0, 30.0, 3.0, 500.0)
FP32 = Bars(1.5, 2.5, 520.0)


@dataclass
class Speed:
    """Seconds of each advert alone, and adverts per second of the stream, by round."""

    single_s: list[float]
    stream: list[float]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, action="append", help="made where none is given")
    parser.add_argument("--adverts", type=int, default=10_000, help="in the stream")
    parser.add_argument("--pipeline", type=int, default=1_000, help="of them through torch")
    parser.add_argument("--single", type=int, default=300, help="adverts one by one")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fresh", type=int, default=5, help="processes that load each bundle")
    options = parser.parse_args()
    bundles = options.bundle or _made()
    torch.set_num_threads(options.threads)
    stream = texts(options.adverts, SEED)
    fresh = [
        in_fresh_process(path, options.threads, stream[:500], times=options.fresh)
        for path in bundles
    ]
    arms: dict[str, Score] = {"torch pipeline": torch_pipeline(bundles[0])}
    arms |= {str(path): _scorer(path, options.threads) for path in bundles}
    speeds = measure(
        arms,
        stream,
        singles=options.single,
        rounds=options.rounds,
        most={"torch pipeline": options.pipeline},
    )
    print(
        f"\n{options.adverts:,} adverts of {_lengths(bundles[0], stream)} tokens, "
        f"{options.threads} threads; of the stream torch scored {options.pipeline:,}, the first "
        "of each round's random share"
    )
    _print_speeds(speeds)
    for path, seen in zip(bundles, fresh, strict=True):
        _print_bars(path, speeds["torch pipeline"], speeds[str(path)], seen)


def _made() -> list[Path]:
    """Return the bundles in fp32, as export makes it by itself, and with two scripts' words."""
    return [made_bundle("text", choice).bundle for choice in ("fp32", "default", "trimmed")]


def torch_pipeline(bundle: Path) -> Score:
    """Return what scores texts with torch as most services do it."""
    logging.set_verbosity_error()  # the head is new, which is no news: speed alone is asked
    logging.disable_progress_bar()
    model = BertForSequenceClassification.from_pretrained(
        locate(ENCODER), num_labels=2, dtype=torch.float32
    ).eval()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(bundle / TOKENIZER_NAME),
        pad_token="<pad>",
        model_max_length=MAX_TOKENS,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )
    classify = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")

    def score(given: list[str]) -> object:
        return classify([PREFIX + text for text in given], batch_size=32, truncation=True)

    return score


def _scorer(path: Path, threads: int) -> Score:
    classifier = Classifier.load(path, threads=threads)
    return lambda given: classifier.predict(texts=given)


def measure(
    arms: dict[str, Score],
    stream: Sequence[str],
    *,
    singles: int,
    rounds: int,
    most: dict[str, int],
) -> dict[str, Speed]:
    """Time every arm on each round's share of the stream, one advert at a time and as a whole.

    Args:
        arms: What scores texts, by name.
        stream: Texts in random order.
        singles: Adverts that are scored one by one, in all rounds.
        rounds: So often the arms take turns.
        most: Of the stream, in all rounds, for the arms that would take too long.
    """
    speeds = {name: Speed([], []) for name in arms}
    share = len(stream) // rounds
    for turn in range(rounds):
        part = list(stream[turn * share : (turn + 1) * share])
        for name, score in arms.items():
            score(part[:8])  # warm again after the arm before
            for text in part[: singles // rounds]:
                speeds[name].single_s.append(_seconds(score, [text]))
        for name, score in arms.items():
            own = part[: max(32, most[name] // rounds)] if name in most else part
            score(own[:32])
            speeds[name].stream.append(len(own) / _seconds(score, own))
    return speeds


def _seconds(score: Score, given: list[str]) -> float:
    began = time.perf_counter()
    score(given)
    return time.perf_counter() - began


def in_fresh_process(
    path: Path, threads: int, given: Sequence[str], *, times: int
) -> dict[str, float]:
    """Return seconds and memory of a service that loads the bundle: medians over ``times``."""
    seen = []
    for _ in range(times):
        command = [sys.executable, str(Path(__file__).with_name("bundle_process.py"))]
        done = subprocess.run(
            [*command, str(path), str(threads)],
            input=json.dumps(list(given)),
            check=True,
            capture_output=True,
            text=True,
        )
        seen.append(json.loads(done.stdout))
        assert not seen[-1]["unwanted"], f"imported: {seen[-1]['unwanted']}"
    return {
        name: statistics.median(one[name] for one in seen)
        for name in ("import_s", "ready_s", "loaded_mb", "streamed_mb")
    }


def _lengths(path: Path, stream: Sequence[str]) -> str:
    classifier = Classifier.load(path, threads=1)
    counts = sorted(classifier.encoder.length(Advert("", text=text)) for text in stream[:1000])
    return f"{counts[0]} to {counts[-1]} (median {counts[len(counts) // 2]})"


def _precision(path: Path) -> str:
    return str(json.loads((path / "manifest.json").read_text())["precision"])


def _bars(path: Path) -> Bars:
    if _precision(path) == "fp32":
        return FP32
    scripts = json.loads((path / "manifest.json").read_text())["scripts"]
    return TRIMMED if scripts else INT8


def _print_speeds(speeds: dict[str, Speed]) -> None:
    base = next(iter(speeds.values()))
    print(f"{'':40}{'mean ms':>9}{'p50':>7}{'p95':>7}{'ratio':>7}{'stream/s':>10}  ratio by round")
    for name, speed in speeds.items():
        singles = sorted(speed.single_s)
        mean = statistics.mean(singles)
        ratios = [ours / torch_ for ours, torch_ in zip(speed.stream, base.stream, strict=True)]
        print(
            f"{name[-40:]:40}{1e3 * mean:9.1f}{1e3 * quantile(singles, 0.5):7.1f}"
            f"{1e3 * quantile(singles, 0.95):7.1f}{statistics.mean(base.single_s) / mean:6.2f}x"
            f"{statistics.median(speed.stream):10.1f}  {' '.join(f'{x:.2f}x' for x in ratios)}"
        )


def _print_bars(path: Path, base: Speed, speed: Speed, seen: dict[str, float]) -> None:
    bars, singles = _bars(path), sorted(speed.single_s)
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) / 1e6
    single = statistics.mean(base.single_s) / statistics.mean(singles)
    stream = statistics.median(
        ours / torch_ for ours, torch_ in zip(speed.stream, base.stream, strict=True)
    )
    rows = [
        ("batch 1, times torch", single, bars.single, True),
        ("stream, times torch", stream, bars.stream, True),
        ("batch 1, p95 ms", 1e3 * quantile(singles, 0.95), bars.p95_ms, False),
        ("import and load, s", seen["ready_s"], bars.ready_s, False),
        ("resident after load, MB", seen["loaded_mb"], bars.resident_mb, False),
        ("resident after 500, MB", seen["streamed_mb"], bars.resident_mb, False),
        ("bundle, MB", size, bars.size_mb, False),
    ]
    print(f"\n{path} ({_precision(path)})")
    for name, found, wanted, at_least in rows:
        print(f"  {name:34}{found:9.2f}  {_verdict(found, wanted, at_least=at_least)}")


def _verdict(found: float, wanted: float | None, *, at_least: bool) -> str:
    if wanted is None:
        return "no bar in this precision"
    met = found >= wanted if at_least else found <= wanted
    return f"{'at least' if at_least else 'at most'} {wanted:g}: {'met' if met else 'MISSED'}"


if __name__ == "__main__":
    main()
