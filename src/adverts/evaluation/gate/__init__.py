"""The gate: conditions that a model must meet before it may be used, and the verdict on them."""
