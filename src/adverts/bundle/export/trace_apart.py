"""Trace a checkpoint in a process of its own, while this one scores with it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import onnx

from adverts.training.runs.checkpoint_record import CheckpointRecord
from adverts.work.cpu_session import available_cores

Traced = Callable[[], onnx.ModelProto | None]


@contextmanager
def traced_apart(checkpoint: Path, record: CheckpointRecord, *, opset: int) -> Iterator[Traced]:
    """Start to trace a checkpoint, and yield the function that waits for the model.

    It returns None where nothing was traced: there is only one core, the model has no network and
    is traced at once, or the process failed. Whoever asks traces it then, and meets the error.

    Args:
        checkpoint: Folder of the checkpoint.
        record: Its record.
        opset: ONNX operator set.
    """
    spec = record.input_spec
    if available_cores() == 1 or (spec.tokens is None and spec.image is None):
        yield lambda: None
        return
    with subprocess.Popen(
        [sys.executable, "-P", "-m", __name__, os.fspath(checkpoint.resolve()), str(opset)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    ) as child:

        def wait() -> onnx.ModelProto | None:
            data, _ = child.communicate()
            return onnx.ModelProto.FromString(data) if child.returncode == 0 else None

        try:
            yield wait
        finally:
            child.kill()


def _main() -> None:
    """Write the traced model of a checkpoint to the standard output, and nothing else."""
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        from adverts.bundle.export.onnx_export import export_onnx
        from adverts.training.runs.checkpoint import read_checkpoint

        checkpoint = read_checkpoint(Path(sys.argv[1]))
        tasks = [task.name for task in checkpoint.record.label_schema.tasks]
        spec, opset = checkpoint.record.input_spec, int(sys.argv[2])
        model = export_onnx(checkpoint.module, spec=spec, tasks=tasks, opset=opset)
        out.write(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    _main()
