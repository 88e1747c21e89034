"""From a checkpoint to a bundle that has proved itself, or to nothing."""
