"""Who runs the units of a plan: processes of this machine, or tasks of a Ray cluster."""
