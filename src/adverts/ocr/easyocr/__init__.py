"""OCR engine that runs the two networks of EasyOCR in torch or ONNX Runtime."""
