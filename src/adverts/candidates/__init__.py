"""One interface to any model: a checkpoint, a bundle, or the predictions of an earlier report."""
