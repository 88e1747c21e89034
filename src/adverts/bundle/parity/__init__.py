"""Proof of what a bundle computes, and of what it loses against its checkpoint."""
