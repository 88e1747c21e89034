"""How work runs on this machine: cores, sessions, reading ahead, progress."""
