"""Hypotheses of networks: campaigns that share something weaker than what joins them."""
