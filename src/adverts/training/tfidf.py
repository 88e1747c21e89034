"""Fit tf-idf on the adverts a network is trained on, and judge it on the same validation."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from tqdm import tqdm

from adverts.advert import LabelSchema
from adverts.data.table import AdvertTable
from adverts.inputs.encoding import AdvertEncoder
from adverts.models.build import BuiltModel
from adverts.models.tfidf import fit_tfidf
from adverts.training.checkpoint import CheckpointRecord, Selection, write_checkpoint
from adverts.training.dataset import AdvertBatches, plain_advert
from adverts.training.loss import LossFunction
from adverts.training.processes import Processes
from adverts.training.tensors import split_tensors, weights_sha256
from adverts.training.trainer import MakeRecord
from adverts.training.validation import Validation

_ADVERTS_PER_BATCH = 256
