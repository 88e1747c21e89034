"""Letters of every script: which they are, which look alike, and one form for texts that read the same."""
