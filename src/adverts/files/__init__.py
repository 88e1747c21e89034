"""Read files within bounds, hash and lock them, and write folders as a whole or not at all."""
