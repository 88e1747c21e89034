"""EasyOCR as an engine: its two networks, opened and fed by us, in torch or ONNX Runtime."""
