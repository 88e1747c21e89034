"""Perturbations that disguise the text or picture of adverts, and what they do to a model."""
