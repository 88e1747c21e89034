"""Letters of every script: what they are, which look alike, and what reads the same."""
