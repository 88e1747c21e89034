"""Refuse a tokenizer that holds more than a vocabulary, or that is too large."""
