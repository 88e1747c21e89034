"""Kill commands at random moments, run them again, and compare with those that nobody killed."""
