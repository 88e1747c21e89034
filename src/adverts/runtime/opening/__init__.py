"""Opening a bundle: only as it was exported, and only if nothing in it can do harm."""
