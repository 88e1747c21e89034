"""From what a caller sends to a response: read, encoded, scored, answered one by one."""
