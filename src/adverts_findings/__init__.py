"""What scores are for: samples, estimates of how much there is, campaigns, and what is shared."""
