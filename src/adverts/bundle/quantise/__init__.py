"""Make a model smaller and faster: fuse its operators and store its weights in fewer bits."""

from adverts.bundle.quantise.apply_schemes import SCHEMES, Scheme, quantise
from adverts.bundle.quantise.joined_operators import fuse

__all__ = ["SCHEMES", "Scheme", "fuse", "quantise"]
