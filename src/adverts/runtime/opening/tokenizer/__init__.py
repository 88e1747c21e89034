"""Refusing a tokenizer that is more than a vocabulary, or larger than it says."""
