"""Turn a checkpoint into a bundle: export, proof, manifest."""
