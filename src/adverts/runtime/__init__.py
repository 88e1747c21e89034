"""What a service loads: numpy, onnxruntime, tokenizers and Pillow; never torch."""

from adverts.runtime.bundle import Bundle, open_bundle
from adverts.runtime.classifier import Classifier
from adverts.runtime.limits import Limits
from adverts.runtime.manifest import BundleManifest
from adverts.runtime.responses import Response
from adverts.runtime.scores import Scores

__all__ = [
    "Bundle",
    "BundleManifest",
    "Classifier",
    "Limits",
    "Response",
    "Scores",
    "open_bundle",
]
