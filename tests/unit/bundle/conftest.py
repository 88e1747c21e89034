"""Tiny checkpoints of every kind, and a small prepared dataset to prove their bundles on."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from tracing import traced_once
from transformers import BertConfig

from adverts.advert import LabelSchema, ReadQuality, Task
from adverts.bundle.export.write import WrittenBundle, write_bundle
from adverts.config import BundleConfig
from adverts.data.dataset.dataset_manifest import Making, Terms
from adverts.data.dataset.prepared import PreparedDataset, write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow, StoredImage
from adverts.inputs.contacts.masking import MASKING_VERSION
from adverts.inputs.letters.folding import FOLDING_VERSION
from adverts.inputs.spec import HashSpec, ImageSpec, InputSpec, TokenSpec
from adverts.models.architecture import EncoderSpec, ModelSpec, TowerSpec
from adverts.models.build_model import rebuild
from adverts.models.encoder import config_values
from adverts.ocr.protocol import ReaderSpec
from adverts.runtime.rules.calibration import Calibration, TaskCalibration
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.thresholds import Threshold, Thresholds
from adverts.training.runs.checkpoint import Checkpoint, Selection
from adverts.training.runs.checkpoint_record import CheckpointRecord

WORDS = ["boat", "ferry", "room", "sale", "news", "tonight", "safe", "price", "call", "cheap"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
REFER = Task("refer", "single", ("no", "yes"), "yes")
SIGNALS = Task("signals", "multi", ("boat", "price", "flag"))
RISK = Task("risk", "ordinal", ("0", "1", "2", "3"))
SCHEMA = LabelSchema("tiny", (REFER, SIGNALS, RISK), "refer")
TOKENS = TokenSpec(max_tokens=16, prefix="call ", pad_id=0)
IMAGE = ImageSpec(image_px=32)
TERMS = Terms(provenance="synthetic", licence="CC0-1.0", sensitivity="synthetic")
READER = ReaderSpec("fake", "1", {"recogniser": "ab"}, {"languages": "en", "canvas_px": 640})
KINDS = {
    "text": ("text",),
    "ocr_image": ("ocr", "image"),
    "fusion": ("text", "ocr", "image"),
    "image": ("image",),
    "tfidf": ("text", "ocr"),
    "hybrid": ("text", "ocr"),
    "concatenated": ("text", "ocr", "image"),
}
WITH_NGRAMS = ("tfidf", "hybrid", "concatenated")
RULES = DecisionRules(
    Calibration(
        (
            TaskCalibration("refer", "temperature", 2.0),
            TaskCalibration("signals", "temperature", 0.5),
        ),
        {"split": "validation", "adverts": 18},
    ),
    Thresholds(
        (
            Threshold("refer", "yes", "precision", 0.9, 0.61, operating_prevalence=0.01),
            Threshold("refer", "yes", "recall", 0.95, 0.37),
            Threshold("signals", "price", "recall", 0.95, None, lack="3 positives, 40 are needed"),
            Threshold("signals", "flag", "recall", 0.95, 0.23, language="fa"),
        ),
        safeguarding=("flag",),
        data_hash="0" * 64,
    ),
)


FP32 = BundleConfig(
    precision="fp32",
    vocabulary="full",
    scripts=[],
    audience="internal",
    max_probability_difference=1e-4,
    max_neighbour_difference=1e-3,
    max_lower=0.005,
    max_lower_in_slice=0.01,
    min_slice_positives=50,
    opset=18,
    signing_key=None,
)
QUALITY_WEIGHTS = ("quality", "fusion.trust")  # zero at first, which proves nothing


def quality(i: int) -> ReadQuality:
    return ReadQuality(0.5 + i / 60, 8.0 + i, 0.25 + i / 40, 4, i % 3)


def tiny_tokenizer() -> str:
    vocabulary = {word: i for i, word in enumerate([*SPECIAL, *WORDS])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return made.to_str()


def tiny_encoder(pooling: str) -> EncoderSpec:
    config = BertConfig(
        vocab_size=len(SPECIAL) + len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=20,
        initializer_range=1.0,  # random weights as small as usual would make every score alike
    )
    return EncoderSpec("path:/home/someone/tiny", config_values(config), pooling, True, 0)


def tiny_tower() -> TowerSpec:
    mean, std = (0.5, 0.4, 0.3), (0.2, 0.2, 0.3)
    return TowerSpec(
        "package:efficientnet-lite0", "timm", "test_efficientnet", {}, 256, mean, std, True
    )


def tiny_checkpoint(kind: str, data_hash: str = "0" * 64, *, pooling: str = "mean") -> Checkpoint:
    inputs = KINDS[kind]
    reads_text, reads_image = bool({"text", "ocr"} & set(inputs)), "image" in inputs
    neural = kind != "tfidf"
    spec = ModelSpec(
        kind="neural" if neural else "tfidf",
        name=kind,
        inputs=inputs,
        tasks=SCHEMA.tasks,
        encoder=tiny_encoder(pooling) if reads_text and neural else None,
        tower=tiny_tower() if reads_image else None,
        fusion_features=12,
        head_dropout=0.1,
        num_features=1024 if kind in WITH_NGRAMS else 0,
        fusion="concatenated" if kind == "concatenated" else "gated",
    )
    torch.manual_seed(0)
    module = rebuild(spec, initialise=True)
    with torch.no_grad():
        for name, value in module.state_dict().items():
            drawn = "head" in name or "ngrams." in name or name in QUALITY_WEIGHTS
            if drawn or kind == "tfidf":
                value.copy_(
                    torch.randn_like(value).abs() if "slopes" in name else torch.randn_like(value)
                )
    return Checkpoint(
        folder=Path("run/checkpoints/best"),
        module=module.eval(),
        tokenizer_json=tiny_tokenizer() if reads_text and neural else None,
        record=CheckpointRecord(
            label_schema=SCHEMA,
            model_spec=spec,
            input_spec=InputSpec(
                inputs=inputs,
                tokens=TOKENS if reads_text and neural else None,
                hashing=HashSpec(1024, (1, 2), (2, 4)) if kind in WITH_NGRAMS else None,
                image=IMAGE if reads_image else None,
                ocr_quality=neural and "ocr" in inputs,
                masking_version=MASKING_VERSION,
                folding_version=FOLDING_VERSION,
            ),
            selected_on=Selection("validation", "average_precision", 0.75, 12),
            dataset_name="tiny",
            data_hash=data_hash,
            mlflow_run_id=None,
            commit="c" * 40,
            files={},
        ),
    )


def picture(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (40 + seed, 48, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def tiny_rows() -> list[PreparedRow]:
    words = np.random.default_rng(1)
    rows = []
    for i in range(24):
        text = " ".join(words.choice(WORDS, size=1 + i % 12))
        seen = i % 2 == 0
        rows.append(
            PreparedRow(
                id=f"advert-{i}",
                split="validation" if i % 4 else "train",
                cluster=f"cluster-{i}",
                text=text if i % 5 else "",
                images=(StoredImage(picture(i)),) if seen else (),
                ocr_text=" ".join(words.choice(WORDS, size=3)) if seen else None,
                ocr_quality=quality(i) if seen else None,
                ocr_engine="key" if seen else None,
                targets={"refer": (1.0, 0.0)},
            )
        )
    return rows


@dataclass(frozen=True)
class Tiny:
    dataset: PreparedDataset
    rules: DecisionRules = RULES
    requirement: BundleConfig = FP32

    def checkpoint(
        self, kind: str, *, pooling: str = "mean", data_hash: str | None = None
    ) -> Checkpoint:
        return tiny_checkpoint(kind, data_hash or self.dataset.data_hash, pooling=pooling)

    def rows(self) -> list[PreparedRow]:
        return tiny_rows()

    def prepared(self, folder: Path, rows: list[PreparedRow]) -> PreparedDataset:
        made = Making(ocr=READER.facts)
        return write_prepared(folder, rows, name="tiny", schema=SCHEMA, terms=TERMS, made=made)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Tiny:
    folder = tmp_path_factory.mktemp("tiny") / "prepared"
    made = Making(ocr=READER.facts)
    return Tiny(
        write_prepared(folder, tiny_rows(), name="tiny", schema=SCHEMA, terms=TERMS, made=made)
    )


@pytest.fixture(scope="session")
def fusion(tiny, tmp_path_factory) -> WrittenBundle:
    folder = tmp_path_factory.mktemp("bundles") / "fusion"
    with traced_once(tmp_path_factory):  # by another worker, that is
        return write_bundle(
            folder, tiny.checkpoint("fusion"), tiny.dataset, rules=RULES, requirement=FP32
        )
