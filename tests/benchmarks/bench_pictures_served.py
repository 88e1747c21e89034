"""OCR-image end to end as a service runs it: the bundle's own reader and model, torch not loaded.

The pictures are those of the fictional corpus, in Latin and Arabic script, none of them trained on.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from bundle_material import WORK, made_bundle, quantile, resident_mb
from numpy.typing import NDArray

from adverts.data.synthetic.corpus import IMAGES, write_corpus
from adverts.data.synthetic.templates import languages
from adverts.ocr.protocol import OcrResult, Reader, ReaderSpec
from adverts.ocr.rebuild import reader_from_facts
from adverts.runtime import Classifier

SEED = 77
_ADVERTS_A_PICTURE = 3
_UNWANTED = ("torch", "transformers")


class Timed:
    """A reader that adds up the seconds it reads for."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self.seconds = reader, 0.0

    @property
    def spec(self) -> ReaderSpec:
        """That of the reader."""
        return self.reader.spec

    def read(self, image: NDArray[np.uint8]) -> OcrResult:
        """Read, and look at the clock."""
        began = time.perf_counter()
        try:
            return self.reader.read(image)
        finally:
            self.seconds += time.perf_counter() - began


def main() -> None:
    """Print pictures per second, the slow end, and what reading takes of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, help="of a model that reads pictures; else made")
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    bundle = options.bundle or made_bundle("ocr_image").bundle
    pictures = rendered(options.pictures)
    began = time.perf_counter()
    classifier = Classifier.load(bundle, threads=options.threads)
    facts = classifier.manifest.ocr
    if facts is None:
        sys.exit(f"{bundle}: the model reads no text in pictures; give one that does")
    reader = Timed(reader_from_facts(facts, threads=options.threads))
    ready = time.perf_counter() - began
    classifier.predict(images=pictures[:1], reader=reader)
    reader.seconds = 0.0
    seconds, failed = one_by_one(classifier, reader, pictures)
    loaded = [name for name in _UNWANTED if name in sys.modules]
    assert not loaded, f"a service needs no {loaded}, and they are imported"
    show(seconds, failed, reading=reader.seconds, ready=ready)


def rendered(count: int) -> list[bytes]:
    """Return so many pictures of the fictional corpus; written once and kept."""
    folder = WORK / f"pictures-{count}"
    if not (folder / IMAGES).is_dir():
        write_corpus(
            folder,
            adverts=count * _ADVERTS_A_PICTURE,
            images=count,
            image_scripts=("Latn", "Arab"),
            languages=languages(),
            seed=SEED,
            progress=False,
        )
    return [path.read_bytes() for path in sorted((folder / IMAGES).iterdir())]


def one_by_one(
    classifier: Classifier, reader: Reader, pictures: Sequence[bytes]
) -> tuple[list[float], int]:
    """Return the seconds of each picture, and how many came back with an error."""
    seconds, failed = [], 0
    for picture in pictures:
        began = time.perf_counter()
        (answer,) = classifier.predict(images=[picture], reader=reader)
        seconds.append(time.perf_counter() - began)
        failed += answer.error is not None
    return seconds, failed


def show(seconds: Sequence[float], failed: int, *, reading: float, ready: float) -> None:
    """Print the table."""
    ordered, total = sorted(seconds), sum(seconds)
    print(f"\n{len(seconds)} pictures, decoding, reading and both networks, torch not imported")
    print(f"  bundle and reader ready in {ready:6.1f} s")
    print(f"  pictures/s                 {len(seconds) / total:6.2f}")
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        print(f"  {name}, ms                    {1e3 * quantile(ordered, share):6.0f}")
    print(f"  share of reading           {100 * reading / total:6.1f} %")
    print(f"  answered with an error     {failed:6d}")
    print(f"  resident MB                {resident_mb():6.0f}")


if __name__ == "__main__":
    main()
