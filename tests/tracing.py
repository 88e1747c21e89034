"""A network that was exported before is not traced again: that takes most of an export."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

import onnx
import pytest


@contextmanager
def traced_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep traced graphs by weights and wishes, for all workers of this run of the tests."""
    from adverts.bundle.export import write

    trace, base = write.export_onnx, tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "traces"
    folder.mkdir(exist_ok=True)

    def export_onnx(module: object, *, spec: object, tasks: object, opset: int) -> onnx.ModelProto:
        wishes = repr((str(module), spec, tasks, opset)).encode()
        weights = (tensor.numpy().tobytes() for tensor in module.state_dict().values())
        kept = folder / hashlib.sha256(b"".join([wishes, *weights])).hexdigest()
        if not kept.exists():
            model = trace(module, spec=spec, tasks=tasks, opset=opset)
            own = kept.with_suffix(f".{os.getpid()}")
            own.write_bytes(model.SerializeToString(deterministic=True))
            own.replace(kept)
        return onnx.load(kept)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "export_onnx", export_onnx)
        yield
