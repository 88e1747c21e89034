"""What models said of adverts, as files: with where it is from, and who has looked."""
