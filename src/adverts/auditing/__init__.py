"""Audit a prepared dataset: find copies, conflicts, likely label errors, shortcuts and gaps."""
