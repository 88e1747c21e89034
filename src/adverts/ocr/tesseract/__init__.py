"""Tesseract as an engine, and as a reader of single lines."""
