"""A bundle as a command: JSON lines in and out, and whether it answers as it did."""
