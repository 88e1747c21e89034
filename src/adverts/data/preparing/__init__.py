"""The whole way from a data config to a prepared dataset."""
