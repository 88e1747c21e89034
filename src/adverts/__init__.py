"""Train, judge and export classifiers of harmful adverts."""

import importlib

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Load ``adverts.fit`` when it is asked for: it needs packages that a service has not."""
    if name != "fit":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module("adverts.fitted_model").fit
