"""Build the optimiser of a network."""

from __future__ import annotations

import torch

from adverts.config import OptimizerConfig
from adverts.models.neural_classifier import AdvertModel
from adverts.training.optim import adamw


def build_optimizer(config: OptimizerConfig, network: AdvertModel) -> torch.optim.AdamW:
    """Return AdamW with separate learning rates for pretrained and for new parameters.

    Raises:
        InputError: Every parameter is frozen.
    """
    names, parameters = network.pretrained_names, list(network.named_parameters())
    return adamw(
        [parameter for name, parameter in parameters if name in names],
        [parameter for name, parameter in parameters if name not in names],
        learning_rate=config.learning_rate,
        head_learning_rate=config.head_learning_rate,
        weight_decay=config.weight_decay,
    )
