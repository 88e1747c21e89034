"""Optimise a model: batches, loss, optimiser, loop, checkpoints."""
