"""From a checkpoint to a bundle: export, proof, manifest."""
