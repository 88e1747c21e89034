"""Which adverts may leave to whom, and why each of the others may not."""
