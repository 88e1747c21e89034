"""Refusing a network that is more than weights and arithmetic, or that costs too much."""
