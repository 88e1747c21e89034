"""Tesseract as an OCR engine, and as a reader of single lines."""
