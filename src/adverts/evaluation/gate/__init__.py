"""The gate: conditions that a model must meet before it may serve, and a record of the verdict."""
