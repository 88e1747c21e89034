"""Resident memory over a million texts through a small bundle, none like another.

Window by window, as a service would: what a call leaves behind would show as a slope.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bundle_material import made_bundle, resident_mb, slope, texts

from adverts.runtime import Classifier

SEED, DIFFERENT, WINDOW = 0, 2_000, 1_000
LENGTHS = (30, 30, 30, 60, 60, 60, 120, 500)  # short ones: a million are scored


def main() -> None:
    """Print resident memory every so many texts, and its slope after the first tenth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, help="default: tf-idf, made on the spot")
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    classifier = Classifier.load(
        options.bundle or made_bundle("tfidf").bundle, threads=options.threads
    )
    counts, memory = watched(classifier, options.texts)
    later = [i for i, count in enumerate(counts) if count >= options.texts / 10]
    millions, megabytes = [counts[i] / 1e6 for i in later], [memory[i] for i in later]
    print(
        f"after the first tenth: {megabytes[0]:.1f} to {megabytes[-1]:.1f} MB, "
        f"{slope(millions, megabytes):+.2f} MB a million texts"
    )


def watched(classifier: Classifier, count: int) -> tuple[list[int], list[float]]:
    """Score so many texts; return after how many memory was looked at, and what it was."""
    counts, memory, began = [0], [resident_mb()], time.perf_counter()
    every = max(WINDOW, count // 10)
    print(f"{'texts':>10}{'resident MB':>13}{'texts/s':>9}")
    print(f"{0:10,}{memory[0]:13.1f}")
    for done, window in windows(count):
        classifier.predict(texts=window)
        if done % every < len(window) or done == count:
            counts.append(done)
            memory.append(resident_mb())
            rate = done / (time.perf_counter() - began)
            print(f"{done:10,}{memory[-1]:13.1f}{rate:9.0f}", flush=True)
    return counts, memory


def windows(count: int) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield texts window by window, each with the number of texts up to its end."""
    base, rng = texts(DIFFERENT, SEED), random.Random(SEED)
    for start in range(0, count, WINDOW):
        end = min(start + WINDOW, count)
        yield end, [f"{i} {rng.choice(base)[: rng.choice(LENGTHS)]}" for i in range(start, end)]


if __name__ == "__main__":
    main()
