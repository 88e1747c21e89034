"""Pages that analysts open: one of the bank, and one of each campaign that is asked for."""
