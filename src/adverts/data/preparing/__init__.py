"""Runs all steps from a data config to a prepared dataset."""
