"""A bundle whose ONNX graph is written by hand, so that every score can be computed in numpy."""

import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnx.parser
import pytest
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from adverts.advert import LabelSchema, Task
from adverts.files.file_hash import file_sha256
from adverts.inputs.contacts.masking import MASKING_VERSION
from adverts.inputs.letters.folding import FOLDING_VERSION
from adverts.inputs.pixels import ImageLimits
from adverts.inputs.spec import ImageSpec, InputSpec, TokenSpec
from adverts.runtime.manifest import BundleManifest
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.label_facts import LabelFacts

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "ferry", "boat", "room", "news", "sale", "phone"]
REFER = Task("refer", "single", ("no", "yes"), "yes")
SIGNALS = Task("signals", "multi", ("boat", "price", "flag"))
TABLE = np.random.default_rng(0).normal(0, 2, (len(WORDS), 5)).astype(np.float32)
GRAPH = """
<ir_version: 10, opset_import: ["" : 18]>
tiny (int64[B,T] input_ids, int64[B,T] attention_mask, bool[B] text_present,
      uint8[B,I,3,8,8] pixel_values, bool[B,I] image_mask)
  => (float[B,2] logits.refer, float[B,3] logits.signals)
<int64[1] last = {-1}, int64[1] first = {1}, int64[3] pixels = {2, 3, 4}, float one = {1.0},
 float hundredth = {0.01}, int64[2] widths = {2, 3}>
{
  mask = Cast<to=1>(attention_mask)
  mask3 = Unsqueeze(mask, last)
  words = Gather(table, input_ids)
  kept = Mul(words, mask3)
  total = ReduceSum<keepdims=0>(kept, first)
  count = ReduceSum<keepdims=1>(mask, first)
  atleast = Max(count, one)
  mean = Div(total, atleast)
  floats = Cast<to=1>(pixel_values)
  grey = ReduceMean<keepdims=0>(floats, pixels)
  seen = Cast<to=1>(image_mask)
  shown = Mul(grey, seen)
  light = ReduceSum<keepdims=1>(shown, first)
  small = Mul(light, hundredth)
  logits = Add(mean, small)
  logits.refer, logits.signals = Split<axis=1>(logits, widths)
}
"""


@dataclass(frozen=True)
class HandMade:
    folder: Path
    manifest: BundleManifest

    def expected_logits(self, ids: list[int], grey: float = 0.0) -> np.ndarray:
        return TABLE[ids].mean(axis=0) + 0.01 * grey

    def rewrite(self, **changes: object) -> None:
        """Change the manifest, with honest hashes."""
        raw = json.loads(self.manifest.to_json()) | changes
        raw["files"] |= {
            file.name: file_sha256(file)
            for file in self.folder.iterdir()
            if file.is_file() and file.name != "manifest.json"
        }
        (self.folder / "manifest.json").write_text(json.dumps(raw))


def tokenizer() -> Tokenizer:
    made = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return made


def model() -> onnx.ModelProto:
    # the text form forbids dots in names
    proto = onnx.parser.parse_model(GRAPH.replace("logits.", "logits_"))
    for value in proto.graph.output:
        value.name = value.name.replace("logits_", "logits.")
    proto.graph.node[-1].output[:] = [value.name for value in proto.graph.output]
    proto.graph.initializer.append(onnx.numpy_helper.from_array(TABLE, "table"))
    return proto


def facts(**changes: object) -> BundleManifest:
    return BundleManifest(
        **{
            "name": "tiny",
            "files": {},
            "label_schema": LabelSchema("tiny", (REFER, SIGNALS), "refer"),
            "input_spec": InputSpec(
                inputs=("text", "ocr", "image"),
                tokens=TokenSpec(max_tokens=8, prefix="", pad_id=0),
                hashing=None,
                image=ImageSpec(image_px=8),
                ocr_quality=False,
                masking_version=MASKING_VERSION,
                folding_version=FOLDING_VERSION,
            ),
            "image_limits": ImageLimits(100_000, 100_000),
            "precision": "fp32",
            "batching": "padded",
            "runs_on": {"onnxruntime": ">=1.20"},
            "opset": 18,
            "ocr": {
                "engine": "fake",
                "version": "1",
                "key": "another",
                "weights": {"recogniser": "ab"},
                "parameters": {"canvas_px": 640},
            },
            "dataset": {"name": "tiny"},
            "training": {"commit": None},
            "weights": (),
            "parity": {},
            "created_by": {},
            **changes,
        }
    )


@pytest.fixture
def handmade(tmp_path) -> HandMade:
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(model().SerializeToString())
    (folder / "tokenizer.json").write_text(tokenizer().to_str())
    (folder / "labels.json").write_text(LabelFacts().to_json())
    for name, text in DecisionRules().files().items():
        (folder / name).write_text(text)
    bundle = HandMade(folder, facts())
    bundle.rewrite()
    return bundle


@pytest.fixture
def grey_picture():
    def draw(level: int, size: tuple[int, int] = (16, 16)) -> bytes:
        buffer = io.BytesIO()
        Image.new("RGB", size, (level, level, level)).save(buffer, "PNG")
        return buffer.getvalue()

    return draw
