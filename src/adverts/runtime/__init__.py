"""What a service loads: numpy, onnxruntime, tokenizers and Pillow; never torch."""

from adverts.runtime.manifest import BundleManifest
from adverts.runtime.opening.bundle import Bundle, open_bundle
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.predict.entries import Limits
from adverts.runtime.predict.responses import Response
from adverts.runtime.predict.scores import Scores

__all__ = [
    "Bundle",
    "BundleManifest",
    "Classifier",
    "Limits",
    "Response",
    "Scores",
    "open_bundle",
]
