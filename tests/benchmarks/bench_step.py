"""Where the CPU time of a training step goes: ``adverts train model=text`` on ViSpamReviews."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import torch
from vispam_subset import prepared_subset

from adverts.compose import compose
from adverts.config import TrainConfig
from adverts.data.dataset.prepared import open_prepared
from adverts.training.building.build_run import build_schema, build_tables
from adverts.training.building.build_trainer import build_trainer
from adverts.training.processes import start_processes
from adverts.training.runs.run_folder import RunFolder

ROWS, SEED, STEPS = 800, 0, 12
OTHER = "everything else (element-wise, Python)"
KINDS: dict[str, tuple[str, ...]] = {
    "matrix products of the layers": ("aten::mm", "aten::addmm"),
    "attention products and softmax": (
        "aten::bmm",
        "aten::_softmax",
        "aten::_softmax_backward_data",
    ),
    "random bits of dropout": ("aten::random_", "aten::ge", "aten::bernoulli_"),
    "casts and copies": ("aten::copy_",),
    "GELU": ("aten::gelu", "aten::gelu_backward"),
    "optimiser and clipping": ("aten::_fused_adamw_", "aten::linalg_vector_norm"),
    OTHER: (),
}


def step_parts(prepared: Path, work: Path) -> dict[str, float]:
    """Return the share of each kind of operation in the CPU time of our steps."""
    arguments = [f"prepared={prepared}", f"run_dir={work / 'profiled'}", "baseline=false"]
    config = compose("train", TrainConfig, [*arguments, "tracking=none"])
    dataset = open_prepared(prepared)
    schema = build_schema(config.loss, dataset.schema)
    run = RunFolder(config.run_dir)
    run.checkpoints.mkdir(parents=True)
    trainer = build_trainer(
        config,
        schema,
        build_tables(dataset, schema, config.model.inputs),
        run=run,
        processes=start_processes("cpu", 0),
        make_record=lambda *_: sys.exit("no checkpoint is written here"),
    )
    steps = trainer.steps()
    for _ in range(2):  # the first steps fill caches
        next(steps)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        for _ in range(STEPS):
            next(steps)
    steps.close()
    return shares({event.key: event.self_cpu_time_total for event in profile.key_averages()})


def shares(microseconds: Mapping[str, float]) -> dict[str, float]:
    """Sum the self time of operations by kind; the kinds sum to 1."""
    total = sum(microseconds.values())
    found = dict.fromkeys(KINDS, 0.0)
    for name, time_us in microseconds.items():
        kind = next((kind for kind, names in KINDS.items() if name in names), OTHER)
        found[kind] += time_us / total
    return found


def main() -> None:
    """Print the table."""
    with prepared_subset(ROWS, SEED) as (prepared, work):
        parts = step_parts(prepared, work)
    print("\nwhere the CPU time of a training step goes, bf16")
    for kind, share in parts.items():
        print(f"{kind:44}{share:9.0%}")


if __name__ == "__main__":
    main()
