"""The old location of ``respond``, for models that were logged by an earlier release."""

from __future__ import annotations

import warnings

from adverts.runtime.stream.json_lines import respond

__all__ = ["respond"]

warnings.warn(
    "adverts.runtime.responding is now adverts.runtime.stream.json_lines; the old name will be "
    "removed in the next release",
    DeprecationWarning,
    stacklevel=2,
)
