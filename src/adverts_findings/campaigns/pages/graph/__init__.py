"""Graphs as pictures: how the parts of a campaign hang together, and campaigns in a network."""
