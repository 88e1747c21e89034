"""Writes the project's own corpus: fictional adverts as text and as pictures."""
