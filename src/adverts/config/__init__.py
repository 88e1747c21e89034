"""Typed configuration: the schema says what is legal, the YAML says what is chosen."""

from adverts.config.base import Config
from adverts.config.data import (
    ColumnsConfig,
    DataConfig,
    FileSource,
    FoldSplit,
    GivenSplit,
    HubSource,
    ImageFolderSource,
    ImageLimits,
    LeaveOneOutSplit,
    ListedTasks,
    MadeSplit,
    SyntheticSource,
    TaskConfig,
    TaxonomyTasks,
)
from adverts.config.model import EncoderConfig, ModelConfig, NeuralConfig, TfidfConfig, TowerConfig
from adverts.config.ocr import EasyOcrConfig, NoOcr, OcrConfig
from adverts.config.training import LossConfig, OptimizerConfig, TrainerConfig
from adverts.config.verbs import (
    AuditConfig,
    BundleConfig,
    EvaluateConfig,
    ExportConfig,
    FailOnConfig,
    PrepareConfig,
    TrackingConfig,
    TrainConfig,
)

__all__ = [
    "AuditConfig",
    "BundleConfig",
    "ColumnsConfig",
    "Config",
    "DataConfig",
    "EasyOcrConfig",
    "EncoderConfig",
    "EvaluateConfig",
    "ExportConfig",
    "FailOnConfig",
    "FileSource",
    "FoldSplit",
    "GivenSplit",
    "HubSource",
    "ImageFolderSource",
    "ImageLimits",
    "LeaveOneOutSplit",
    "ListedTasks",
    "LossConfig",
    "MadeSplit",
    "ModelConfig",
    "NeuralConfig",
    "NoOcr",
    "OcrConfig",
    "OptimizerConfig",
    "PrepareConfig",
    "SyntheticSource",
    "TaskConfig",
    "TaxonomyTasks",
    "TfidfConfig",
    "TowerConfig",
    "TrackingConfig",
    "TrainConfig",
    "TrainerConfig",
]
