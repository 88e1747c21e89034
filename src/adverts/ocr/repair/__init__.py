"""Repair text that OCR engines misread, where the meaning is clear."""
