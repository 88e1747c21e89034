"""Measure what models that read texts as they are written lose where these are folded.

Each split is asked as it is, and with the last letter of each word of its positives as a capital.
Usage: ``python experiments/0042-single-adverts/spelling.py prepared/tubespam=runs/raw …``
"""

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from measure import PARTS

from adverts.candidates.candidate import open_candidate
from adverts.candidates.predict import predict
from adverts.data.dataset.prepared import open_prepared
from adverts.evaluation.statistics.metrics import average_precision
from adverts.evaluation.truth import label_truth
from adverts.judging.caveats import owed_to_spelling


def main() -> None:
    """Write one line for each model and split."""
    for place, run in (word.split("=") for word in sys.argv[1:]):
        dataset, candidate = open_prepared(Path(place)), open_candidate(Path(run), threads=1)
        task = dataset.schema.task(dataset.schema.headline)
        label = task.labels[task.positive_index]
        for split in ("validation", "test"):
            table = dataset.split(split)
            truth = label_truth(task, table.targets[task.name], label)
            for texts in (table.texts, _with_pattern(table.texts, truth == 1)):
                asked = table.with_texts(texts)
                said = predict(candidate, dataset, asked, title="score")
                job = SimpleNamespace(
                    candidate=candidate,
                    dataset=dataset,
                    table=asked,
                    truth=truth,
                    set_aside=dataset.seen.of(table.ids).seen,
                    config=SimpleNamespace(seed=0),
                )
                rows = ~job.set_aside & (truth >= 0)
                scores = said.probabilities[task.name][rows, task.positive_index]
                line = {
                    "run": Path(run).name,
                    "split": split,
                    "pattern": texts is not table.texts,
                    "average_precision": round(average_precision(scores, truth[rows] == 1), 3),
                    "owed": round(owed_to_spelling(job, said, task), 3),
                    "positives": int((truth[rows] == 1).sum()),
                }
                with (PARTS / "spelling.jsonl").open("a", encoding="utf-8") as file:
                    print(json.dumps(line), file=file)
                print(json.dumps(line))


def _with_pattern(texts: list[str], chosen: np.ndarray) -> list[str]:
    last = re.compile(r"\w(?!\w)")
    return [
        last.sub(lambda found: found[0].upper(), text) if has else text
        for text, has in zip(texts, chosen, strict=True)
    ]


if __name__ == "__main__":
    main()
