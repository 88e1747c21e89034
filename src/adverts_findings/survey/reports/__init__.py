"""Estimates as records, sentences and pages."""
