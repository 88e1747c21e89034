"""Hydra's YAML, shipped with the package so that installed commands find it."""
