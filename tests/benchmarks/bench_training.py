"""Training speed beside ``transformers.Trainer``: same model, data, epochs and machine, one run.

Needs the ViSpamReviews set: ``ADVERTS_DATA=/folder make bench`` with ``vispam/reviews.csv`` in it.
Every arm trains the same module from the same weights on the same rows, its word table frozen, and
is judged on the same adverts; the clock runs from the first step to the last.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import Trainer, TrainingArguments
from vispam_subset import adverts, prepared_subset

from adverts.config import EncoderConfig, NeuralConfig
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import open_prepared
from adverts.evaluation.figures.figures_by_kind import FigureSet
from adverts.evaluation.statistics.bootstrap import difference, estimate, resample
from adverts.evaluation.truth import judge
from adverts.inputs.encoding import AdvertEncoder, EncodedAdvert, collate
from adverts.inputs.pixels import CHECKED
from adverts.inputs.spec import InputSpec
from adverts.models.build_model import build_model
from adverts.runtime.rules.probabilities import probabilities
from adverts.training.building.build_run import build_encoder
from adverts.training.runs.checkpoint import read_checkpoint

ROWS, EPOCHS, SEED, MAX_TOKENS = 600, 2, 0, 128
LEARNING_RATE, BATCH = 1e-4, 32
Floats = NDArray[np.float64]


class WithLoss(nn.Module):
    """Our module as ``Trainer`` wants it: labels in, loss and logits out."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, labels: Tensor, **feeds: Tensor) -> dict[str, Tensor]:
        """Return the mean loss and the logits."""
        logits = self.module(feeds)["spam"]
        return {"loss": nn.functional.cross_entropy(logits.float(), labels), "logits": logits}


class Rows(torch.utils.data.Dataset):  # type: ignore[type-arg]
    """Encoded adverts with their labels."""

    def __init__(self, table: AdvertTable, encoder: AdvertEncoder) -> None:
        self.encoded = [encoder.encode(table.advert(i)) for i in range(len(table))]
        self.labels = table.targets["spam"].argmax(axis=1)

    def __len__(self) -> int:
        return len(self.encoded)

    def __getitem__(self, i: int) -> dict[str, object]:
        return {"advert": self.encoded[i], "label": int(self.labels[i])}


class Collator:
    """Pads to the longest of the batch, or to ``MAX_TOKENS`` as the example scripts do."""

    def __init__(self, spec: InputSpec, *, pad_to_maximum: bool) -> None:
        self.spec, self.pad_to_maximum = spec, pad_to_maximum

    def __call__(self, rows: Sequence[Mapping[str, object]]) -> dict[str, Tensor]:
        adverts = [row["advert"] for row in rows]
        feeds = {k: torch.from_numpy(v) for k, v in collate(adverts, self.spec).items()}  # type: ignore[arg-type]
        if self.pad_to_maximum:
            room = MAX_TOKENS - feeds["attention_mask"].shape[1]
            fill = {"input_ids": self.spec.tokens.pad_id if self.spec.tokens else 0}
            for name in ("input_ids", "attention_mask", "token_type_ids"):
                if name in feeds:
                    feeds[name] = nn.functional.pad(feeds[name], (0, room), value=fill.get(name, 0))
        return feeds | {"labels": torch.tensor([row["label"] for row in rows])}


def huggingface(
    prepared: Path, *, bf16: bool, grouped: bool, padded: bool, work: Path
) -> tuple[float, Floats]:
    """Train with ``transformers.Trainer``; return adverts/s and test probabilities ``(N, 2)``."""
    dataset = open_prepared(prepared)
    torch.manual_seed(SEED)
    built = build_model(model_config(), [dataset.schema.task("spam")])
    encoder = build_encoder(built)
    rows = Rows(dataset.split("train"), encoder)
    arguments = TrainingArguments(
        output_dir=str(work / "trainer"),
        num_train_epochs=EPOCHS,
        per_device_train_batch_size=BATCH,
        per_device_eval_batch_size=BATCH,
        learning_rate=LEARNING_RATE,
        warmup_steps=0.1,
        lr_scheduler_type="cosine",
        weight_decay=0.01,
        bf16=bf16,
        use_cpu=True,
        seed=SEED,
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
        remove_unused_columns=False,
        train_sampling_strategy="group_by_length" if grouped else "random",
    )
    trainer = Trainer(
        WithLoss(built.module),
        arguments,
        data_collator=Collator(built.input_spec, pad_to_maximum=padded),
        train_dataset=Lengths(rows) if grouped else rows,
    )
    began = time.perf_counter()
    trainer.train()
    speed = EPOCHS * len(rows) / (time.perf_counter() - began)
    return speed, test_probabilities(built.module, dataset.split("test"), encoder)


