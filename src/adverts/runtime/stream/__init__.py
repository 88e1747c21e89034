"""A bundle as a command: answer JSON lines, and verify that it answers as at its export."""
