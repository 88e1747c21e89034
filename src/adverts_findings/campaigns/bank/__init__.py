"""The bank on disk: one file for each build, its log, expiry and erasure, and look-ups."""
