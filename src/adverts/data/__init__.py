"""Reads labelled adverts, splits them, and keeps the prepared form that every verb reads."""
