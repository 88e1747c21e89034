"""Taking adverts out of a prepared dataset, without a trace in any of its files."""
