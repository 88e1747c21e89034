"""Small sealed samples made from arrays, their hidden truth included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adverts.advert import LabelSchema, Task
