"""The PP-OCR networks inside RapidOCR, fed by us."""
