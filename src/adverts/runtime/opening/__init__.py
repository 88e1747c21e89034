"""Open a bundle only if it is as it was exported, and only if nothing in it can do harm."""
