"""Bundles and texts for the benchmarks of exported models; what was made once is kept.

A bundle is trained shortly on the fictional corpus, through our own commands, its run and its model
in a tracking store of its own: the figures are of its speed, not of what it says.
"""

from __future__ import annotations

import csv
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from calling import module_of

from adverts.data.synthetic.composing import compose
from adverts.data.synthetic.corpus import plan_corpus
from adverts.data.synthetic.templates import languages

WORK = Path("runs/bench")
_PUBLIC = ("vispam/reviews.csv", "tubespam/comments.csv")
_SHORTLY = ("trainer.method=frozen", "trainer.precision=fp32", "baseline=false")
_MODELS = {
    "text": ("model=text", *_SHORTLY),
    "ocr_image": ("model=ocr_image", *_SHORTLY),
    "tfidf": ("model=tfidf",),
}
_CORPUS = {
    "text": ("data.source.adverts=400", "data.source.images=0", "ocr=none"),
    "ocr_image": ("data.source.adverts=160", "data.source.images=120", "ocr=auto"),
    "tfidf": ("data.source.adverts=400", "data.source.images=0", "ocr=none"),
}
_CHOICES = {
    "default": (),
    "fp32": ("bundle.precision=fp32",),
    "trimmed": ("bundle.vocabulary=scripts", "bundle.scripts=[Latn,Arab]"),
}
"""How a bundle is exported, in the words of ``configs/export.yaml``."""


@dataclass(frozen=True)
class Made:
    """A bundle that a benchmark made, and the store that its run and its model are in."""

    bundle: Path
    store: Path

    @property
    def uri(self) -> str:
        """Of the tracking store."""
        return f"sqlite:///{self.store.resolve() / 'mlflow.db'}"


def made_bundle(kind: str, choice: str = "default") -> Made:
    """Return the bundle of a kind of :data:`_MODELS`; trained and exported where there is none.

    Args:
        kind: ``text``, ``ocr_image`` or ``tfidf``.
        choice: One of :data:`_CHOICES`.
    """
    folder = WORK / kind
    made = Made(folder / f"bundle-{choice}", folder / "store")
    if (made.bundle / "manifest.json").is_file():
        return made
    tracking = [f"tracking.store={made.store}", "tracking.uri=null"]
    prepared, run = folder / "prepared", folder / "run"
    if not (run / "run.json").is_file() or '"outcome": null' in (run / "run.json").read_text():
        shutil.rmtree(folder, ignore_errors=True)
        adverts("prepare", "data=synthetic", f"prepared={prepared}", *_CORPUS[kind])
        adverts("train", f"prepared={prepared}", f"run_dir={run}", *_MODELS[kind], *tracking)
    places = [f"checkpoint={run}", f"prepared={prepared}", f"bundle_dir={made.bundle}"]
    adverts("export", *places, *_CHOICES[choice], *tracking)
    return made


def adverts(verb: str, *arguments: str) -> None:
    """Run one of our commands; its words go to standard error, the tables stand alone.

    Raises:
        CalledProcessError: It failed.
    """
    command = [sys.executable, "-m", module_of(verb), *arguments]
    subprocess.run(command, check=True, stdout=sys.stderr)


def texts(count: int, seed: int) -> list[str]:
    """Return so many texts of mixed length and language, in random order, no two alike.

    Every other one is of the public sets, where ``$ADVERTS_DATA`` names their folder; the rest are
    written from the templates of the fictional corpus, many with a few more sentences.
    """
    rng = random.Random(seed)
    real = _public_texts()
    rng.shuffle(real)
    chosen = real[: count // 2]
    chosen += _fictional_texts(count - len(chosen), rng, seed)
    rng.shuffle(chosen)
    return [f"{text} {i}" for i, text in enumerate(chosen)]


def _public_texts() -> list[str]:
    root, found = os.environ.get("ADVERTS_DATA"), []
    for name in _PUBLIC if root else ():
        path = Path(root or "") / name
        if path.is_file():
            with path.open(newline="", encoding="utf-8") as file:
                found += [row["text"] for row in csv.DictReader(file)]
    return [text for text in found if text.strip()]


def _fictional_texts(count: int, rng: random.Random, seed: int) -> list[str]:
    plan = plan_corpus(
        adverts=max(count, 100), images=0, image_scripts=("Latn",), languages=languages(), seed=seed
    )
    posts = [compose(row, seed).text for row in plan]
    return [" ".join(rng.sample(posts, rng.choice((1, 1, 1, 2, 4)))) for _ in range(count)]


def resident_mb(pids: Sequence[int] | None = None) -> float:
    """Return the resident memory of processes, of this one where none is named."""
    total = 0.0
    for pid in [os.getpid()] if pids is None else pids:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:  # it has ended
            continue
        lines = [line for line in status.splitlines() if line.startswith("VmRSS:")]
        total += sum(int(line.split()[1]) for line in lines) * 1024 / 1e6
    return total


def slope(seconds: Sequence[float], values: Sequence[float]) -> float:
    """Return the least-squares slope of values over time; 0.0 of fewer than two."""
    if len(seconds) < 2:
        return 0.0
    middle, level = sum(seconds) / len(seconds), sum(values) / len(values)
    spread = sum((at - middle) ** 2 for at in seconds)
    pairs = zip(seconds, values, strict=True)
    return sum((at - middle) * (value - level) for at, value in pairs) / spread if spread else 0.0


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the ordered values lie."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
