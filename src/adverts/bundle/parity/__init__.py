"""Compare a bundle with its checkpoint: what it computes, and how much it loses."""
