"""What a service loads: numpy, onnxruntime, tokenizers and Pillow; never torch."""

from adverts.runtime.bundle import Bundle, open_bundle
from adverts.runtime.classifier import Classifier
from adverts.runtime.manifest import BundleManifest
from adverts.runtime.predictions import Scores

__all__ = ["Bundle", "BundleManifest", "Classifier", "Scores", "open_bundle"]
