"""Load and score bundles in a service, with numpy, onnxruntime, tokenizers and Pillow, no torch."""

from adverts.runtime.manifest import BundleManifest
from adverts.runtime.opening.bundle import Bundle, open_bundle
from adverts.runtime.predict.caller_input import Limits
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.predict.responses import Response
from adverts.runtime.predict.score_adverts import Scores

__all__ = [
    "Bundle",
    "BundleManifest",
    "Classifier",
    "Limits",
    "Response",
    "Scores",
    "open_bundle",
]