class Lengths(Rows):
    """Rows that tell their length, which is what grouping by length asks for."""

    def __init__(self, rows: Rows) -> None:
        self.encoded, self.labels = rows.encoded, rows.labels

    def __getitem__(self, i: int) -> dict[str, object]:
        return super().__getitem__(i) | {"input_ids": self.encoded[i].input_ids}


@torch.inference_mode()
def test_probabilities(module: nn.Module, table: AdvertTable, encoder: AdvertEncoder) -> Floats:
    """Return probabilities ``(N, 2)`` of every advert of ``table``, in its order."""
    module.eval()
    encoded: list[EncodedAdvert] = [encoder.encode(table.advert(i)) for i in range(len(table))]
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i].input_ids))
    logits = np.empty((len(encoded), 2), dtype=np.float32)
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        feeds = collate([encoded[i] for i in rows], encoder.spec)
        said = module({name: torch.from_numpy(values) for name, values in feeds.items()})
        logits[rows] = said["spam"].numpy()
    return probabilities(table.schema.task("spam"), logits)


def ours(prepared: Path, *, precision: str, work: Path) -> tuple[float, Floats]:
    """Train with ``adverts train``; return adverts/s of its steps and test probabilities."""
    run = work / f"run-{precision}"
    adverts(
        "train",
        f"prepared={prepared}",
        f"run_dir={run}",
        "trainer.method=fine_tune",
        f"trainer.precision={precision}",
        f"trainer.epochs={EPOCHS}",
        f"optimizer.learning_rate={LEARNING_RATE}",
        f"model.encoder.max_tokens={MAX_TOKENS}",
        "trainer.log_every_steps=100000",  # one line for each epoch
        f"seed={SEED}",
        "tracking=none",
        "baseline=false",
    )
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    speeds = [line["train/adverts_per_s"] for line in lines if "train/adverts_per_s" in line]
    assert len(speeds) == EPOCHS
    checkpoint = read_checkpoint(run)
    encoder = AdvertEncoder(checkpoint.record.input_spec, checkpoint.tokenizer, CHECKED)
    said = test_probabilities(checkpoint.module, open_prepared(prepared).split("test"), encoder)
    return statistics.harmonic_mean(speeds), said


def model_config() -> NeuralConfig:
    """The text model of ``configs/model/text.yaml`` on the packaged encoder."""
    return NeuralConfig(
        kind="neural",
        name="text",
        inputs=("text",),
        encoder=EncoderConfig(
            weights="package:multilingual-e5-small",
            prefix="query: ",
            text_form="folded",
            max_tokens=MAX_TOKENS,
            pooling="mean",
            read_layers="thirds",
            freeze_word_table=True,
            freeze_layers=0,
            dropout=0.1,
        ),
        tower=None,
        ngrams=None,
        fusion="gated",
        fusion_features=384,
        head_dropout=0.1,
        modality_dropout=0.0,
    )


def main() -> None:
    """Print the table."""
    torch.set_num_threads(os.cpu_count() or 1)
    with prepared_subset(ROWS, SEED) as (prepared, work):
        arms = {
            "transformers.Trainer, padded to 128, fp32": huggingface(
                prepared, bf16=False, grouped=False, padded=True, work=work
            ),
            "transformers.Trainer, dynamic, bf16": huggingface(
                prepared, bf16=True, grouped=False, padded=False, work=work
            ),
            "transformers.Trainer, by length, bf16": huggingface(
                prepared, bf16=True, grouped=True, padded=False, work=work
            ),
            "adverts train, bf16": ours(prepared, precision="bf16", work=work),
        }
        show(arms, open_prepared(prepared).split("test"))


def show(arms: Mapping[str, tuple[float, Floats]], table: AdvertTable) -> None:
    """Print speed, ratio and average precision of each arm, paired with ours."""
    judged = judge(table.schema.task("spam"), table.targets["spam"])
    sets = [FigureSet(judged, said, precision=0.9) for _, said in arms.values()]
    results = resample(sets, table.clusters, resamples=1000, seed=SEED)
    column = sets[0].names.index("average_precision")
    slowest = next(iter(arms.values()))[0]
    print(f"\ntraining speed: ViSpamReviews, {ROWS} rows x {EPOCHS} epochs, {os.cpu_count()} cores")
    print(f"{'':44}{'adverts/s':>10}{'ratio':>7}  average precision   ours minus it")
    for (name, (speed, _)), result in zip(arms.items(), results, strict=True):
        own = estimate(float(result.point[column]), result.samples[:, column])
        gap = difference(results[-1], result, column)
        print(
            f"{name:44}{speed:10.1f}{speed / slowest:6.2f}x  {own.value:.3f} [{own.low:.3f}, "
            f"{own.high:.3f}]  {gap.value:+.3f} [{gap.low or 0:+.3f}, {gap.high or 0:+.3f}]"
        )


if __name__ == "__main__":
    main()
