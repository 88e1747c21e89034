"""Hypotheses of networks as pages show them: between campaigns, and from one campaign."""
