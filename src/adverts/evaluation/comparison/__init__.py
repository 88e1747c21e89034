"""Two models on the same adverts."""
