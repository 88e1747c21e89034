"""Metrics and their intervals, for any weighting of the adverts."""
