"""A smaller and faster model of the same answers: fused, its weights in fewer bits."""

from adverts.bundle.quantise.apply import quantise
from adverts.bundle.quantise.fusing import fuse
from adverts.bundle.quantise.schemes import SCHEMES, Scheme

__all__ = ["SCHEMES", "Scheme", "fuse", "quantise"]
