"""Change a bundle after its export: add the evidence of a gate, or make a partner's bundle."""
