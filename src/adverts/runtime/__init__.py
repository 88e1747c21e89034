"""What a service loads: numpy, onnxruntime, tokenizers and Pillow; never torch."""

from adverts.runtime.bundle import Bundle, open_bundle
from adverts.runtime.classifier import Classifier, Scores
from adverts.runtime.manifest import BundleManifest

__all__ = ["Bundle", "BundleManifest", "Classifier", "Scores", "open_bundle"]
