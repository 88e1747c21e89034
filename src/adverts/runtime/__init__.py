"""Load and score bundles in a service, with numpy, onnxruntime, tokenizers and Pillow, no torch.

What it offers is loaded when it is asked for: training needs only the rules of a bundle.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adverts.runtime.manifest import BundleManifest
    from adverts.runtime.opening.bundle import Bundle, open_bundle
    from adverts.runtime.predict.caller_input import Limits
    from adverts.runtime.predict.classifier import Classifier
    from adverts.runtime.predict.responses import Response
    from adverts.runtime.predict.score_adverts import Scores

_MODULES = {
    "Bundle": "opening.bundle",
    "BundleManifest": "manifest",
    "Classifier": "predict.classifier",
    "Limits": "predict.caller_input",
    "Response": "predict.responses",
    "Scores": "predict.score_adverts",
    "open_bundle": "opening.bundle",
}
__all__ = [
    "Bundle",
    "BundleManifest",
    "Classifier",
    "Limits",
    "Response",
    "Scores",
    "open_bundle",
]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
