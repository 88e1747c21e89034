"""Refuse a network that holds more than weights and arithmetic, or that costs too much to run."""
