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
from adverts.config.evaluation import (
    DecisionsConfig,
    DeskConfig,
    EvaluateConfig,
    RobustnessConfig,
)
from adverts.config.gate import GateConfig
from adverts.config.model import EncoderConfig, ModelConfig, NeuralConfig, TfidfConfig, TowerConfig
from adverts.config.ocr import (
    AutoConfig,
    EasyOcrConfig,
    NoOcr,
    OcrConfig,
    RapidOcrConfig,
    TesseractConfig,
)
from adverts.config.tracking import TrackingConfig
from adverts.config.training import LossConfig, OptimizerConfig, TrainerConfig
from adverts.config.verbs import (
    AuditConfig,
    BundleConfig,
    ExportConfig,
    FailOnConfig,
    PrepareConfig,
    PromoteConfig,
    TrainConfig,
)

__all__ = [
    "AuditConfig",
    "AutoConfig",
    "BundleConfig",
    "ColumnsConfig",
    "Config",
    "DataConfig",
    "DecisionsConfig",
    "DeskConfig",
    "EasyOcrConfig",
    "EncoderConfig",
    "EvaluateConfig",
    "ExportConfig",
    "FailOnConfig",
    "FileSource",
    "FoldSplit",
    "GateConfig",
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
    "PromoteConfig",
    "RapidOcrConfig",
    "RobustnessConfig",
    "SyntheticSource",
    "TaskConfig",
    "TaxonomyTasks",
    "TesseractConfig",
    "TfidfConfig",
    "TowerConfig",
    "TrackingConfig",
    "TrainConfig",
    "TrainerConfig",
]
