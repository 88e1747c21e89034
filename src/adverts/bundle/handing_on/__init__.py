"""A bundle after its export: with the evidence of a gate, or in the form that a partner gets."""
