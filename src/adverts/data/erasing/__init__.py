"""Removes adverts from a prepared dataset, without a trace in any of its files."""
