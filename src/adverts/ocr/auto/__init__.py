"""Lines found once, each read by the engine that is best for its script."""
