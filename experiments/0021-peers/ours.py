"""Train our model on all labels of a dataset, or on draws of few, and score its test adverts.

    python ours.py FOLDER PREPARED all
    python ours.py FOLDER PREPARED few

``FOLDER`` holds what ``rows.py`` wrote. A draw is written as a CSV file and nothing else is known:
``adverts prepare`` keeps none of it for validation or a test, and ``adverts train`` learns from
all, as ``adverts init FILE --train`` does. It also fits tf-idf on the same labels. ``PREPARED``
gives the texts and the test adverts. No draw changes the encoder, so it reads each of them once.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from rows import labels_of

from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import PreparedDataset, open_prepared
from adverts.inputs.encoding import AdvertEncoder
from adverts.inputs.pixels import CHECKED
from adverts.inputs.spec import BRANCHES
from adverts.models.neural_classifier import AdvertModel
from adverts.training.batching import token_budget_batches
from adverts.training.dataset import AdvertBatches
from adverts.training.runs.checkpoint import read_checkpoint

HERE = Path(__file__).parent
BATCH = 32
ARMS = ("ours", "network", "tfidf")  # the mean of both branches, and each branch


def write_source(path: Path, dataset: PreparedDataset, drawn: Sequence[str]) -> None:
    """Write the labelled adverts of a draw as a user has them."""
    table = dataset.split("train")
    wanted = set(drawn)
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(("id", "text", "label"))
        for row in zip(table.ids, table.texts, labels_of(table), strict=True):
            if row[0] in wanted:
                lines.writerow(row)


def prepare(folder: Path, name: str) -> PreparedDataset:
    """Prepare the draw; every advert is for training."""
    settings = {
        "data.name": name,
        "data.root": folder.resolve(),
        "data.source.paths": "[labels.csv]",
        "data.split.validation_fraction": 0,
        "data.split.test_fraction": 0,
        "prepared": folder / "prepared",
    }
    given = [f"{key}={value}" for key, value in settings.items()]
    command = [sys.executable, "-m", "adverts.prepare", "data=csv", "ocr=none", *given]
    subprocess.run(command, check=True)
    return open_prepared(folder / "prepared")


def train(prepared: Path, folder: Path) -> dict:
    """Train and return the record of its time: also of the command as a whole."""
    own, whole = folder / "train.json", folder / "command.json"
    subprocess.run(
        [
            *(sys.executable, str(HERE / "measure.py"), str(whole)),
            *(sys.executable, str(HERE / "timed_train.py"), str(own)),
            *("model=text", "trainer=frozen", "trainer.threads=1", "tracking=none"),
            *(f"prepared={prepared}", f"run_dir={folder / 'run'}"),
            f"ledger={folder / 'looks.jsonl'}",
        ],
        check=True,
    )
    command = json.loads(whole.read_text(encoding="utf-8"))
    told = json.loads((folder / "run" / "run.json").read_text(encoding="utf-8"))
    return json.loads(own.read_text(encoding="utf-8")) | {
        "command_s": command["train_s"],
        "command_cpu_s": command["cpu_s"],
        "versions": told["provenance"]["versions"],
        "settings": {"trainer": "frozen", "rows": told["outcome"]["train_adverts"]},
    }


class Scored:
    """The trained models of all draws, behind the encoder of the first.

    Raises:
        ValueError: A model has another encoder.
    """

    def __init__(self, runs: Sequence[Path]) -> None:
        self.checkpoint = read_checkpoint(runs[0])
        self.first = self._model(runs[0])
        self.models = [self.first]
        for run in runs[1:]:
            self.models.append(self._model(run))
            self._drop_encoder(self.models[-1], run)

    @staticmethod
    def _model(run: Path) -> AdvertModel:
        module = read_checkpoint(run).module
        assert isinstance(module, AdvertModel)
        return module

    def _drop_encoder(self, model: AdvertModel, run: Path) -> None:
        assert self.first.encoder is not None
        assert model.encoder is not None
        same = model.encoder.state_dict()
        for name, values in self.first.encoder.state_dict().items():
            if not torch.equal(values, same[name]):
                raise ValueError(f"{run}: {name} of the encoder is not that of the first draw")
        model.encoder = None

    @torch.inference_mode()
    def probabilities(self, table: AdvertTable) -> Iterator[tuple[list[int], list[torch.Tensor]]]:
        """Yield rows of adverts and, for each model, ``(B, A)`` probabilities, as in ARMS."""
        known = self.checkpoint
        encoder = AdvertEncoder(known.record.input_spec, known.tokenizer, CHECKED)
        adverts = AdvertBatches(table, encoder, (), modality_dropout=0.0, seed=0)
        plan = token_budget_batches(
            adverts.lengths(), None, tokens_per_batch=sys.maxsize, max_adverts=BATCH
        )
        for rows in plan:
            feeds = adverts.batch(rows).feeds
            parts = self.first.parts(feeds)
            yield list(rows), [self._of(model, feeds, parts) for model in self.models]

    @staticmethod
    def _of(
        model: AdvertModel,
        feeds: dict[str, torch.Tensor],
        parts: tuple[list[torch.Tensor], list[torch.Tensor]],
    ) -> torch.Tensor:
        assert model.ngrams is not None
        network = model.logits_of(model.fused(*parts, None))
        branches = model.ngrams.calibrated(network, model.ngrams.linear(feeds))
        (name,) = network
        both = [model.ngrams(network, feeds)[name], *(branches[one][name] for one in BRANCHES)]
        return torch.stack([logits_BK.double().softmax(1)[:, 1] for logits_BK in both], dim=1)


def score(runs: dict[str, Path], table: AdvertTable, out: Path) -> None:
    """Write the probabilities of the test adverts, of ours, the network alone and tf-idf."""
    models = Scored(list(runs.values()))
    p_MNA = torch.zeros(len(runs), len(table), len(ARMS), dtype=torch.float64)
    for rows, found in models.probabilities(table):
        for i, p_BA in enumerate(found):
            p_MNA[i, rows] = p_BA
    for key, p_NA in zip(runs, p_MNA, strict=True):
        for arm, p_N in zip(ARMS, p_NA.T.tolist(), strict=True):
            with (out / f"{arm}-{key}.jsonl").open("w", encoding="utf-8") as file:
                for advert, p in zip(table.ids, p_N, strict=True):
                    file.write(json.dumps({"id": advert, "p": p}) + "\n")


def prepare_draw(folder: Path, dataset: PreparedDataset, drawn: Sequence[str]) -> Path:
    """Prepare one draw, and return the folder of the prepared dataset."""
    write_source(folder / "labels.csv", dataset, drawn)
    few, texts = prepare(folder, dataset.manifest.name).split("train"), dataset.split("train")
    whole = dict(zip(texts.ids, texts.texts, strict=True))
    assert dict(zip(few.ids, few.texts, strict=True)) == {advert: whole[advert] for advert in drawn}
    return folder / "prepared"


def main(arguments: list[str]) -> None:
    """Train, write the seconds, and score the test adverts."""
    peers, path, which = Path(arguments[0]), Path(arguments[1]), arguments[2]
    dataset, out = open_prepared(path), peers / "out"
    name = dataset.manifest.name
    draws = json.loads((peers / "draws.json").read_text(encoding="utf-8"))[name]
    wanted: dict[str, list[str]] = {
        f"{name}-{a_class}-{draw}": drawn
        for a_class, by_draw in draws.items()
        for draw, drawn in by_draw.items()
    }
    if which == "all":
        wanted = {name: []}
    runs: dict[str, Path] = {}
    for key, drawn in wanted.items():
        folder = peers / "ours" / key
        folder.mkdir(parents=True)
        record = train(prepare_draw(folder, dataset, drawn) if drawn else path, folder)
        text = json.dumps(record, indent=1)
        (out / f"ours-{key}.time.json").write_text(text + "\n", encoding="utf-8")
        runs[key] = folder / "run"
    score(runs, dataset.split("test"), out)


if __name__ == "__main__":
    main(sys.argv[1:])
