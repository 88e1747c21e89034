"""Measure every arm on the test adverts of one trained run; finished arms are skipped.

    python experiments/0016-int8-schemes/measure.py RUN PREPARED WORK

``WORK`` keeps the exported model, and one JSON for each arm: bytes, differences of logits and
probabilities from fp32, decisions flipped at 0.5, and processor milliseconds beside fp32's.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import onnx
from arms import ARMS
from numpy.typing import NDArray

from adverts.advert import Advert
from adverts.bundle.facts import image_limits
from adverts.bundle.onnx_export import export_onnx
from adverts.bundle.quantise import quantise
from adverts.cpu_session import cpu_session
from adverts.data.prepared import open_prepared
from adverts.inputs.encoding import AdvertEncoder, Feeds, collate
from adverts.training.checkpoint import find_checkpoint, read_checkpoint

CALIBRATION = 64


def main(run: Path, prepared: Path, work: Path) -> None:
    checkpoint, dataset = read_checkpoint(find_checkpoint(run)), open_prepared(prepared)
    encoder = AdvertEncoder(
        checkpoint.input_spec, checkpoint.tokenizer, image_limits(dataset.manifest)
    )

    def feeds(split: str, most: int | None) -> list[Feeds]:
        table = dataset.split(split)
        adverts = [Advert(table.ids[i], table.texts[i]) for i in range(len(table))[:most]]
        return [collate([encoder.encode(advert)], encoder.spec) for advert in adverts]

    work.mkdir(parents=True, exist_ok=True)
    path = work / "exported.onnx"
    if not path.exists():
        tasks = [task.name for task in checkpoint.label_schema.tasks]
        export_onnx(checkpoint.module, path, spec=encoder.spec, tasks=tasks, opset=18)
    model, test, calibration = (
        onnx.load(path),
        feeds("test", None),
        feeds("train", CALIBRATION),
    )
    for arm in ARMS:
        result = work / f"{arm.name}.json"
        if not result.exists():
            content = quantise(model, arm, calibration).SerializeToString(deterministic=True)
            found = {"bytes": len(content), **compare(str(path), content, test)}
            result.write_text(json.dumps(found), encoding="utf-8")
        print(arm.name, result.read_text(encoding="utf-8"), flush=True)


def compare(exported: str, content: bytes, test: list[Feeds]) -> dict[str, float]:
    """Run both models in turn on each advert, so that a busy machine slows both."""
    sessions = [cpu_session(exported, 1), cpu_session(content, 1)]
    names = {one.name for one in sessions[0].get_inputs()}
    logits: list[list[NDArray[np.float32]]] = [[], []]
    seconds = np.zeros((2, len(test)))
    for i, advert in enumerate(test):
        given = {name: value for name, value in advert.items() if name in names}
        for k, session in enumerate(sessions):
            start = time.process_time()
            logits[k].append(session.run(None, given)[0])
            seconds[k, i] = time.process_time() - start
    expected, found = (np.concatenate(one) for one in logits)
    apart = np.abs(found - expected)
    before, after = positive(expected), positive(found)
    return {
        "largest_logit_difference": float(apart.max()),
        "largest_probability_difference": float(np.abs(after - before).max()),
        "flips_at_half": int(((after > 0.5) != (before > 0.5)).sum()),
        "milliseconds": float(np.median(seconds[1]) * 1e3),
        "times_as_fast": float(np.median(seconds[0] / seconds[1])),
    }


def positive(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the probability of the last label of two."""
    return np.asarray(1 / (1 + np.exp(logits[:, 0].astype(np.float64) - logits[:, 1])))


if __name__ == "__main__":
    main(*(Path(one) for one in sys.argv[1:4]))
