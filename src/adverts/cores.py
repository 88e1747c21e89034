"""The old place of ``available_cores``, for models that were logged by an earlier release."""

from __future__ import annotations

import warnings

from adverts.work.cpu_session import available_cores

__all__ = ["available_cores"]

warnings.warn(
    "adverts.cores is now adverts.work.cpu_session; the old name goes with the next release",
    DeprecationWarning,
    stacklevel=2,
)
