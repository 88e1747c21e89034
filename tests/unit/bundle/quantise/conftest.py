"""The text and the fusion model of the tiny checkpoints, exported; feeds of single adverts."""

import numpy as np
import onnx
import pytest

from adverts.bundle.export.onnx_export import export_onnx
from adverts.inputs.quality_features import QUALITY_FEATURES
from adverts.work.cpu_session import cpu_session


@pytest.fixture(scope="session")
def exported(tiny):
    def export(kind: str) -> onnx.ModelProto:
        if kind not in made:
            checkpoint = tiny.checkpoint(kind)
            tasks = [task.name for task in checkpoint.record.label_schema.tasks]
            spec = checkpoint.record.input_spec
            made[kind] = export_onnx(checkpoint.module, spec=spec, tasks=tasks, opset=18)
        return made[kind]

    made: dict[str, onnx.ModelProto] = {}
    return export


def feeds(tokens: int, adverts: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(tokens)
    ids = rng.integers(4, 14, (adverts, tokens))
    return {
        "input_ids": ids,
        "attention_mask": np.ones_like(ids),
        "token_type_ids": np.zeros_like(ids),
        "text_present": np.ones(adverts, dtype=bool),
        "ocr_quality": np.full((adverts, len(QUALITY_FEATURES)), 0.5, np.float32),
        "pixel_values": rng.integers(0, 256, (adverts, 1, 3, 32, 32), dtype=np.uint8),
        "image_mask": np.ones((adverts, 1), dtype=bool),
        "feature_ids": np.arange(adverts * tokens).reshape(adverts, tokens),
        "feature_counts": np.ones((adverts, tokens), np.float32),
    }


def run(model: onnx.ModelProto, given: dict[str, np.ndarray]) -> np.ndarray:
    session = cpu_session(model.SerializeToString(), 1)
    wanted = {one.name for one in session.get_inputs()}
    answers = session.run(None, {name: v for name, v in given.items() if name in wanted})
    return np.concatenate(answers, axis=1)
