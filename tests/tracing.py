"""A network that was exported before is not traced again: that takes most of an export."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def traced_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep traced graphs by weights and wishes, for all workers of this run of the tests."""
    from adverts.bundle.export import write

    trace, base = write.export_onnx, tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "traces"
    folder.mkdir(exist_ok=True)

    def export_onnx(module: object, path: Path, *, spec: object, tasks: object, opset: int) -> None:
        wishes = repr((str(module), spec, tasks, opset)).encode()
        weights = (tensor.numpy().tobytes() for tensor in module.state_dict().values())
        kept = folder / hashlib.sha256(b"".join([wishes, *weights])).hexdigest()
        if not kept.exists():
            trace(module, path, spec=spec, tasks=tasks, opset=opset)
            own = kept.with_suffix(f".{os.getpid()}")
            own.write_bytes(path.read_bytes())
            own.replace(kept)
        path.write_bytes(kept.read_bytes())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "export_onnx", export_onnx)
        yield
