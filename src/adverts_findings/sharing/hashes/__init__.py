"""Hash lists of pictures and fingerprints of texts, and what was taken off them."""
