"""Totals with intervals from the labels of a design, and what may be said of two of them."""
