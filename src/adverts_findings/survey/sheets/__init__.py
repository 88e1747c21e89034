"""Sheets and pages on which people label adverts without seeing scores or other answers."""
