"""Share findings with platforms and partners: what may leave, and what came of it."""
