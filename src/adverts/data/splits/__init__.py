"""Decides which split an advert belongs to; clusters stay whole, and results are repeatable."""
