"""OCR engine that runs the PP-OCR networks of the RapidOCR package."""
