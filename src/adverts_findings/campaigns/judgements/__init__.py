"""What people say of links: append-only, stronger than evidence, and what probabilities rest on."""
