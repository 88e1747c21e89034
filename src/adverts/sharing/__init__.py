"""Share findings with platforms and partners: what may leave, in which form, and what came of it."""
