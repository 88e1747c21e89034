"""OCR engine that finds lines once and reads each with the best engine for its script."""
