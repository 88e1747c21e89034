"""Every way to store a model that is tried, the shipped ones among them."""

from __future__ import annotations

from dataclasses import replace

from adverts.bundle.quantise import SCHEMES, Scheme
from adverts.bundle.quantise.schemes import MIXED, ROW

PLAIN = replace(MIXED, name="int8-plain", by_row=())
SMOOTH = replace(PLAIN, name="int8-smooth", smoothing=0.5)
STATIC = replace(SMOOTH, name="int8-static", scales="static")
ARMS: tuple[Scheme, ...] = (
    *SCHEMES[::-1],
    PLAIN,
    replace(PLAIN, name="int8-plain-8bit", bits=8),
    replace(PLAIN, name="int8-plain-kept", keep=("narrowing",)),
    SMOOTH,
    replace(SMOOTH, name="int8-smooth-kept", keep=("narrowing",)),
    replace(MIXED, name="int8-mixed-8bit", bits=8),
    replace(MIXED, name="int8-mixed-smooth", smoothing=0.5),
    replace(ROW, name="int8-row-8bit", bits=8),
    STATIC,
)
