"""CPU time and memory of a training step in fp32 and in bf16: ``adverts train model=text``."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from adverts.compose import compose
from adverts.config import PrepareConfig, TrainConfig

ROOT = Path(__file__).parents[2]
WARM_UP, STEPS = 2, 10


def measure(prepared: Path, work: Path, precision: str) -> dict[str, float]:
    """Return CPU seconds of a step, the last loss, and peak megabytes of this process."""
    from adverts.data.dataset.prepared import open_prepared
    from adverts.training.building.build_run import build_schema, build_tables
    from adverts.training.building.build_trainer import build_trainer
    from adverts.training.processes import start_processes
    from adverts.training.runs.run_folder import RunFolder

    asked = [f"prepared={prepared}", f"run_dir={work / precision}", "baseline=false"]
    asked += ["tracking=none", "trainer.method=fine_tune", "trainer.epochs=6"]
    asked += [f"trainer.precision={precision}", "trainer.device=cpu", "trainer.threads=1"]
    config = compose("train", TrainConfig, asked)
    dataset = open_prepared(config.prepared)
    schema = build_schema(config.loss, dataset.schema)
    run = RunFolder(config.run_dir)
    run.checkpoints.mkdir(parents=True)
    trainer = build_trainer(
        config,
        schema,
        build_tables(dataset, schema, config.model.inputs),
        run=run,
        processes=start_processes("cpu", 1),
        make_record=lambda *_: sys.exit("no checkpoint is written here"),
    )
    steps = trainer.steps()
    for _ in range(WARM_UP):  # the first steps fill caches
        next(steps)
    began = time.process_time()
    for _ in range(STEPS):
        last = next(steps)
    seconds = (time.process_time() - began) / STEPS
    steps.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "megabytes": peak, "loss": float(last.loss)}


def main() -> None:
    """Print the table; with arguments, measure one format in a process of its own."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))
        return
    from adverts.prepare import prepare

    with tempfile.TemporaryDirectory() as made:
        work = Path(made)
        asked = ["data=sample", f"data.root={ROOT / 'data/synthetic'}", f"prepared={work / 'data'}"]
        prepare(compose("prepare", PrepareConfig, asked))
        print("format  CPU s a step  peak MB  loss at the end")
        for precision in ("fp32", "bf16"):
            command = [sys.executable, __file__, str(work / "data"), made, precision]
            said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            found = json.loads(said.splitlines()[-1])
            print(
                f"{precision}  {found['seconds']:14.2f}  {found['megabytes']:7,.0f}  "
                f"{found['loss']:15.4f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
